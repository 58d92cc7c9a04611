"""Pages of lists."""

from typing import Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")


class Page(Struct, Generic[T], frozen=True):
    """One page of a list. `total` counts all matches; where counting stopped early, `total_capped` says so."""

    items: list[T]
    total: int
    total_capped: bool = False
