"""The console as an application, mounted at /console. The pages are in `pages`, one module a room."""

from collections.abc import AsyncGenerator
from typing import Any

from litestar import Litestar, Request, Response, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.response import Redirect
from litestar.static_files import create_static_files_router
from litestar.types import ASGIApp, Receive, Scope, Send

from frontdesk.console import pages
from frontdesk.console.door import leave, signed_in
from frontdesk.console.errors import SignInFirst
from frontdesk.console.page import _HERE, render
from frontdesk.console.state import House, house_of
from frontdesk.kernel.access import Actor
from frontdesk.kernel.errors import DomainError, Kind
from frontdesk.platform.context import Context
from frontdesk.platform.database import Visit, Work

STATUS = {
    Kind.INVALID: 400, Kind.UNAUTHENTICATED: 401, Kind.FORBIDDEN: 403, Kind.NOT_FOUND: 404, Kind.CONFLICT: 409,
    Kind.QUOTA: 403, Kind.PAYMENT_REQUIRED: 402, Kind.RATE_LIMITED: 429, Kind.TOO_LARGE: 413, Kind.UPSTREAM: 502,
}  # fmt: skip

POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "font-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
LARGEST_FORM = 260 * 1024 * 1024
"""Bytes: an upload of leads and its form."""


async def provide_work(request: Request[Any, Any, Any]) -> AsyncGenerator[Work, None]:
    """The unit of work of a signed-in request: a transaction where the request changes anything."""
    visit: Visit = request.scope["state"]["visit"]
    async with visit.work(request.scope["state"]["actor"], writes=request.method not in ("GET", "HEAD")) as work:
        yield work


async def provide_actor(request: Request[Any, Any, Any]) -> Actor:
    """Who is signed in."""
    return request.scope["state"]["actor"]


async def provide_context(request: Request[Any, Any, Any]) -> Context:
    """For use cases that begin units of work of their own. The request's connection is given back first."""
    await leave(request)
    return house_of(request).context


async def provide_house(request: Request[Any, Any, Any]) -> House:
    """The product behind the console."""
    return house_of(request)


async def _problem(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """What went wrong as a page, or the way to the sign-in."""
    await leave(request)
    if isinstance(error, SignInFirst):
        if request.headers.get("hx-request"):
            return Response("", status_code=401, headers={"HX-Redirect": "/console/sign-in"})
        return Redirect(f"/console/sign-in?next={error.wanted}", status_code=303)
    status, message = 500, "Something went wrong on our side. It has been noted."
    if isinstance(error, DomainError):
        status, message = STATUS[error.kind], error.message
    elif isinstance(error, HTTPException):
        status = error.status_code
        message = "There is no such page." if status == 404 else error.detail
    if status >= 500:
        import structlog

        structlog.get_logger("frontdesk.console").error(
            "page_failed", exc_info=error, route=request.scope.get("path_template")
        )
    return await render(request, "problem.html", status=status, code=status, message=message)


def console_app(house: House) -> ASGIApp:
    """The console's ASGI application, mounted at /console. Answers carry headers that keep other sites out."""
    app = Litestar(
        route_handlers=[
            Router(
                "/",
                route_handlers=pages.routes(),
                guards=[signed_in],
                dependencies={
                    "work": Provide(provide_work),
                    "actor": Provide(provide_actor),
                    "context": Provide(provide_context),
                    "house": Provide(provide_house),
                },
            ),
            create_static_files_router(
                "/static", directories=[_HERE / "static"], cache_control=None, name="static", send_as_attachment=False
            ),
        ],
        exception_handlers={Exception: _problem, HTTPException: _problem, DomainError: _problem},
        state=State({"house": house}),
        openapi_config=None,
        logging_config=None,
        request_max_body_size=LARGEST_FORM,
        debug=False,
        pdb_on_exception=False,
    )
    return _Headers(app)


class _Headers:
    """Adds the headers that every answer of the console carries."""

    def __init__(self, app: Litestar) -> None:
        self.litestar = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def finish(message: Any) -> None:
            if message["type"] == "http.response.start":
                told = {name.lower() for name, _ in message["headers"]}
                extra = {
                    b"content-security-policy": POLICY.encode(),
                    b"x-frame-options": b"DENY",
                    b"x-content-type-options": b"nosniff",
                    b"referrer-policy": b"same-origin",
                }
                if b"/static/" in scope.get("raw_path", b""):
                    extra[b"cache-control"] = b"public, max-age=31536000, immutable"
                added = [(name, value) for name, value in extra.items() if name not in told]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        await self.litestar(scope, receive, finish)
