"""The SQL of what campaigns have claimed: what has changed since, and what waits to be claimed again."""

from uuid import UUID

from frontdesk.domain.conversations.model import WITHDRAWN, Message
from frontdesk.domain.conversations.store import MESSAGE
from frontdesk.platform.database import Work, records


async def put_back(work: Work, dataset_id: UUID, step: int | None, limit: int) -> list[Message]:
    """Texts of a dataset's campaign that were claimed before and wait again, those that are due."""
    rows = await work.fetch(
        f"""select {MESSAGE} from messages m
            where m.org_id = $1 and m.dataset_id = $2 and m.status = 'queued' and (m.due_at is null or m.due_at <= $3)
              and m.category = any(case when $4::int is null then '{{m1,m2,m3}}' else array['m' || $4] end)
            order by m.due_at nulls first, m.id limit $5""",
        work.org_id, dataset_id, work.now, step, limit,
    )  # fmt: skip
    return records(Message, rows)


async def withdraw(work: Work, dataset_id: UUID, lead_ids: list[UUID]) -> None:
    """Cancel the texts that wait for these leads, locked, in a dataset's campaign. They are of no dataset then: a lead
    that comes back into it can be sent the same step."""
    rows = await work.fetch(
        """update messages set status = 'canceled', due_at = null, error_message = $4
           where org_id = $1 and dataset_id = $2 and lead_id = any($3) and category in ('m1', 'm2', 'm3')
             and status = 'queued' returning id""",
        work.org_id, dataset_id, lead_ids, WITHDRAWN,
    )  # fmt: skip
    # Apart: the campaign's counts follow what happens to texts of a dataset.
    await work.execute(
        "update messages set dataset_id = null where org_id = $1 and id = any($2)",
        work.org_id, [row["id"] for row in rows],
    )  # fmt: skip


async def touched_since_claim(work: Work, ids: list[UUID]) -> set[UUID]:
    """Those of the claimed messages about which something has changed since: the lead, or the campaign they are of.

    The lead's time of change is told by the clock of whoever changed it, from before it waited for a lock. So campaign
    texts to a lead that stands as no claim could have found it are among them whatever the clocks say.
    """
    rows = await work.fetch(
        """select m.id from messages m
           join leads l on l.org_id = m.org_id and l.id = m.lead_id
           left join datasets d on d.org_id = m.org_id and d.id = m.dataset_id
           where m.org_id = $1 and m.id = any($2)
             and (l.updated_at >= m.claimed_at and l.updated_at > l.created_at
                  or m.category in ('m1', 'm2', 'm3') and (
                      d.campaign_status is distinct from 'active' or l.reply_received_at is not null
                      or l.stage not in ('new', 'contacted') or l.manual_mode or l.archived))""",
        work.org_id, ids,
    )  # fmt: skip
    return {row["id"] for row in rows}
