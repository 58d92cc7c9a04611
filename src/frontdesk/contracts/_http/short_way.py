"""The short way through a contract's application, for the routes that are asked most.

A route without path parameters, idempotency and body of its own (a read, or a signed webhook) needs nothing of what
Litestar does between its router and the handler: the same guard, providers and error handler are called here, one after
another. Which routes go this way follows from their signatures; all others go through Litestar, and so does whatever
is unusual about a request's path. What an answer looks like is the same both ways, and a test holds it.
"""

import inspect
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, cast

import msgspec
from litestar import Litestar, Request, Response
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.types import Receive, Scope, Send

from frontdesk.contracts._http.auth import Auth, admit
from frontdesk.contracts._http.errors import Handler
from frontdesk.contracts._http.passage import passage_of
from frontdesk.platform.database import Work

ShortWay = Callable[[Scope, Receive, Send], Awaitable[None]]
AnyRequest = Request[Any, Any, Any]

_ENCODER = msgspec.json.Encoder()


def short_ways(litestar: Litestar, answer_error: Handler) -> dict[tuple[str, str], ShortWay]:
    """The routes of an application that can be served in short, by method and path."""
    found: dict[tuple[str, str], ShortWay] = {}
    for route in litestar.routes:
        if isinstance(route, HTTPRoute) and not route.path_parameters:
            for method, (handler, _) in route.route_handler_map.items():
                if _is_short(method, handler):
                    found[method, route.path] = _Short(route.path, handler, answer_error)
    return found


def _is_short(method: str, handler: HTTPRouteHandler) -> bool:
    asked = set(inspect.signature(handler.fn).parameters)
    if not inspect.iscoroutinefunction(handler.fn) or not asked <= {"request", "work", *_plain_providers(handler)}:
        return False
    auth = handler.opt.get("auth", Auth.USER)
    if method == "GET":
        return auth is Auth.USER
    return method == "POST" and auth is Auth.SIGNATURE and "work" not in asked


def _plain_providers(handler: HTTPRouteHandler) -> dict[str, Callable[[AnyRequest], Any]]:
    """Of what a handler may ask for by name: that which the request alone gives, at once."""
    return {
        name: provider.dependency
        for name, provider in handler.resolve_dependencies().items()
        if inspect.isfunction(provider.dependency)
        and not inspect.iscoroutinefunction(provider.dependency)
        and not inspect.isasyncgenfunction(provider.dependency)
        and list(inspect.signature(provider.dependency).parameters) == ["request"]
    }


class _Short:
    """One route, served."""

    def __init__(self, path: str, handler: HTTPRouteHandler, answer_error: Handler) -> None:
        self._path, self._handler, self._answer_error = path, handler, answer_error
        asked = inspect.signature(handler.fn).parameters
        self._providers = [(name, provide) for name, provide in _plain_providers(handler).items() if name in asked]
        self._asks_request, self._asks_work = "request" in asked, "work" in asked

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        every: Any = scope
        every.update(route_handler=self._handler, path_template=self._path, path_params={}, state={})
        request: AnyRequest = Request(every, receive, send)
        started = False

        async def sending(message: Any) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await admit(request, self._handler)
            asked: dict[str, Any] = {name: provide(request) for name, provide in self._providers}
            if self._asks_request:
                asked["request"] = request
            if self._asks_work:
                async with _work(request) as work:
                    answer = self._answer(await self._handler.fn(**asked, work=work), request)
            else:
                answer = self._answer(await self._handler.fn(**asked), request)
            await answer(scope, receive, sending)
        except Exception as error:
            if started:
                raise
            await self._answer_error(request, error).to_asgi_response(app=None, request=request)(scope, receive, send)

    def _answer(self, made: Any, request: AnyRequest) -> Any:
        if not isinstance(made, Response):
            return _Ready(_ENCODER.encode(made), "application/json", self._handler.status_code)
        answer = cast(Response[Any], made)
        content, bare = answer.content, not (answer.headers or answer.cookies or answer.background)
        if bare and isinstance(content, str) and answer.media_type == "text/xml":  # what webhooks are answered with
            status = answer.status_code or self._handler.status_code
            return _Ready(content.encode(), "text/xml; charset=utf-8", status)
        return answer.to_asgi_response(app=None, request=request)


def _work(request: AnyRequest) -> AbstractAsyncContextManager[Work]:
    """The unit of work of a read."""
    passage = passage_of(request)
    assert passage.visit is not None
    assert passage.actor is not None
    return passage.visit.work(passage.actor, writes=False)


class _Ready:
    """An answer that is nothing but its body, as it goes out."""

    def __init__(self, body: bytes, kind: str, status: int) -> None:
        self._body, self._kind, self._status = body, kind, status

    async def __call__(self, _: Scope, __: Receive, send: Send) -> None:
        headers = [(b"content-type", self._kind.encode()), (b"content-length", str(len(self._body)).encode())]
        await send({"type": "http.response.start", "status": self._status, "headers": headers})
        await send({"type": "http.response.body", "body": self._body, "more_body": False})
