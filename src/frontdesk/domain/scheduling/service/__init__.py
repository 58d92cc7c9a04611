"""Use cases of the calendar: what is free, book it, call it off.

Those that take a `Context` also look into connected calendars, and see that the booking is entered there; those that
take a `Work` go by what was seen last, and leave the entry to a job. The rule is one: `free_slots`.
"""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import structs

from frontdesk.domain.leads.model import Stage
from frontdesk.domain.leads.service import leads
from frontdesk.domain.leads.service.capturing import Contact, capture_or_get
from frontdesk.domain.scheduling import store
from frontdesk.domain.scheduling.errors import SlotTaken
from frontdesk.domain.scheduling.events import AppointmentCancelled, AppointmentCreated
from frontdesk.domain.scheduling.model import LONGEST, LONGEST_NOTES, NOTICE, SHORTEST, SLOT, Booking, open_slots
from frontdesk.domain.scheduling.service import calendars
from frontdesk.kernel.access import Actor, Permission
from frontdesk.kernel.errors import Invalid
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.ports.llm import Slot


async def free_slots(work: Work, start: datetime | None = None, days: int = 7, length: timedelta = SLOT) -> list[Slot]:
    """Times that can be booked, soonest first, as UTC instants: within business hours, with some notice, and taken
    neither by a booking nor, as far as we looked, in a connected calendar."""
    work.require(Permission.VIEW)
    calendar = await store.calendar(work)
    earliest = max(start or work.now, work.now + NOTICE)
    taken = await store.taken(work, earliest, earliest + timedelta(days=days + 1))
    return open_slots(earliest, days, calendar.time_zone, calendar.business_hours, taken, length)


async def free_on(context: Context, actor: Actor, day: date, length: timedelta = SLOT) -> tuple[ZoneInfo, list[Slot]]:
    """`day_slots`, with a look into connected calendars."""
    async with context.works.read(actor) as work:
        work.require(Permission.VIEW)
        org_id, now = work.org_id, work.now
        zone = ZoneInfo((await store.calendar(work)).time_zone)
    begins, ends = (datetime.combine(each, time(), zone) for each in (day, day + timedelta(days=1)))
    if ends > now:
        await calendars.look(context, org_id, begins, ends)
    async with context.works.read(actor) as work:
        return await day_slots(work, day, length)


async def day_slots(work: Work, day: date, length: timedelta = SLOT) -> tuple[ZoneInfo, list[Slot]]:
    """The free times of a day in the organisation's zone, and the zone. Raises Invalid for what is no length."""
    checked_length(length)
    zone = ZoneInfo((await store.calendar(work)).time_zone)
    begins, ends = (datetime.combine(each, time(), zone) for each in (day, day + timedelta(days=1)))
    if ends <= work.now:
        return zone, []
    free = await free_slots(work, begins, days=2, length=length)
    return zone, [slot for slot in free if slot.start < ends]


async def instant_of(work: Work, local: datetime) -> datetime:
    """The instant at which the clocks of the organisation show `local`; of two, the first. Raises SlotTaken where they
    never do."""
    zone = ZoneInfo((await store.calendar(work)).time_zone)
    instant = local.replace(tzinfo=zone).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != local:
        raise SlotTaken
    return instant


async def book_caller_at(
    context: Context, actor: Actor, caller: Contact, local: datetime, length: timedelta = SLOT, *, notes: str = ""
) -> Booking:
    """`book_caller` at a local time, once connected calendars were looked into; with the link of the meeting where one
    is made."""
    checked_length(length)
    _checked_notes(notes)
    async with context.works.read(actor) as work:
        work.require(Permission.EDIT_LEADS)
        start = await instant_of(work, local)
    await look_before(context, actor, start, length)
    async with context.works.begin(actor) as work:
        booking = await book_caller(work, caller, start, length, notes=notes)
    return await calendars.entered(context, actor, booking)


async def book_lead(context: Context, actor: Actor, lead_id: UUID, start: datetime, *, notes: str = "") -> Booking:
    """`book`, once connected calendars were looked into; with the link of the meeting where one is made."""
    _checked_notes(notes)
    async with context.works.read(actor) as work:
        work.require(Permission.EDIT_LEADS)
    await look_before(context, actor, start)
    async with context.works.begin(actor) as work:
        booking = await book(work, lead_id, start, notes=notes)
    return await calendars.entered(context, actor, booking)


