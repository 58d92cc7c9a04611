"""The SQL of what CRM systems are told about: calls and appointments, and whose they are."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from frontdesk.platform.database import Work, record

_LEAD = """coalesce(l.first_name, '') as first_name, coalesce(l.last_name, '') as last_name,
    coalesce(l.phone, '') as phone, coalesce(l.email, '') as email, coalesce(l.company, '') as company,
    coalesce(nullif(l.reason, ''), l.service_interest, '') as reason"""


class LeadPart(Struct, frozen=True, kw_only=True):
    """Whose it is."""

    first_name: str
    last_name: str
    phone: str
    email: str
    company: str
    reason: str

    @property
    def name(self) -> str:
        """As they are called, or reached."""
        return f"{self.first_name} {self.last_name}".strip() or self.phone or self.email


class CallTold(LeadPart, frozen=True, kw_only=True):
    """A call, read."""

    direction: str
    from_number: str
    to_number: str
    started_at: datetime
    ended_at: datetime | None
    summary: str
    sentiment: str
    intent: str


class BookingTold(LeadPart, frozen=True, kw_only=True):
    """An appointment, as it is now."""

    starts_at: datetime
    ends_at: datetime
    status: str
    notes: str
    booked_by: str


async def call(work: Work, call_id: UUID, lead_id: UUID) -> CallTold | None:
    """The call and the lead, if both are there."""
    row: Any = await work.fetchrow(
        f"""select {_LEAD}, c.direction, c.from_number, c.to_number, c.started_at, c.ended_at,
                   coalesce(a.summary, '') as summary, coalesce(a.sentiment, '') as sentiment,
                   coalesce(a.intent, '') as intent
            from calls c join leads l on l.org_id = c.org_id and l.id = $3
            left join call_analyses a on a.org_id = c.org_id and a.call_id = c.id
            where c.org_id = $1 and c.id = $2""",
        work.org_id, call_id, lead_id,
    )  # fmt: skip
    return None if row is None else record(CallTold, row)


async def booking(work: Work, booking_id: UUID, lead_id: UUID) -> BookingTold | None:
    """The appointment and the lead, if both are there."""
    row: Any = await work.fetchrow(
        f"""select {_LEAD}, b.starts_at, b.ends_at, b.status, b.notes, b.booked_by
            from bookings b join leads l on l.org_id = b.org_id and l.id = $3
            where b.org_id = $1 and b.id = $2""",
        work.org_id, booking_id, lead_id,
    )  # fmt: skip
    return None if row is None else record(BookingTold, row)
