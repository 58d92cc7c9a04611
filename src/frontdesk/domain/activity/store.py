"""The SQL of the activity feed and of the overview."""

from uuid import UUID

from frontdesk.domain.activity.model import ActivityLine, DayFigures
from frontdesk.domain.leads.store import allowed, seen
from frontdesk.platform.database import Row, Work, record, records
from frontdesk.platform.events import Event


async def name_of(work: Work, lead_id: UUID) -> str:
    """The lead's name, or the empty string."""
    row = await work.fetchrow(
        "select first_name, last_name from leads where org_id = $1 and id = $2", work.org_id, lead_id
    )
    return "" if row is None else " ".join(part for part in (row["first_name"], row["last_name"]) if part)


async def insert(work: Work, event: Event, subject_type: str, subject_id: UUID, summary: str) -> None:
    """Add a line, once for an event."""
    await work.execute(
        """insert into activity (org_id, event_id, position, type, subject_type, subject_id, summary, occurred_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing""",
        work.org_id, event.id, event.position, event.type, subject_type, subject_id, summary, event.occurred_at,
    )  # fmt: skip


async def sees(work: Work, lead_id: UUID) -> bool:
    """Whether the lead is in a dataset that the actor is let see."""
    return await work.fetchval(f"select {seen('$2::uuid', 3)}", work.org_id, lead_id, allowed(work))


async def recent(work: Work, limit: int, before: int | None) -> list[ActivityLine]:
    """The newest lines, before a position if told; to an actor held to datasets, about them and their leads."""
    rows = await work.fetch(
        f"""select position, type, subject_type, subject_id, summary, occurred_at from activity a
            where org_id = $1 and ($3::bigint is null or position < $3)
              and ({seen("a.subject_id", 4)} or subject_id = any($4))
            order by position desc limit $2""",
        work.org_id, limit, before, allowed(work),
    )  # fmt: skip
    return records(ActivityLine, rows)


async def figures(work: Work) -> Row:
    """The counts of the overview, in one statement."""
    row = await work.fetchrow(
        f"""with org as (select time_zone from organizations where org_id = $1),
           today as (select date_trunc('day', $2::timestamptz, time_zone) as start from org)
           select (select count(*) from datasets where org_id = $1 and campaign_status = 'active'
                       and ($3::uuid[] is null or id = any($3))) as datasets_active,
                  (select count(*) from messages m, today where org_id = $1 and direction = 'outbound'
                       and {seen("m.lead_id", 3)}
                       and sent_at >= today.start and created_at >= today.start - interval '3 days') as sent_today,
                  (select count(*) from messages m, today where org_id = $1 and direction = 'inbound'
                       and {seen("m.lead_id", 3)} and created_at >= today.start) as replies_today,
                  (select count(*) from bookings b where org_id = $1 and status = 'confirmed' and starts_at > $2
                       and {seen("b.lead_id", 3)}) as bookings_upcoming""",
        work.org_id,
        work.now,
        allowed(work),
    )
    assert row is not None
    return row


async def days(work: Work, count: int) -> list[DayFigures]:
    """What was sent, replied and booked on each of the last days, in the organisation's zone."""
    rows = await work.fetch(
        f"""with org as (select time_zone as zone from organizations where org_id = $1),
           span as (select generate_series(($2::timestamptz at time zone zone)::date - $3::int + 1,
                                           ($2::timestamptz at time zone zone)::date, interval '1 day')::date as day
                    from org),
           start as (select (min(day)::timestamp at time zone (select zone from org)) as at from span),
           texts as (
               select (coalesce(sent_at, created_at) at time zone (select zone from org))::date as day, direction,
                      count(*) as n
               from messages m, start where org_id = $1 and created_at >= start.at - interval '3 days'
                 and {seen("m.lead_id", 4)}
                 and (direction = 'inbound' or sent_at is not null) group by 1, 2),
           booked as (
               select (created_at at time zone (select zone from org))::date as day, count(*) as n
               from bookings b, start where org_id = $1 and created_at >= start.at and {seen("b.lead_id", 4)}
               group by 1)
           select s.day, coalesce(o.n, 0) as sent, coalesce(i.n, 0) as replies, coalesce(b.n, 0) as bookings
           from span s left join texts o on o.day = s.day and o.direction = 'outbound'
           left join texts i on i.day = s.day and i.direction = 'inbound'
           left join booked b on b.day = s.day order by s.day""",
        work.org_id, work.now, count, allowed(work),
    )  # fmt: skip
    return [record(DayFigures, row) for row in rows]
