"""Use cases of usage: a reader of the event log that meters it, and what was used."""

from datetime import datetime

from frontdesk.domain.billing import store
from frontdesk.domain.billing.events import UsageRecorded
from frontdesk.domain.billing.model import UsageKind, Used, UsedIn
from frontdesk.kernel.access import Permission
from frontdesk.kernel.errors import Invalid
from frontdesk.platform.database import Work
from frontdesk.platform.events import Event

READER = "usage"
TYPES = frozenset({"call.completed"})

SPANS = frozenset({"day", "week", "month"})


async def meter(work: Work, event: Event) -> None:
    """React to an event: meter what a call used, once, however often the event is read. Emits usage.recorded."""
    spent = {UsageKind.CALL_SECONDS: event.payload["duration"], UsageKind.AI_SECONDS: event.payload["ai_seconds"]}
    for kind, seconds in spent.items():
        if seconds and await store.insert(work, kind, event.subject_id, seconds, event.occurred_at):
            work.emit(UsageRecorded(subject_id=event.subject_id, kind=kind.value, quantity=seconds))


async def used(work: Work, since: datetime, until: datetime | None = None) -> Used:
    """What the organisation used from `since` up to `until`, or to now."""
    work.require(Permission.VIEW)
    return await store.used(work, since, until or work.now)


async def history(work: Work, span: str, zone: str, since: datetime) -> list[UsedIn]:
    """What was used by days, weeks or months of the IANA zone `zone`, newest first. Raises Invalid."""
    work.require(Permission.VIEW)
    if span not in SPANS:
        raise Invalid("Usage is told by day, week or month.", field="period")
    return await store.by_span(work, span, zone, since)
