"""Use cases of campaigns, one module each."""
