"""Use cases of leads, one module each."""
