"""Holds answers against a contract's document: the status is one it lists, and the body has the shape it gives."""

import json
import re
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import httpx
from jsonschema import Draft202012Validator, FormatChecker

from frontdesk.contracts._http.contract import Contract, dependencies_of
from frontdesk.contracts._http.documents import METHODS, served_document

FORMATS = FormatChecker(formats=())

BEYOND = {405, 409}
"""Statuses of HTTP itself, for requests that no document foresees: another method, a reused Idempotency-Key."""


@FORMATS.checks("date-time", raises=ValueError)
def _is_instant(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@FORMATS.checks("uri", raises=ValueError)
def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme)


class OffDocument(AssertionError):
    """An answer that the document does not allow."""


class Operation:
    """One operation of a document."""

    def __init__(self, document: dict[str, Any], method: str, path: str) -> None:
        self._document = document
        self.method, self.path = method, path
        self.told: dict[str, Any] = document["paths"][path][method.lower()]
        self.id: str = self.told["operationId"]
        self.auth: str = self.told.get("x-auth", "user")
        self.extension: bool = self.told.get("x-extension", False)
        self.pattern = re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path))

    def __repr__(self) -> str:
        return f"{self.method} {self.path}"

    def schema_pointer(self, status: int, media_type: str) -> str | None:
        """Where the document has the schema of a body; None where it has none. Raises OffDocument."""
        pointer = f"/paths/{_escaped(self.path)}/{self.method.lower()}/responses/{status}"
        response = self.told["responses"][str(status)]
        if "$ref" in response:
            pointer = response["$ref"].removeprefix("#")
            response = _at(self._document, pointer)
        content = response.get("content")
        if not content:
            return None
        if media_type not in content:
            raise OffDocument(f"{self} answers {status} as {media_type}; the document has {sorted(content)}")
        return f"{pointer}/content/{_escaped(media_type)}/schema"


class Published:
    """A contract's document, as a judge of answers."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.document = served_document(contract, dependencies_of(contract))
        self._validators: dict[str, Draft202012Validator] = {}

    @cached_property
    def operations(self) -> list[Operation]:
        """All operations, those with literal paths first."""
        found = [
            Operation(self.document, method.upper(), path)
            for path, item in self.document["paths"].items()
            for method in METHODS
            if method in item
        ]
        return sorted(found, key=lambda operation: operation.path.count("{"))

    def operation_at(self, method: str, path: str) -> Operation | None:
        """The operation that a request is for."""
        return next((one for one in self.operations if one.method == method and one.pattern.fullmatch(path)), None)

    def check(self, method: str, path: str, response: httpx.Response) -> None:
        """Raise OffDocument unless the document allows the answer."""
        operation = self.operation_at(method, path)
        status = response.status_code
        media_type = response.headers.get("content-type", "").partition(";")[0]
        listed = operation is not None and str(status) in operation.told["responses"]
        if operation is not None and listed:
            pointer = operation.schema_pointer(status, media_type)
        elif status in BEYOND or (status >= 400 and str(status) in self.document["x-error-envelope"]["statuses"]):
            pointer = self.document["x-error-envelope"]["schema"]["$ref"].removeprefix("#")
        else:
            raise OffDocument(f"{method} {path} answers {status}, which the document does not list: {response.text}")
        if pointer is None:
            return
        body = response.json() if media_type == "application/json" else response.text
        problems = [
            f"{'.'.join(map(str, problem.absolute_path))}: {problem.message}"
            for problem in self._validator(pointer).iter_errors(body)
        ]
        if problems:
            told = json.dumps(body)[:800]
            raise OffDocument(f"{method} {path} answers {status} off its schema: {'; '.join(problems[:5])} in {told}")

    def _validator(self, pointer: str) -> Draft202012Validator:
        if pointer not in self._validators:
            schema = {"$ref": f"#{pointer}", "components": self.document["components"], "paths": self.document["paths"]}
            self._validators[pointer] = Draft202012Validator(schema, format_checker=FORMATS)
        return self._validators[pointer]


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")


def _at(document: Any, pointer: str) -> Any:
    for part in pointer.strip("/").split("/"):
        document = document[part.replace("~1", "/").replace("~0", "~")]
    return document


class CheckedTransport(httpx.AsyncBaseTransport):
    """Sends requests to an ASGI application, and every answer below a contract's prefix past its document."""

    def __init__(self, app: Any, published: dict[str, Published]) -> None:
        self._inner = httpx.ASGITransport(app=app, raise_app_exceptions=True, client=("192.0.2.7", 50_000))
        self._published = published

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        await response.aread()
        path = request.url.path
        for prefix, published in self._published.items():
            if path.startswith(f"{prefix}/api/") and request.method != "OPTIONS":
                published.check(request.method, path[len(prefix) :], response)
        return response
