"""What a request asks for, read with care: ids in paths, forms. Not here: what the forms of a room mean (its views)."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from litestar import Request
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from frontdesk.kernel.errors import NotFound
from frontdesk.kernel.ids import parse_id

T = TypeVar("T")

Asked: TypeAlias = Request[Any, Any, Any]

Given: TypeAlias = NamedDependency[SkipValidation[T]]
"""What a handler is given by its name: `work: Given[Work]`."""


def path_id(text: str, missing: Callable[[], NotFound]) -> UUID:
    """The id in a path. One that cannot be an id names nothing: raises `missing()`, as the service would."""
    found = parse_id(text)
    if found is None:
        raise missing()
    return found


async def form_of(request: Asked) -> Mapping[str, str]:
    """The texts of a form by name, without NUL, which no text can hold. Of a name that comes twice, the last."""
    form = await request.form()
    return {name: value.replace("\0", "") for name, value in form.multi_items() if isinstance(value, str)}


async def chosen_of(request: Asked, name: str) -> list[str]:
    """All that was ticked under one name."""
    return [value for value in (await request.form()).getall(name, []) if isinstance(value, str)]


async def file_of(request: Asked, name: str) -> UploadFile | None:
    """The file that was chosen, if one was."""
    found = (await request.form()).get(name)
    return found if isinstance(found, UploadFile) and found.filename else None


__all__ = ["Asked", "FromPath", "Given", "chosen_of", "file_of", "form_of", "path_id"]
