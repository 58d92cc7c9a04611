"""Vendors' schemas of JSON as judges: what they name nowhere is a breach too. OpenAPI 3.0, or Google's discovery."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

Json = dict[str, Any]
_ANY_OBJECT = {"nullable": True, "type": "object"}
"""What Microsoft's documents put beside a reference, to say that it may be null."""


class Schemas:
    """Named schemas, closed: no object has a field that they do not name."""

    def __init__(self, named: Mapping[str, Json]) -> None:
        self._defs = {name: _modern(schema) for name, schema in named.items()}

    def wrong(self, schema: Json, value: object, where: str) -> list[str]:
        """What is wrong with `value`."""
        root = {**_modern(schema), "$defs": self._defs}
        found = [best_match([error]) for error in Draft202012Validator(root).iter_errors(value)]
        told = [f"{where}: {'/'.join(map(str, error.absolute_path))} {error.message}" for error in found]
        return told + self._unnamed(_modern(schema), value, where)

    def _parts(self, schema: Json) -> list[Json]:
        """All schemas that speak of one and the same value."""
        found = [schema]
        if "$ref" in schema:
            found += self._parts(self._defs[schema["$ref"].rpartition("/")[2]])
        for each in [*schema.get("allOf", []), *schema.get("anyOf", [])]:
            found += self._parts(each)
        return found

    def _unnamed(self, schema: Json, value: object, where: str) -> list[str]:
        parts = self._parts(schema)
        if isinstance(value, list):
            items = [part["items"] for part in parts if "items" in part]
            return [wrong for item in value for wrong in self._unnamed(items[0], item, where)] if items else []
        if not isinstance(value, dict):
            return []
        named = {name: each for part in parts for name, each in part.get("properties", {}).items()}
        others = next((p["additionalProperties"] for p in parts if isinstance(p.get("additionalProperties"), dict)), {})
        wrong: list[str] = []
        for name, item in value.items():
            if name in named:
                wrong += self._unnamed(named[name], item, where)
            elif others:
                wrong += self._unnamed(others, item, where)
            elif named and not name.startswith("@odata."):
                wrong.append(f"{where}: there is no field {name}")
        return wrong


def _modern(schema: Any) -> Any:
    """A schema of OpenAPI 3.0 or of Google's discovery as JSON Schema."""
    if isinstance(schema, list):
        return [_modern(each) for each in schema if each != _ANY_OBJECT]
    if not isinstance(schema, dict):
        return schema
    made = {name: _modern(each) for name, each in schema.items() if name not in ("nullable", "id", "description")}
    if isinstance(schema.get("properties"), dict):
        made["properties"] = {name: _modern(each) for name, each in schema["properties"].items()}
    if isinstance(made.get("required"), bool):  # discovery
        del made["required"]
    if made.get("type") == "any":
        del made["type"]
    if "$ref" in made:
        made["$ref"] = f"#/$defs/{made['$ref'].rpartition('/')[2]}"
    if "anyOf" in schema and _ANY_OBJECT in schema["anyOf"]:
        made["anyOf"].append({"type": "null"})
    if schema.get("nullable") is True and isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
        if "enum" in made:
            made["enum"] = [*made["enum"], None]
    return made


class Discovery:
    """Google's document of an API."""

    def __init__(self, path: Path) -> None:
        document = json.loads(path.read_text(encoding="utf-8"))
        self._schemas = Schemas(document["schemas"])
        self._common: Json = document["parameters"]
        self._methods = [
            (each["httpMethod"], re.compile(re.sub(r"\{\w+\}", "[^/]+", each["path"])), each)
            for resource in document["resources"].values()
            for each in resource["methods"].values()
        ]

    def _method(self, method: str, path: str) -> Json | None:
        return next((each for verb, form, each in self._methods if verb == method and form.fullmatch(path)), None)

    def request(self, method: str, path: str, query: Mapping[str, str], body: object) -> list[str]:
        """What is wrong with a request; `path` is below the base."""
        of = self._method(method, path)
        if of is None:
            return [f"{method} {path} is no method"]
        wrong = [f"{method} {path}: no parameter {name}" for name in query
                 if name not in {**of.get("parameters", {}), **self._common}]  # fmt: skip
        for name, text in query.items():
            told = of.get("parameters", {}).get(name, {})
            if (told.get("type") == "integer" and not text.isdigit()) or text not in told.get("enum", [text]):
                wrong.append(f"{method} {path}: {name}={text}")
        if "request" not in of:
            return wrong + ([f"{method} {path} takes no body"] if body is not None else [])
        return wrong + self._schemas.wrong({"$ref": of["request"]["$ref"]}, body, f"{method} {path}")

    def answer(self, method: str, path: str, body: object) -> list[str]:
        """What is wrong with a good answer."""
        of = self._method(method, path) or {}
        if "response" not in of:
            return [f"{method} {path} answers nothing"] if body is not None else []
        return self._schemas.wrong({"$ref": of["response"]["$ref"]}, body, f"answer to {method} {path}")


class OpenApi:
    """An OpenAPI 3.0 document of an API that speaks JSON."""

    def __init__(self, path: Path) -> None:
        self._document: Json = json.loads(path.read_text(encoding="utf-8"))
        self._schemas = Schemas(self._document["components"]["schemas"])
        self._paths = {
            path: re.compile(re.sub(r"\\{[^}]+\\}", "[^/]+", re.escape(path))) for path in self._document["paths"]
        }

    def _operation(self, method: str, path: str) -> Json:
        for template, form in self._paths.items():
            if form.fullmatch(path) and method.lower() in self._document["paths"][template]:
                return self._document["paths"][template][method.lower()]
        return {}

    def request(self, method: str, path: str, query: Mapping[str, str], body: object) -> list[str]:
        """What is wrong with a request."""
        operation = self._operation(method, path)
        if not operation:
            return [f"{method} {path} is no operation"]
        known = {each["name"]: each for each in map(self._parameter, operation.get("parameters", []))}
        wrong = [f"{method} {path}: no parameter {name}" for name in query if name not in known]
        wrong += [f"{method} {path}: {name} is missing" for name, each in known.items()
                  if each.get("required") and each["in"] == "query" and name not in query]  # fmt: skip
        for name, text in query.items():
            items = known.get(name, {}).get("schema", {}).get("items", {})
            wrong += [f"{method} {path}: {name}={each}" for each in text.split(",")
                      if "enum" in items and each not in items["enum"]]  # fmt: skip
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            return wrong + ([f"{method} {path} takes no body"] if body is not None else [])
        return wrong + self._schemas.wrong(content["schema"], body, f"{method} {path}")

    def answer(self, method: str, path: str, status: int, body: object) -> list[str]:
        """What is wrong with an answer."""
        responses = self._operation(method, path).get("responses", {})
        told = responses.get(str(status)) or responses.get(f"{status // 100}XX")
        if told is None:
            return [f"{method} {path}: {status} is no answer to it"]
        if "$ref" in told:
            told = self._document["components"]["responses"][told["$ref"].rpartition("/")[2]]
        content = told.get("content", {}).get("application/json")
        if content is None:
            return [f"{method} {path}: {status} has no body"] if body is not None else []
        return self._schemas.wrong(content["schema"], body, f"answer {status} to {method} {path}")

    def _parameter(self, told: Json) -> Json:
        if "$ref" in told:
            return self._document["components"]["parameters"][told["$ref"].rpartition("/")[2]]
        return told
