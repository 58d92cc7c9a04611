"""Calendars of people: when they are busy, and entering what was booked with us. Instants are UTC.

All that reaches outside raises `consent.AccessExpired`, `ConsentRefused` or `ProviderTrouble`.
"""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from frontdesk.ports.consent import Tokens


class Span(Struct, frozen=True, order=True):
    """A time that is taken."""

    start: datetime
    end: datetime


class Event(Struct, frozen=True, kw_only=True):
    """An entry that is to stand in a calendar."""

    reference: UUID
    """Ours. The provider makes no second entry for the same one."""
    title: str
    description: str
    start: datetime
    end: datetime
    time_zone: str
    """The business's own, in which it is shown."""


class Placed(Struct, frozen=True):
    """An entry that stands in a calendar."""

    event_id: str
    """The provider's."""
    link: str = ""
    """Where people meet; empty: nowhere online, or not yet."""
    link_follows: bool = False
    """The provider is still making the link: find the entry again later."""


class Calendar(Protocol):
    """A provider of calendars. Whose calendar it is, the tokens say."""

    async def busy(self, tokens: Tokens, start: datetime, end: datetime) -> list[Span]:
        """The times within the span that are taken, soonest first."""
        ...

    async def place(self, tokens: Tokens, event: Event) -> Placed | None:
        """Enter `event`, with a place to meet online. Entered before, it is the same entry; None where somebody has
        deleted that since."""
        ...

    async def find(self, tokens: Tokens, event: Event) -> Placed | None:
        """The entry of `event`, if it stands."""
        ...

    async def remove(self, tokens: Tokens, event: Event) -> None:
        """Take the entry of `event` out, if it stands."""
        ...
