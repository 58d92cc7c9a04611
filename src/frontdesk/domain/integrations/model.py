"""The systems that can be connected. Pure; no I/O."""

from enum import StrEnum

from msgspec import Struct


class Kind(StrEnum):
    """What a system is for."""

    CRM = "crm"
    CALENDAR = "calendar"


class Provider(Struct, frozen=True):
    """A system by the name that clients know it by."""

    id: str
    name: str
    kind: Kind


PROVIDERS = (
    Provider("hubspot", "HubSpot", Kind.CRM),
    Provider("salesforce", "Salesforce", Kind.CRM),
    Provider("google", "Google Calendar", Kind.CALENDAR),
    Provider("outlook", "Microsoft Outlook", Kind.CALENDAR),
)


class Standing(Struct, frozen=True):
    """How an organisation stands with a provider."""

    provider: Provider
    connected: bool
