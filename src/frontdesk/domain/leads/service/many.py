"""Many leads at once: as a file to take away, and changed together."""

import csv
import io
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from uuid import UUID

from frontdesk.domain.leads import change_store, list_store
from frontdesk.domain.leads.errors import ChangedSince, LeadNotFound
from frontdesk.domain.leads.importing.values import csv_safe
from frontdesk.domain.leads.model import Lead, LeadChange, LeadFilter
from frontdesk.domain.leads.service import changes, leads
from frontdesk.kernel.access import Actor, Permission
from frontdesk.kernel.errors import Invalid
from frontdesk.platform.database import Work, Works

MOST_EXPORTED = 1_000_000
_AT_ONCE = 1_000
MOST_CHANGED = 100
"""Leads that one act changes."""

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
    yield b"\xef\xbb\xbf" + _csv([COLUMNS])  # by which Excel knows the encoding
    for start in range(0, len(ids), _AT_ONCE):
        async with works.read(actor) as work:
            found = await list_store.some(work, ids[start : start + _AT_ONCE])
        yield _csv(_row(lead) for lead in found)


def _csv(rows: Iterable[Iterable[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([csv_safe(cell) for cell in row] for row in rows)
    return out.getvalue().encode()


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


async def change_all(work: Work, lead_ids: Iterable[UUID], wanted: LeadChange) -> int:
    """Change each of the leads, together or not at all; how many were not so already. Those that the actor may not see
    are left out. Raises Invalid for too many, and what `leads.change` raises."""
    work.require(Permission.EDIT_LEADS)
    which = sorted(set(lead_ids))  # always locked in one order
    if len(which) > MOST_CHANGED:
        raise Invalid(f"Change {MOST_CHANGED} leads at once at most.", field="lead")
    for lead_id in which:
        try:
            await leads.change(work, lead_id, wanted)
        except LeadNotFound:
            continue
    return len(await change_store.at_once(work, work.now))


async def undo_all(work: Work, at: datetime) -> tuple[int, int]:
    """Take back what the actor changed at that very instant, of all leads: how many were, how many could not be."""
    work.require(Permission.EDIT_LEADS)
    undone = kept = 0
    for lead_id, change_id in await change_store.at_once(work, at):
        try:
            await changes.undo(work, lead_id, change_id)
            undone += 1
        except (ChangedSince, LeadNotFound):
            kept += 1
    return undone, kept
