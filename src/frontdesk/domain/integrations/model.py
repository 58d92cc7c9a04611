"""The systems that can be connected, and connections with them. Pure; no I/O."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

CONSENT_WAITS = timedelta(minutes=15)
"""How long a consent that was begun may be ended."""
RENEWED_BEFORE = timedelta(minutes=2)
"""Tokens are renewed so long before they expire."""


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


class ConnectionStatus(StrEnum):
    """Whether a connection is of use."""

    CONNECTED = "connected"
    RECONNECT = "reconnect"
    """The provider does not take our tokens any more: somebody has to consent again."""


class Connection(Struct, frozen=True, kw_only=True):
    """An organisation's connection with a provider; it has one at most with each."""

    id: UUID
    kind: Kind
    provider: str
    sandbox: bool
    """The sandbox stands in for the provider."""
    account: str
    """The provider's id of whose consent it is."""
    label: str
    """The same as people know it: mostly an address."""
    status: ConnectionStatus
    connected_at: datetime


class Standing(Struct, frozen=True):
    """How an organisation stands with a provider."""

    provider: Provider
    connection: Connection | None = None
    sandbox: bool = True
    """Whether the sandbox stands in for the provider now: the operator has set no keys for it."""

    @property
    def connected(self) -> bool:
        """Whether it is connected, and of use."""
        return self.connection is not None and self.connection.status is ConnectionStatus.CONNECTED


class Consenting(Struct, frozen=True, kw_only=True):
    """A consent that was begun and is to be ended. Sealed is the verifier."""

    org_id: UUID
    kind: Kind
    provider: str
    verifier: str
    session_id: UUID | None
    key_id: UUID | None
    in_console: bool
