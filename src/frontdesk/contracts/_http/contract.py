"""A contract, and the application that serves it.

A contract is a name, a dialect, limits and routes; `contract_app` makes of them a Litestar application whose every
route is guarded by `auth.admit`, decodes bodies strictly, runs in one unit of work, and fails in the contract's words.

What a handler may ask for by name, besides its path parameters and `data`:
- `work`: its unit of work, a transaction unless the method only reads. It commits before the answer starts.
- `actor`: who asks. The connection has been given back: for use cases that begin their own units of work.
- `context`, `serving`: the product, as the composition made it.
- `wanted`: the query string, with `dependencies=wanted(Shape)`.
- `passage`: what is known of the request.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from litestar import Litestar, Request, Response, Router
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.types import Receive, Scope, Send

from frontdesk.contracts._http import idempotency
from frontdesk.contracts._http.auth import SAFE_METHODS, admit
from frontdesk.contracts._http.body import StrictBody
from frontdesk.contracts._http.dialect import Dialect
from frontdesk.contracts._http.documents import document_routes
from frontdesk.contracts._http.errors import error_handler
from frontdesk.contracts._http.idempotency import AnswerKnown
from frontdesk.contracts._http.passage import Passage, passage_in, passage_of
from frontdesk.contracts._http.serving import ContractState, Serving, serving_of
from frontdesk.contracts._http.short_way import ShortWay, short_ways
from frontdesk.kernel.access import Actor
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.platform.idempotency import StoredAnswer, keep
from frontdesk.platform.limits import Limit

MIB = 1024 * 1024


@dataclass(frozen=True, eq=False)
class Contract:
    """One published API, or one of the two that are ours (the sandbox, the auth service).

    `name` is the name of its document, where it has one; `prefix` its place under the root of the server. Options of
    its routes: `auth=` and `limit=` (see `auth.admit`), `upload=True` for a body as large as an upload, `fields=` from
    the product's names of fields to those of the body, for errors, and `extension=True` for a route that the document
    does not have.
    """

    name: str
    prefix: str
    dialect: Dialect
    routes: Sequence[HTTPRouteHandler]
    limits: Mapping[str, Limit] = field(default_factory=dict[str, Limit])
    usual_limit: str = "standard"
    """The limit of guarded routes that name none."""
    dependencies: Mapping[str, Provide] = field(default_factory=dict[str, Provide])
    """What its handlers may ask for besides."""
    documented: bool = True


class ContractApp:
    """The ASGI application of a contract: its routes, bound to the product that they serve."""

    def __init__(self, contract: Contract, serving: Serving) -> None:
        self.contract = contract
        self.litestar, self._short = _routes_of(contract, serving.settings.max_body_mb, serving.settings.max_upload_mb)
        self._state = ContractState(contract.name, serving, contract.limits, contract.usual_limit)

    def lifespan(self) -> AbstractAsyncContextManager[None]:
        """Starts nothing: what runs beside requests belongs to the process, and Litestar's own parts are not used."""
        return nullcontext()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        passage = passage_in(scope)
        passage.state = self._state
        if scope["type"] != "http":
            await self.litestar(scope, receive, send)
            return
        serve = self._short.get((scope["method"], scope["path"]), self.litestar)
        try:
            await serve(scope, receive, self._finishing(passage, send))
        finally:
            await passage.leave()

    def _finishing(self, passage: Passage, send: Send) -> Send:
        """`send`, which gives the connection back first, adds the passage's headers and settles its claim."""
        held: list[Any] = []

        async def finish(message: Any) -> None:
            if message["type"] == "http.response.start":
                await passage.leave()
                message["headers"] = [*message["headers"], *_encoded(passage.headers)]
            if passage.claim is None:
                await send(message)
                return
            held.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                await idempotency.settle(self._state.serving.context, passage, _answer_of(held))
                for kept in held:
                    await send(kept)

        return finish


def contract_app(contract: Contract, serving: Serving) -> ContractApp:
    """The application of `contract`, to be mounted in a dispatcher (`dispatcher.Mount`)."""
    return ContractApp(contract, serving)


