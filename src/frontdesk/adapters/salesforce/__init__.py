"""Salesforce: consent, and its CRM."""

from frontdesk.adapters.salesforce.crm import SalesforceCrm, salesforce_consent

__all__ = ["SalesforceCrm", "salesforce_consent"]
