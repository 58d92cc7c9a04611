"""Posting deliveries: claimed and committed, posted while no transaction is open, settled. At least once: what nobody
settled is due again when its lease has passed."""

import asyncio
import random
import time
from uuid import UUID

from frontdesk.domain.webhooks import delivery_store, signing, store
from frontdesk.domain.webhooks.delivery_store import Claim
from frontdesk.domain.webhooks.events import WebhookDisabled
from frontdesk.domain.webhooks.model import FAILS_FOR, LEASE, DeliveryStatus, DisabledReason, retry_pause
from frontdesk.kernel.access import system_actor
from frontdesk.platform.context import Context
from frontdesk.platform.crypto import Unreadable
from frontdesk.platform.database import Work
from frontdesk.ports.outbound import Answer

EACH = 4
"""Deliveries that are on their way to one endpoint at once, at most."""
LONGEST = 30.0
"""Wall seconds for one post, whatever the poster does: within the lease."""

_GONE = 410


async def due(context: Context, most: int) -> list[tuple[UUID, UUID]]:
    """(organisation, delivery) of what is due to be posted now, soonest first."""
    async with context.works.across_tenants("due webhooks") as work:
        return await delivery_store.due(work, EACH, most)


async def send(context: Context, org_id: UUID, delivery_id: UUID) -> bool:
    """Make one attempt at a delivery, unless it is not due any more or somebody else is at it. Returns whether it was
    taken."""
    actor, clock = system_actor(org_id), context.works.clock
    async with context.works.begin(actor) as work:
        claim = await delivery_store.claim(work, delivery_id, work.now + clock.lasting(LEASE))
        if claim is None:
            return False
        secret, previous = await store.secrets(work, claim.endpoint_id)
        at = clock.wall_time(work.now)
    began = time.monotonic()
    try:
        opened = context.vault.open(secret), context.vault.open(previous) if previous else None
        headers = signing.headers(claim.event_id, at, claim.payload, *opened)
        async with asyncio.timeout(LONGEST):
            answer = await context.poster.post(claim.url, claim.payload.encode(), headers)
    except Unreadable as error:
        answer = Answer(None, str(error))
    except TimeoutError:
        answer = Answer(None, "No answer in time.")
    latency = round((time.monotonic() - began) * 1000)
    async with context.works.begin(actor) as work:
        await _settle(work, claim, answer, latency)
    return answer.ok


async def _settle(work: Work, claim: Claim, answer: Answer, latency_ms: int) -> None:
    chance = random.random()  # noqa: S311 - spreads load
    pause = None if answer.ok else retry_pause(claim.tries, chance, answer.retry_after)
    if answer.ok:
        status = DeliveryStatus.DELIVERED
    else:
        status = DeliveryStatus.FAILED if pause is None else DeliveryStatus.PENDING
    error = answer.error
    if not answer.ok and answer.status is not None:
        error = "Redirects are not followed." if 300 <= answer.status < 400 else ""
    # The endpoint before its delivery: one order of locks.
    if answer.ok:
        await store.note_success(work, claim.endpoint_id)
    else:
        await _note_failure(work, claim.endpoint_id, answer)
    await delivery_store.settle(
        work, claim, status, None if pause is None else work.now + work.clock.lasting(pause),
        status_code=answer.status, latency_ms=latency_ms, error=error,
    )  # fmt: skip


async def _note_failure(work: Work, endpoint_id: UUID, answer: Answer) -> None:
    since = await store.note_failure(work, endpoint_id)
    if since is None:
        return
    reason = None
    if answer.status == _GONE:
        reason = DisabledReason.GONE
    elif since <= work.now - work.clock.lasting(FAILS_FOR):
        reason = DisabledReason.FAILING
    if reason is not None and await store.disable(work, endpoint_id, reason):
        work.emit(WebhookDisabled(subject_id=endpoint_id, reason=reason.value))
