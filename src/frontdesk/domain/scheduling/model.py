"""Business hours, free times, bookings. Pure rules; no I/O."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from frontdesk.domain.organizations.model import Hours
from frontdesk.ports.calendar import Span
from frontdesk.ports.llm import Slot

SLOT = timedelta(minutes=30)
"""How long a booked call takes."""

SHORTEST, LONGEST = timedelta(minutes=5), timedelta(hours=8)
"""How long an appointment may be."""

LONGEST_NOTES = 2_000
"""Characters that say what an appointment is about."""

NOTICE = timedelta(hours=1)
"""How soon the earliest free time comes."""

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DEFAULT_HOURS: dict[str, Hours | None] = {day: Hours("09:00", "17:00") for day in DAYS[:5]}
"""Hours of an organisation that has set none: Monday to Friday, nine to five."""


class EntryStatus(StrEnum):
    """How a booking stands in a connected calendar."""

    PENDING = "pending"
    PLACED = "placed"
    REMOVING = "removing"
    REMOVED = "removed"
    DELETED = "deleted"
    """Somebody deleted it there."""


class Booking(Struct, frozen=True, kw_only=True):
    """A time taken in the organisation's calendar. Instants are UTC."""

    id: UUID
    lead_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    status: str
    notes: str
    booked_by: str
    created_at: datetime
    cancelled_at: datetime | None
    lead_name: str = ""
    meeting_link: str = ""
    """Where people meet, by the calendar that it was entered into; empty: nowhere online, or not yet."""
    entry: EntryStatus | None = None
    """How it stands in that calendar. None: none was connected."""
    trouble: str = ""
    """The code of what kept it from being entered, as long as it is owed."""


def is_open(at: datetime, zone: str, hours: Mapping[str, Hours | None]) -> bool:
    """Whether it is within business hours at the instant `at`; hours are read in `zone`."""
    local = at.astimezone(ZoneInfo(zone))
    opening = (hours or DEFAULT_HOURS).get(DAYS[local.weekday()])
    return opening is not None and opening.start <= local.strftime("%H:%M") < opening.end


def open_slots(
    start: datetime,
    days: int,
    zone: str,
    hours: Mapping[str, Hours | None],
    taken: list[tuple[datetime, datetime]],
    length: timedelta = SLOT,
) -> list[Slot]:
    """The free times of that length from `start` on over `days` local days, soonest first, on the grid of the opening
    time: every half hour, or more often where they are shorter.

    Slots are laid out in local time, so that nine o'clock stays nine o'clock across a change of the clock; a local
    time that does not exist on a day is left out.
    """
    local_zone = ZoneInfo(zone)
    today = start.astimezone(local_zone).date()
    found: list[Slot] = []
    for offset in range(days + 1):
        day = today + timedelta(days=offset)
        opening = (hours or DEFAULT_HOURS).get(DAYS[day.weekday()])
        if opening is None:
            continue
        at, closes = _clock(day, opening.start), _clock(day, opening.end)
        while at + length <= closes:
            begins = at.replace(tzinfo=local_zone).astimezone(UTC)
            exists = begins.astimezone(local_zone).replace(tzinfo=None) == at
            at += min(length, SLOT)
            if not exists or begins < start or begins >= start + timedelta(days=days):
                continue
            if not any(begins < end and begin < begins + length for begin, end in taken):
                found.append(Slot(start=begins, end=begins + length))
    return found


def _clock(day: date, shows: str) -> datetime:
    """When the clocks of `day` show HH:MM; 24:00 is where it ends."""
    hours, minutes = shows.split(":")
    return datetime.combine(day, time()) + timedelta(hours=int(hours), minutes=int(minutes))


def whole_days(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """The days of UTC that a span touches, as a span."""
    day = timedelta(days=1)
    first = start.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    last = end.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return first, last if last >= end and last > first else last + day


def without(spans: list[Span], ours: list[Span]) -> list[Span]:
    """What is left of `spans` where `ours` are cut out of them: calendars tell our own entries as busy, and run
    together what adjoins."""
    for cut in ours:
        left: list[Span] = []
        for span in spans:
            if cut.start >= span.end or cut.end <= span.start:
                left.append(span)
                continue
            if span.start < cut.start:
                left.append(Span(span.start, cut.start))
            if cut.end < span.end:
                left.append(Span(cut.end, span.end))
        spans = left
    return spans


def by_day(spans: list[Span], start: datetime, end: datetime) -> list[Span]:
    """The same times within `start` and `end`, both at midnight of UTC, each span within one day of it."""
    found: list[Span] = []
    for span in spans:
        at, last = max(span.start, start), min(span.end, end)
        while at < last:
            midnight = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
            found.append(Span(at, min(last, midnight)))
            at = midnight
    return found
