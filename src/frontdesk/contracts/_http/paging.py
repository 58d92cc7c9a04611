"""Pages by number, for the contracts that have them. Cursors are each contract's own."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from frontdesk.kernel.paging import Page

PageNumber = Annotated[int, Meta(ge=1, le=1_000_000)]
PageSize = Annotated[int, Meta(ge=1, le=100)]


class Pagination(Struct, omit_defaults=True):
    """Where a page lies. `total_capped` stands only where counting stopped early."""

    page: int
    limit: int
    total: int
    pages: int
    total_capped: bool = False

    @classmethod
    def of(cls, found: Page[Any], page: int, limit: int) -> "Pagination":
        """The place of `found`, which was page `page` of `limit` items each."""
        return cls(page, limit, found.total, -(-found.total // limit), found.total_capped)
