"""Reaching addresses that users gave: what is asked of whoever does, so that nobody is led into our own network."""

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

from frontdesk.kernel.errors import Invalid


class AddressRefused(Invalid):
    """A URL that must not be reached, or is none. `field` is `url`."""

    code = "URL_NOT_ALLOWED"

    def __init__(self, message: str) -> None:
        super().__init__(message, field="url")


class Answer(Struct, frozen=True):
    """What became of a request. `status` is None where none came back; `error` then says why in a few words."""

    status: int | None
    error: str = ""
    retry_after: float | None = None
    """Seconds that the receiver wants to be left alone, where it said so."""

    @property
    def ok(self) -> bool:
        """Whether the receiver took it."""
        return self.status is not None and 200 <= self.status < 300


class Poster(Protocol):
    """Posts to addresses that users gave: public ones, and what the operator allows beside them."""

    async def check(self, url: str) -> None:
        """Raise AddressRefused for a URL that cannot be or may not be reached. One whose host is not known at the
        moment passes: it is judged again at each connection."""
        ...

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post `body`, once, within 15 seconds in all. Redirects are not followed, the answer's body is not read.
        Raises nothing: a refused address is an answer too."""
        ...
