"""Leads: people, their identities, datasets, import and export."""
