"""Who may knock at GoTrue: whoever has the anonymous key, and not too often. Who they are is found after."""

import hmac
from collections.abc import Mapping
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from frontdesk.contracts._http.passage import Connection, passage_of
from frontdesk.contracts._http.serving import serving_of, state_of
from frontdesk.contracts.supabase.dialect import open_answer
from frontdesk.kernel.access import Actor, ActorType
from frontdesk.kernel.errors import RateLimited, Unauthenticated
from frontdesk.platform.limits import Limit

LIMITS: Mapping[str, Limit] = {
    # Guessing at one account is stopped by its lock; this stops trying one password on many, and costly hashing.
    "sign_in": Limit("sign_in", 60, 60, "address"),
    "refresh": Limit("refresh", 300, 60, "address"),
    "mail": Limit("mail", 30, 300, "address"),
}
_NOBODY = Actor(type=ActorType.SYSTEM, id=None, org_id=None)


async def greet(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Guard: what holds for every answer, then the anonymous key unless the route is reached from a mail, then the
    limit that the route names."""
    open_answer(connection)
    if not handler.opt.get("from_mail"):
        _demand_key(connection)
    if (name := handler.opt.get("address_limit")) is not None:
        await count(connection, LIMITS[name])


def _demand_key(connection: Connection) -> None:
    given = connection.headers.get("apikey", "") or connection.query_params.get("apikey", "")
    if not given.strip():
        raise Unauthenticated("No API key found in request: send the anonymous key in the header apikey.")
    wanted = serving_of(connection).settings.anon_key
    if wanted is not None and not hmac.compare_digest(given.encode("utf-8", "surrogatepass"), wanted.encode()):
        raise Unauthenticated("Invalid API key.")


async def count(connection: Connection, limit: Limit) -> None:
    """Count the request for its address. Raises RateLimited when it is one too many."""
    serving = serving_of(connection)

    async def run(sql: str, *args: Any) -> Any:
        async with serving.context.works.read(_NOBODY) as work:
            return await work.fetchval(sql, *args)

    key = f"{state_of(connection).name}:{limit.name}:{address_of(connection)}"
    standing = await serving.limiter.take(key, limit, run)
    if standing is not None and not standing.allowed:
        raise RateLimited("Request rate limit reached.", standing.wait)


def address_of(connection: Connection) -> str:
    """The caller's network address."""
    return passage_of(connection).client or (connection.client.host if connection.client else "")
