"""Taking back what a person changed of a lead."""

from datetime import datetime
from typing import Any, get_type_hints
from uuid import UUID

import msgspec
from msgspec import structs

from frontdesk.domain.leads import change_store
from frontdesk.domain.leads.change_store import LeadRevision
from frontdesk.domain.leads.errors import ChangedSince
from frontdesk.domain.leads.model import Lead, Stage
from frontdesk.domain.leads.service import leads
from frontdesk.kernel.access import Permission
from frontdesk.platform.database import Work


async def latest(work: Work, lead_id: UUID) -> UUID | None:
    """The id by which `undo` takes back what this unit of work has just changed of the lead. None: nothing kept."""
    return await change_store.newest_of_actor(work, lead_id)


async def undo(work: Work, lead_id: UUID, change_id: UUID) -> Lead:
    """Give the fields of a change the values they had before it.

    Raises LeadNotFound, ChangeNotFound, and ChangedSince where it was undone already, or a field has got another value
    since, or the lead has opted out or comes back from that: an opt-out is not undone.
    """
    work.require(Permission.EDIT_LEADS)
    lead = await leads.locked(work, lead_id)
    change = await change_store.get(work, lead_id, change_id)
    back = taken_back(lead, change, work.now)
    await change_store.set_undone(work, change_id)
    return await leads.keep(work, lead, back, reason="undone")


def taken_back(lead: Lead, change: LeadRevision, now: datetime) -> Lead:
    """The lead as it was before the change. Raises ChangedSince."""
    same = all(change_store.plain(getattr(lead, name)) == value for name, value in change.becomes.items())
    out = Stage.OPTED_OUT in (lead.stage, change.was.get("stage"))
    if change.undone_at is not None or not same or out:
        raise ChangedSince
    hints = get_type_hints(Lead)
    fields: dict[str, Any] = {name: msgspec.convert(value, hints[name]) for name, value in change.was.items()}
    if "manual_mode" in fields:
        lead = lead.with_manual_mode(fields["manual_mode"], now)
    if "archived" in fields:
        lead = lead.with_archived(fields["archived"], now)
    return structs.replace(lead, **fields)
