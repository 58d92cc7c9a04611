"""Handing messages to the carrier: gate and claim, call, settle; and what is done about those in doubt.

A claim commits before the carrier is called, and no transaction is open during the call. A process that dies between
leaves the message `sending`, which `reconcile` settles by asking the carrier; nothing is ever sent again on a guess.
"""

import asyncio
from datetime import timedelta
from uuid import UUID

import structlog

from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.contactability.model import Category, Decision, Schedule
from frontdesk.domain.contactability.service import Contact
from frontdesk.domain.contactability.store import OrgRules
from frontdesk.domain.conversations import claim_store, store
from frontdesk.domain.conversations.model import (
    CAMPAIGN_OVER,
    OVERTAKEN,
    SETTLED_WITHIN,
    STALE_CLAIM,
    SUPPRESSING_CODES,
    WITHDRAWN,
    Message,
    MessageStatus,
)
from frontdesk.domain.conversations.service import outcomes
from frontdesk.domain.leads.model import CampaignStatus, Lead
from frontdesk.domain.leads.service import datasets, leads
from frontdesk.domain.numbers.service import carriers
from frontdesk.kernel.access import system_actor
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.platform.loops import side_by_side
from frontdesk.ports.carrier import (
    AccountRefused,
    Busy,
    CarrierMessage,
    OutgoingText,
    Receipt,
    Rejected,
    Uncertain,
)
from frontdesk.ports.carrier_codes import NO_CARRIER, words_of

log = structlog.get_logger(__name__)

CARRIER_PATIENCE = 15.0
"""Wall seconds that a hand-over may take before its outcome counts as unknown."""

MOST_LOST = 12
"""How often a hand-over may come to nothing that nobody saw the end of, before a message is given up."""

BATCH = 200
"""Messages looked up in one go."""

AT_ONCE = 8
"""Messages that one call has under way side by side."""

TOGETHER = 32
"""Claimed messages that are looked at once more in one statement before they are handed over."""

CONFIRM_OPT_OUT = "confirm_opt_out"
"""The action of the one message that a suppressed number may get."""


async def deliver(context: Context, org_id: UUID, message_id: UUID) -> Message:
    """Hand a queued message over, if the gate lets it and nobody else has it. Returns it as it then stands."""
    async with context.works.begin(system_actor(org_id)) as work:
        claimed = await claim(work, message_id)
    if claimed is not None:
        await hand_over(context, org_id, claimed)
    async with context.works.read(system_actor(org_id)) as work:
        return await store.message(work, message_id)


async def claim(work: Work, message_id: UUID, schedule: Schedule | None = None) -> Message | None:
    """Take a queued message for sending, at the gate's word. None: not queued, or refused and dealt with.

    `schedule`: the hours of the campaign that it is of, if that has its own.

    The gate comes before any row is locked: it orders this work against suppressions of the number.
    """
    waiting = await store.message(work, message_id)
    if not _is_due(work, waiting):
        return None
    hindered = await _hindered(work, waiting)
    if hindered == CampaignStatus.PAUSED:
        return None
    given, lead = await contactability.rules(work), await leads.get(work, waiting.lead_id)
    over = hindered or await _overtaken(work, waiting, lead)
    decision = None if over else await _ask(work, waiting, lead, given, schedule)
    waiting = await store.message(work, message_id, lock=True)
    if not _is_due(work, waiting):  # somebody else was quicker
        return None
    if decision is None:
        await store.set_status(work, message_id, MessageStatus.CANCELED, error_message=over)
    elif decision.allowed:
        # From the number that there is by now, but for answers to a keyword, which came to another. What waits for one
        # carrier goes by no other: nobody should get what was meant for a virtual handset.
        moved = given.provider == waiting.provider and waiting.category != Category.SYSTEM
        sender = (given.number if moved else None) or waiting.sender
        return await store.claim(work, message_id, sender, waiting.provider, decision.closes_at)
    else:
        await _refuse(work, waiting, decision)
    return None


def _is_due(work: Work, message: Message) -> bool:
    return message.status is MessageStatus.QUEUED and (message.due_at is None or message.due_at <= work.now)


