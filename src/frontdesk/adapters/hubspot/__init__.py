"""HubSpot: consent, and its CRM."""

from frontdesk.adapters.hubspot.consent import HubSpotConsent
from frontdesk.adapters.hubspot.crm import HubSpotCrm

__all__ = ["HubSpotConsent", "HubSpotCrm"]
