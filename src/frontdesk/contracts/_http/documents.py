"""The documents that contracts publish, and what is served of them: the same with our extensions beside.

The published documents are never changed. Routes that they do not have are added with `x-extension: true`, and
operations that are still to come are marked with `x-not-served-yet: true`.
"""

import json
import re
from collections.abc import Mapping
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import yaml
from litestar import Litestar, Request, Response, get
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig

import frontdesk
from frontdesk.contracts._http.body import StrictBody
from frontdesk.contracts._http.passage import passage_of
from frontdesk.contracts._http.query import parameters_of
from frontdesk.contracts._http.reference_page import page

if TYPE_CHECKING:
    from frontdesk.contracts._http.contract import Contract

METHODS = ("get", "post", "put", "patch", "delete")
Document = dict[str, Any]
_PARAMETER = re.compile(r"\{[^}]*\}")


@lru_cache
def published(name: str) -> Document:
    """The published document of a contract. Not to be changed by whoever asks."""
    package = Path(frontdesk.__file__).parent
    places = [package / "documents", package.parents[1] / "docs" / "contracts"]
    path = next(place for place in places if place.is_dir()) / f"{name}.openapi.yaml"
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506


def served_document(contract: "Contract", dependencies: Mapping[str, Provide]) -> Document:
    """The document of what is served: the published one and our extensions, without an address. `dependencies` is what
    the contract's handlers may ask for by name."""
    document = deepcopy(published(contract.name))
    served = {
        (str(method), plain(path)) for route in contract.routes for path in route.paths for method in route.http_methods
    }
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item and (method.upper(), plain(path)) not in served:
                item[method]["x-not-served-yet"] = True
    extensions = [route for route in contract.routes if route.opt.get("extension")]
    if extensions:
        _add(document, extensions, _generated(extensions, dependencies))
    return document


def plain(path: str) -> str:
    """A path without the names of its parameters, which are each document's own."""
    return _PARAMETER.sub("{}", path).rstrip("/") or "/"


def _generated(routes: list[HTTPRouteHandler], dependencies: Mapping[str, Provide]) -> Document:
    """What Litestar makes of `routes`, in an application of their own that serves nobody."""
    app = Litestar(
        route_handlers=list(routes),
        dependencies=dict(dependencies),
        dto=StrictBody,
        return_dto=None,
        openapi_config=OpenAPIConfig(title="extensions", version="1", use_handler_docstrings=True),
        logging_config=None,
    )
    return json.loads(json.dumps(app.openapi_schema.to_schema()))


def _add(document: Document, routes: list[HTTPRouteHandler], extensions: Document) -> None:
    by_id = {str(route.operation_id): route for route in routes}
    renamed = json.loads(json.dumps(extensions).replace("#/components/schemas/", "#/components/schemas/Extension."))
    for path, item in renamed["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                document["paths"].setdefault(path, {})[method] = _told(operation, by_id[operation["operationId"]])
    schemas: Document = cast(Document, renamed.get("components", {})).get("schemas", {})
    document["components"]["schemas"] |= {f"Extension.{name}": schema for name, schema in schemas.items()}


def _told(operation: Document, route: HTTPRouteHandler) -> Document:
    """An operation as the published documents tell theirs."""
    auth = str(route.opt.get("auth", "user"))
    summary, _, rest = str(operation.pop("description", "")).partition(". ")
    operation |= {"summary": summary, "x-extension": True, "x-auth": auth}
    if rest:
        operation["description"] = rest
    operation["responses"].pop("400", None)  # Litestar's own envelope, which is never sent
    if (shape := route.opt.get("query_shape")) is not None:
        operation.setdefault("parameters", []).extend(parameters_of(shape))
    return operation


def document_routes(contract: "Contract", dependencies: Mapping[str, Provide]) -> list[HTTPRouteHandler]:
    """Routes for the document, for programs and for people. It is made when it is first asked for."""

    @lru_cache
    def served() -> Document:
        return served_document(contract, dependencies)

    def at(request: Request[Any, Any, Any]) -> Document:
        return {**served(), "servers": [{"url": passage_of(request).base_url or "/"}]}

    @get("/docs/openapi.json", auth="open", sync_to_thread=False)
    def openapi(request: Request[Any, Any, Any]) -> Document:
        """The document."""
        return at(request)

    @get("/docs", auth="open", sync_to_thread=False)
    def reference(request: Request[Any, Any, Any]) -> Response[str]:
        """The document as a page."""
        headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
        return Response(page(at(request)), media_type="text/html", headers=headers)

    return [openapi, reference]
