"""What campaigns send when it is due: claim under gate and pace, then hand over. Any number of workers may run it."""

import asyncio
from datetime import timedelta
from uuid import UUID

import structlog

from frontdesk.domain.agents import service as agents
from frontdesk.domain.campaigns import store
from frontdesk.domain.campaigns.model import Campaign, render
from frontdesk.domain.campaigns.service import campaigns
from frontdesk.domain.campaigns.store import DueLead, Move
from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.contactability.model import Category, Decision
from frontdesk.domain.contactability.service import Contact
from frontdesk.domain.conversations.model import Message, MessageStatus, NewMessage
from frontdesk.domain.conversations.service import delivery, threads
from frontdesk.kernel.access import system_actor
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.platform.loops import describe

log = structlog.get_logger(__name__)

BATCH = 100
"""Messages claimed in one transaction at the most."""

AT_ONCE = 16
"""Messages of one campaign handed to the carrier side by side."""

CAMPAIGNS_AT_ONCE = 4
"""Campaigns that one call sees to side by side, so that a slow carrier of one does not hold up the others."""

SAVED_UP = timedelta(seconds=2)
"""Wall time of sending that a client's pace may save up: workers look about once a second."""


async def run_due(context: Context, step: int | None = None) -> int:
    """Claim and send what is due over all organisations, of one step if told; how many were claimed.

    Campaigns with nothing left to send are completed.
    """
    async with context.works.across_tenants("due campaigns") as work:
        running = await store.running(work, step)
    gate = asyncio.Semaphore(CAMPAIGNS_AT_ONCE)

    async def see_to(org_id: UUID, dataset_id: UUID) -> int:
        async with gate:
            try:
                return await _run_one(context, org_id, dataset_id, step)
            except Exception as error:
                log.error("a campaign failed", dataset=str(dataset_id), error=describe(error))
                return 0

    claimed = sum(await asyncio.gather(*(see_to(org_id, dataset_id) for org_id, dataset_id in running)))
    async with context.works.across_tenants("idle campaigns") as work:
        idle = await store.idle(work)
    for org_id, dataset_id in idle:
        async with context.works.begin(system_actor(org_id)) as work:
            await campaigns.complete(work, dataset_id)
    return claimed


async def _run_one(context: Context, org_id: UUID, dataset_id: UUID, step: int | None) -> int:
    async with context.works.begin(system_actor(org_id)) as work:
        messages = await claim(work, dataset_id, step)
    gate = asyncio.Semaphore(AT_ONCE)

    async def hand_over(message: Message) -> None:
        async with gate:
            try:
                await delivery.hand_over(context, org_id, message)
            except Exception as error:  # it stays `sending`, and is settled by asking the carrier
                log.error("a hand-over failed", message=str(message.id), error=describe(error))

    await asyncio.gather(*(hand_over(message) for message in messages))
    return len(messages)


async def claim(work: Work, dataset_id: UUID, step: int | None = None) -> list[Message]:
    """Claim as many of the dataset's due messages as gate and pace allow now: stored as `sending`.

    Leads that the gate refuses for good leave the campaign with the reason; those it lets wait become due later.
    """
    if not await store.is_active(work, dataset_id):
        return []
    campaign = await store.get(work, dataset_id)
    cost = 60 / campaign.rate_per_minute
    saved = await store.take_pace(work, max(cost, work.clock.lasting(SAVED_UP).total_seconds()))
    if saved is None:
        return []
    # A hair is added: the sum of many refills must not miss a whole message by a rounding.
    room = min(BATCH, int(saved / cost + 1e-6))
    due = await store.claim_due(work, dataset_id, step, room) if room else []
    if not due:
        return []
    given = await contactability.rules(work)
    ids = [new_id() for _ in due]
    contacts = [
        Contact(lead=one.lead, category=Category(f"m{one.step}"), message_id=message_id, schedule=campaign.schedule)
        for one, message_id in zip(due, ids, strict=True)
    ]
    decisions = await contactability.ask(work, contacts, given)
    going = [
        (one, message_id)
        for one, message_id, decision in zip(due, ids, decisions, strict=True)
        if decision.allowed and not _is_stale(work, campaign, one)
    ]
    messages = await _store(work, campaign, going, given.number or "", given.provider or "")
    await store.move(work, dataset_id, [_move(work, campaign, one, d) for one, d in zip(due, decisions, strict=True)])
    await store.save_pace(work, saved - len(going) * cost)
    return messages


def _is_stale(work: Work, campaign: Campaign, one: DueLead) -> bool:
    stale = campaign.stale_after_hours
    return stale is not None and work.now - one.due_at > timedelta(hours=stale)


def _move(work: Work, campaign: Campaign, one: DueLead, decision: Decision) -> Move:
    if decision.allowed and _is_stale(work, campaign, one):
        return Move(one.lead.id, one.step - 1, None, "stale")
    if not decision.allowed:
        if decision.next_open_at is not None:
            return Move(one.lead.id, one.step - 1, decision.next_open_at, None)
        return Move(one.lead.id, one.step - 1, None, decision.reason.value)
    delay = campaign.delay_after(one.step)
    return Move(one.lead.id, one.step, None if delay is None else work.now + delay, "done" if delay is None else None)


async def _store(
    work: Work, campaign: Campaign, going: list[tuple[DueLead, UUID]], sender: str, provider: str
) -> list[Message]:
    if not going:
        return []
    told = await agents.profile(work)
    threads_of = await threads.open_for(
        work, [one.lead.id for one, _ in going], campaign.dataset_id, campaign.ai_response_delay_seconds
    )
    new = [
        NewMessage(
            id=message_id, conversation_id=threads_of[one.lead.id], lead_id=one.lead.id,
            dataset_id=campaign.dataset_id, category=f"m{one.step}", status=MessageStatus.SENDING,
            body=render(campaign.template(one.step), one.lead, told.name, told.agent_name), sender=sender,
            recipient=one.lead.phone or "", provider=provider, claimed_at=work.now,
        )
        for one, message_id in going
    ]  # fmt: skip
    return await threads.store_claimed(work, new)
