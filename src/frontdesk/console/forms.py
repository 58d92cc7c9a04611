"""Reading forms and addresses of pages, and telling what was wrong with them beside the fields.

A refusal that a person can mend is shown on the page they were on; a missing permission or a wrong id is a page of its
own (`app.py`).
"""

from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from litestar import Request
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from frontdesk.domain.organizations.errors import RoleNotAllowed
from frontdesk.kernel.errors import Conflict, DomainError, Invalid, NotFound, Quota, RateLimited
from frontdesk.kernel.ids import parse_id

__all__ = [
    "MENDABLE", "AnyRequest", "Form", "FromPath", "Given", "asked", "asked_all", "form_of", "the_id", "wrong",
]  # fmt: skip

T = TypeVar("T")

AnyRequest = Request[Any, Any, Any]

Given: TypeAlias = NamedDependency[SkipValidation[T]]
"""What a handler is given by its name: `work: Given[Work]`."""

MENDABLE = (Invalid, Conflict, RateLimited, RoleNotAllowed, Quota)
"""What is shown on the page it happened on."""


@dataclass(frozen=True)
class Form:
    """The fields of a form as they were sent. Nothing is missing: an absent field is empty."""

    fields: dict[str, list[str]]
    files: dict[str, UploadFile] = field(default_factory=dict[str, UploadFile])

    def text(self, name: str) -> str:
        """The field without space around it."""
        return self.raw(name).strip()

    def raw(self, name: str) -> str:
        """The field as it is, for passwords and long texts."""
        found = self.fields.get(name)
        return found[0] if found else ""

    def all(self, name: str) -> list[str]:
        """Every value of a field that can be sent several times."""
        return self.fields.get(name, [])

    def flag(self, name: str) -> bool:
        """Whether a box was ticked."""
        return bool(self.raw(name))

    def file(self, name: str) -> UploadFile | None:
        """The chosen file, if one was."""
        return self.files.get(name)


async def form_of(request: AnyRequest) -> Form:
    """The form that was sent with `request`."""
    fields: dict[str, list[str]] = {}
    files: dict[str, UploadFile] = {}
    for name, value in (await request.form()).multi_items():
        if isinstance(value, str):
            fields.setdefault(name, []).append(_clean(value))
        elif value.filename:
            files[name] = value
    return Form(fields, files)


def asked(request: AnyRequest, name: str) -> str:
    """A parameter of the page's address, without space around it; empty where it is absent."""
    return _clean(request.query_params.get(name) or "").strip()


def asked_all(request: AnyRequest, name: str) -> list[str]:
    """Every value of a parameter of the page's address."""
    return [_clean(value) for value in request.query_params.getall(name, [])]


def the_id(text: str) -> UUID:
    """The id in a path. Raises NotFound for what cannot be one."""
    found = parse_id(text)
    if found is None:
        raise NotFound("There is no such page.")
    return found


def wrong(error: DomainError, *fields: str, **renamed: str) -> dict[str, str]:
    """What to say beside which field of the form: {field: sentence}, under the empty name where it is about none of
    `fields`. `renamed` maps a field of the domain to the form's."""
    named = str(error.fields.get("field") or "")
    found = renamed.get(named, named)
    message = error.message
    if named and message.startswith(f"{named} must"):  # the domain's name of a field is not a person's
        message = "This" + message[len(named) :]
    return {found if found in fields else "": message}


def _clean(text: str) -> str:
    # PostgreSQL refuses NUL, and UTF-8 halves of characters; nobody types them.
    return text.replace("\0", "").encode("utf-8", "ignore").decode()
