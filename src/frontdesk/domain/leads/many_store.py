"""The SQL of changing many leads in one statement each. Single leads are `store`."""

from datetime import datetime
from uuid import UUID

from frontdesk.domain.leads import change_store
from frontdesk.domain.leads.change_store import LeadRevision
from frontdesk.domain.leads.model import Lead
from frontdesk.domain.leads.store import COLUMNS, allowed, seen
from frontdesk.kernel.ids import new_id
from frontdesk.platform.database import Work, record, records

SAVED = ("manual_mode", "manual_mode_at", "archived", "archived_at", "assigned_to")
"""What of leads is changed together."""


async def locked(work: Work, ids: list[UUID]) -> list[Lead]:
    """Those of the leads that there are and that the actor may see, locked in the order of their ids."""
    rows = await work.fetch(
        f"""select {COLUMNS} from leads l where l.org_id = $1 and l.id = any($2) and {seen("l.id", 3)}
            order by l.id for no key update""",
        work.org_id, ids, allowed(work),
    )  # fmt: skip
    return [record(Lead, row) for row in rows]


async def save(work: Work, leads: list[Lead]) -> None:
    """Write what of the leads is changed together."""
    await work.execute(
        """update leads l set manual_mode = n.manual_mode, manual_mode_at = n.manual_mode_at, archived = n.archived,
               archived_at = n.archived_at, assigned_to = n.assigned_to, updated_at = $2
           from unnest($3::uuid[], $4::bool[], $5::timestamptz[], $6::bool[], $7::timestamptz[], $8::uuid[])
                as n (id, manual_mode, manual_mode_at, archived, archived_at, assigned_to)
           where l.org_id = $1 and l.id = n.id""",
        work.org_id, work.now, [lead.id for lead in leads],
        *([getattr(lead, name) for lead in leads] for name in SAVED),
    )  # fmt: skip


async def keep_changes(work: Work, pairs: list[tuple[Lead, Lead]], reason: str, at: datetime) -> None:
    """Keep what was changed, from the first of each pair to the second, as done at that instant."""
    kept = [(was, now, [n for n in change_store.KEPT if getattr(was, n) != getattr(now, n)]) for was, now in pairs]
    await work.execute(
        """insert into lead_changes (org_id, id, lead_id, actor_type, actor_id, reason, was, becomes, changed_at)
           select $1, n.id, n.lead_id, $2, $3, $4, n.was, n.becomes, $5
           from unnest($6::uuid[], $7::uuid[], $8::jsonb[], $9::jsonb[]) as n (id, lead_id, was, becomes)""",
        work.org_id, work.actor.type.value, work.actor.id, reason, at, [new_id() for _ in kept],
        [now.id for _, now, _ in kept],
        [{n: change_store.plain(getattr(was, n)) for n in names} for was, _, names in kept],
        [{n: change_store.plain(getattr(now, n)) for n in names} for _, now, names in kept],
    )  # fmt: skip


async def changes(work: Work, lead_ids: list[UUID], by: UUID, at: datetime) -> list[LeadRevision]:
    """What that person changed of the leads at that instant and was not taken back, locked."""
    rows = await work.fetch(
        """select id, lead_id, actor_type, actor_id, was, becomes, changed_at, undone_at from lead_changes
           where org_id = $1 and lead_id = any($2) and actor_id = $3 and changed_at = $4 and undone_at is null
           order by lead_id, id for update""",
        work.org_id, lead_ids, by, at,
    )  # fmt: skip
    return records(LeadRevision, rows)


async def set_undone(work: Work, ids: list[UUID]) -> None:
    """They were taken back."""
    await work.execute(
        "update lead_changes set undone_at = $3 where org_id = $1 and id = any($2)", work.org_id, ids, work.now
    )


async def join(work: Work, dataset_id: UUID, ids: list[UUID]) -> list[UUID]:
    """Add the leads that the actor may see to a dataset; which were not in it."""
    rows = await work.fetch(
        f"""insert into dataset_leads (org_id, dataset_id, lead_id, created_at)
            select l.org_id, $2, l.id, $3 from leads l
            where l.org_id = $1 and l.id = any($4) and {seen("l.id", 5)} order by l.id
            on conflict do nothing returning lead_id""",
        work.org_id, dataset_id, work.now, ids, allowed(work),
    )  # fmt: skip
    return [row["lead_id"] for row in rows]


async def leave(work: Work, dataset_id: UUID, ids: list[UUID]) -> list[UUID]:
    """Take the leads that the actor may see out of a dataset, but for those of whom a text of its campaign was claimed;
    which left."""
    rows = await work.fetch(
        f"""delete from dataset_leads d
            where d.org_id = $1 and d.dataset_id = $2 and d.lead_id = any($3) and d.step = 0 and {seen("d.lead_id", 4)}
            returning d.lead_id""",
        work.org_id, dataset_id, ids, allowed(work),
    )  # fmt: skip
    return [row["lead_id"] for row in rows]
