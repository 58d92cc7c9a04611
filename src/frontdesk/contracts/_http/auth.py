"""Who may pass: the one guard of every contract route, which runs before anything of the body is read.

A route says what it wants in its options: `auth=` (a user's credential unless it says otherwise) and `limit=`. What the
caller may do within its organisation is for the services to say.
"""

import hmac
from enum import StrEnum
from typing import Any, cast
from urllib.parse import urlsplit

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.handlers import BaseRouteHandler

from frontdesk.contracts._http import idempotency
from frontdesk.contracts._http.passage import Connection, Passage, method_of, passage_of
from frontdesk.contracts._http.serving import ContractState, Serving, serving_of, state_of
from frontdesk.domain.identity import service as identity
from frontdesk.kernel.access import Actor, ActorType
from frontdesk.kernel.errors import Forbidden, RateLimited, Unauthenticated
from frontdesk.platform.limits import Limit, RunStatement

SESSION_COOKIE = "sb-access-token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
NOBODY = Actor(type=ActorType.SYSTEM, id=None, org_id=None)
"""Whoever has shown no credential: sees no tenant's rows."""


class Auth(StrEnum):
    """What proves a caller."""

    USER = "user"
    """A user's token, as a bearer or a cookie, or an API key of the organisation."""
    CRON = "cron"
    """The scheduler's secret, as a bearer."""
    SIGNATURE = "signature"
    """A signature that the route checks itself, with a guard of its own."""
    OPEN = "open"


async def admit(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """The guard: credential, then rate limit, then Idempotency-Key."""
    serving = serving_of(connection)
    match handler.opt.get("auth", Auth.USER):
        case Auth.USER:
            await _admit_user(connection, handler, serving)
        case Auth.CRON:
            _admit_scheduler(connection, serving)
        case _:
            await _count_anyone(connection, handler, serving)


async def _admit_user(connection: Connection, handler: BaseRouteHandler, serving: Serving) -> None:
    passage, state = passage_of(connection), state_of(connection)
    credential = _credential(connection, serving)
    too_large = None if handler.opt.get("upload") else await _read_ahead(connection)
    visit, actor = await identity.authenticate(serving.context.works, serving.secrets, credential)
    passage.visit, passage.actor = visit, actor
    if too_large is not None:
        raise too_large
    limit = state.limits.get(handler.opt.get("limit", state.usual_limit))
    if limit is not None:
        who = {"user": actor.id, "client": actor.org_id}.get(limit.per, passage.client)
        await _count(passage, state, limit, str(who), visit.fetchval)
    if method_of(connection) == "POST" and (key := connection.headers.get("idempotency-key")) is not None:
        atomic = "work" in handler.fn.__annotations__
        await idempotency.claim(connection, serving, visit, actor, key, atomic=atomic)


async def _read_ahead(connection: Connection) -> RequestEntityTooLarge | None:
    """Take the body in, unread, while no connection to the database is held: a slow sender must not hold one.

    Whether it is too large is for later to say: who is not known is told that first.
    """
    if method_of(connection) in SAFE_METHODS:
        return None
    try:
        await cast(Request[Any, Any, Any], connection).body()
    except RequestEntityTooLarge as error:
        return error
    return None


def _credential(connection: Connection, serving: Serving) -> str:
    """The token or API key that was sent. Raises Unauthenticated."""
    credential = bearer_of(connection) or connection.headers.get("x-api-key", "").strip()
    if not credential and (credential := connection.cookies.get(SESSION_COOKIE, "")):
        _refuse_forged(connection, serving)
    if not credential:
        raise Unauthenticated("Sign in first.")
    return credential


def bearer_of(connection: Connection) -> str:
    """The bearer token that was sent, or nothing."""
    scheme, _, value = connection.headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else ""


def _refuse_forged(connection: Connection, serving: Serving) -> None:
    """A browser sends the cookie along with requests that other sites made up: those must not change anything."""
    origin = connection.headers.get("origin")
    if method_of(connection) in SAFE_METHODS or origin is None:
        return
    own = {connection.headers.get("host", "").lower(), urlsplit(serving.settings.public_url).netloc.lower()}
    if origin.lower() not in serving.settings.cors_origins and urlsplit(origin.lower()).netloc not in own:
        raise Forbidden("This request comes from another site.")


def _admit_scheduler(connection: Connection, serving: Serving) -> None:
    if not hmac.compare_digest(bearer_of(connection).encode(), serving.secrets.cron_secret.encode()):
        raise Unauthenticated("The scheduler's secret is missing or wrong.")


async def _count_anyone(connection: Connection, handler: BaseRouteHandler, serving: Serving) -> None:
    """Count a request that needs no user's credential for its network address, where its route names a limit."""
    limit = state_of(connection).limits.get(handler.opt.get("limit", ""))
    if limit is None:
        return

    async def run(sql: str, *args: Any) -> Any:
        async with serving.context.works.read(NOBODY) as work:
            return await work.fetchval(sql, *args)

    passage = passage_of(connection)
    await _count(passage, state_of(connection), limit, passage.client, run)


async def _count(passage: Passage, state: ContractState, limit: Limit, who: str, run: RunStatement) -> None:
    """Count the request against `limit`. Raises RateLimited when it is one too many."""
    standing = await state.serving.limiter.take(f"{state.name}:{limit.name}:{who}", limit, run)
    if standing is None:
        return
    passage.headers += [
        ("X-RateLimit-Limit", str(standing.limit)),
        ("X-RateLimit-Remaining", str(standing.remaining)),
        ("X-RateLimit-Reset", str(standing.reset)),
    ]
    if not standing.allowed:
        raise RateLimited("Too many requests. Wait a little.", standing.wait, limit=standing.limit)
