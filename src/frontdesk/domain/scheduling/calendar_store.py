"""The SQL of connected calendars: what was seen in them, and the entries of our bookings."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from frontdesk.domain.scheduling.model import EntryStatus
from frontdesk.platform.database import Work, record, records
from frontdesk.ports.calendar import Span


class Seen(Struct, frozen=True):
    """A calendar to be looked at."""

    id: UUID
    provider: str


class Entry(Struct, frozen=True, kw_only=True):
    """A booking's entry, with what is written into it."""

    booking_id: UUID
    connection_id: UUID
    provider: str
    status: EntryStatus
    tries: int
    starts_at: datetime
    ends_at: datetime
    notes: str
    booked_by: str
    lead_name: str
    lead_phone: str | None
    lead_email: str | None
    business: str
    time_zone: str


async def unseen(work: Work, start: datetime, end: datetime, since: datetime) -> list[Seen]:
    """Connected calendars that were not looked at since then over all of the span."""
    rows = await work.fetch(
        """select c.id, c.provider from connections c
           where c.org_id = $1 and c.kind = 'calendar' and c.status = 'connected' and not exists (
               select from calendar_looks l where l.org_id = c.org_id and l.connection_id = c.id
                   and l.starts_at <= $2 and l.ends_at >= $3 and l.looked_at >= $4)""",
        work.org_id, start, end, since,
    )  # fmt: skip
    return records(Seen, rows)


async def with_calendars(work: Work) -> list[UUID]:
    """Organisations that have connected a calendar. `work` spans tenants."""
    rows = await work.fetch(
        "select distinct org_id from connections where kind = 'calendar' and status = 'connected' order by org_id"
    )
    return [row["org_id"] for row in rows]


async def own_spans(work: Work, connection_id: UUID, start: datetime, end: datetime) -> list[Span]:
    """When our own bookings are, or were, whose entries may stand in the calendar."""
    rows = await work.fetch(
        """select b.starts_at, b.ends_at from calendar_events e
           join bookings b on b.org_id = e.org_id and b.id = e.booking_id
           where e.org_id = $1 and e.connection_id = $2 and e.status not in ('removed', 'deleted')
               and b.starts_at < $4 and b.ends_at > $3""",
        work.org_id, connection_id, start, end,
    )  # fmt: skip
    return [Span(row["starts_at"], row["ends_at"]) for row in rows]


async def keep_look(
    work: Work, connection_id: UUID, start: datetime, end: datetime, at: datetime, busy: Sequence[Span] | None
) -> None:
    """Keep what was seen over the span; None: nothing was, and what was known stays. Not if it is disconnected."""
    there = await work.fetchval(
        "select true from connections where org_id = $1 and id = $2 for no key update", work.org_id, connection_id
    )
    if not there:
        return
    await work.execute(
        """delete from calendar_looks
           where org_id = $1 and connection_id = $2 and starts_at >= $3 and ends_at <= $4""",
        work.org_id, connection_id, start, end,
    )  # fmt: skip
    await work.execute(
        """insert into calendar_looks (org_id, connection_id, starts_at, ends_at, looked_at, answered)
           values ($1, $2, $3, $4, $5, $6)""",
        work.org_id, connection_id, start, end, at, busy is not None,
    )  # fmt: skip
    if busy is None:
        return
    await work.execute(
        """delete from calendar_busy
           where org_id = $1 and connection_id = $2 and (starts_at >= $3 and ends_at <= $4 or ends_at < $5)""",
        work.org_id, connection_id, start, end, at,
    )  # fmt: skip
    await work.execute(
        """insert into calendar_busy (org_id, connection_id, starts_at, ends_at)
           select $1, $2, span.starts_at, span.ends_at
           from unnest($3::timestamptz[], $4::timestamptz[]) span (starts_at, ends_at)""",
        work.org_id, connection_id, [span.start for span in busy], [span.end for span in busy],
    )  # fmt: skip


async def enter(work: Work, booking_id: UUID) -> bool:
    """Owe an entry of the booking in the calendar that was connected first. False: there is none."""
    made = await work.execute(
        """insert into calendar_events (org_id, booking_id, connection_id, status, due_at, updated_at)
           select org_id, $2, id, 'pending', $3, $3 from connections
           where org_id = $1 and kind = 'calendar' order by status, connected_at, id limit 1""",
        work.org_id, booking_id, work.now,
    )  # fmt: skip
    return made > 0


