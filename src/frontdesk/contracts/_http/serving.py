"""What the applications of all contracts are given, made once by the composition."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from frontdesk.contracts._http.passage import Connection, passage_of
from frontdesk.contracts._http.signed_urls import SignedUrls
from frontdesk.platform.context import Context
from frontdesk.platform.limits import Limit, Limiter
from frontdesk.platform.realtime import Hub
from frontdesk.platform.secrets import Secrets
from frontdesk.platform.settings import Settings


@dataclass(frozen=True)
class Serving:
    """The product as the HTTP layer sees it."""

    context: Context
    settings: Settings
    secrets: Secrets
    limiter: Limiter
    urls: SignedUrls
    hub: Hub | None = None
    """Live events, where this process follows them."""

    @classmethod
    def of(cls, context: Context, settings: Settings, secrets: Secrets, hub: Hub | None = None) -> "Serving":
        """With a limiter of its own, and URLs signed by the program's secret."""
        limiter = Limiter(enabled=settings.limits)
        return cls(context, settings, secrets, limiter, SignedUrls(secrets.jwt_secret), hub)


@dataclass(frozen=True)
class ContractState:
    """A contract that is served: the product behind it, and its own limits by class."""

    name: str
    serving: Serving
    limits: Mapping[str, Limit] = field(default_factory=dict[str, Limit])
    usual_limit: str = "standard"


def state_of(connection: Connection) -> ContractState:
    """The contract that serves `connection`, and the product behind it."""
    state = passage_of(connection).state
    assert isinstance(state, ContractState)
    return state


def serving_of(connection: Connection) -> Serving:
    """The product behind what serves `connection`."""
    return state_of(connection).serving