async def _hindered(work: Work, message: Message) -> str | None:
    """What of its campaign hinders the message: PAUSED for now, or the reason to cancel it. None: nothing does, until
    the work ends."""
    if not Category(message.category).is_campaign or message.dataset_id is None:
        return None
    status = await datasets.campaign_status(work, message.dataset_id)
    if status not in (CampaignStatus.ACTIVE, CampaignStatus.PAUSED):
        return CAMPAIGN_OVER
    if not await datasets.has_member(work, message.dataset_id, message.lead_id):
        return WITHDRAWN
    return CampaignStatus.PAUSED if status is CampaignStatus.PAUSED else None


async def _overtaken(work: Work, waiting: Message, lead: Lead) -> str | None:
    """Whether what the AI was to say is out of date: the lead has written again, or a person has taken over since."""
    if waiting.generation is None:
        return None
    conversation = await store.get(work, waiting.conversation_id)
    # A reply that itself hands over or books pauses the AI at the moment it is written.
    taken_over = lead.manual_mode_at is not None and lead.manual_mode_at > waiting.created_at
    return OVERTAKEN if taken_over or conversation.generation > waiting.generation else None


async def _ask(work: Work, message: Message, lead: Lead, given: OrgRules, schedule: Schedule | None) -> Decision:
    contact = Contact(
        lead=lead,
        category=Category(message.category),
        message_id=message.id,
        schedule=schedule,
        answers_opt_out=message.ai_action == CONFIRM_OPT_OUT,
    )
    return (await contactability.ask(work, [contact], given))[0]


async def _refuse(work: Work, message: Message, decision: Decision) -> None:
    """A message the gate lets wait moves to the next open time; any other is cancelled, with the reason."""
    if decision.next_open_at is not None:
        await store.set_status(work, message.id, MessageStatus.QUEUED, due_at=decision.next_open_at)
    else:
        await store.set_status(work, message.id, MessageStatus.CANCELED, error_message=decision.reason.value)


async def hand_over(
    context: Context, org_id: UUID, message: Message, *, schedule: Schedule | None = None, again: bool = False
) -> None:
    """Call the carrier for a claimed message and record what came of it.

    `again`: ask the gate once more before that, as is done with every claim that has grown old. A campaign that is
    paused takes its text back then.
    """
    works, clock = context.works, context.works.clock
    claimed_at, until = message.claimed_at, message.deliver_until
    assert claimed_at is not None
    if again or clock.now() - claimed_at > clock.lasting(STALE_CLAIM):
        async with works.begin(system_actor(org_id)) as work:
            hindered = await _hindered(work, message)
            given, lead = await contactability.rules(work), await leads.get(work, message.lead_id)
            decision = await _ask(work, message, lead, given, schedule)
            current = await store.message(work, message.id, lock=True)
            if current.status is not MessageStatus.SENDING or current.claimed_at != claimed_at:
                return  # settled meanwhile, or somebody else's by now
            if not decision.allowed:
                await _refuse(work, current, decision)
                return
            if hindered == CampaignStatus.PAUSED:
                await store.set_status(work, message.id, MessageStatus.QUEUED)
                return
            if hindered is not None:
                await store.set_status(work, message.id, MessageStatus.CANCELED, error_message=hindered)
                return
            await store.reclaim(work, message.id, decision.closes_at)
            claimed_at, until = work.now, decision.closes_at
    text = OutgoingText(message.sender, message.recipient, message.body, message.id, until)
    carrier = await carriers.carrier_of(context, org_id, message.provider)
    outcome: Receipt | Rejected | Busy | None
    if carrier is None:
        outcome = AccountRefused(NO_CARRIER, words_of(NO_CARRIER))
    else:
        try:
            outcome = await asyncio.wait_for(carrier.send(text), CARRIER_PATIENCE)
        except (Rejected, Busy) as refusal:
            outcome = refusal
        except (Uncertain, TimeoutError):
            outcome = None
    async with works.begin(system_actor(org_id)) as work:
        code = outcome.code if isinstance(outcome, Rejected) else ""
        await outcomes.settle(work, await outcomes.locked_for(work, message, code), claimed_at, outcome)
        if isinstance(outcome, Receipt) and message.provider in context.vendors:
            await carriers.note_success(work, message.sender)


