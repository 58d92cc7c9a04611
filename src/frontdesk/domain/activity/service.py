"""Use cases of the activity feed, of live events, and of the overview."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from uuid import UUID

from frontdesk.domain.activity import store, timeline_store
from frontdesk.domain.activity.model import ActivityLine, Moment, MomentKind, Overview, sentence
from frontdesk.domain.conversations.service import inbox
from frontdesk.domain.leads.service import datasets, leads
from frontdesk.kernel.access import Actor, Permission
from frontdesk.kernel.errors import Forbidden
from frontdesk.platform.database import Work, Works
from frontdesk.platform.events import Event
from frontdesk.platform.realtime import Hub, Resync

READER = "activity"

ABOUT_NO_LEAD = frozenset({"organization", "user", "invitation", "knowledge_file", "webhook_endpoint", "connection"})
"""Subjects of events that every member may know of."""


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


async def watch(works: Works, hub: Hub, actor: Actor, after: int | None) -> AsyncGenerator[Event | Resync, None]:
    """The events of the actor's organisation as they happen, from now on or after position `after`, as far as it may
    see what they are about. Close the generator to stop. Raises Forbidden where there is no organisation."""
    if actor.org_id is None:
        raise Forbidden("You belong to no organisation yet.")
    async with aclosing(hub.subscribe(actor.org_id, after)) as happening:
        async for event in happening:
            if isinstance(event, Resync) or await _may_see(works, actor, event):
                yield event


async def _may_see(works: Works, actor: Actor, event: Event) -> bool:
    """Whether `event` is about nothing that the actor is held from. What is not known to be harmless is about leads."""
    if event.subject_type == "notification":
        return str(actor.id) in event.payload["user_ids"]
    held_to = actor.allowed_datasets
    if held_to is None or event.subject_type in ABOUT_NO_LEAD:
        return True
    dataset = event.subject_id if event.subject_type == "dataset" else event.payload.get("dataset_id")
    if dataset is not None and str(dataset) in {str(each) for each in held_to}:
        return True
    lead_id = _lead_of(event)
    if lead_id is None:
        return False
    async with works.read(actor) as work:
        return await store.sees(work, lead_id)


async def timeline(
    work: Work,
    lead_id: UUID,
    kind: MomentKind | None = None,
    before: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Moment]:
    """All that happened to a lead, or one kind of it, newest first; `before` an earlier page's last (at, id). Raises
    LeadNotFound."""
    work.require(Permission.VIEW)
    await leads.get(work, lead_id)
    return await timeline_store.page(work, lead_id, [kind] if kind else list(MomentKind), before, limit)


async def overview(work: Work) -> Overview:
    """The organisation at a glance, as far as the actor may see it; days are those of its own time zone."""
    work.require(Permission.VIEW)
    counted, waiting = await store.figures(work), await inbox.counts(work)
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
