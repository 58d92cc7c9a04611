"""A vendor's OpenAPI document as a judge of requests and answers: what it names nowhere is a breach too."""

import json
import re
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("phone-number")
def _phone(value: object) -> bool:
    return not isinstance(value, str) or bool(re.fullmatch(r"\+[0-9]{4,15}", value))


@_FORMATS.checks("uri")
def _uri(value: object) -> bool:
    return not isinstance(value, str) or not value or value.startswith(("http://", "https://", "/"))


@_FORMATS.checks("date-time-rfc-2822", raises=ValueError)
def _rfc_2822(value: object) -> bool:
    return not isinstance(value, str) or bool(parsedate_to_datetime(value))


class Document:
    """OpenAPI 3.0, read once."""

    def __init__(self, text: str) -> None:
        self._document: dict[str, Any] = json.loads(text)
        schemas = self._document["components"]["schemas"]
        self._components = {"schemas": {name: modern(schema) for name, schema in schemas.items()}}
        self._paths = {
            path: re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path)))
            for path in self._document["paths"]
        }

    def operation(self, method: str, path: str) -> tuple[dict[str, Any], dict[str, str]] | None:
        """The operation that serves a request, and its path parameters."""
        for template, pattern in self._paths.items():
            found = pattern.fullmatch(path)
            operation = self._document["paths"][template].get(method.lower())
            if found and operation:
                return operation, found.groupdict()
        return None

    def adds(self, method: str, path: str, operation: dict[str, Any]) -> None:
        """An operation that the vendor has, and this excerpt of its document left out. `path` is in the document."""
        self._document["paths"][path].setdefault(method, operation)

    def request(self, method: str, path: str, query: Mapping[str, str], form: Sequence[tuple[str, str]]) -> list[str]:
        """What is wrong with a request."""
        served = self.operation(method, path)
        if served is None:
            return [f"{method} {path}: no such operation"]
        operation, in_path = served
        known = {(p["in"], p["name"]): p["schema"] for p in operation.get("parameters", [])}
        wrong: list[str] = []
        for where, given in (("path", in_path), ("query", query)):
            for name, text in given.items():
                schema = known.get((where, name))
                if schema is None:
                    wrong.append(f"{method} {path}: no {where} parameter {name}")
                else:
                    wrong += self._wrong(schema, _typed(text, schema), f"{method} {path} {name}")
        content = operation.get("requestBody", {}).get("content", {})
        schema = content.get("application/x-www-form-urlencoded", {}).get("schema")
        if schema is None:
            return wrong + [f"{method} {path}: takes no form" for _ in form[:1]]
        body: dict[str, Any] = {}
        for name, text in form:
            field = schema["properties"].get(name, {})
            if field.get("type") == "array":
                body.setdefault(name, []).append(_typed(text, field.get("items", {})))
            elif name in body:
                wrong.append(f"{method} {path}: {name} is given twice")
            else:
                body[name] = _typed(text, field)
        return wrong + self._wrong(schema, body, f"{method} {path}")

    def json_request(self, method: str, path: str, query: Mapping[str, str], body: object) -> list[str]:
        """What is wrong with a request that has a JSON body, or None."""
        served = self.operation(method, path)
        if served is None:
            return [f"{method} {path}: no such operation"]
        operation, _ = served
        known = {p["name"] for p in operation.get("parameters", []) if p["in"] == "query"}
        wrong = [f"{method} {path}: no query parameter {name}" for name in query if name not in known]
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            return wrong + ([f"{method} {path}: takes no body"] if body is not None else [])
        return wrong + self._wrong(content["schema"], body, f"{method} {path}", closed=True)

    def fits(self, schema: str, body: object) -> list[str]:
        """What is wrong with an object of that schema."""
        return self._wrong({"$ref": f"#/components/schemas/{schema}"}, body, schema, closed=True)

    def answer(self, method: str, path: str, status: int, body: object, *, closed: bool = True) -> list[str]:
        """What is wrong with an answer; fields that the document does not have are, unless it is not `closed`."""
        served = self.operation(method, path)
        responses = served[0]["responses"] if served else {}
        described = responses.get(str(status)) or (responses.get("default") if status >= 400 else None)
        if not described:
            return [f"{method} {path}: {status} is no answer to it"]
        content = described.get("content", {}).get("application/json")
        if content is None:
            return [f"{method} {path}: {status} has no body"] if body is not None else []
        return self._wrong(content["schema"], body, f"{method} {path} {status}", closed=closed)

    def _wrong(self, schema: dict[str, Any], value: object, where: str, *, closed: bool = False) -> list[str]:
        root = {**modern(schema), "components": self._components}
        found = [
            f"{where}: {'/'.join(map(str, error.path))} {error.message}"
            for error in Draft202012Validator(root, format_checker=_FORMATS).iter_errors(value)
        ]
        return found + (self._unnamed(schema, value, where) if closed else [])

    def _unnamed(self, schema: dict[str, Any], value: object, where: str) -> list[str]:
        """Fields of an answer that the document does not have: it leaves its schemas open."""
        while "$ref" in schema:
            schema = self._document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        if isinstance(value, list):
            return [wrong for item in value for wrong in self._unnamed(schema.get("items", {}), item, where)]
        if not isinstance(value, dict) or "properties" not in schema:
            return []
        named = schema["properties"]
        wrong = [f"{where}: {name} is in no answer" for name in value if name not in named]
        return wrong + [
            each for name, item in value.items() if name in named for each in self._unnamed(named[name], item, where)
        ]


def modern(schema: Any) -> Any:
    """A schema of OpenAPI 3.0 as JSON Schema."""
    if isinstance(schema, list):
        return [modern(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: modern(each) for name, each in schema.items() if name not in ("nullable", "example", "examples")}
    if schema.get("nullable") is True:
        if isinstance(made.get("type"), str):
            made["type"] = [made["type"], "null"]
        if "enum" in made:
            made["enum"] = [*made["enum"], None]
        if "type" not in made:
            made = {"anyOf": [made, {"type": "null"}]}
    return made


def _typed(text: str, schema: Mapping[str, Any]) -> object:
    kind = schema.get("type")
    if kind == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


@cache
def document(path: Path) -> Document:
    """The document in a file."""
    return Document(path.read_text(encoding="utf-8"))
