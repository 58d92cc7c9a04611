"""The inbox as its page shows it: its address, its filters, what the gate would say to a text now. Pure; no I/O."""

from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from frontdesk.console.door import HOME
from frontdesk.console.forms import AnyRequest, asked
from frontdesk.domain.contactability.model import Decision
from frontdesk.domain.conversations.errors import NotContactable
from frontdesk.domain.conversations.model import MOST_COUNTED, InboxFilter, InboxOnly, Place
from frontdesk.kernel.ids import parse_id

HERE = f"{HOME}/inbox"
PER_PAGE = 30
TABS: tuple[tuple[InboxOnly, str], ...] = (
    (InboxOnly.OPEN, "Open"),
    (InboxOnly.UNREAD, "Unread"),
    (InboxOnly.NEEDS_HUMAN, "Wants a person"),
    (InboxOnly.HOT, "Hot"),
    (InboxOnly.DRAFTS, "Drafts"),
    (InboxOnly.CLOSED, "Closed"),
)
EPOCH = datetime.fromtimestamp(0, UTC)
MICROSECOND = timedelta(microseconds=1)


class InboxQuery(Struct, frozen=True, kw_only=True):
    """Which conversations are listed, as the page's address says it. `before` and `after` are places in the list."""

    search: str = ""
    only: InboxOnly = InboxOnly.OPEN
    campaign: UUID | None = None
    who: UUID | None = None
    before: Place | None = None
    after: Place | None = None

    @classmethod
    def of(cls, request: AnyRequest) -> "InboxQuery":
        """From the query string. What cannot be is left out."""
        only = asked(request, "only")
        return cls(
            search=asked(request, "search")[:100],
            only=InboxOnly(only) if only in set(InboxOnly) else InboxOnly.OPEN,
            campaign=parse_id(asked(request, "campaign")),
            who=parse_id(asked(request, "who")),
            before=place_of(asked(request, "before")),
            after=place_of(asked(request, "after")),
        )

    @property
    def narrowed(self) -> bool:
        """Whether anything but the open ones is asked for."""
        return bool(self.search or self.only is not InboxOnly.OPEN or self.campaign or self.who)

    def filter(self) -> InboxFilter:
        """As the domain asks for it."""
        return InboxFilter(
            only=self.only, search=self.search, dataset_id=self.campaign, assigned_to=self.who, before=self.before,
            after=None if self.before else self.after, limit=PER_PAGE,
        )  # fmt: skip

    def told(self, **other: Any) -> str:
        """The query string, with some of it otherwise."""
        wanted = {
            "search": self.search, "only": self.only, "campaign": self.campaign, "who": self.who,
            "before": self.before, "after": self.after, **other,
        }  # fmt: skip
        kept = {name: _plain(value) for name, value in wanted.items() if value and value is not InboxOnly.OPEN}
        return f"?{urlencode(kept)}" if kept else ""

    def list_address(self, **other: Any) -> str:
        """Where the list is, with nothing open; from its beginning, unless told a place."""
        return HERE + self.told(**{"before": None, "after": None, **other})

    def here(self) -> str:
        """Where this very part of the list is."""
        return HERE + self.told()

    def address(self, conversation_id: UUID, **other: Any) -> str:
        """Where a conversation is, the same list beside it."""
        return f"{HERE}/{conversation_id}{self.told(**other)}"


def place_of(text: str) -> Place | None:
    """The place that an address names."""
    at, _, which = text.partition(".")
    found = parse_id(which)
    if found is None or not (at.isascii() and at.isdigit() and len(at) < 17):
        return None
    return Place(EPOCH + int(at) * MICROSECOND, found)


class _Placed(Protocol):
    @property
    def at(self) -> datetime: ...
    @property
    def id(self) -> UUID: ...


def place_in_address(place: _Placed) -> str:
    """As `place_of` reads it."""
    return f"{(place.at - EPOCH) // MICROSECOND}.{place.id}"


def _plain(value: object) -> str:
    if isinstance(value, Place):
        return place_in_address(value)
    return value.value if isinstance(value, InboxOnly) else str(value)


def counted(number: int) -> str:
    """A count of a filter: beyond the bound it says so."""
    return f"{MOST_COUNTED - 1}+" if number >= MOST_COUNTED else str(number)


class Outlook(Struct, frozen=True):
    """What the gate would say to a text by hand now. `opens` is when it would say otherwise, in words."""

    allowed: bool
    why: str = ""
    opens: str = ""

    @classmethod
    def of(cls, decision: Decision, zones: frozenset[str], own: ZoneInfo) -> "Outlook":
        """In words: the lead's own time first, and ours where the two differ."""
        if decision.allowed:
            return cls(allowed=True)
        opens = decision.next_open_at
        return cls(allowed=False, why=NotContactable(decision).message, opens=two_times(opens, zones, own))


def two_times(at: datetime | None, zones: frozenset[str], own: ZoneInfo) -> str:
    """An instant as the clock shows it where the lead is, and where we are if that is another time."""
    if at is None:
        return ""
    ours = at.astimezone(own)
    theirs = [at.astimezone(ZoneInfo(zone)) for zone in sorted(zones)]
    there = next((local for local in theirs if local.utcoffset() != ours.utcoffset()), None)
    if there is None:
        return f"{ours:%a} {ours.day} {ours:%b}, {ours:%H:%M}"
    return f"{there:%a} {there.day} {there:%b}, {there:%H:%M} for them; {ours:%a %H:%M} for you"
