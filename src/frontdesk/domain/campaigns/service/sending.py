"""What campaigns send when it is due: claim under gate and pace, then hand over. Any number of workers may run it."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct, structs

from frontdesk.domain.agents import service as agents
from frontdesk.domain.agents.model import AgentProfile
from frontdesk.domain.campaigns import personal_store, store
from frontdesk.domain.campaigns.model import ALREADY_CONTACTED, DONE, IN_ANOTHER_CAMPAIGN, STALE, Campaign
from frontdesk.domain.campaigns.personal import Personal, brief_of, made_of
from frontdesk.domain.campaigns.service import campaigns
from frontdesk.domain.campaigns.store import DueLead, Move, Pace, Running
from frontdesk.domain.campaigns.wording import render
from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.contactability.model import Category, Decision, Schedule
from frontdesk.domain.contactability.service import Contact
from frontdesk.domain.contactability.store import OrgRules
from frontdesk.domain.conversations.model import Message, MessageStatus, NewMessage
from frontdesk.domain.conversations.service import delivery, threads
from frontdesk.domain.leads.model import CampaignStatus, Stage
from frontdesk.domain.leads.service import datasets
from frontdesk.kernel.access import system_actor
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.platform.loops import side_by_side

BATCH = 100
"""Messages claimed in one transaction at the most."""

LOOKED_AT = 200
"""Due leads looked at in one transaction, where the pace has room for fewer."""

MOST_LOOKS = 25
"""Transactions of one campaign before it is the turn of others."""

CAMPAIGNS_AT_ONCE = 4
"""Campaigns that are seen to side by side: a slow carrier of one client holds up nobody else's."""

TAKEN_UP = 25
"""Put-back messages that are claimed again in one transaction."""

SAVED_UP = timedelta(seconds=2)
"""Wall time of sending that a pace may save up: workers look about once a second."""


async def run_due(context: Context, step: int | None = None) -> int:
    """Claim and send what is due over all organisations, of one step if told; how many were claimed.

    Campaigns with nothing left to send are completed, and so are those whose end has come.
    """
    async with context.works.across_tenants("due campaigns") as work:
        running = await store.running(work, step)
    claimed = await side_by_side(running, lambda one: _run_one(context, one, step), CAMPAIGNS_AT_ONCE)
    async with context.works.across_tenants("idle campaigns") as work:
        idle = await store.idle(work)
    await side_by_side(idle, lambda one: _complete(context, *one), CAMPAIGNS_AT_ONCE)
    return sum(count or 0 for count in claimed)


async def _complete(context: Context, org_id: UUID, dataset_id: UUID) -> None:
    async with context.works.begin(system_actor(org_id)) as work:
        await campaigns.complete_if_idle(work, dataset_id)


async def _run_one(context: Context, one: Running, step: int | None) -> int:
    actor, before = system_actor(one.org_id), 0
    if one.put_back:
        async with context.works.begin(actor) as work:
            messages, schedule = await _take_up(work, one.dataset_id, step)
        await delivery.hand_over_all(context, one.org_id, messages, schedule)
        before = len(messages)
    if one.held_up:  # what waits tries the carrier; nobody else's text is to wait with it
        return before
    for _ in range(MOST_LOOKS):
        async with context.works.begin(actor) as work:
            look = await _look(work, one.dataset_id, step)
        await delivery.hand_over_all(context, one.org_id, look.claimed, look.schedule)
        if look.claimed or not look.is_more_behind:
            return before + len(look.claimed)
    return before


async def _take_up(work: Work, dataset_id: UUID, step: int | None) -> tuple[list[Message], Schedule | None]:
    """Claim again what was put back: because the carrier was busy, the campaign was paused, or nobody knew whether it
    had arrived. It keeps the pace like any other text, and grows stale like any other; what comes after it is counted
    from now."""
    opened = await _open(work, dataset_id)
    if opened is None:
        return [], None
    campaign, pace, room = opened
    claimed: list[Message] = []
    next_steps: list[Move] = []
    for message in await threads.put_back(work, dataset_id, step, min(room, TAKEN_UP)):
        number = int(message.category[1])
        if _is_stale(campaign, number, message.created_at, work.now):
            await threads.cancel(work, message.id, STALE)
            await store.move(work, dataset_id, [Move(message.lead_id, number, None, STALE)])
            continue
        again = await delivery.claim(work, message.id, campaign.schedule)
        if again is not None:
            claimed.append(again)
            delay = campaign.delay_after(number)
            next_steps += [] if delay is None else [Move(message.lead_id, number, work.now + delay)]
    await store.wait_anew(work, dataset_id, next_steps)
    await _spend(work, campaign, pace, len(claimed))
    return claimed, campaign.schedule


async def claim(work: Work, dataset_id: UUID, step: int | None = None) -> list[Message]:
    """Claim as many of the dataset's due messages as gate and pace allow now: stored as `sending`.

    Leads that the gate refuses for good leave the campaign with the reason; those it lets wait become due later.
    """
    return (await _look(work, dataset_id, step)).claimed


class _Look(Struct, frozen=True):
    """What one look at a campaign came to."""

    claimed: list[Message]
    schedule: Schedule | None = None
    is_more_behind: bool = False
    """Whether more is due behind what the gate refused."""


