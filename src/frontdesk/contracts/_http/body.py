"""Bodies, decoded once and strictly: "5" is never 5, and what is wrong is told by its field.

Fields that a shape does not have are ignored, because clients send more than the documents name.
"""

import re
from functools import lru_cache
from typing import Any, cast

import msgspec
from litestar.connection import ASGIConnection
from litestar.dto import AbstractDTO
from litestar.typing import FieldDefinition

from frontdesk.kernel.errors import Invalid

_AT = re.compile(r"^(?P<what>.*?)(?: - at `(?:key in )?\$\.?(?P<path>.*?)`)?$", re.DOTALL)
_INDEX = re.compile(r"\[(\d+)\]")
_MISSING = re.compile(r"missing required field `(?P<name>.+?)`")
_TOLD_VALUE = re.compile(r"Invalid enum value .*", re.DOTALL)


def invalid_of(error: msgspec.ValidationError) -> Invalid:
    """`error` in our words: the field's dotted name, and a sentence without the value."""
    found = _AT.match(str(error))
    what, path = (found["what"], found["path"] or "") if found else (str(error), "")
    if missing := _MISSING.search(what):
        path = f"{path}.{missing['name']}" if path else missing["name"]
        return Invalid(f"{path} is required.", field=path)
    path = _INDEX.sub(r".\1", path.replace("[...]", ""))
    if _TOLD_VALUE.fullmatch(what):
        return Invalid(f"{path} has a value that is not one of those allowed.", field=path)
    what = what.replace("`", "").replace("Expected", "expected")
    return Invalid(f"{path}: {what}." if path else f"The body is not right: {what}.", field=path or None)


def decode_json(body: bytes, shape: Any) -> Any:
    """`body` as a `shape`. Raises Invalid."""
    if not body.strip():
        raise Invalid("The request needs a body.")
    try:
        found = _decoder(shape).decode(body.decode())  # all of it is text, also what the shape does not name
    except msgspec.ValidationError as error:
        raise invalid_of(error) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid("The body is not JSON.") from error
    except RecursionError as error:
        raise Invalid("The body is nested too deeply.") from error
    if b"\\u0000" in body:
        _refuse_nul(msgspec.to_builtins(found), "")
    return found


@lru_cache(256)
def _decoder(shape: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(shape)


def _refuse_nul(value: Any, path: str) -> None:
    """The database stores no NUL in a text."""
    if isinstance(value, str) and "\0" in value:
        raise Invalid(f"{path or 'The body'} has a NUL character.", field=path or None)
    if isinstance(value, dict):
        for name, inner in cast(dict[Any, Any], value).items():
            _refuse_nul(str(name), path)
            _refuse_nul(inner, f"{path}.{name}" if path else str(name))
    if isinstance(value, list):
        for inner in cast(list[Any], value):
            _refuse_nul(inner, path)


class StrictBody(AbstractDTO[Any]):
    """Makes Litestar hand the body to `decode_json` with the annotation of the handler's `data`, and nowhere else."""

    _shapes: dict[str, Any] = {}  # noqa: RUF012  (by handler id; filled while handlers are registered)

    def decode_bytes(self, value: bytes) -> Any:
        handler: Any = cast(ASGIConnection[Any, Any, Any, Any], self.asgi_connection).route_handler
        return decode_json(value, self._shapes[handler.handler_id])

    @classmethod
    def create_for_field_definition(
        cls, field_definition: FieldDefinition, handler_id: str, backend_cls: Any = None
    ) -> None:
        cls._shapes[handler_id] = field_definition.annotation

    @classmethod
    def is_supported_model_type_field(cls, field_definition: FieldDefinition) -> bool:
        return False

    @classmethod
    def create_openapi_schema(cls, field_definition: FieldDefinition, handler_id: str, schema_creator: Any) -> Any:
        return schema_creator.for_field_definition(field_definition)

    @classmethod
    def generate_field_definitions(cls, model_type: type[Any]) -> Any:
        raise NotImplementedError

    @classmethod
    def detect_nested_field(cls, field_definition: FieldDefinition) -> bool:
        raise NotImplementedError
