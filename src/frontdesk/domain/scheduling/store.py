"""The SQL of bookings."""

from datetime import datetime
from uuid import UUID

import asyncpg
from msgspec import Struct

from frontdesk.domain.leads.store import allowed, seen
from frontdesk.domain.organizations.model import Hours
from frontdesk.domain.scheduling.errors import BookingNotFound, SlotTaken
from frontdesk.domain.scheduling.model import Booking
from frontdesk.platform.database import Work, record, records

COLUMNS = """b.id, b.lead_id, b.starts_at, b.ends_at, b.status, b.notes, b.booked_by, b.created_at, b.cancelled_at,
    trim(coalesce(l.first_name, '') || ' ' || coalesce(l.last_name, '')) as lead_name,
    coalesce(e.link, '') as meeting_link, e.status as entry, coalesce(e.trouble, '') as trouble"""
FROM = """bookings b left join leads l on l.org_id = b.org_id and l.id = b.lead_id
    left join calendar_events e on e.org_id = b.org_id and e.booking_id = b.id"""


class Calendar(Struct, frozen=True):
    """What the built-in calendar works by."""

    time_zone: str
    business_hours: dict[str, Hours | None]


async def calendar(work: Work) -> Calendar:
    """The organisation's zone and hours."""
    row = await work.fetchrow("select time_zone, business_hours from organizations where org_id = $1", work.org_id)
    assert row is not None
    return record(Calendar, row)


async def taken(work: Work, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """Times within the span that are booked, or taken in a connected calendar as far as we looked."""
    rows = await work.fetch(
        """select starts_at, ends_at from bookings
           where org_id = $1 and status = 'confirmed' and starts_at < $3 and ends_at > $2
           union all
           select starts_at, ends_at from calendar_busy where org_id = $1 and starts_at < $3 and ends_at > $2""",
        work.org_id, start, end,
    )  # fmt: skip
    return [(row["starts_at"], row["ends_at"]) for row in rows]


async def insert(work: Work, booking: Booking) -> None:
    """Take the time. Raises SlotTaken when an overlapping booking commits first; the transaction goes on."""
    # Two who write at the same moment would each wait for the other at the constraint.
    await work.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", f"calendar:{work.org_id}")
    await work.execute("savepoint booking")
    try:
        await work.execute(
            """insert into bookings (org_id, id, lead_id, starts_at, ends_at, notes, booked_by, created_at)
               values ($1, $2, $3, $4, $5, $6, $7, $8)""",
            work.org_id, booking.id, booking.lead_id, booking.starts_at, booking.ends_at, booking.notes,
            booking.booked_by, work.now,
        )  # fmt: skip
    except asyncpg.ExclusionViolationError:
        await work.execute("rollback to savepoint booking")
        raise SlotTaken from None
    await work.execute("release savepoint booking")


async def get(work: Work, booking_id: UUID, *, lock: bool = False) -> Booking:
    """The booking. Raises BookingNotFound."""
    row = await work.fetchrow(
        f"""select {COLUMNS} from {FROM} where b.org_id = $1 and b.id = $2 and {seen("b.lead_id", 3)}
            {"for no key update of b" if lock else ""}""",
        work.org_id,
        booking_id,
        allowed(work),
    )
    if row is None:
        raise BookingNotFound
    return record(Booking, row)


async def cancel(work: Work, booking_id: UUID) -> None:
    """Call it off."""
    await work.execute(
        "update bookings set status = 'cancelled', cancelled_at = $3 where org_id = $1 and id = $2",
        work.org_id, booking_id, work.now,
    )  # fmt: skip


async def between(work: Work, start: datetime, end: datetime) -> list[Booking]:
    """Confirmed bookings that start within the span, soonest first, of the leads that the actor may see."""
    rows = await work.fetch(
        f"""select {COLUMNS} from {FROM}
            where b.org_id = $1 and b.status = 'confirmed' and b.starts_at >= $2 and b.starts_at < $3
              and {seen("b.lead_id", 4)}
            order by b.starts_at""",
        work.org_id, start, end, allowed(work),
    )  # fmt: skip
    return records(Booking, rows)
