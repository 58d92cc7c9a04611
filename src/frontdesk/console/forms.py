"""Reading posted forms: strings, trimmed, and never more than once."""

from typing import Any

from litestar import Request
from litestar.datastructures import UploadFile


class Form:
    """A posted form."""

    def __init__(self, fields: dict[str, Any], lists: dict[str, list[str]]) -> None:
        self._fields, self._lists = fields, lists

    def text(self, name: str) -> str:
        """The field without outer blanks, or the empty string."""
        value = self._fields.get(name)
        return value.strip() if isinstance(value, str) else ""

    def raw(self, name: str) -> str:
        """The field as it was typed: passwords."""
        value = self._fields.get(name)
        return value if isinstance(value, str) else ""

    def texts(self, name: str) -> list[str]:
        """All values of a field that may come more than once."""
        return self._lists.get(name, [])

    def ticked(self, name: str) -> bool:
        """Whether the box was ticked."""
        return bool(self.text(name))

    def file(self, name: str) -> UploadFile | None:
        """The chosen file, if one was."""
        value = self._fields.get(name)
        return value if isinstance(value, UploadFile) and value.filename else None


async def form_of(request: Request[Any, Any, Any]) -> Form:
    """The form that was posted."""
    data = await request.form()
    pairs = data.multi_items()
    lists: dict[str, list[str]] = {}
    for name, value in pairs:
        if isinstance(value, str):
            lists.setdefault(name, []).append(value)
    return Form(dict(pairs), lists)
