"""Who may be contacted, when, and why not."""