async def _open(work: Work, dataset_id: UUID) -> tuple[Campaign, Pace, int] | None:
    """The campaign and its pace, locked, with the room for messages; None: it does not run, or has no room now."""
    if await datasets.campaign_status(work, dataset_id) is not CampaignStatus.ACTIVE:
        return None
    campaign = await store.get(work, dataset_id)
    pace = await store.take_pace(work, dataset_id)
    if pace is None:
        return None
    look = work.clock.lasting(SAVED_UP)
    room = min(
        BATCH,
        pace.campaign.room(campaign.rate_per_minute, work.now, look),
        pace.client.room(pace.fastest, work.now, look),
    )
    return (campaign, pace, room) if room else None


async def _look(work: Work, dataset_id: UUID, step: int | None) -> _Look:
    """One look at what is due: claim what there is room for.

    More leads are looked at than there is room for in the pace: refusals cost none of it, and those who may be written
    to must not wait behind thousands who may not.
    """
    opened = await _open(work, dataset_id)
    if opened is None:
        return _Look([])
    campaign, pace, room = opened
    due = await store.claim_due(work, dataset_id, step, max(room, LOOKED_AT))
    if not due:
        return _Look([])
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
    closing = {one.message_id: decision.closes_at for one, decision in zip(decided, decisions, strict=True)}
    messages = await _store(work, campaign, going, given, closing)
    moves = [_move(work, campaign, one.due, d) for one, d in zip(decided, decisions, strict=True)]
    moves += [Move(one.due.lead.id, one.due.step - 1, None, one.unfit) for one in asked if one.unfit is not None]
    await store.move(work, dataset_id, moves)
    await _spend(work, campaign, pace, len(going))
    return _Look(messages, campaign.schedule, not going and len(due) >= LOOKED_AT)


class _Asked(Struct, frozen=True):
    """A due lead, the message it may get, and why the campaign itself does not want it to have it, if so."""

    due: DueLead
    message_id: UUID
    unfit: str | None

    def contact(self, campaign: Campaign) -> Contact:
        category = Category(f"m{self.due.step}")
        return Contact(lead=self.due.lead, category=category, message_id=self.message_id, schedule=campaign.schedule)


def _unfit(work: Work, campaign: Campaign, one: DueLead) -> str | None:
    if _is_stale(campaign, one.step, one.wanted_at, work.now):
        return STALE
    if one.step > 1:
        return None
    return ALREADY_CONTACTED if one.lead.stage is not Stage.NEW else IN_ANOTHER_CAMPAIGN if one.elsewhere else None


def _is_stale(campaign: Campaign, step: int, wanted_at: datetime, at: datetime) -> bool:
    """Whether a follow-up that was meant for `wanted_at` is too late at `at`. M1 never is: it goes when its turn comes,
    and in a long list that may be days after the start."""
    late = campaign.stale_after
    return step > 1 and late is not None and at - wanted_at > late


async def _spend(work: Work, campaign: Campaign, pace: Pace, count: int) -> None:
    if not count:
        return
    look, rate = work.clock.lasting(SAVED_UP), campaign.rate_per_minute
    spent = structs.replace(
        pace,
        client=pace.client.spent(count, pace.fastest, work.now, look),
        campaign=pace.campaign.spent(count, rate, work.now, look),
    )
    await store.save_pace(work, campaign.dataset_id, spent)


def _move(work: Work, campaign: Campaign, one: DueLead, decision: Decision) -> Move:
    before = one.step - 1
    if decision.allowed:
        delay = campaign.delay_after(one.step)
        return Move(one.lead.id, one.step, *((None, DONE) if delay is None else (work.now + delay, None)))
    opens = decision.next_open_at
    if opens is None:
        return Move(one.lead.id, before, None, decision.reason.value)
    if _is_stale(campaign, one.step, one.wanted_at, opens):
        return Move(one.lead.id, before, None, STALE)
    return Move(one.lead.id, before, opens, wanted_at=one.wanted_at)


async def _store(
    work: Work, campaign: Campaign, going: list[_Asked], given: OrgRules, closing: dict[UUID, datetime | None]
) -> list[Message]:
    if not going:
        return []
    told = await agents.profile(work)
    threads_of = await threads.open_for(
        work, [one.due.lead.id for one in going], campaign.dataset_id, campaign.ai_response_delay_seconds
    )
    worded = await _worded(work, campaign, [one.due for one in going], told) if campaign.personalise else {}
    new = [
        NewMessage(
            id=one.message_id, conversation_id=threads_of[one.due.lead.id], lead_id=one.due.lead.id,
            dataset_id=campaign.dataset_id, category=f"m{one.due.step}", status=MessageStatus.SENDING,
            body=(text.body if (text := worded.get(one.due.lead.id)) else None)
            or render(campaign.template(one.due.step), one.due.lead, told.name, told.agent_name),
            ai_model=text.ai_model if text else None, ai_prompt=text.ai_prompt if text else None,
            sender=given.number or "", recipient=one.due.lead.phone or "", provider=given.provider or "",
            claimed_at=work.now, deliver_until=closing[one.message_id],
        )
        for one in going
    ]  # fmt: skip
    return await threads.store_claimed(work, new)


async def _worded(work: Work, campaign: Campaign, due: list[DueLead], told: AgentProfile) -> dict[UUID, Personal]:
    """What a model has worded for these leads, by lead, as far as it fits text, lead and business as they are now."""
    ready = await personal_store.ready(work, campaign.dataset_id, {one.lead.id: one.step for one in due})
    return {
        one.lead.id: text
        for one in due
        if (text := ready.get(one.lead.id)) and text.made_of == made_of(brief_of(campaign, one.step, one.lead, told))
    }
