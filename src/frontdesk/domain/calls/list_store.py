"""The SQL of reading calls: lists, details, figures."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from frontdesk.domain.calls.model import Call, CallFilter, CallLine, CallSentiment, Figures
from frontdesk.domain.calls.store import COLUMNS
from frontdesk.domain.calls.trials import CARRIER
from frontdesk.domain.leads.store import allowed, like, seen, words_of
from frontdesk.kernel.paging import Page
from frontdesk.kernel.phone import E164
from frontdesk.platform.database import Work, record

COUNTED_TO = 10_000
"""Totals are exact up to here."""

_NAME = "trim(coalesce(l.first_name, '') || ' ' || coalesce(l.last_name, ''))"


class LeadOfCall(Struct, frozen=True):
    """Whom a call was with."""

    name: str
    phone: E164 | None


async def page(work: Work, wanted: CallFilter) -> Page[CallLine]:
    """One page of calls, newest first, with the total of all matches: one statement."""
    clauses, args = ["c.org_id = $1"], list[Any]([work.org_id])

    def also(clause: str, value: Any) -> None:
        args.append(value)
        clauses.append(clause.format(f"${len(args)}"))

    if wanted.direction is not None:
        also("c.direction = {}", wanted.direction.value)
    if wanted.status is not None:
        also("c.status = {}", wanted.status.value)
    if wanted.since is not None:
        also("c.started_at >= {}", wanted.since)
    if wanted.until is not None:
        also("c.started_at < {}", wanted.until)
    if wanted.handled_by_ai is not None:
        also("c.handled_by_ai = {}", wanted.handled_by_ai)
    if wanted.lead_id is not None:
        also("c.lead_id = {}", wanted.lead_id)
    if wanted.sentiment is not None:
        also(
            "exists (select from call_analyses f where f.org_id = c.org_id and f.call_id = c.id and f.sentiment = {})",
            wanted.sentiment.value,
        )
    for pattern in like(words_of(wanted.search)):
        also(
            """(c.from_number like {0} or c.to_number like {0}
                or exists (select from leads s where s.org_id = c.org_id and s.id = c.lead_id and s.search like {0})
                or exists (select from call_turns s where s.org_id = c.org_id and s.call_id = c.id
                           and lower(s.text) like {0}))""",
            pattern,
        )
    held = allowed(work)
    if held is not None:
        args.append(held)
        clauses.append(seen("c.lead_id", len(args)))
    where = " and ".join(clauses)
    counted = f"(select count(*) from (select from calls c where {where} limit {COUNTED_TO + 1}) counted)"
    rows = await work.fetch(
        f"""select {COLUMNS}, {_NAME} as lead_name, a.sentiment, coalesce(a.summary, '') as summary,
                exists (select from call_turns t where t.org_id = c.org_id and t.call_id = c.id) as has_transcript,
                exists (select from call_recordings r where r.org_id = c.org_id and r.call_id = c.id) as has_recording,
                {counted} as total
            from calls c left join leads l on l.org_id = c.org_id and l.id = c.lead_id
            left join call_analyses a on a.org_id = c.org_id and a.call_id = c.id
            where {where} order by c.started_at desc, c.id desc
            limit ${len(args) + 1} offset ${len(args) + 2}""",
        *args, wanted.limit, (wanted.page - 1) * wanted.limit,
    )  # fmt: skip
    total = rows[0]["total"] if rows else await work.fetchval(f"select {counted}", *args) if wanted.page > 1 else 0
    lines = [
        CallLine(
            call=record(Call, row), lead_name=row["lead_name"], has_transcript=row["has_transcript"],
            sentiment=CallSentiment(row["sentiment"]) if row["sentiment"] else None,
            has_recording=row["has_recording"], summary=row["summary"],
        )
        for row in rows
    ]  # fmt: skip
    return Page(items=lines, total=min(total, COUNTED_TO), total_capped=total > COUNTED_TO)


async def lead_of(work: Work, lead_id: UUID) -> LeadOfCall | None:
    """The lead, as far as a call shows it."""
    row = await work.fetchrow(
        f"select {_NAME} as name, l.phone from leads l where l.org_id = $1 and l.id = $2", work.org_id, lead_id
    )
    return None if row is None else record(LeadOfCall, row)


async def time_zone(work: Work) -> str:
    """The zone in which the organisation's days begin."""
    return await work.fetchval("select time_zone from organizations where org_id = $1", work.org_id)


async def figures(work: Work, since: datetime) -> Figures:
    """What has happened from `since` on, trials left out. Leads are those that calls gave, each once."""
    row = await work.fetchrow(
        """select count(*) as calls, count(distinct c.lead_id) filter (where a.captured) as leads,
                  coalesce(avg(c.duration) filter (where c.answered_at is not null and c.ended_at is not null),
                           0)::float8 as average_duration,
                  count(*) filter (where c.handled_by_ai) as ai_handled
           from calls c left join call_analyses a on a.org_id = c.org_id and a.call_id = c.id
           where c.org_id = $1 and c.started_at >= $2 and c.carrier <> $3""",
        work.org_id, since, CARRIER,
    )  # fmt: skip
    assert row is not None
    return record(Figures, row)


async def tried_since(work: Work, since: datetime) -> int:
    """How often the assistant was tried out from `since` on."""
    return await work.fetchval(
        "select count(*) from calls where org_id = $1 and started_at >= $2 and carrier = $3",
        work.org_id, since, CARRIER,
    )  # fmt: skip
