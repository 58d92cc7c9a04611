"""One port, many applications: chosen by path prefix, else by Host, else the one that sits at the root.

Here too: what holds for all of them: request ids, CORS, health, metrics, access lines, lifespans.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import msgspec
import structlog
from litestar.types import ASGIApp, Receive, Send

import frontdesk
from frontdesk.contracts._http.auth import NOBODY
from frontdesk.contracts._http.cors import Cors
from frontdesk.contracts._http.errors import described
from frontdesk.contracts._http.observe import Observed, metrics
from frontdesk.contracts._http.passage import passage_in
from frontdesk.contracts._http.serving import Serving
from frontdesk.contracts._http.unread import LongBody, is_long
from frontdesk.kernel.ids import new_id

log = structlog.get_logger("frontdesk.http")

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
Lifespan = Callable[[], AbstractAsyncContextManager[Any]]


@dataclass(frozen=True)
class Mount:
    """An application at `prefix`. `lifespan` is entered at start and left at the end, where there is one."""

    name: str
    prefix: str
    app: ASGIApp
    lifespan: Lifespan | None = None


class AnswerBroken(Exception):
    """The application failed with its answer half out; the connection must be cut. The log has the reason."""


class Dispatcher:
    """The ASGI application of the whole program."""

    def __init__(self, serving: Serving, mounts: Sequence[Mount], home: str = "/console") -> None:
        """`home` is where the root of the server leads, if a mount is there."""
        self._serving = serving
        self._mounts = sorted(mounts, key=lambda mount: len(mount.prefix), reverse=True)
        self._by_name = {mount.name: mount for mount in mounts}
        self._home = home if any(mount.prefix == home for mount in mounts) else None
        settings = serving.settings
        self._cors = Cors(settings.cors_origins)
        self._public = urlsplit(settings.public_url)
        for name in {settings.contract, *settings.hosts.values()} - {None}:
            if name not in self._by_name:
                log.warning("this contract is not served yet", contract=name)

    async def __call__(self, scope: Any, receive: Receive, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        headers = dict(scope["headers"])
        mount, inner, base_url = self._find(scope, headers)
        if scope["type"] == "websocket":
            if mount is None:
                await send({"type": "websocket.close", "code": 4404, "reason": "There is nothing at this path."})
            else:
                passage_in(inner).base_url = base_url
                await mount.app(inner, receive, send)
            return
        await self._serve(mount, inner, base_url, headers, receive, send)

    async def _serve(
        self, mount: Mount | None, scope: Any, base_url: str, headers: dict[bytes, bytes], receive: Receive, send: Send
    ) -> None:
        if is_long(headers):
            body = LongBody(receive, send)
            receive, send = body.receive, body.send
        passage = passage_in(scope)
        given = headers.get(b"x-request-id", b"").decode("latin-1")
        passage.request_id = given if _REQUEST_ID.fullmatch(given) else new_id().hex
        passage.client = self._client(scope, headers)
        passage.base_url = base_url
        every = [
            (b"x-request-id", passage.request_id.encode()),
            (b"x-content-type-options", b"nosniff"),
            *self._cors.headers_for(headers),
        ]
        seen = Observed(send, every)
        structlog.contextvars.bind_contextvars(request_id=passage.request_id)
        try:
            if self._cors.is_preflight(scope, headers):
                seen = Observed(send, every[:2] + self._cors.preflight(headers))
                await _answer(seen.send, 204, b"", "")
            elif mount is None:
                await self._own(scope, seen.send)
            else:
                await mount.app(scope, receive, seen.send)
        except Exception as error:
            log.error("application failed", app=mount.name if mount else "", **described(error))
            if seen.status:
                raise AnswerBroken from None
            await _answer(seen.send, 500, *_error("INTERNAL_ERROR", "Something went wrong on our side."))
        finally:
            seen.tell(mount.name if mount else "frontdesk", scope, passage.request_id)
            structlog.contextvars.unbind_contextvars("request_id")

    # --- finding the application ----------------------------------------------------------------------------------

    def _find(self, scope: Any, headers: dict[bytes, bytes]) -> tuple[Mount | None, Any, str]:
        """The mount, the scope as it sees it, and the URL that its paths are relative to."""
        path: str = scope["path"]
        public = self._serving.settings.public_url
        for mount in self._mounts:
            if path == mount.prefix or path.startswith(mount.prefix + "/"):
                return mount, _below(scope, mount.prefix), public + mount.prefix
        host = headers.get(b"host", b"").decode("latin-1").lower()
        name = self._serving.settings.hosts.get(host) or self._serving.settings.hosts.get(host.partition(":")[0])
        if path in ("/health", "/metrics"):
            return None, {**scope}, public
        if name is not None and name in self._by_name:
            return self._by_name[name], {**scope}, f"{self._public.scheme}://{host}"
        if self._serving.settings.contract in self._by_name and name is None:
            return self._by_name[self._serving.settings.contract], {**scope}, public
        return None, {**scope}, public

    def _client(self, scope: Any, headers: dict[bytes, bytes]) -> str:
        """The caller's address: the last that no trusted proxy of ours put there."""
        address = (scope.get("client") or ("",))[0]
        forwarded = headers.get(b"x-forwarded-for", b"").decode("latin-1").split(",")
        while forwarded and self._is_proxy(address):
            candidate = forwarded.pop().strip()
            if not candidate:
                break
            address = candidate
        return address

    def _is_proxy(self, address: str) -> bool:
        with suppress(ValueError):
            found = _address(address)
            return any(found in network for network in self._serving.settings.trusted_proxies)
        return False

    # --- what the dispatcher answers itself -----------------------------------------------------------------------

    async def _own(self, scope: Any, send: Send) -> None:
        match scope["path"]:
            case "/health":
                scope["path_template"] = "/health"
                healthy = await self._database_answers()
                told = {
                    "status": "ok" if healthy else "unavailable",
                    "version": frontdesk.__version__,
                    "database": "ok" if healthy else "unreachable",
                }
                await _answer(send, 200 if healthy else 503, msgspec.json.encode(told), "application/json")
            case "/metrics":
                scope["path_template"] = "/metrics"
                await _answer(send, 200, *metrics())
            case "/" if self._home:
                await _answer(send, 307, b"", "", [(b"location", self._home.encode())])
            case _:
                await _answer(send, 404, *_error("ROUTE_NOT_FOUND", "There is nothing at this path."))

    async def _database_answers(self) -> bool:
        try:
            async with asyncio.timeout(3), self._serving.context.works.read(NOBODY) as work:
                return await work.fetchval("select 1") == 1
        except Exception as error:
            log.warning("database does not answer", error=type(error).__name__)
            return False

    # --- life -----------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def lifespan(self) -> AsyncGenerator[None, None]:
        """Start everything that is mounted; stop it in the opposite order."""
        async with AsyncExitStack() as stack:
            for mount in self._mounts:
                if mount.lifespan is not None:
                    await stack.enter_async_context(mount.lifespan())
            yield

    async def _live(self, receive: Any, send: Any) -> None:
        """The ASGI lifespan protocol."""
        await receive()
        started = False
        try:
            async with self.lifespan():
                await send({"type": "lifespan.startup.complete"})
                started = True
                await receive()
        except Exception as error:
            log.error("start or stop failed", **described(error))
            if not started:
                await send({"type": "lifespan.startup.failed", "message": f"{type(error).__name__}: {error}"})
            else:
                await send({"type": "lifespan.shutdown.failed", "message": type(error).__name__})
            return
        await send({"type": "lifespan.shutdown.complete"})


_address = lru_cache(1_024)(ip_address)
"""Reading an address costs more than all else that is done about it, and callers come again."""


def _below(scope: Any, prefix: str) -> Any:
    """`scope` as the application under `prefix` sees it: at the root, so that it answers the same wherever it is."""
    raw: bytes = scope.get("raw_path") or b""
    return {
        **scope,
        "path": scope["path"][len(prefix) :] or "/",
        "raw_path": raw[len(prefix) :] if raw.startswith(prefix.encode()) else raw,
    }


def _error(code: str, message: str) -> tuple[bytes, str]:
    return msgspec.json.encode({"error": {"code": code, "message": message}}), "application/json"


async def _answer(
    send: Send, status: int, body: bytes, content_type: str, headers: Sequence[tuple[bytes, bytes]] = ()
) -> None:
    every = [*headers, (b"content-length", str(len(body)).encode())]
    if content_type:
        every.append((b"content-type", content_type.encode()))
    await send({"type": "http.response.start", "status": status, "headers": every})
    await send({"type": "http.response.body", "body": body, "more_body": False})
