"""Facts about connections."""

from frontdesk.platform.events import Fact, fact


@fact("integration.connected", "connection")
class IntegrationConnected(Fact, frozen=True, kw_only=True):
    """Somebody let us use their account with a provider."""

    kind: str
    provider: str


@fact("integration.disconnected", "connection")
class IntegrationDisconnected(Fact, frozen=True, kw_only=True):
    """A connection was forgotten."""

    kind: str
    provider: str


@fact("integration.lapsed", "connection")
class IntegrationLapsed(Fact, frozen=True, kw_only=True):
    """The provider does not take our tokens any more: somebody has to consent again."""

    kind: str
    provider: str