async def withdraw(work: Work, booking_id: UUID) -> bool:
    """Owe that the booking's entry is taken out. False: there is none, and there never can be."""
    status = await work.fetchval(
        """update calendar_events
           set status = case when status = 'pending' and tries = 0 then 'removed' else 'removing' end,
               due_at = case when status = 'pending' and tries = 0 then null else $3::timestamptz end,
               tries = 0, trouble = '', updated_at = $3
           where org_id = $1 and booking_id = $2 and status in ('pending', 'placed') returning status""",
        work.org_id, booking_id, work.now,
    )  # fmt: skip
    return status == "removing"


async def claim(work: Work, booking_id: UUID, leased_until: datetime) -> Entry | None:
    """The entry, to be settled by nobody else for a while. None: there is nothing to do, or somebody is at it."""
    row = await work.fetchrow(
        """with claimed as (
               update calendar_events set tries = tries + 1, leased_until = $4, updated_at = $3
               where org_id = $1 and booking_id = $2 and due_at <= $3 and connection_id is not null
                   and (leased_until is null or leased_until <= $3)
               returning org_id, booking_id, connection_id, status, tries
           )
           select e.booking_id, e.connection_id, c.provider, e.status, e.tries, b.starts_at, b.ends_at, b.notes,
               b.booked_by, trim(coalesce(l.first_name, '') || ' ' || coalesce(l.last_name, '')) as lead_name,
               l.phone as lead_phone, l.email as lead_email, o.name as business, o.time_zone
           from claimed e
           join connections c on c.org_id = e.org_id and c.id = e.connection_id
           join bookings b on b.org_id = e.org_id and b.id = e.booking_id
           join organizations o on o.org_id = e.org_id
           left join leads l on l.org_id = b.org_id and l.id = b.lead_id""",
        work.org_id, booking_id, work.now, leased_until,
    )  # fmt: skip
    return record(Entry, row) if row else None


async def settle(
    work: Work,
    entry: Entry,
    status: EntryStatus,
    due_at: datetime | None,
    *,
    event_id: str | None = None,
    link: str = "",
    trouble: str = "",
) -> None:
    """Note what came of it. One that was withdrawn meanwhile has to be taken out now, whatever it was."""
    await work.execute(
        """update calendar_events
           set status = case when status = 'removing' and $4 = 'placed' then 'removing' else $4 end,
               due_at = case when status = 'removing' and $4 = 'placed' then $3::timestamptz else $5 end,
               event_id = coalesce($6, event_id), link = coalesce(nullif($7, ''), link), trouble = $8,
               leased_until = null, updated_at = $3
           where org_id = $1 and booking_id = $2""",
        work.org_id, entry.booking_id, work.now, status.value, due_at, event_id, link, trouble,
    )  # fmt: skip


async def put_off(work: Work, entry: Entry, due_at: datetime | None, trouble: str) -> None:
    """Note that it could not be done, and when to try again. One that was withdrawn meanwhile is owed in any case."""
    await work.execute(
        """update calendar_events
           set due_at = case when status = 'removing' then coalesce($3::timestamptz, $5) else $3 end,
               trouble = $4, leased_until = null, updated_at = $5
           where org_id = $1 and booking_id = $2""",
        work.org_id, entry.booking_id, due_at, trouble, work.now,
    )  # fmt: skip


async def due(work: Work, limit: int) -> list[tuple[UUID, UUID]]:
    """(organisation, booking) of entries that wait to be settled, of all. `work` spans tenants."""
    rows = await work.fetch(
        """select org_id, booking_id from calendar_events
           where due_at <= $1 and connection_id is not null and (leased_until is null or leased_until <= $1)
           order by due_at limit $2""",
        work.now, limit,
    )  # fmt: skip
    return [(row["org_id"], row["booking_id"]) for row in rows]


async def hurry(work: Work, connection_id: UUID) -> list[UUID]:
    """Have all that a connection owes be done now, because it is of use again; the bookings."""
    rows = await work.fetch(
        """update calendar_events set due_at = $3 where org_id = $1 and connection_id = $2 and due_at > $3
           returning booking_id""",
        work.org_id, connection_id, work.now,
    )  # fmt: skip
    return [row["booking_id"] for row in rows]
