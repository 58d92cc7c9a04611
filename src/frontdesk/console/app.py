"""The console as an application, mounted at /console. The pages are in `pages`, one module a room."""

import traceback
from collections.abc import AsyncGenerator
from typing import Any
from urllib.parse import quote

import jinja2
import msgspec
import structlog
from litestar import Litestar, Request, Response, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.response import Redirect
from litestar.static_files import create_static_files_router  # pyright: ignore[reportUnknownVariableType]
from litestar.types import ASGIApp, Receive, Scope, Send

from frontdesk.console import pages
from frontdesk.console.door import HOME, SAFE, admit, came_from, here, leave, session_ended
from frontdesk.console.errors import AskFirst, NoOrganization, SignInFirst
from frontdesk.console.page import STATIC, made
from frontdesk.console.state import Caller, House, caller_of, house_of, method_of
from frontdesk.kernel.access import Actor
from frontdesk.kernel.errors import DomainError, Forbidden, Kind, Unauthenticated
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work

log = structlog.get_logger("frontdesk.console")

STATUS = {
    Kind.INVALID: 400, Kind.UNAUTHENTICATED: 401, Kind.FORBIDDEN: 403, Kind.NOT_FOUND: 404, Kind.CONFLICT: 409,
    Kind.QUOTA: 403, Kind.PAYMENT_REQUIRED: 402, Kind.RATE_LIMITED: 429, Kind.TOO_LARGE: 413, Kind.UPSTREAM: 502,
}  # fmt: skip
HEADS = {
    403: "You may not do this", 404: "Not found", 409: "That does not fit", 413: "Too large", 429: "Not so fast",
    502: "A provider did not answer",
}  # fmt: skip

POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "font-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    b"content-security-policy": POLICY.encode(),
    b"x-frame-options": b"DENY",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), payment=(), usb=()",
}
"""On every answer that does not say otherwise itself."""
FOR_GOOD, FOR_AN_HOUR = b"public, max-age=31536000, immutable", b"public, max-age=3600"
MIB = 1024 * 1024


async def provide_work(request: Request[Any, Any, Any]) -> AsyncGenerator[Work, None]:
    """The unit of work of a signed-in request: a transaction where the request changes anything."""
    caller, works = caller_of(request), house_of(request).context.works
    assert caller.actor is not None
    assert caller.visit is not None
    if method_of(request) not in SAFE:
        begun = works.begin(caller.actor)
    elif caller.has_left:  # for a page that wants the context as well
        begun = works.read(caller.actor)
    else:
        caller.at_work = True
        begun = caller.visit.work(caller.actor, writes=False)
    async with begun as work:
        yield work


async def provide_actor(request: Request[Any, Any, Any]) -> Actor:
    """Who is signed in."""
    actor = caller_of(request).actor
    assert actor is not None
    return actor


async def provide_context(request: Request[Any, Any, Any]) -> Context:
    """For use cases that begin units of work of their own. The request's connection is given back first, unless the
    page's own work is on it."""
    if not caller_of(request).at_work:
        await leave(request)
    return house_of(request).context


async def provide_house(request: Request[Any, Any, Any]) -> House:
    """The product behind the console."""
    return house_of(request)


def console_app(house: House) -> "ConsoleApp":
    """The console's ASGI application, mounted at /console."""
    app = Litestar(
        route_handlers=[
            Router(
                "/",
                route_handlers=pages.routes(),
                guards=[admit],
                dependencies={
                    "work": Provide(provide_work),
                    "actor": Provide(provide_actor),
                    "context": Provide(provide_context),
                    "house": Provide(provide_house),
                },
            ),
            create_static_files_router(
                "/static", directories=[STATIC], cache_control=None, name="static", send_as_attachment=False
            ),
        ],
        exception_handlers={Exception: problem, HTTPException: problem, DomainError: problem},
        state=State({"house": house}),
        openapi_config=None,
        logging_config=None,
        request_max_body_size=(house.settings.max_upload_mb + 1) * MIB,
        debug=False,
        pdb_on_exception=False,
    )
    return ConsoleApp(app)


def problem(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """What went wrong as a page, as a word to a script, or as the way to the sign-in."""
    by_script = bool(request.headers.get("hx-request"))
    if isinstance(error, SignInFirst):
        to = f"{HOME}/sign-in?next={quote(error.wanted, safe='/')}"
        answer: Response[Any] = (
            Response("", status_code=401, headers={"HX-Redirect": to}) if by_script else Redirect(to, status_code=303)
        )
        if request.cookies.get("fd_session"):
            caller_of(request).cookies += session_ended()
        return answer
    if isinstance(error, NoOrganization) and not by_script:
        return Redirect(f"{HOME}/organizations", status_code=303)
    if isinstance(error, AskFirst):
        return made(
            request, "ask.html", question=error.question, verb=error.verb, fields=error.fields, action=here(request),
            back=came_from(request),
        )  # fmt: skip
    status, message = _told(request, error)
    if by_script:
        told = msgspec.json.encode({"toast": {"text": message, "bad": True}}).decode()
        headers = {"HX-Reswap": "none", "HX-Trigger": told.encode("ascii", "backslashreplace").decode()}
        return Response(message, status_code=status, media_type="text/plain", headers=headers)
    asks = method_of(request) in SAFE
    back = HOME if asks else came_from(request)
    again = here(request) if asks and status >= 500 else ""
    head = HEADS.get(status, "That did not work")
    return made(request, "problem.html", status=status, code=status, head=head, message=message, back=back, again=again)


def _told(request: Request[Any, Any, Any], error: Exception) -> tuple[int, str]:
    """The status and the sentence for an error."""
    if isinstance(error, Unauthenticated):
        return 401, error.message
    if isinstance(error, Forbidden) and "permission" in error.fields:
        return 403, "Your role in the team does not allow it. An owner or an admin can change that."
    if isinstance(error, DomainError):
        return STATUS[error.kind], error.message
    if isinstance(error, HTTPException) and error.status_code < 500:
        said = {404: "There is no such page.", 405: "There is no such page.", 413: "That is larger than is accepted."}
        return error.status_code, said.get(error.status_code, "The request was malformed.")
    log.error("page failed", error=type(error).__name__, at=_places(error), said=_harmless(error))
    return 500, "Something went wrong on our side. It has been noted."


def _places(error: Exception) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]


def _harmless(error: Exception) -> str:
    """What an error says, where that cannot be of a person: a mistake in a template or in the program itself."""
    return str(error)[:200] if isinstance(error, (jinja2.TemplateError, TypeError, AttributeError)) else ""


class ConsoleApp:
    """The application, with the headers that keep other sites out, the cookies it owes, and no connection kept."""

    def __init__(self, litestar: Litestar) -> None:
        self.litestar: ASGIApp = litestar
        self.lifespan = litestar.lifespan

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.litestar(scope, receive, send)
            return
        caller = Caller()
        scope["state"] = {**scope.get("state", {}), "caller": caller}
        asked: bytes = scope.get("query_string", b"")
        is_static = scope["path"].startswith("/static/")

        async def finish(message: Any) -> None:
            if message["type"] == "http.response.start":
                await caller.leave()
                told = {name.lower() for name, _ in message["headers"]}
                extra = [(name, value) for name, value in HEADERS.items() if name not in told]
                extra += [(b"set-cookie", cookie.to_header(header="").encode()) for cookie in caller.cookies]
                if is_static and message["status"] < 400:
                    extra.append((b"cache-control", FOR_GOOD if asked.startswith(b"v=") else FOR_AN_HOUR))
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        try:
            await self.litestar(scope, receive, finish)
        finally:
            await caller.leave()
