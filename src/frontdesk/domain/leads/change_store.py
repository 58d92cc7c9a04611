"""The SQL of what was changed of leads, and by whom."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from frontdesk.domain.leads.errors import ChangeNotFound
from frontdesk.domain.leads.model import Lead
from frontdesk.kernel.ids import new_id
from frontdesk.platform.database import Work, record

KEPT = (
    "first_name", "last_name", "email", "postcode", "company", "job_title", "service_interest", "reason", "notes",
    "stage", "temperature", "urgency", "estimated_value", "actual_value", "last_step", "sentiment", "manual_mode",
    "archived", "assigned_to",
)  # fmt: skip
"""The fields whose changes are kept. A booking and a text are told by themselves."""


class LeadRevision(Struct, frozen=True, kw_only=True):
    """A change of one lead: the fields with their values before and after."""

    id: UUID
    lead_id: UUID
    actor_type: str
    actor_id: UUID | None
    was: dict[str, Any]
    becomes: dict[str, Any]
    changed_at: datetime
    undone_at: datetime | None


async def insert(work: Work, was: Lead, now: Lead, fields: list[str], reason: str) -> None:
    """Keep what of `fields` is worth it, if anything."""
    kept = [name for name in fields if name in KEPT]
    if not kept:
        return
    await work.execute(
        """insert into lead_changes (org_id, id, lead_id, actor_type, actor_id, reason, was, becomes, changed_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9)""",
        work.org_id, new_id(), now.id, work.actor.type.value, work.actor.id, reason,
        {name: plain(getattr(was, name)) for name in kept}, {name: plain(getattr(now, name)) for name in kept},
        work.now,
    )  # fmt: skip


def plain(value: Any) -> Any:
    """A field's value as it is kept."""
    return str(value) if isinstance(value, UUID) else value


async def get(work: Work, lead_id: UUID, change_id: UUID) -> LeadRevision:
    """The change, locked. Raises ChangeNotFound."""
    row = await work.fetchrow(
        """select id, lead_id, actor_type, actor_id, was, becomes, changed_at, undone_at from lead_changes
           where org_id = $1 and lead_id = $2 and id = $3 for update""",
        work.org_id, lead_id, change_id,
    )  # fmt: skip
    if row is None:
        raise ChangeNotFound
    return record(LeadRevision, row)


async def newest_of_actor(work: Work, lead_id: UUID) -> UUID | None:
    """The actor's last change of the lead in this very unit of work."""
    return await work.fetchval(
        """select id from lead_changes where org_id = $1 and lead_id = $2 and actor_id = $3 and changed_at = $4
           order by id desc limit 1""",
        work.org_id, lead_id, work.actor.id, work.now,
    )  # fmt: skip


async def set_undone(work: Work, change_id: UUID) -> None:
    """It was taken back."""
    await work.execute(
        "update lead_changes set undone_at = $3 where org_id = $1 and id = $2", work.org_id, change_id, work.now
    )
