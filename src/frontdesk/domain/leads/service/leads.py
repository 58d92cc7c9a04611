"""Use cases of single leads and of their list."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import UNSET, structs

from frontdesk.domain.leads import change_store, list_store, store
from frontdesk.domain.leads.events import LeadHot, LeadUpdated
from frontdesk.domain.leads.model import Lead, LeadChange, LeadDetail, LeadFilter, LeadLine, Stage, Temperature
from frontdesk.kernel.access import Permission
from frontdesk.kernel.errors import Invalid
from frontdesk.kernel.paging import Page
from frontdesk.platform.database import Work

LONGEST = {
    "first_name": 100, "last_name": 100, "email": 254, "postcode": 20, "company": 200, "job_title": 200,
    "service_interest": 200, "reason": 1_000, "notes": 10_000,
}  # fmt: skip
"""Characters that a field may have."""
MOST_VALUE = 10**14
"""Hundredths."""


async def page(work: Work, wanted: LeadFilter) -> Page[LeadLine]:
    """One page of the organisation's leads, with the total of all matches (exact to 10,000 for free filters, to 1,000
    for a search alone)."""
    work.require(Permission.VIEW)
    if wanted.page < 1 or not 1 <= wanted.limit <= 100:
        raise Invalid(
            "A page is numbered from 1 and has 1 to 100 leads.", field="limit" if wanted.page >= 1 else "page"
        )
    return await list_store.page(work, wanted)


async def page_whole(work: Work, wanted: LeadFilter) -> Page[Lead]:
    """The same with all that is known of each lead."""
    found = await page(work, wanted)
    return Page(await list_store.some(work, [line.id for line in found.items]), found.total, found.total_capped)


async def get(work: Work, lead_id: UUID) -> Lead:
    """The lead. Raises LeadNotFound, also for another tenant's id."""
    work.require(Permission.VIEW)
    return await store.get(work, lead_id)


async def detail(work: Work, lead_id: UUID) -> LeadDetail:
    """The lead with its datasets and its conversation in a line. Raises LeadNotFound."""
    lead = await get(work, lead_id)
    return LeadDetail(
        lead=lead,
        dataset_ids=await store.datasets_of(work, lead_id),
        conversation=await store.conversation_of(work, lead_id),
    )


async def change(work: Work, lead_id: UUID, wanted: LeadChange) -> Lead:
    """Change what `wanted` sets.

    Raises LeadNotFound, LeadMoveNotAllowed, Invalid (too long, unknown assignee). Emits lead.updated when anything
    changed, and lead.hot when the lead became hot.
    """
    work.require(Permission.EDIT_LEADS)
    lead = await store.get(work, lead_id, lock=True)
    return await keep(work, lead, with_change(lead, wanted, await checked(work, wanted), work.now))


async def checked(work: Work, wanted: LeadChange) -> dict[str, Any]:
    """The plain fields that `wanted` sets. Raises Invalid (too long, unknown assignee)."""
    fields: dict[str, Any] = {
        name: value
        for name, value in structs.asdict(wanted).items()
        if value is not UNSET and name not in ("contact_status", "stage", "manual_mode", "archived")
    }
    for name, longest in LONGEST.items():
        if len(fields.get(name) or "") > longest:
            raise Invalid(f"{name} may have {longest} characters at most.", field=name)
    if "email" in fields and fields["email"] and "@" not in fields["email"]:
        raise Invalid("email is not an e-mail address.", field="email")
    if not 0 <= (fields.get("estimated_value") or 0) <= MOST_VALUE:
        raise Invalid("estimated_value is out of bounds.", field="estimated_value")
    assignee = fields.get("assigned_to")
    if assignee is not None and not await store.is_member(work, assignee):
        raise Invalid("assigned_to names nobody in the organisation.", field="assigned_to")
    return fields


def with_change(lead: Lead, wanted: LeadChange, fields: dict[str, Any], now: datetime) -> Lead:
    """The lead with the change; `fields` are those that were `checked`. Raises LeadMoveNotAllowed."""
    changed = structs.replace(lead, **fields)
    if wanted.contact_status is not UNSET:
        changed = changed.with_status(wanted.contact_status)
    if wanted.stage is not UNSET:
        changed = changed.with_stage(wanted.stage)
    if wanted.manual_mode is not UNSET:
        changed = changed.with_manual_mode(wanted.manual_mode, now)
    if wanted.archived is not UNSET:
        changed = changed.with_archived(wanted.archived, now)
    return changed


