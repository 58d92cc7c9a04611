"""Use cases of the activity feed and of the overview."""

from uuid import UUID

from frontdesk.domain.activity import store
from frontdesk.domain.activity.model import ActivityLine, Overview, sentence
from frontdesk.domain.conversations.service import threads
from frontdesk.domain.leads.service import datasets
from frontdesk.kernel.access import Permission
from frontdesk.platform.database import Work
from frontdesk.platform.events import Event

READER = "activity"


async def note(work: Work, event: Event) -> None:
    """React to an event: add a line to the feed where it is worth one. Idempotent by the event."""
    lead_id = _lead_of(event)
    summary = sentence(event.type, event.payload, await store.name_of(work, lead_id) if lead_id else "")
    if summary is not None:
        subject_type, subject_id = ("lead", lead_id) if lead_id else (event.subject_type, event.subject_id)
        await store.insert(work, event, subject_type, subject_id, summary)


def _lead_of(event: Event) -> UUID | None:
    if event.payload.get("lead_id"):
        return UUID(str(event.payload["lead_id"]))
    return event.subject_id if event.subject_type in ("lead", "suppression") else None


async def recent(work: Work, limit: int = 20, before: int | None = None) -> list[ActivityLine]:
    """What happened lately, newest first; `before` a position, for the next page."""
    work.require(Permission.VIEW)
    return await store.recent(work, limit, before)


async def overview(work: Work) -> Overview:
    """The organisation at a glance, as far as the actor may see it; days are those of its own time zone."""
    work.require(Permission.VIEW)
    counted, waiting = await store.figures(work), await threads.counts(work)
    return Overview(
        leads=await datasets.totals(work),
        datasets_active=counted["datasets_active"],
        sent_today=counted["sent_today"],
        replies_today=counted["replies_today"],
        bookings_upcoming=counted["bookings_upcoming"],
        needs_human=waiting.needs_human,
        unread=waiting.unread,
        days=await store.days(work, 14),
    )
