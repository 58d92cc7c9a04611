"""Free times and appointments. Dates and times of day are those of the organisation's own zone."""

import re
from datetime import date as calendar_date
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Meta

from frontdesk.contracts._http.times import Instant, iso
from frontdesk.contracts.hekax.dialect import Shape
from frontdesk.domain.leads.service.capturing import Contact
from frontdesk.domain.scheduling.model import Booking
from frontdesk.kernel.errors import Invalid
from frontdesk.kernel.phone import PhoneRefused, parse_phone
from frontdesk.kernel.text import email_address, one_line
from frontdesk.ports.llm import Slot

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
Minutes = Annotated[int, Meta(ge=1)]
USUAL = 30


def day_of(text: str) -> calendar_date:
    """A day as YYYY-MM-DD. Raises Invalid."""
    try:
        if not _DATE.fullmatch(text) or not 1 < (found := calendar_date.fromisoformat(text)).year < 9999:
            raise ValueError
    except ValueError as error:
        raise Invalid("A date is written as 2026-11-24.", field="date") from error
    return found


class AvailabilityQuery(Shape):
    """The query of free times."""

    date: str
    duration: Minutes = USUAL

    def day(self) -> calendar_date:
        """The day asked for. Raises Invalid."""
        return day_of(self.date)

    def length(self) -> timedelta:
        """How long it is to take."""
        return timedelta(minutes=min(self.duration, 10_000))


class FreeSlot(Shape):
    """A free time."""

    start: str
    end: str


class Availability(Shape):
    """The free times of a day."""

    date: str
    slots: list[FreeSlot]
    timezone: str

    @classmethod
    def of(cls, wanted: AvailabilityQuery, zone: ZoneInfo, free: list[Slot]) -> "Availability":
        slots = [
            FreeSlot(f"{slot.start.astimezone(zone):%H:%M}", f"{slot.end.astimezone(zone):%H:%M}") for slot in free
        ]
        return cls(wanted.date, slots, zone.key)


class NewBooking(Shape):
    """The body that books."""

    date: str
    time: str
    caller_name: str
    caller_phone: str
    duration: Minutes = USUAL
    caller_email: str = ""
    purpose: str = ""

    def local_time(self) -> datetime:
        """When, by the organisation's clocks. Raises Invalid."""
        if not _TIME.fullmatch(self.time):
            raise Invalid("A time is written as 09:30.", field="time")
        return datetime.combine(day_of(self.date), datetime.strptime(self.time, "%H:%M").time())  # noqa: DTZ007

    def length(self) -> timedelta:
        """How long it is to take."""
        return timedelta(minutes=min(self.duration, 10_000))

    def caller(self, country: str) -> Contact:
        """Whom for; the number as it is dialled in `country`. Raises Invalid."""
        try:
            phone = parse_phone(self.caller_phone, country)
        except PhoneRefused as error:
            raise Invalid(error.message, field="callerPhone") from error
        return Contact(
            phone=phone,
            name=one_line(self.caller_name, "callerName", most=200, required=True),
            email=email_address(self.caller_email, "callerEmail") if self.caller_email else "",
            interest=self.purpose.strip(),
            source="booking",
        )


class Appointment(Shape):
    """An appointment. CONFIRMED, or CANCELLED."""

    id: UUID
    scheduled_at: Instant
    duration: int
    meet_link: str | None
    status: str
    lead_id: UUID | None
    caller_name: str
    purpose: str


class OneBooking(Shape):
    """The answer with an appointment."""

    booking: Appointment

    @classmethod
    def of(cls, booking: Booking) -> "OneBooking":
        return cls(
            Appointment(
                id=booking.id,
                scheduled_at=iso(booking.starts_at),
                duration=round((booking.ends_at - booking.starts_at).total_seconds() / 60),
                meet_link=booking.meeting_link or None if booking.status == "confirmed" else None,
                status=booking.status.upper(),
                lead_id=booking.lead_id,
                caller_name=booking.lead_name,
                purpose=booking.notes,
            )
        )


FIELDS = {"start_time": "time", "notes": "purpose"}
"""The product's names of fields, to the document's."""
