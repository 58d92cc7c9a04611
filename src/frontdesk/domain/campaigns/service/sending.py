"""What campaigns send when it is due: claim under gate and pace, then hand over. Any number of workers may run it."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct, structs

from frontdesk.domain.agents import service as agents
from frontdesk.domain.campaigns import store
from frontdesk.domain.campaigns.model import ALREADY_CONTACTED, IN_ANOTHER_CAMPAIGN, Campaign, render
from frontdesk.domain.campaigns.service import campaigns
from frontdesk.domain.campaigns.store import DueLead, Move, Pace
from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.contactability.model import Category, Decision
from frontdesk.domain.contactability.service import Contact
from frontdesk.domain.conversations.model import Message, MessageStatus, NewMessage
from frontdesk.domain.conversations.service import delivery, threads
from frontdesk.domain.leads.model import CampaignStatus, Stage
from frontdesk.domain.leads.service import datasets
from frontdesk.kernel.access import system_actor
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work

BATCH = 100
"""Messages claimed in one transaction at the most."""

LOOKED_AT = 200
"""Due leads looked at in one transaction, where the pace has room for fewer."""

MOST_LOOKS = 25
"""Transactions of one campaign before it is the turn of others."""

CAMPAIGNS_AT_ONCE = 4
"""Campaigns that are seen to side by side: a slow carrier of one client holds up nobody else's."""

SAVED_UP = timedelta(seconds=2)
"""Wall time of sending that a pace may save up: workers look about once a second."""


async def run_due(context: Context, step: int | None = None) -> int:
    """Claim and send what is due over all organisations, of one step if told; how many were claimed.

    Campaigns with nothing left to send are completed, and so are those whose end has come.
    """
    async with context.works.across_tenants("due campaigns") as work:
        running = await store.running(work, step)
    claimed = await delivery.side_by_side(running, lambda one: _run_one(context, *one, step), CAMPAIGNS_AT_ONCE)
    async with context.works.across_tenants("idle campaigns") as work:
        idle = await store.idle(work)
    await delivery.side_by_side(idle, lambda one: _complete(context, *one))
    return sum(count or 0 for count in claimed)


async def _complete(context: Context, org_id: UUID, dataset_id: UUID) -> None:
    async with context.works.begin(system_actor(org_id)) as work:
        await campaigns.complete_if_idle(work, dataset_id)


async def _run_one(context: Context, org_id: UUID, dataset_id: UUID, step: int | None) -> int:
    for _ in range(MOST_LOOKS):
        async with context.works.begin(system_actor(org_id)) as work:
            messages, look_again = await _look(work, dataset_id, step)
        await delivery.hand_over_all(context, org_id, messages)
        if messages or not look_again:
            return len(messages)
    return 0


async def claim(work: Work, dataset_id: UUID, step: int | None = None) -> list[Message]:
    """Claim as many of the dataset's due messages as gate and pace allow now: stored as `sending`.

    Leads that the gate refuses for good leave the campaign with the reason; those it lets wait become due later.
    """
    return (await _look(work, dataset_id, step))[0]


async def _look(work: Work, dataset_id: UUID, step: int | None) -> tuple[list[Message], bool]:
    """One look at what is due: the claimed messages, and whether there is more behind what the gate refused.

    More leads are looked at than there is room for in the pace: refusals cost none of it, and those who may be written
    to must not wait behind thousands who may not.
    """
    if await datasets.campaign_status(work, dataset_id) is not CampaignStatus.ACTIVE:
        return [], False
    campaign = await store.get(work, dataset_id)
    pace = await store.take_pace(work, dataset_id)
    room = 0 if pace is None else min(BATCH, _room(work, pace, campaign))
    due = await store.claim_due(work, dataset_id, step, max(room, LOOKED_AT)) if room else []
    if pace is None or not due:
        return [], False
    given = await contactability.rules(work)
    asked = [_Asked(one, new_id(), _unfit(work, campaign, one)) for one in due]
    fit = [one for one in asked if one.unfit is None]
    # First without a lock on the numbers, to see who is in question; then in earnest those who are, and the refused.
    likely = await contactability.ask(work, [one.contact(campaign) for one in fit], given, keep=False)
    refused = [one for one, decision in zip(fit, likely, strict=True) if not decision.allowed]
    allowed = [one for one, decision in zip(fit, likely, strict=True) if decision.allowed][:room]
    decided = allowed + refused
    decisions = await contactability.ask(work, [one.contact(campaign) for one in decided], given)
    going = [one for one, decision in zip(decided, decisions, strict=True) if decision.allowed][:room]
    messages = await _store(work, campaign, going, given.number or "", given.provider or "")
    moves = [_move(work, campaign, one.due, d) for one, d in zip(decided, decisions, strict=True)]
    moves += [Move(one.due.lead.id, one.due.step - 1, None, one.unfit) for one in asked if one.unfit is not None]
    await store.move(work, dataset_id, moves)
    await store.save_pace(work, dataset_id, _spent(work, pace, campaign, len(going)))
    return messages, not going and len(due) >= LOOKED_AT


