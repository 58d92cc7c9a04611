"""The calendar as pages show it: bookings by day, and the coming week's free and taken times side by side."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from frontdesk.domain.scheduling.model import Booking
from frontdesk.ports.llm import Slot


class DayOfBookings(Struct, frozen=True):
    """A local day that has bookings."""

    day: date
    name: str
    bookings: list[Booking]


class Entry(Struct, frozen=True):
    """A time of a day: free where `booking` is None."""

    start: datetime
    label: str
    """HH:MM in the zone."""
    booking: Booking | None = None


class Day(Struct, frozen=True):
    """One day of a week."""

    day: date
    name: str
    entries: list[Entry]

    @property
    def free(self) -> int:
        """How many times can be booked."""
        return sum(entry.booking is None for entry in self.entries)

    @property
    def taken(self) -> int:
        """How many are booked."""
        return len(self.entries) - self.free


def day_name(day: date, today: date) -> str:
    """`day` in words, as somebody says it on `today`."""
    if day == today:
        return "Today"
    if day == today + timedelta(days=1):
        return "Tomorrow"
    return f"{day:%A} {day.day} {day:%B}" + (f" {day.year}" if day.year != today.year else "")


def by_day(bookings: Sequence[Booking], zone: str, now: datetime) -> list[DayOfBookings]:
    """Bookings under their local days in `zone`, in the order given."""
    local, days = ZoneInfo(zone), dict[date, list[Booking]]()
    for booking in bookings:
        days.setdefault(booking.starts_at.astimezone(local).date(), []).append(booking)
    today = now.astimezone(local).date()
    return [DayOfBookings(day, day_name(day, today), found) for day, found in days.items()]


def week(slots: Sequence[Slot], bookings: Sequence[Booking], zone: str, first: date, now: datetime) -> list[Day]:
    """Seven local days from `first` on, each with its free slots and its bookings in order of time."""
    local, today = ZoneInfo(zone), now.astimezone(ZoneInfo(zone)).date()
    entries = [Entry(slot.start, f"{slot.start.astimezone(local):%H:%M}") for slot in slots]
    entries += [Entry(b.starts_at, f"{b.starts_at.astimezone(local):%H:%M}", b) for b in bookings]
    entries.sort(key=lambda entry: entry.start)
    days = [first + timedelta(days=offset) for offset in range(7)]
    return [
        Day(day, day_name(day, today), [e for e in entries if e.start.astimezone(local).date() == day]) for day in days
    ]