def told_of(was: Lead, now: Lead) -> LeadUpdated:
    """The fact that `now` is told over `was` by."""
    fields = [name for name in store.SAVED if getattr(was, name) != getattr(now, name)]
    return LeadUpdated(subject_id=now.id, fields=fields, contact_status=now.contact_status.value)


async def convert(work: Work, lead_id: UUID, value: int | None, notes: str) -> Lead:
    """Mark the lead as won, worth `value` hundredths where that is told; `notes` go below those that there are.

    Again with the same changes nothing but the notes. Raises LeadNotFound, LeadMoveNotAllowed for one that has opted
    out, Invalid. Emits lead.updated.
    """
    work.require(Permission.EDIT_LEADS)
    lead = await store.get(work, lead_id, lock=True)
    if value is not None and not 0 <= value <= MOST_VALUE:
        raise Invalid("actual_value is out of bounds.", field="actual_value")
    all_notes = "\n".join(part for part in (lead.notes, notes.strip()) if part)
    if len(all_notes) > LONGEST["notes"]:
        raise Invalid(f"notes may have {LONGEST['notes']} characters at most.", field="notes")
    won = structs.replace(
        lead.with_stage(Stage.CONVERTED),
        actual_value=lead.actual_value if value is None else value,
        notes=all_notes or None,
    )
    return await keep(work, lead, won)


async def toggle_archive(work: Work, lead_id: UUID) -> Lead:
    """Put the lead away, or bring it back. Raises LeadNotFound. Emits lead.updated."""
    work.require(Permission.EDIT_LEADS)
    lead = await store.get(work, lead_id, lock=True)
    return await keep(work, lead, lead.with_archived(not lead.archived, work.now))


async def set_manual_mode(work: Work, lead_id: UUID, enabled: bool) -> Lead:
    """Pause the AI for this lead, or let it answer again. Raises LeadNotFound. Emits lead.updated when it changed."""
    work.require(Permission.EDIT_LEADS)
    lead = await store.get(work, lead_id, lock=True)
    return await keep(work, lead, lead.with_manual_mode(enabled, work.now))


async def keep(work: Work, was: Lead, now: Lead, reason: str = "changed by hand") -> Lead:
    """Save `now` over `was` if they differ, and tell of it. For other features that have locked the lead."""
    fields = [name for name in store.SAVED if getattr(was, name) != getattr(now, name)]
    if not fields:
        return was
    now = structs.replace(now, updated_at=work.now)
    await store.save(work, now)
    if "reply_received_at" not in fields:  # a text that has come tells of itself
        await change_store.insert(work, was, now, fields, reason)
    work.emit(LeadUpdated(subject_id=now.id, fields=fields, contact_status=now.contact_status.value))
    if now.temperature is Temperature.HOT and was.temperature is not Temperature.HOT:
        work.emit(LeadHot(subject_id=now.id, reason=reason))
    return now


async def mark_sent(work: Work, lead_id: UUID, step: int) -> None:
    """Note that M1, M2 or M3 (`step` 1 to 3) has gone out to the lead. For the conversations feature."""
    lead = await store.mark_sent(work, lead_id, step)
    if lead is not None:
        status = lead.contact_status.value
        work.emit(LeadUpdated(subject_id=lead.id, fields=["stage", "last_step"], contact_status=status))


async def locked(work: Work, lead_id: UUID) -> Lead:
    """The lead, locked until the work ends. For other features. Raises LeadNotFound."""
    return await store.get(work, lead_id, lock=True)


async def phones(work: Work, lead_ids: list[UUID]) -> dict[UUID, str]:
    """The numbers of those of the leads that have one and that the actor may see, in the order of their ids. For other
    features."""
    return await store.phones(work, lead_ids)


async def of_phone(work: Work, phone: str, *, lock: bool = False) -> Lead | None:
    """The lead that has this number, if any. For other features."""
    return await store.by_phone(work, phone, lock=lock)
