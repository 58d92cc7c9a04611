"""Handing messages to the carrier: gate and claim, call, settle; and what is done about those in doubt.

A claim commits before the carrier is called, and no transaction is open during the call. A process that dies between
leaves the message `sending`, which `reconcile` settles by asking the carrier; nothing is ever sent again on a guess.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

import structlog
from msgspec import structs

from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.contactability.model import Category, Decision
from frontdesk.domain.contactability.service import Contact
from frontdesk.domain.conversations import store
from frontdesk.domain.conversations.events import MessageDelivered, MessageFailed, MessageSent
from frontdesk.domain.conversations.model import (
    INVALIDATING_CODES,
    SETTLED_WITHIN,
    STALE_CLAIM,
    STATUS_OF_CARRIER,
    SUPPRESSING_CODES,
    Message,
    MessageStatus,
    goes_forward,
)
from frontdesk.domain.leads.model import Stage
from frontdesk.domain.leads.service import leads
from frontdesk.kernel.access import system_actor
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.platform.loops import describe
from frontdesk.ports.carrier import Busy, CarrierMessage, CarrierStatus, OutgoingText, Receipt, Rejected, Uncertain

T = TypeVar("T")
F = TypeVar("F", MessageSent, MessageDelivered, MessageFailed)
log = structlog.get_logger(__name__)

CARRIER_PATIENCE = 15.0
"""Wall seconds that a hand-over may take before its outcome counts as unknown."""

MOST_ATTEMPTS = 12
"""With the waits between them a carrier may be busy for about half an hour before a message is given up."""

LONGEST_WAIT = timedelta(minutes=5)
"""Wall time between two attempts at a busy carrier."""

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


async def claim(work: Work, message_id: UUID) -> Message | None:
    """Take a queued message for sending, at the gate's word. None: not queued, or refused and dealt with.

    The gate comes before any row is locked: it orders this work against suppressions of the number.
    """
    waiting = await store.message(work, message_id)
    if waiting.status is not MessageStatus.QUEUED:
        return None
    if waiting.generation is not None and await _is_overtaken(work, waiting):
        await store.set_status(work, message_id, MessageStatus.CANCELED)
        return None
    decision = await _ask(work, waiting)
    if decision.allowed:
        return await store.claim(work, message_id)
    await _refuse(work, waiting, decision)
    return None


async def _is_overtaken(work: Work, waiting: Message) -> bool:
    conversation = await store.get(work, waiting.conversation_id)
    return waiting.generation is not None and conversation.generation > waiting.generation


async def _ask(work: Work, message: Message) -> Decision:
    lead = await leads.get(work, message.lead_id)
    contact = Contact(
        lead=lead,
        category=Category(message.category),
        message_id=message.id,
        answers_opt_out=message.ai_action == CONFIRM_OPT_OUT,
    )
    return (await contactability.ask(work, [contact], await contactability.rules(work)))[0]


async def _refuse(work: Work, message: Message, decision: Decision) -> None:
    """A message the gate lets wait moves to the next open time; any other is cancelled, with the reason."""
    if decision.next_open_at is not None:
        await store.set_status(work, message.id, MessageStatus.QUEUED, due_at=decision.next_open_at)
    else:
        await store.set_status(work, message.id, MessageStatus.CANCELED, error_message=decision.reason.value)


async def hand_over(context: Context, org_id: UUID, message: Message) -> MessageStatus:
    """Call the carrier for a claimed message and record what came of it."""
    works, clock = context.works, context.works.clock
    claimed_at = message.claimed_at
    assert claimed_at is not None
    if clock.now() - claimed_at > clock.lasting(STALE_CLAIM):
        async with works.begin(system_actor(org_id)) as work:
            decision = await _ask(work, message)
            if not decision.allowed:
                await _refuse(work, message, decision)
                return MessageStatus.CANCELED
            if not await store.reclaim(work, message.id, claimed_at):
                return MessageStatus.SENDING
            claimed_at = work.now
    text = OutgoingText(sender=message.sender, to=message.recipient, body=message.body, reference=message.id)
    outcome: Receipt | Rejected | Busy | None
    try:
        outcome = await asyncio.wait_for(context.carriers[message.provider].send(text), CARRIER_PATIENCE)
    except (Rejected, Busy) as refusal:
        outcome = refusal
    except (Uncertain, TimeoutError):
        outcome = None
    except KeyError:
        outcome = Rejected("NO_CARRIER", f"The carrier {message.provider} is not set up.")
    async with works.begin(system_actor(org_id)) as work:
        return await _settle(work, message.id, claimed_at, outcome)


async def _settle(
    work: Work, message_id: UUID, claimed_at: datetime, outcome: Receipt | Rejected | Busy | None
) -> MessageStatus:
    message = await store.message(work, message_id, lock=True)
    if isinstance(outcome, Receipt):
        return await record_sent(work, message, outcome.provider_id, STATUS_OF_CARRIER[outcome.status])
    if message.status not in (MessageStatus.SENDING, MessageStatus.UNKNOWN) or message.claimed_at != claimed_at:
        return message.status  # a callback or the reconciler came first; the claim may be somebody else's by now
    if isinstance(outcome, Rejected):
        return await record_failed(work, message, outcome.code, str(outcome))
    if isinstance(outcome, Busy):
        if message.attempts >= MOST_ATTEMPTS:
            return await record_failed(work, message, "BUSY", "The carrier was busy too often.")
        wait = work.clock.lasting(max(timedelta(seconds=outcome.retry_after), _backoff(message.attempts)))
        await store.set_status(work, message.id, MessageStatus.QUEUED, due_at=work.now + wait)
        return MessageStatus.QUEUED
    await store.set_status(work, message.id, MessageStatus.UNKNOWN, error_message="The carrier did not answer.")
    return MessageStatus.UNKNOWN


def _backoff(attempts: int) -> timedelta:
    """How long to leave a busy carrier alone, on the wall: all its senders came back at the same moment otherwise."""
    return min(timedelta(seconds=2 ** (attempts - 1)), LONGEST_WAIT) * random.uniform(0.5, 1)  # noqa: S311


async def record_sent(work: Work, message: Message, provider_id: str, status: MessageStatus) -> MessageStatus:
    """The carrier has the (locked) message. Emits message.sent the first time."""
    first = message.sent_at is None
    forward = goes_forward(message.status, status)
    if not first and not forward and message.provider_id == provider_id:
        return message.status  # the usual callback, after the receipt: nothing new, nothing written
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
    return status if forward else message.status


async def record_word(
    work: Work, message: Message, provider_id: str, status: CarrierStatus, error_code: str = ""
) -> MessageStatus:
    """What the carrier says became of the (locked) message. It never moves one back, and is no news the second time.

    Emits message.sent, message.delivered or message.failed when it is news.
    """
    wanted = STATUS_OF_CARRIER[status]
    news = goes_forward(message.status, wanted)
    if wanted is MessageStatus.FAILED:
        if not news:
            return message.status
        await record_sent(work, message, provider_id, MessageStatus.SENT)  # it had it, whichever word came first
        return await record_failed(work, message, error_code, "The carrier could not deliver it.")
    now = await record_sent(work, message, provider_id, wanted)
    if news and wanted is MessageStatus.DELIVERED:
        work.emit(_fact(MessageDelivered, message))
    return now


async def record_failed(work: Work, message: Message, code: str, text: str) -> MessageStatus:
    """The (locked) message will not arrive. What the code says of the number is kept. Emits message.failed."""
    await store.set_status(work, message.id, MessageStatus.FAILED, error_code=code, error_message=text[:300])
    if code in SUPPRESSING_CODES:
        await contactability.suppress(work, message.recipient, "carrier", f"carrier code {code}")
    elif code in INVALIDATING_CODES:
        lead = await leads.locked(work, message.lead_id)
        await leads.keep(work, lead, structs.replace(lead, stage=Stage.INVALID))
    work.emit(structs.replace(_fact(MessageFailed, message), error_code=code))
    return MessageStatus.FAILED


def _fact(kind: type[F], message: Message) -> F:
    return kind(
        subject_id=message.id,
        conversation_id=message.conversation_id,
        lead_id=message.lead_id,
        category=message.category,
        dataset_id=message.dataset_id,
    )


BATCH = 200
"""Messages looked up in one go."""

AT_ONCE = 8
"""Messages that one call of those below has under way side by side."""


async def send_waiting(context: Context, limit: int = BATCH) -> int:
    """Hand over the queued messages of all organisations that are due; how many were tried."""
    async with context.works.across_tenants("due messages") as work:
        due = await store.due(work, limit)
    await _side_by_side(context, due, deliver)
    return len(due)


async def reconcile(context: Context, limit: int = BATCH) -> int:
    """Settle messages whose hand-over nobody saw the end of: ask the carrier what it holds. Returns how many.

    Found there: sent. Not there: it never arrived, and waits to be sent again. The carrier cannot be asked: `unknown`,
    until it can, or its callback comes.
    """
    async with context.works.across_tenants("messages in doubt") as work:
        doubtful = await store.in_doubt(work, work.now - work.clock.lasting(SETTLED_WITHIN), limit)
    return sum(settled is True for settled in await _side_by_side(context, doubtful, _reconcile_one))


async def _side_by_side(
    context: Context, messages: list[tuple[UUID, UUID]], see_to: Callable[[Context, UUID, UUID], Awaitable[T]]
) -> list[T | None]:
    """See to all (organisation, message), and let none that fails hold up the others."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(org_id: UUID, message_id: UUID) -> T | None:
        async with gate:
            try:
                return await see_to(context, org_id, message_id)
            except Exception as error:
                log.error("a message failed", message=str(message_id), error=describe(error))
                return None

    return await asyncio.gather(*(one(org_id, message_id) for org_id, message_id in messages))


async def _reconcile_one(context: Context, org_id: UUID, message_id: UUID) -> bool:
    async with context.works.read(system_actor(org_id)) as work:
        message = await store.message(work, message_id)
    claimed_at, carrier = message.claimed_at, context.carriers.get(message.provider)
    if claimed_at is None or carrier is None:
        return False
    grace = context.works.clock.lasting(timedelta(seconds=5))
    try:
        held = await asyncio.wait_for(carrier.sent_to(message.recipient, claimed_at - grace), CARRIER_PATIENCE)
    except (Busy, Uncertain, TimeoutError):
        log.warning("carrier cannot be asked", message=str(message_id), provider=message.provider)
        held = None
    async with context.works.begin(system_actor(org_id)) as work:
        message = await store.message(work, message_id, lock=True)
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
        same = candidate.sender == message.sender and candidate.body == message.body
        if same and not await store.is_known(work, message.provider, candidate.provider_id):
            return candidate
    return None
