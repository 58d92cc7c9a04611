"""How the HEKAX API says things: errors as {error, code, details}, names in camel case, its limits, its role names.

Its document lists 400, 401, 403, 404, 429 and 500 for all routes: kinds that HTTP would tell apart by other statuses
are told apart by their code here. Times are ISO 8601 in UTC, as `_http.times` writes them.
"""

from typing import Any

from msgspec import Struct

from frontdesk.contracts._http.dialect import STATUSES, Dialect
from frontdesk.contracts._http.paging import PageNumber, PageSize
from frontdesk.kernel.access import Role
from frontdesk.kernel.errors import DomainError, Kind
from frontdesk.kernel.paging import Page
from frontdesk.platform.limits import Limit


def envelope(error: DomainError) -> dict[str, Any]:
    """The body of an error."""
    return {"error": error.message, "code": error.code, "details": error.fields}


DIALECT = Dialect(
    envelope=envelope,
    statuses={
        **STATUSES,
        Kind.CONFLICT: 400,
        Kind.TOO_LARGE: 400,
        Kind.PAYMENT_REQUIRED: 403,
        Kind.UPSTREAM: 500,
    },
)

LIMITS = {
    limit.name: limit
    for limit in (
        Limit("general", 100, 60, per="user"),
        Limit("authentication", 5, 60, per="address"),
        Limit("webhooks", 1000, 60, per="address"),
    )
}
"""By class. `authentication` counts all routes of signing in together."""


def camel(name: str) -> str:
    """`name` as the document writes it: handled_by_ai is handledByAI, ai_enabled is aiEnabled."""
    first, *others = name.split("_")
    return first + "".join("AI" if part == "ai" else part.capitalize() for part in others)


class Shape(Struct, rename=camel):
    """Whatever goes in or out, with its names in camel case."""


class PageQuery(Shape):
    """The query of a list. Those of lists with filters are made from it."""

    page: PageNumber = 1
    limit: PageSize = 20


class Pagination(Shape, omit_defaults=True):
    """Where a page lies. `totalCapped` stands only where counting stopped early."""

    page: int
    limit: int
    total: int
    pages: int
    total_capped: bool = False

    @classmethod
    def of(cls, found: Page[Any], page: int, limit: int) -> "Pagination":
        """The place of `found`, which was page `page` of `limit` items each."""
        return cls(page, limit, found.total, -(-found.total // limit), found.total_capped)


_NAMES = {
    Role.OWNER: "OWNER",
    Role.ADMIN: "ADMIN",
    Role.MANAGER: "MANAGER",
    Role.AGENT: "AGENT",
    Role.DEVELOPER: "AGENT",
    Role.VIEWER: "VIEWER",
}


def role_name(role: Role) -> str:
    """A role by the document's name; `Role(name.lower())` is the way back."""
    return _NAMES[role]
