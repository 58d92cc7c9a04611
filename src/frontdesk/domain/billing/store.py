"""The SQL of usage: one row a kind and subject, whatever happens."""

from datetime import datetime
from uuid import UUID

from frontdesk.domain.billing.model import UsageKind, Used, UsedIn
from frontdesk.platform.database import Work

_SUMS = """coalesce(sum(quantity) filter (where kind = 'call_seconds'), 0)::bigint as call_seconds,
    coalesce(sum(quantity) filter (where kind = 'ai_seconds'), 0)::bigint as ai_seconds"""


async def insert(work: Work, kind: UsageKind, subject_id: UUID, quantity: int, at: datetime) -> bool:
    """Meter something. False where it was metered before."""
    return await work.execute(
        """insert into usage (org_id, kind, subject_id, quantity, occurred_at) values ($1, $2, $3, $4, $5)
           on conflict do nothing""",
        work.org_id, kind.value, subject_id, quantity, at,
    ) > 0  # fmt: skip


async def used(work: Work, since: datetime, until: datetime) -> Used:
    """What was used from `since` up to `until`."""
    row = await work.fetchrow(
        f"select {_SUMS} from usage where org_id = $1 and occurred_at >= $2 and occurred_at < $3",
        work.org_id, since, until,
    )  # fmt: skip
    assert row is not None
    return Used(row["call_seconds"], row["ai_seconds"])


async def by_span(work: Work, span: str, zone: str, since: datetime) -> list[UsedIn]:
    """What was used by `span` (day, week, month) of the time zone, from `since` on, newest first; spans without usage
    are left out."""
    rows = await work.fetch(
        f"""select date_trunc($2, occurred_at, $3) as start, {_SUMS},
                   count(*) filter (where kind = 'call_seconds') as calls
            from usage where org_id = $1 and occurred_at >= $4 group by 1 order by 1 desc""",
        work.org_id, span, zone, since,
    )  # fmt: skip
    return [UsedIn(row["start"], Used(row["call_seconds"], row["ai_seconds"]), row["calls"]) for row in rows]
