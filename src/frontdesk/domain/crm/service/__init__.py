"""Use cases of passing on to CRM systems."""
