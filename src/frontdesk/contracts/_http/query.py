"""Query strings, read into Structs as strictly as bodies: no coercion, no repetition, every error with its field."""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec
from litestar import Request
from litestar.di import Provide
from msgspec import inspect

from frontdesk.contracts._http.body import invalid_of
from frontdesk.kernel.errors import Invalid

Q = TypeVar("Q", bound=msgspec.Struct)
_WHOLE = re.compile(r"-?[0-9]{1,15}")
_FLAGS = {"true": True, "false": False}


def wanted(shape: type[msgspec.Struct]) -> dict[str, Provide]:
    """The `dependencies=` of a handler whose parameter `wanted` is a `shape`."""
    read = reader(shape)

    def provide(request: Request[Any, Any, Any]) -> Any:
        return read(request.query_params.multi_items())

    return {"wanted": Provide(provide, sync_to_thread=False)}


def parameters_of(shape: type[msgspec.Struct]) -> list[dict[str, Any]]:
    """The query parameters of `shape` as OpenAPI tells them."""
    (schema,), components = msgspec.json.schema_components([shape], ref_template="#/components/schemas/{name}")
    found = components[schema["$ref"].rpartition("/")[2]]
    needed = found.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in needed, "schema": each}
        for name, each in found["properties"].items()
    ]


def reader(shape: type[Q]) -> Callable[[Any], Q]:
    """A function from (name, text) pairs to a `shape`. Names that the shape does not have are ignored."""
    kinds = _kinds(shape)

    def read(pairs: Any) -> Q:
        values: dict[str, Any] = {}
        for name, text in pairs:
            if name not in kinds:
                continue
            if name in values:
                raise Invalid(f"{name} is given more than once.", field=name)
            values[name] = kinds[name](name, text)
        try:
            return msgspec.convert(values, shape)
        except msgspec.ValidationError as error:
            raise invalid_of(error) from error

    return read


def _kinds(shape: type[msgspec.Struct]) -> Mapping[str, Callable[[str, str], Any]]:
    info = inspect.type_info(shape)
    assert isinstance(info, inspect.StructType)
    return {field.encode_name: _kind(field.type) for field in info.fields}


def _kind(of: inspect.Type) -> Callable[[str, str], Any]:
    if isinstance(of, inspect.UnionType):
        of = next(kind for kind in of.types if not isinstance(kind, inspect.NoneType))
    if isinstance(of, inspect.Metadata):
        return _kind(of.type)
    if isinstance(of, inspect.IntType):
        return _whole
    if isinstance(of, inspect.BoolType):
        return _flag
    return _text


def _whole(name: str, text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise Invalid(f"{name} should be a whole number.", field=name)
    return int(text)


def _flag(name: str, text: str) -> bool:
    if text not in _FLAGS:
        raise Invalid(f"{name} should be true or false.", field=name)
    return _FLAGS[text]


def _text(name: str, text: str) -> str:
    if "\0" in text or "\ufffd" in text:
        raise Invalid(f"{name} has characters that cannot be.", field=name)
    return text
