"""Who is at the door: the session cookie becomes an actor, and forms prove that they are ours.

A page is opened with the cookie of a console session (SameSite=Lax, HttpOnly). What changes anything must come from our
own origin and carry the session's token, in the field `csrf_token` or the header X-CSRF-Token.
"""

import hashlib
import hmac
from typing import Any
from urllib.parse import quote, urlsplit

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from frontdesk.console.errors import CrossSite, SignInFirst
from frontdesk.console.state import house_of
from frontdesk.domain.identity.service.tokens import authenticate_bearer
from frontdesk.kernel.access import Actor
from frontdesk.kernel.errors import Unauthenticated
from frontdesk.platform.database import Visit

SESSION = "fd_session"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

Connection = ASGIConnection[Any, Any, Any, Any]


async def signed_in(connection: Connection, _: BaseRouteHandler) -> None:
    """Guard: lets in who has a session of a member. Others are sent to sign in, and come back afterwards."""
    if connection.route_handler.opt.get("open"):
        _same_origin(connection)
        return
    house = house_of(connection)
    token = connection.cookies.get(SESSION, "")
    try:
        visit, actor = await authenticate_bearer(house.context.works, house.secrets, token)
    except Unauthenticated as problem:
        raise SignInFirst(_here(connection)) from problem
    connection.scope["state"]["visit"], connection.scope["state"]["actor"] = visit, actor
    if actor.org_id is None and not connection.route_handler.opt.get("without_organization"):
        await visit.leave()
        raise SignInFirst("/console")
    method: str = connection.scope["method"]  # pyright: ignore[reportGeneralTypeIssues, reportTypedDictNotRequiredAccess]
    if method not in SAFE:
        _same_origin(connection)
        if not await _has_token(connection, actor):
            await visit.leave()
            raise CrossSite


def _here(connection: Connection) -> str:
    path = connection.scope.get("raw_path", b"").decode("latin-1") or "/console"
    query = connection.scope.get("query_string", b"").decode("latin-1")
    return quote(f"{path}?{query}" if query else path, safe="/?=&%")


def _same_origin(connection: Connection) -> None:
    """Raises CrossSite for a form that another site has sent. Browsers tell the origin of every form they send."""
    method: str = connection.scope["method"]  # pyright: ignore[reportGeneralTypeIssues, reportTypedDictNotRequiredAccess]
    if method in SAFE:
        return
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise CrossSite
        return
    origin = connection.headers.get("origin")
    if origin and urlsplit(origin).netloc != connection.headers.get("host"):
        raise CrossSite


def csrf_token(connection: Connection) -> str:
    """The token that forms of this session carry; empty where nobody is signed in."""
    actor: Actor | None = connection.scope["state"].get("actor")
    if actor is None or actor.session_id is None:
        return ""
    key = house_of(connection).secrets.jwt_secret.encode()
    return hmac.new(key, b"console form " + actor.session_id.bytes, hashlib.sha256).hexdigest()


async def _has_token(connection: Connection, actor: Actor) -> bool:
    given = connection.headers.get("x-csrf-token")
    if given is None and isinstance(connection, Request):
        given = (await connection.form()).get("csrf_token")
    return isinstance(given, str) and hmac.compare_digest(given, csrf_token(connection))


async def leave(connection: Connection) -> None:
    """Give back the connection of the request, if it still has one."""
    visit: Visit | None = connection.scope["state"].get("visit")
    if visit is not None:
        await visit.leave()
