"""Who is at the door: the session cookie becomes an actor, and forms prove that they are ours.

A page is opened with the cookies of a console session (SameSite=Lax, HttpOnly). What changes anything must come from
our own origin and carry a token, in the field `csrf_token` or the header X-CSRF-Token: of the session, or before there
is one, of a cookie that the form's page gave.
"""

import base64
import contextlib
import hashlib
import hmac
import json
import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.handlers import BaseRouteHandler

from frontdesk.console.errors import AskFirst, CrossSite, NoOrganization, SignInFirst
from frontdesk.console.state import Caller, Connection, address_of, caller_of, house_of, method_of
from frontdesk.domain.identity import service as identity
from frontdesk.domain.identity.model import CONSOLE_TERM, Tokens
from frontdesk.kernel.access import Actor, ActorType
from frontdesk.kernel.errors import DomainError, RateLimited, Unauthenticated
from frontdesk.platform.limits import Limit
from frontdesk.platform.tokens import session_of

HOME = "/console"
SESSION, REFRESH, FORM = "fd_session", "fd_refresh", "fd_form"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
RENEWED_AFTER = timedelta(days=1)
"""Tokens older than this are renewed when a page is opened, so that who comes daily need not sign in again."""
ENTRIES = Limit("entry", 20, 60, per="address")
"""How often one address may send the forms before sign-in."""

_BEFORE_ALL = datetime.fromtimestamp(0, UTC)
_NOBODY = Actor(type=ActorType.SYSTEM, id=None, org_id=None)
_SEED = re.compile(r"[A-Za-z0-9_-]{22,64}")


