"""The meter: a reader of the event log, which counts each call and each captured lead once."""

from uuid import UUID

from frontdesk.domain.billing import store
from frontdesk.domain.billing.events import UsageRecorded, UsageWarned
from frontdesk.domain.billing.model import Metered, drawn, period_at, warning
from frontdesk.domain.organizations import service as organizations
from frontdesk.platform.database import Work
from frontdesk.platform.events import Event

READER = "usage"
TYPES = frozenset({"call.completed", "call.analyzed"})


async def meter(work: Work, event: Event) -> None:
    """Count what an event tells of. Idempotent: by the call, and by the lead.

    A call counts in the period in which it ended, to the second. What lies beyond the plan's minutes is taken from
    packs, as far as they reach. Emits usage.recorded, and usage.warned where this passes 80 or 100 percent of the
    plan's minutes. Calls by which a member tried the assistant out count for nothing.
    """
    if event.payload.get("trial"):
        return
    if event.type == "call.analyzed":
        if event.payload.get("captured") and event.payload.get("lead_id"):
            await store.add_usage(work, Metered.LEADS, UUID(event.payload["lead_id"]), 1, event.occurred_at)
        return
    await store.one_at_a_time(work)
    await store.release(work, event.subject_id)
    organization = await organizations.get(work)
    period = period_at(await store.subscription(work), organization.time_zone, event.occurred_at)
    before = await store.totals(work, period)
    for kind, seconds, used, minutes, balance in (
        (Metered.CALL_SECONDS, event.payload["duration"], before.call_seconds,
         organization.allowance.call_minutes, before.call_balance),
        (Metered.AI_SECONDS, event.payload["ai_seconds"], before.ai_seconds,
         organization.allowance.ai_minutes, before.ai_balance),
    ):  # fmt: skip
        if not await store.add_usage(work, kind, event.subject_id, seconds, event.occurred_at):
            continue
        if seconds:
            work.emit(UsageRecorded(subject_id=event.subject_id, kind=kind.value, quantity=seconds))
        limit = minutes * 60
        if taken := drawn(used, used + seconds, limit, balance):
            await store.enter(work, kind, -taken, f"call:{event.subject_id}")
        passed = warning(used, used + seconds, limit)
        if passed is not None:
            work.emit(UsageWarned(subject_id=work.org_id, kind=kind.value, percent=passed))