@lru_cache(16)
def _routes_of(
    contract: Contract, max_body_mb: int, max_upload_mb: int
) -> tuple[Litestar, dict[tuple[str, str], ShortWay]]:
    """The routes as Litestar serves them, and short ways to some of them. They hold nothing of the product: making them
    takes a tenth of a second, and tests make the product anew for each."""
    large = {path for route in contract.routes if route.opt.get("upload") for path in route.paths}
    uploads = [route for route in contract.routes if route.paths & large]  # a path stands in one router
    others = [route for route in contract.routes if not route.paths & large]
    documents = document_routes(contract, dependencies_of(contract)) if contract.documented else []
    litestar = Litestar(
        route_handlers=[
            Router("/", route_handlers=others, request_max_body_size=max_body_mb * MIB),
            Router("/", route_handlers=uploads, request_max_body_size=max_upload_mb * MIB),
            *documents,
        ],
        dto=StrictBody,
        return_dto=None,
        response_class=Answer,
        guards=[admit],
        dependencies=dependencies_of(contract),
        exception_handlers={
            AnswerKnown: replay,
            Exception: error_handler(contract.dialect),
        },
        openapi_config=None,
        logging_config=None,
        debug=False,
        pdb_on_exception=False,
    )
    return litestar, short_ways(litestar, error_handler(contract.dialect))


def dependencies_of(contract: Contract) -> dict[str, Provide]:
    """All that the contract's handlers may ask for by name."""
    return {
        **contract.dependencies,
        "work": Provide(provide_work),
        "actor": Provide(provide_actor),
        "context": Provide(provide_context, sync_to_thread=False),
        "serving": Provide(provide_serving, sync_to_thread=False),
        "passage": Provide(provide_passage, sync_to_thread=False),
    }


async def provide_work(request: Request[Any, Any, Any]) -> AsyncGenerator[Work, None]:
    """The unit of work of a request. Litestar resumes this after the answer is made and before it is sent."""
    passage = passage_of(request)
    if passage.visit is None or passage.actor is None:
        raise RuntimeError("a route that admits no user has no unit of work")
    async with passage.visit.work(passage.actor, writes=request.method not in SAFE_METHODS) as work:
        yield work
        kept = passage.claim is not None and passage.rendered is not None
        if passage.claim is not None and passage.rendered is not None:
            vault = serving_of(request).context.vault
            await keep(work, passage.claim, idempotency.kept_part(passage.rendered), vault)
    if kept:
        passage.claim = None


async def provide_actor(request: Request[Any, Any, Any]) -> Actor:
    """Who asks. Gives the connection back, because whoever wants no unit of work may wait for others."""
    passage = passage_of(request)
    # Providers run side by side: one that refuses the request cancels the others, and a connection would be lost.
    await passage.leave_though_cut_off()
    if passage.actor is None:
        raise RuntimeError("a route that admits no user has no actor")
    return passage.actor


def provide_context(request: Request[Any, Any, Any]) -> Context:
    """The product."""
    return serving_of(request).context


def provide_serving(request: Request[Any, Any, Any]) -> Serving:
    """The product and what serves it."""
    return serving_of(request)


def provide_passage(request: Request[Any, Any, Any]) -> Passage:
    """What is known of the request."""
    return passage_of(request)


class Answer(Response[Any]):
    """A response that remembers how it was rendered, where it must be kept for an Idempotency-Key."""

    def to_asgi_response(self, app: Any, request: Request[Any, Any, Any], **options: Any) -> Any:
        made = super().to_asgi_response(app, request, **options)
        passage = passage_of(request)
        if passage.claim is not None:
            headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in made.encode_headers()]
            passage.rendered = StoredAnswer(made.status_code, headers, made.body)
        return made


def replay(_: Request[Any, Any, Any], known: AnswerKnown) -> Response[bytes]:
    """The stored answer once more."""
    headers = dict(known.answer.headers)
    media_type = headers.pop("content-type", "application/json")
    return Response(
        known.answer.body,
        status_code=known.answer.status,
        media_type=media_type,
        headers={**headers, "Idempotent-Replayed": "true"},
    )


def _encoded(headers: list[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def _answer_of(messages: list[Any]) -> StoredAnswer:
    start, *bodies = messages
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]]
    return StoredAnswer(start["status"], headers, b"".join(body.get("body", b"") for body in bodies))
