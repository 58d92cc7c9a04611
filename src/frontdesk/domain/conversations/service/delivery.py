"""Handing messages to the carrier: gate and claim, call, settle; and what is done about those in doubt.

A claim commits before the carrier is called, and no transaction is open during the call. A process that dies between
leaves the message `sending`, which `reconcile` settles by asking the carrier; nothing is ever sent again on a guess.
"""

import asyncio
import random
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

import structlog
from msgspec import structs

from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.contactability.model import Category, Decision, Schedule
from frontdesk.domain.contactability.service import Contact
from frontdesk.domain.conversations import claim_store, store
from frontdesk.domain.conversations.events import MessageDelivered, MessageFailed, MessageSent
from frontdesk.domain.conversations.model import (
    CAMPAIGN_OVER,
    INVALIDATING_CODES,
    OVERTAKEN,
    SETTLED_WITHIN,
    STALE_CLAIM,
    STATUS_OF_CARRIER,
    SUPPRESSING_CODES,
    WITHDRAWN,
    Message,
    MessageStatus,
    goes_forward,
)
from frontdesk.domain.leads.model import CampaignStatus, Stage
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
    CarrierStatus,
    OutgoingText,
    Receipt,
    Rejected,
    Uncertain,
)
from frontdesk.ports.carrier_codes import NO_CARRIER, words_of

F = TypeVar("F", MessageSent, MessageDelivered, MessageFailed)
log = structlog.get_logger(__name__)

CARRIER_PATIENCE = 15.0
"""Wall seconds that a hand-over may take before its outcome counts as unknown."""

MOST_ATTEMPTS = 12
"""With the waits between them a carrier may be busy for about half an hour before a message is given up."""

LONGEST_WAIT = timedelta(minutes=5)
"""Wall time between two attempts at a busy carrier."""

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
    over = hindered or await _overtaken(work, waiting)
    decision = None if over else await _ask(work, waiting, schedule)
    waiting = await store.message(work, message_id, lock=True)
    if not _is_due(work, waiting):  # somebody else was quicker
        return None
    if decision is None:
        await store.set_status(work, message_id, MessageStatus.CANCELED, error_message=over)
    elif decision.allowed:
        return await store.claim(work, message_id)
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


async def _overtaken(work: Work, waiting: Message) -> str | None:
    """Whether what the AI was to say is out of date: the lead has written again, or a person has taken over since."""
    if waiting.generation is None:
        return None
    conversation = await store.get(work, waiting.conversation_id)
    lead = await leads.get(work, waiting.lead_id)
    # A reply that itself hands over or books pauses the AI at the moment it is written.
    taken_over = lead.manual_mode_at is not None and lead.manual_mode_at > waiting.created_at
    return OVERTAKEN if taken_over or conversation.generation > waiting.generation else None


async def _ask(work: Work, message: Message, schedule: Schedule | None = None) -> Decision:
    lead = await leads.get(work, message.lead_id)
    contact = Contact(
        lead=lead,
        category=Category(message.category),
        message_id=message.id,
        schedule=schedule,
        answers_opt_out=message.ai_action == CONFIRM_OPT_OUT,
    )
    return (await contactability.ask(work, [contact], await contactability.rules(work)))[0]


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
    claimed_at = message.claimed_at
    assert claimed_at is not None
    if again or clock.now() - claimed_at > clock.lasting(STALE_CLAIM):
        async with works.begin(system_actor(org_id)) as work:
            hindered = await _hindered(work, message)
            decision = await _ask(work, message, schedule)
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
            await store.reclaim(work, message.id)
            claimed_at = work.now
    text = OutgoingText(sender=message.sender, to=message.recipient, body=message.body, reference=message.id)
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
        await _settle(work, await locked_for(work, message, code), claimed_at, outcome)
        if isinstance(outcome, Receipt) and message.provider in context.vendors:
            await carriers.note_success(work, message.sender)


async def locked_for(work: Work, message: Message, code: str) -> Message:
    """The message as it now stands, locked to record the carrier's word on it. A code that suppresses the number locks
    that first: the number comes before all rows."""
    if code in SUPPRESSING_CODES:
        await contactability.hold(work, message.recipient)
    return await store.message(work, message.id, lock=True)