async def send_waiting(context: Context, limit: int = BATCH) -> int:
    """Hand over the queued messages of all organisations that are due; how many did not stay in the queue."""
    async with context.works.across_tenants("due messages") as work:
        due = await store.due(work, limit)
    tried = await side_by_side(due, lambda one: deliver(context, *one), AT_ONCE)
    return sum(message is None or message.status is not MessageStatus.QUEUED for message in tried)


async def reconcile(context: Context, limit: int = BATCH) -> int:
    """Settle messages whose hand-over nobody saw the end of: ask the carrier what it holds. Returns how many.

    Found there: sent. Not there: it never arrived, and waits to be sent again. The carrier cannot be asked: `unknown`,
    until it can, or its callback comes.
    """
    async with context.works.across_tenants("messages in doubt") as work:
        doubtful = await store.in_doubt(work, work.now - work.clock.lasting(SETTLED_WITHIN), limit)
    deaf: set[str] = set()
    settled = await side_by_side(doubtful, lambda one: _reconcile_one(context, *one, deaf), AT_ONCE)
    return sum(one is True for one in settled)


async def hand_over_all(
    context: Context, org_id: UUID, messages: list[Message], schedule: Schedule | None = None
) -> None:
    """Hand over what an organisation has claimed. One that fails stays `sending`, and is settled by asking.

    Who has written since the claim, or was taken out, is asked about again: every few messages, in one statement.
    """
    for start in range(0, len(messages), TOGETHER):
        some = messages[start : start + TOGETHER]
        async with context.works.read(system_actor(org_id)) as work:
            touched = await claim_store.touched_since_claim(work, [message.id for message in some])

        async def one(message: Message, touched: set[UUID] = touched) -> None:
            await hand_over(context, org_id, message, schedule=schedule, again=message.id in touched)

        await side_by_side(some, one, AT_ONCE)


async def _reconcile_one(context: Context, org_id: UUID, message_id: UUID, deaf: set[str]) -> bool:
    """Whether it is settled. A carrier that let us wait in vain joins the `deaf`, and is asked no more this time."""
    async with context.works.read(system_actor(org_id)) as work:
        message = await store.message(work, message_id)
    claimed_at, carrier = message.claimed_at, await carriers.carrier_of(context, org_id, message.provider)
    if claimed_at is None or carrier is None:
        return False
    grace = context.works.clock.lasting(timedelta(seconds=5))
    held: list[CarrierMessage] | None = None
    if message.provider not in deaf:
        try:
            held = await asyncio.wait_for(carrier.sent_to(message.recipient, claimed_at - grace), CARRIER_PATIENCE)
        except (Busy, Uncertain):
            log.warning("carrier_cannot_be_asked", provider=message.provider)
        except TimeoutError:
            deaf.add(message.provider)
            log.warning("carrier_cannot_be_asked", provider=message.provider)
    code = next((one.error_code for one in held or [] if one.error_code in SUPPRESSING_CODES), "")
    async with context.works.begin(system_actor(org_id)) as work:
        message = await outcomes.locked_for(work, message, code)
        if message.status not in (MessageStatus.SENDING, MessageStatus.UNKNOWN) or message.claimed_at != claimed_at:
            return False
        if held is None:
            await store.set_status(work, message_id, MessageStatus.UNKNOWN, error_message="The carrier did not answer.")
            return False
        found = await _ours(work, message, held)
        if found is not None:
            await outcomes.record_word(work, message, found.provider_id, found.status, found.error_code)
        elif message.attempts - message.put_offs >= MOST_LOST:
            await outcomes.record_failed(
                work, message, "UNDELIVERABLE", "The carrier took it in none of many attempts."
            )
        else:
            await store.set_status(work, message_id, MessageStatus.QUEUED)
        return True


async def _ours(work: Work, message: Message, held: list[CarrierMessage]) -> CarrierMessage | None:
    """The one of the carrier's messages that is this one: same text, and no other message of ours has its id."""
    for candidate in held:
        # A messaging service may not have named the sender yet.
        same = candidate.sender in ("", message.sender) and candidate.body == message.body
        if same and not await store.is_known(work, message.provider, candidate.provider_id):
            return candidate
    return None
