"""The SQL of what receivers are told about: calls, leads and bookings, as far as they are published."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from frontdesk.platform.database import Work, record

_NAME = "coalesce(concat_ws(' ', nullif(l.first_name, ''), nullif(l.last_name, '')), '')"


class CallSubject(Struct, frozen=True):
    """A call."""

    id: UUID
    provider_call_id: str
    direction: str
    from_number: str
    to_number: str
    lead_id: UUID | None
    started_at: datetime
    ended_at: datetime | None


class LeadSubject(Struct, frozen=True):
    """A lead, and why it rang."""

    lead_id: UUID
    name: str
    phone: str | None
    email: str | None
    reason: str | None


class BookingSubject(Struct, frozen=True):
    """An appointment and whose it is."""

    id: UUID
    lead_id: UUID | None
    name: str
    phone: str | None
    email: str | None
    starts_at: datetime
    ends_at: datetime
    notes: str
    booked_by: str


async def call(work: Work, call_id: UUID) -> CallSubject | None:
    """The call, if it is still there."""
    row = await work.fetchrow(
        """select id, provider_call_id, direction, from_number, to_number, lead_id, started_at, ended_at
           from calls where org_id = $1 and id = $2""",
        work.org_id, call_id,
    )  # fmt: skip
    return None if row is None else record(CallSubject, row)


async def lead_of_call(work: Work, lead_id: UUID, call_id: UUID) -> LeadSubject | None:
    """The lead, if it is still there; its reason is the one it was captured with, else what it is interested in, else
    what the call was about."""
    row = await work.fetchrow(
        f"""select l.id as lead_id, {_NAME} as name, l.phone, l.email,
                   coalesce(nullif(l.reason, ''), nullif(l.service_interest, ''), nullif(a.summary, '')) as reason
            from leads l left join call_analyses a on a.org_id = l.org_id and a.call_id = $3
            where l.org_id = $1 and l.id = $2""",
        work.org_id, lead_id, call_id,
    )  # fmt: skip
    return None if row is None else record(LeadSubject, row)


async def booking(work: Work, booking_id: UUID) -> BookingSubject | None:
    """The appointment, if it is still there."""
    row = await work.fetchrow(
        f"""select b.id, b.lead_id, {_NAME} as name, l.phone, l.email, b.starts_at, b.ends_at, b.notes, b.booked_by
            from bookings b left join leads l on l.org_id = b.org_id and l.id = b.lead_id
            where b.org_id = $1 and b.id = $2""",
        work.org_id, booking_id,
    )  # fmt: skip
    return None if row is None else record(BookingSubject, row)