async def admit(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Guard of every page: who has a session of a member gets in, others are sent to sign in and come back later.

    Options of a route: `open` for pages without sign-in, whose forms are counted by address unless `uncounted`;
    `without_organization` for those of people who belong to none.
    """
    caller = caller_of(connection)
    changes = method_of(connection) not in SAFE
    if changes:
        _must_be_same_origin(connection)
    seed = connection.cookies.get(FORM, "")
    caller.seed = seed if _SEED.fullmatch(seed) else ""
    if not handler.opt.get("open"):
        await _sign_in(connection, caller)
        if changes:  # a form may take its time to come, and needs no connection meanwhile
            await caller.leave()
        if caller.actor is not None and caller.actor.org_id is None and not handler.opt.get("without_organization"):
            raise NoOrganization
    if changes:
        await _must_carry_token(connection)
        await _must_be_answered(connection)
        if handler.opt.get("open") and not handler.opt.get("uncounted"):
            await _count(connection)


async def visitor(connection: Connection) -> Actor | None:
    """Who has come to a page that is open to all, if they are signed in."""
    house = house_of(connection)
    try:
        visit, actor = await identity.authenticate_bearer(
            house.context.works, house.secrets, connection.cookies.get(SESSION, "")
        )
    except Unauthenticated:
        return None
    await visit.leave()
    return actor


async def leave(connection: Connection) -> None:
    """Give back the connection of the request, if it still has one."""
    await caller_of(connection).leave()


# --- sessions ---------------------------------------------------------------------------------------------------------


async def _sign_in(connection: Connection, caller: Caller) -> None:
    house = house_of(connection)
    token = connection.cookies.get(SESSION, "")
    if is_page(connection) and _is_old(token):
        token = await _renewed(connection, caller, token)
    try:
        caller.visit, caller.actor = await identity.authenticate_bearer(house.context.works, house.secrets, token)
    except Unauthenticated as problem:
        raise SignInFirst(_wanted(connection)) from problem


async def _renewed(connection: Connection, caller: Caller, token: str) -> str:
    """A newer token for the session, or the same where there is none to be had."""
    refresh_token = connection.cookies.get(REFRESH, "")
    if not refresh_token:
        return token
    house = house_of(connection)
    try:
        tokens = await identity.refresh(house.context.works, house.realm, refresh_token)
    except DomainError:
        return token
    caller.cookies += session_cookies(connection, tokens)
    return tokens.access_token


def _is_old(token: str) -> bool:
    """Whether a token was made a while ago, as it says itself. What it says is proved later."""
    with contextlib.suppress(ValueError, IndexError, KeyError, TypeError, OverflowError):
        part = token.split(".")[1]
        issued = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))["iat"]
        return datetime.now(UTC) - datetime.fromtimestamp(issued, UTC) > RENEWED_AFTER
    return True


def session_cookies(connection: Connection, tokens: Tokens) -> list[Cookie]:
    """What a browser keeps of a session."""
    secure, lasting = house_of(connection).secure, int(CONSOLE_TERM.total_seconds())
    return [
        Cookie(key=name, value=value, path=HOME, max_age=lasting, httponly=True, samesite="lax", secure=secure)
        for name, value in ((SESSION, tokens.access_token), (REFRESH, tokens.refresh_token))
    ]


def session_ended() -> list[Cookie]:
    """The same, to be forgotten."""
    return [
        Cookie(key=name, value="", path=HOME, max_age=0, httponly=True, samesite="lax") for name in (SESSION, REFRESH)
    ]


# --- where people were ------------------------------------------------------------------------------------------------


def is_page(connection: Connection) -> bool:
    """Whether a person opens a page, and no script asks for a part of one."""
    return method_of(connection) == "GET" and "text/html" in connection.headers.get("accept", "")


def here(connection: Connection) -> str:
    """The address of the request, as a path from the root of the server."""
    path = connection.scope["path"]
    return HOME + (quote(path, safe="/-._~") if path != "/" else "")


def came_from(connection: Connection) -> str:
    """The page that a form was on, or the overview."""
    return own_path(urlsplit(connection.headers.get("referer", ""))._replace(scheme="", netloc="").geturl())


def own_path(path: str) -> str:
    """`path` if it is one of the console's own, else the overview: nobody is sent elsewhere by a link."""
    ours = path == HOME or path.startswith((HOME + "/", HOME + "?"))
    plain = not any(char in unquote(path) for char in "\\\r\n\t\0") and "//" not in unquote(path.partition("?")[0])
    return path if ours and plain else HOME


def _wanted(connection: Connection) -> str:
    """Where somebody is taken after sign-in: the page they asked for, or the one with the form they sent."""
    if method_of(connection) not in SAFE or connection.headers.get("hx-request"):
        return came_from(connection)
    query = connection.scope.get("query_string", b"").decode("latin-1")
    return here(connection) + (f"?{query}" if query else "")


# --- forms ------------------------------------------------------------------------------------------------------------


def csrf_token(connection: Connection) -> str:
    """The token for the forms of a page: of the session whose cookie the browser has, on open pages too. A visitor
    without one is given a cookie that it is made of."""
    caller = caller_of(connection)
    told = _session_told(connection)
    if not told:
        if not caller.seed:
            caller.seed = secrets.token_urlsafe(24)
            secure = house_of(connection).secure
            caller.cookies.append(
                Cookie(key=FORM, value=caller.seed, path=HOME, httponly=True, samesite="lax", secure=secure)
            )
        told = f"visitor {caller.seed}"
    key = house_of(connection).secrets.jwt_secret.encode()
    return hmac.new(key, f"console form {told}".encode(), hashlib.sha256).hexdigest()


def _session_told(connection: Connection) -> str:
    """The session of the browser's cookie, if that is a token of ours, whether or not it has ended."""
    try:
        session_id = session_of(
            connection.cookies.get(SESSION, ""), house_of(connection).secrets.jwt_secret, _BEFORE_ALL
        )
    except Unauthenticated:
        return ""
    return f"session {session_id}"


def _must_be_same_origin(connection: Connection) -> None:
    """Raises CrossSite for a form that another site has sent. Browsers tell the origin of every form they send."""
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise CrossSite
        return
    origin = connection.headers.get("origin")
    own = {connection.headers.get("host", ""), urlsplit(house_of(connection).settings.public_url).netloc}
    if origin and urlsplit(origin).netloc not in own:
        raise CrossSite


async def _must_carry_token(connection: Connection) -> None:
    if not caller_of(connection).seed and not _session_told(connection):
        raise CrossSite
    given = connection.headers.get("x-csrf-token")
    if given is None and isinstance(connection, Request):
        given = (await connection.form()).get("csrf_token")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), csrf_token(connection).encode()):
        raise CrossSite


async def _must_be_answered(connection: Connection) -> None:
    """Raises AskFirst for a form whose question (`asks`) the browser has not put to the person (`asked`)."""
    if not isinstance(connection, Request):
        return
    form = await connection.form()
    question = form.get("asks")
    if isinstance(question, str) and question and not form.get("asked"):
        known = ("csrf_token", "asks", "asks_verb", "asked")
        fields = [(k, v) for k, v in form.multi_items() if isinstance(v, str) and k not in known]
        raise AskFirst(question, str(form.get("asks_verb") or "Yes"), fields)


async def _count(connection: Connection) -> None:
    house = house_of(connection)
    if not house.settings.limits:
        return
    async with house.context.works.read(_NOBODY) as work:
        standing = await house.limiter.take(f"console:entry:{address_of(connection)}", ENTRIES, work.fetchval)
    if standing is not None and not standing.allowed:
        raise RateLimited("Too many attempts from here. Wait a minute.", standing.wait)