async def look_before(context: Context, actor: Actor, start: datetime, length: timedelta = SLOT) -> None:
    """Look into connected calendars, right before the time is booked."""
    await calendars.look_for(context, actor, start, start + length, calendars.TO_BOOK)


async def book_caller(
    work: Work, caller: Contact, start: datetime, length: timedelta = SLOT, *, notes: str = ""
) -> Booking:
    """Book a time for somebody who may not be known yet; what else they have booked stays.

    Raises SlotTaken, Invalid. Emits lead.captured for somebody new, and appointment.created.
    """
    checked_length(length)
    lead = await capture_or_get(work, caller)
    return await book(work, lead.id, start, notes=notes, length=length, moves=False)


async def book(
    work: Work,
    lead_id: UUID,
    start: datetime,
    *,
    notes: str = "",
    booked_by: str = "person",
    length: timedelta = SLOT,
    moves: bool = True,
) -> Booking:
    """Book the time that starts at `start` for the lead, which becomes booked and is left to people from then on.

    A lead that already has a booking to come is moved to the new time, unless told otherwise; one that has opted out
    stays so. Raises LeadNotFound, and SlotTaken where the time is not free or was taken just now. Emits
    appointment.created.
    """
    work.require(Permission.EDIT_LEADS)
    lead = await leads.locked(work, lead_id)
    free = await free_slots(work, start - timedelta(days=1), days=3, length=length)
    if not any(slot.start == start for slot in free):
        raise SlotTaken
    if moves and lead.booking_id is not None:
        earlier = await store.get(work, lead.booking_id, lock=True)
        if earlier.status == "confirmed" and earlier.starts_at > work.now:
            await _call_off(work, earlier)
    booking = Booking(
        id=new_id(), lead_id=lead_id, starts_at=start, ends_at=start + length, status="confirmed",
        notes=notes[:LONGEST_NOTES], booked_by=booked_by, created_at=work.now, cancelled_at=None, lead_name=lead.name,
    )  # fmt: skip
    await store.insert(work, booking)
    booking = await calendars.enter(work, booking)
    booked = structs.replace(
        lead.with_manual_mode(True, work.now),
        stage=lead.stage if lead.stage is Stage.OPTED_OUT else Stage.BOOKED,
        call_booked=True,
        call_booked_time=start,
        booking_id=booking.id,
    )
    await leads.keep(work, lead, booked)
    work.emit(AppointmentCreated(subject_id=booking.id, lead_id=lead_id, starts_at=start, booked_by=booked_by))
    return booking


async def get(work: Work, booking_id: UUID) -> Booking:
    """The booking. Raises BookingNotFound."""
    work.require(Permission.VIEW)
    return await store.get(work, booking_id)


async def cancel(work: Work, booking_id: UUID) -> Booking:
    """Call a booking off; its lead goes back to where it was before. Raises BookingNotFound. Calling off twice is once.

    Emits appointment.cancelled.
    """
    work.require(Permission.EDIT_LEADS)
    booking = await store.get(work, booking_id)
    lead = None if booking.lead_id is None else await leads.locked(work, booking.lead_id)  # before the booking
    booking = await store.get(work, booking_id, lock=True)
    if booking.status == "cancelled":
        return booking
    await _call_off(work, booking)
    if lead is not None and lead.booking_id == booking_id:
        free = structs.replace(lead, call_booked=False, call_booked_time=None, booking_id=None)
        if lead.stage is Stage.BOOKED:
            free = structs.replace(free, stage=free.stage_by_history)
        await leads.keep(work, lead, free)
    return await store.get(work, booking_id)


async def _call_off(work: Work, booking: Booking) -> None:
    await store.cancel(work, booking.id)
    await calendars.withdraw(work, booking)
    work.emit(AppointmentCancelled(subject_id=booking.id, lead_id=booking.lead_id, starts_at=booking.starts_at))


async def upcoming(work: Work, start: datetime, end: datetime) -> list[Booking]:
    """Confirmed bookings that start within the span, soonest first, with their leads' names."""
    work.require(Permission.VIEW)
    return await store.between(work, start, end)


def checked_length(length: timedelta) -> None:
    """Raise Invalid for what is no length of an appointment."""
    if not SHORTEST <= length <= LONGEST:
        raise Invalid("An appointment takes 5 to 480 minutes.", field="duration")


def _checked_notes(notes: str) -> None:
    """Raise Invalid for what is too long to be kept whole."""
    if len(notes) > LONGEST_NOTES:
        raise Invalid(f"Notes may have {LONGEST_NOTES:,} characters at most.", field="notes")
