"""Frontdesk: a self-hosted AI front desk. Start reading at docs/ARCHITECTURE.md."""

__version__ = "0.1.0"