class _Asked(Struct, frozen=True):
    """A due lead, the message it may get, and why the campaign itself does not want it to have it, if so."""

    due: DueLead
    message_id: UUID
    unfit: str | None

    def contact(self, campaign: Campaign) -> Contact:
        category = Category(f"m{self.due.step}")
        return Contact(lead=self.due.lead, category=category, message_id=self.message_id, schedule=campaign.schedule)


def _unfit(work: Work, campaign: Campaign, one: DueLead) -> str | None:
    stale = campaign.stale_after_hours
    if stale is not None and work.now - one.due_at > timedelta(hours=stale):
        return "stale"
    if one.step > 1:
        return None
    return ALREADY_CONTACTED if one.lead.stage is not Stage.NEW else IN_ANOTHER_CAMPAIGN if one.elsewhere else None


def _room(work: Work, pace: Pace, campaign: Campaign) -> int:
    """How many messages the pace allows now: the campaign's own, and the client's, which is that of its quickest."""
    return min(
        # A hair is added: the sum of many refills must not miss a whole message by a rounding.
        int(_saved(work, at, rate) * rate / 60 + 1e-6)
        for at, rate in ((pace.campaign_at, campaign.rate_per_minute), (pace.client_at, pace.fastest))
    )


def _saved(work: Work, at: datetime, rate: float) -> float:
    """Seconds of sending saved up: enough for one message, or for the time between two looks."""
    most = max(60 / rate, work.clock.lasting(SAVED_UP).total_seconds())
    return min(most, (work.now - at).total_seconds())


def _spent(work: Work, pace: Pace, campaign: Campaign, count: int) -> Pace:
    def moved(at: datetime, rate: float) -> datetime:
        return work.now + timedelta(seconds=count * 60 / rate - _saved(work, at, rate))

    return structs.replace(
        pace,
        campaign_at=moved(pace.campaign_at, campaign.rate_per_minute),
        client_at=moved(pace.client_at, pace.fastest),
    )


def _move(work: Work, campaign: Campaign, one: DueLead, decision: Decision) -> Move:
    if not decision.allowed:
        if decision.next_open_at is not None:
            return Move(one.lead.id, one.step - 1, decision.next_open_at, None)
        return Move(one.lead.id, one.step - 1, None, decision.reason.value)
    delay = campaign.delay_after(one.step)
    return Move(one.lead.id, one.step, None if delay is None else work.now + delay, "done" if delay is None else None)


async def _store(work: Work, campaign: Campaign, going: list[_Asked], sender: str, provider: str) -> list[Message]:
    if not going:
        return []
    told = await agents.profile(work)
    threads_of = await threads.open_for(
        work, [one.due.lead.id for one in going], campaign.dataset_id, campaign.ai_response_delay_seconds
    )
    new = [
        NewMessage(
            id=one.message_id, conversation_id=threads_of[one.due.lead.id], lead_id=one.due.lead.id,
            dataset_id=campaign.dataset_id, category=f"m{one.due.step}", status=MessageStatus.SENDING,
            body=render(campaign.template(one.due.step), one.due.lead, told.name, told.agent_name), sender=sender,
            recipient=one.due.lead.phone or "", provider=provider, claimed_at=work.now,
        )
        for one in going
    ]  # fmt: skip
    return await threads.store_claimed(work, new)