async def _settle(
    work: Work, message: Message, claimed_at: datetime, outcome: Receipt | Rejected | Busy | None
) -> None:
    if isinstance(outcome, Receipt):
        await record_sent(work, message, outcome.provider_id, STATUS_OF_CARRIER[outcome.status])
    elif message.status not in (MessageStatus.SENDING, MessageStatus.UNKNOWN) or message.claimed_at != claimed_at:
        return  # a callback or the reconciler came first; the claim may be somebody else's by now
    elif isinstance(outcome, AccountRefused) and message.author_id is None and message.attempts < MOST_ATTEMPTS:
        # Not for this message's sake: it goes out when somebody has put that right. Who writes by hand is told at once.
        await carriers.note_refusal(work, message.sender, outcome.code)
        await store.set_status(
            work, message.id, MessageStatus.QUEUED, due_at=work.now + work.clock.lasting(LONGEST_WAIT),
            error_code=outcome.code, error_message=str(outcome),
        )  # fmt: skip
    elif isinstance(outcome, Rejected):
        await record_failed(work, message, outcome.code, str(outcome))
    elif isinstance(outcome, Busy):
        if message.attempts >= MOST_ATTEMPTS:
            await record_failed(work, message, "BUSY", "The carrier was busy too often.")
            return
        wait = work.clock.lasting(max(timedelta(seconds=outcome.retry_after), _backoff(message.attempts)))
        await store.set_status(work, message.id, MessageStatus.QUEUED, due_at=work.now + wait)
    else:
        await store.set_status(work, message.id, MessageStatus.UNKNOWN, error_message="The carrier did not answer.")


def _backoff(attempts: int) -> timedelta:
    """How long to leave a busy carrier alone, on the wall: all its senders came back at the same moment otherwise."""
    return min(timedelta(seconds=2 ** (attempts - 1)), LONGEST_WAIT) * random.uniform(0.5, 1)  # noqa: S311


async def record_sent(work: Work, message: Message, provider_id: str, status: MessageStatus) -> None:
    """The carrier has the (locked) message. Emits message.sent the first time."""
    first = message.sent_at is None
    forward = goes_forward(message.status, status)
    if not first and not forward and message.provider_id == provider_id:
        return  # the usual callback, after the receipt: nothing new, nothing written
    await store.set_status(
        work,
        message.id,
        status if forward else message.status,
        provider_id=provider_id,
        error_code=None if forward else message.error_code,
    )
    if first:
        if message.category in ("m1", "m2", "m3"):
            await leads.mark_sent(work, message.lead_id, int(message.category[1]))
        work.emit(_fact(MessageSent, message))


async def record_word(
    work: Work, message: Message, provider_id: str, status: CarrierStatus, error_code: str = ""
) -> None:
    """What the carrier says became of the (locked) message. It never moves one back, and is no news the second time.

    Emits message.sent, message.delivered or message.failed when it is news.
    """
    wanted = STATUS_OF_CARRIER[status]
    news = goes_forward(message.status, wanted)
    if wanted is MessageStatus.FAILED:
        if news:
            await record_sent(work, message, provider_id, MessageStatus.SENT)  # it had it, whichever word came first
            words = words_of(error_code) if error_code else "The carrier could not deliver it."
            await record_failed(work, message, error_code, words)
        return
    await record_sent(work, message, provider_id, wanted)
    if news and wanted is MessageStatus.DELIVERED:
        work.emit(_fact(MessageDelivered, message))


async def record_failed(work: Work, message: Message, code: str, text: str) -> None:
    """The message, locked for this code, will not arrive. What the code says of the number is kept.

    Emits message.failed.
    """
    await store.set_status(work, message.id, MessageStatus.FAILED, error_code=code, error_message=text[:300])
    await carriers.note_refusal(work, message.sender, code)
    if code in SUPPRESSING_CODES:
        await contactability.suppress(work, message.recipient, "carrier", f"carrier code {code}")
    elif code in INVALIDATING_CODES:
        lead = await leads.locked(work, message.lead_id)
        if lead.stage is not Stage.OPTED_OUT:
            await leads.keep(work, lead, structs.replace(lead, stage=Stage.INVALID))
        contactability.mark_wrong_number(work, message.recipient, "carrier", f"carrier code {code}")
    work.emit(structs.replace(_fact(MessageFailed, message), error_code=code))


def _fact(kind: type[F], message: Message) -> F:
    return kind(
        subject_id=message.id,
        conversation_id=message.conversation_id,
        lead_id=message.lead_id,
        category=message.category,
        dataset_id=message.dataset_id,
    )


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
        message = await locked_for(work, message, code)
        if message.status not in (MessageStatus.SENDING, MessageStatus.UNKNOWN) or message.claimed_at != claimed_at:
            return False
        if held is None:
            await store.set_status(work, message_id, MessageStatus.UNKNOWN, error_message="The carrier did not answer.")
            return False
        found = await _ours(work, message, held)
        if found is not None:
            await record_word(work, message, found.provider_id, found.status, found.error_code)
        elif message.attempts >= MOST_ATTEMPTS:
            await record_failed(work, message, "UNDELIVERABLE", "The carrier took it in none of many attempts.")
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
