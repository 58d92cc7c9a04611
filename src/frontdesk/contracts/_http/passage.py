"""What is known of one request while it is served: beside Litestar's own scope, and closed when the answer is out."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from litestar.connection import ASGIConnection

from frontdesk.kernel.access import Actor
from frontdesk.platform.database import Visit
from frontdesk.platform.idempotency import Claim, StoredAnswer

KEY = "frontdesk.passage"


@dataclass
class Passage:
    """One request on its way through a contract's application."""

    state: Any = None
    """The `serving.ContractState` of the contract that it goes through."""
    request_id: str = ""
    client: str = ""
    """Network address of the caller, the trusted proxies taken off."""
    base_url: str = ""
    """What the contract's paths are relative to, as the caller sees it; no slash at its end."""
    visit: Visit | None = None
    actor: Actor | None = None
    headers: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """To be added to the answer, whatever it is."""
    claim: Claim | None = None
    rendered: StoredAnswer | None = None
    """The answer, made but not sent, where it must be kept for a claim."""

    leaving: "asyncio.Future[None] | None" = None
    """The connection on its way back, where somebody who may be cut off has begun to give it back."""

    async def leave(self) -> None:
        """Give back the connection that the credential was looked up on. The second time nothing happens; it is back
        then."""
        if self.leaving is not None:
            await asyncio.shield(self.leaving)
        elif self.visit is not None:
            await self.visit.leave()

    async def leave_though_cut_off(self) -> None:
        """The same, carried through even where whoever waits for it is cancelled."""
        if self.leaving is None and self.visit is not None:
            self.leaving = asyncio.ensure_future(self.visit.leave())
        await self.leave()


Connection = ASGIConnection[Any, Any, Any, Any]


def passage_of(connection: Connection) -> Passage:
    """The passage of a request."""
    return passage_in(connection.scope)


def method_of(connection: Connection) -> str:
    """The method of a request."""
    scope: Any = connection.scope
    return scope["method"]


def passage_in(scope: Any) -> Passage:
    """The passage in an ASGI scope, made when it is not there."""
    found: Passage | None = scope.get(KEY)
    if found is None:
        found = scope[KEY] = Passage()
    return found
