"""Organisations: tenants, their members and roles, invitations and API keys."""
