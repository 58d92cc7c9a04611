"""What the console's pages are given: the product, made once by the composition, and who comes with a request."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie

from frontdesk.domain.identity.model import Realm
from frontdesk.kernel.access import Actor
from frontdesk.platform.context import Context
from frontdesk.platform.database import Visit
from frontdesk.platform.event_log import Reader
from frontdesk.platform.limits import Limiter
from frontdesk.platform.periodic import Periodic
from frontdesk.platform.realtime import Hub
from frontdesk.platform.secrets import Secrets
from frontdesk.platform.settings import Settings
from frontdesk.ports.simulator import Simulator

Connection = ASGIConnection[Any, Any, Any, Any]


@dataclass(frozen=True)
class House:
    """The product behind the console."""

    context: Context
    settings: Settings
    secrets: Secrets
    realm: Realm
    simulator: Simulator
    hub: Hub
    readers: Sequence[Reader] = ()
    """Who reads the event log: a person may let them try again what they put aside."""
    periodic: Sequence[Periodic] = ()
    """What runs every so often, for people to see."""
    limiter: Limiter = field(default_factory=Limiter)

    @property
    def secure(self) -> bool:
        """Whether browsers come by https, so that cookies can be held to it."""
        return self.settings.public_url.startswith("https:")


@dataclass
class Caller:
    """Who comes with a request, and what their browser is told to keep. Ends with the request."""

    actor: Actor | None = None
    visit: Visit | None = None
    """The connection that the session was looked up on, until it is used or left."""
    has_left: bool = False
    """Whether that connection was given back."""
    at_work: bool = False
    """Whether the request's unit of work is on it."""
    seed: str = ""
    """What the tokens of forms are made of while nobody is signed in."""
    cookies: list[Cookie] = field(default_factory=list[Cookie])

    async def leave(self) -> None:
        """Give the connection back; nothing happens the second time."""
        self.has_left = True
        if self.visit is not None:
            await self.visit.leave()


def house_of(connection: Connection) -> House:
    """The product behind a request."""
    return connection.app.state.house


def caller_of(connection: Connection) -> Caller:
    """Who comes with a request."""
    found: Caller | None = connection.scope["state"].get("caller")
    if found is None:
        found = connection.scope["state"]["caller"] = Caller()
    return found


def method_of(connection: Connection) -> str:
    """The method of a request."""
    scope: Any = connection.scope
    return scope["method"]


def address_of(connection: Connection) -> str:
    """The network address of whoever asks, as the dispatcher found it behind the proxies."""
    passage = connection.scope.get("frontdesk.passage")
    return getattr(passage, "client", "") or (connection.client.host if connection.client else "")
