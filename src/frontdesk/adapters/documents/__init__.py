"""Text out of documents: `reader` starts a process of its own for each, `program` is what runs there."""
