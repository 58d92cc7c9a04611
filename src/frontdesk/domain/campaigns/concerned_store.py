"""The SQL of the leads behind a campaign's figures, and of what people and the product did with it. Reads only."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from frontdesk.platform.database import Work, records


class Concerned(Struct, frozen=True, kw_only=True):
    """A lead behind a figure; of a text that failed, which one (m1 to m3) and when it was taken."""

    lead_id: UUID
    name: str
    phone: str | None
    contact_status: str
    category: str | None = None
    at: datetime | None = None


_LEAD = """l.id as lead_id, concat_ws(' ', nullif(l.first_name, ''), nullif(l.last_name, '')) as name, l.phone,
    l.contact_status"""


async def left_out(work: Work, dataset_id: UUID, reason: str, offset: int, limit: int) -> list[Concerned]:
    """Leads of the dataset that left its campaign for this reason."""
    rows = await work.fetch(
        f"""select {_LEAD} from (
                select org_id, lead_id from dataset_leads
                where org_id = $1 and dataset_id = $2 and ended_reason = $3 and ended_reason <> 'done'
                order by lead_id offset $4 limit $5) d
            join leads l on l.org_id = d.org_id and l.id = d.lead_id order by l.id""",
        work.org_id, dataset_id, reason, offset, limit,
    )  # fmt: skip
    return records(Concerned, rows)


async def undelivered(work: Work, dataset_id: UUID, code: str, offset: int, limit: int) -> list[Concerned]:
    """Texts of the dataset's campaign that failed with this code of the carrier; the empty one: with none."""
    rows = await work.fetch(
        f"""select {_LEAD}, m.category, m.claimed_at as at from (
                select org_id, lead_id, category, claimed_at from messages
                where org_id = $1 and dataset_id = $2 and status = 'failed' and category in ('m1', 'm2', 'm3')
                  and error_code is not distinct from nullif($3, '')
                order by lead_id, category offset $4 limit $5) m
            join leads l on l.org_id = m.org_id and l.id = m.lead_id order by l.id, m.category""",
        work.org_id, dataset_id, code, offset, limit,
    )  # fmt: skip
    return records(Concerned, rows)


async def some(work: Work, lead_ids: list[UUID]) -> list[Concerned]:
    """These leads, in the order of their ids."""
    rows = await work.fetch(
        f"select {_LEAD} from leads l where l.org_id = $1 and l.id = any($2) order by l.id", work.org_id, lead_ids
    )
    return records(Concerned, rows)


class Turn(Struct, frozen=True, kw_only=True):
    """A start, pause, resumption or end of a campaign: the event, and what it tells."""

    type: str
    actor_type: str
    actor_id: UUID | None
    payload: dict[str, Any]
    occurred_at: datetime


async def turns(work: Work, dataset_id: UUID, limit: int) -> list[Turn]:
    """What was done with the dataset's campaign, newest first."""
    rows = await work.fetch(
        """select type, actor_type, actor_id, payload, occurred_at from events
           where org_id = $1 and subject_id = $2 and type = any($3) order by occurred_at desc, written desc limit $4""",
        work.org_id, dataset_id,
        ["campaign.started", "campaign.paused", "campaign.resumed", "campaign.completed"], limit,
    )  # fmt: skip
    return records(Turn, rows)
