"""Many leads at once: as a file to take away, and changed together."""

import contextlib
from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

from frontdesk.domain.leads import list_store, many_store
from frontdesk.domain.leads.errors import ChangedSince
from frontdesk.domain.leads.importing.values import csv_lines
from frontdesk.domain.leads.model import Lead, LeadChange, LeadFilter
from frontdesk.domain.leads.service import changes, leads
from frontdesk.kernel.access import Actor, Permission
from frontdesk.platform.database import Work, Works

MOST_EXPORTED = 1_000_000
_AT_ONCE = 1_000
COLUMNS = (
    "First name", "Last name", "Phone", "E-mail", "Postcode", "Company", "Job title", "Asked about", "Source",
    "Enquired", "Status", "Mood", "Latest reply", "Replied at", "Call at", "Archived", "Notes", "Added at",
)  # fmt: skip


async def export(works: Works, actor: Actor, wanted: LeadFilter) -> AsyncIterator[bytes]:
    """All leads that match as CSV in UTF-8, newest first, piece by piece; times in UTC. What a spreadsheet would take
    for a formula is told to be text. Who is in it is settled at the beginning, the rows are read as they are written.
    Audited. Raises Forbidden before anything is read.
    """
    async with works.begin(actor) as work:
        work.require(Permission.EXPORT_LEADS)
        ids = await list_store.ids(work, wanted, MOST_EXPORTED)
        await work.audit("leads.exported", "lead", None, count=len(ids))
    return _pieces(works, actor, ids)


async def _pieces(works: Works, actor: Actor, ids: list[UUID]) -> AsyncIterator[bytes]:
    yield b"\xef\xbb\xbf" + csv_lines([COLUMNS]).encode()  # by which Excel knows the encoding
    for start in range(0, len(ids), _AT_ONCE):
        async with works.read(actor) as work:
            found = await list_store.some(work, ids[start : start + _AT_ONCE])
        yield csv_lines(_row(lead) for lead in found).encode()


def _row(lead: Lead) -> list[str]:
    return [
        lead.first_name, lead.last_name or "", str(lead.phone or ""), lead.email or "", lead.postcode or "",
        lead.company or "", lead.job_title or "", lead.service_interest or "", lead.source or "",
        lead.inquiry_date.isoformat() if lead.inquiry_date else "", lead.contact_status.value,
        lead.sentiment.value if lead.sentiment else "", lead.latest_reply or "", _time(lead.reply_received_at),
        _time(lead.call_booked_time), "yes" if lead.archived else "", lead.notes or "", _time(lead.created_at),
    ]  # fmt: skip


def _time(at: datetime | None) -> str:
    return "" if at is None else at.isoformat(timespec="seconds")


async def matching(work: Work, wanted: LeadFilter) -> list[UUID]:
    """The ids of all leads that match, whatever page is asked for. Raises Forbidden."""
    work.require(Permission.EDIT_LEADS)
    return await list_store.ids(work, wanted, MOST_EXPORTED)


async def change_some(work: Work, batch: list[UUID], wanted: LeadChange, at: datetime) -> list[UUID]:
    """Change each of the leads, as done at that instant, by which `undo_some` takes it back; which were not so already.

    Only who answers, who looks after them, and whether they are archived can be changed like this. Those that the actor
    may not see are left out. Raises Forbidden, Invalid (unknown assignee). Emits lead.updated for each. For the bulk
    feature, which keeps batches short.
    """
    work.require(Permission.EDIT_LEADS)
    fields = await leads.checked(work, wanted)
    was = await many_store.locked(work, batch)
    return await _keep(work, [(one, leads.with_change(one, wanted, fields, work.now)) for one in was], at)


async def _keep(
    work: Work, pairs: list[tuple[Lead, Lead]], at: datetime, reason: str = "changed by hand"
) -> list[UUID]:
    changed = [(was, now) for was, now in pairs if was != now]
    if changed:
        await many_store.save(work, [now for _, now in changed])
        await many_store.keep_changes(work, changed, reason, at)
        for was, now in changed:
            work.emit(leads.told_of(was, now))
    return [now.id for _, now in changed]


async def undo_some(work: Work, batch: list[UUID], by: UUID, at: datetime) -> list[UUID]:
    """Take back what that person changed of the leads at that very instant; of which it was. What was changed again
    since stays. Raises Forbidden. For the bulk feature."""
    work.require(Permission.EDIT_LEADS)
    by_id = {lead.id: lead for lead in await many_store.locked(work, batch)}
    pairs: list[tuple[Lead, Lead]] = []
    done: list[UUID] = []
    for change in await many_store.changes(work, list(by_id), by, at):
        if not change.was.keys() <= set(many_store.SAVED):
            continue
        with contextlib.suppress(ChangedSince):
            lead = by_id[change.lead_id]
            pairs.append((lead, changes.taken_back(lead, change, work.now)))
            done.append(change.id)
    await many_store.set_undone(work, done)
    await _keep(work, pairs, work.now, reason="undone")
    return [lead.id for lead, _ in pairs]


async def join(work: Work, dataset_id: UUID, batch: list[UUID]) -> list[UUID]:
    """Add leads to a dataset that the caller has locked; which were not in it. Those that the actor may not see are
    left out. For the campaigns feature."""
    work.require(Permission.EDIT_LEADS)
    return await many_store.join(work, dataset_id, batch)


async def leave(work: Work, dataset_id: UUID, batch: list[UUID]) -> list[UUID]:
    """Take leads out of a dataset again; which left. Those to whom its campaign has begun to write stay, and
    those that the actor may not see. For the campaigns feature."""
    work.require(Permission.EDIT_LEADS)
    return await many_store.leave(work, dataset_id, batch)
