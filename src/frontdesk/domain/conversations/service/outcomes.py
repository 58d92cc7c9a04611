"""What comes of messages by the carrier's word: taken, refused, put off, delivered, not delivered.

Whoever calls the carrier, or is called by it, brings that word here. Nobody is called from here.
"""

import random
from datetime import datetime, timedelta
from typing import TypeVar

from msgspec import structs

from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.conversations import store
from frontdesk.domain.conversations.events import MessageDelivered, MessageFailed, MessageSent
from frontdesk.domain.conversations.model import (
    INVALIDATING_CODES,
    STATUS_OF_CARRIER,
    SUPPRESSING_CODES,
    Message,
    MessageStatus,
    goes_forward,
)
from frontdesk.domain.leads.model import Stage
from frontdesk.domain.leads.service import leads
from frontdesk.domain.numbers.service import carriers
from frontdesk.platform.database import Work
from frontdesk.ports.carrier import AccountRefused, Busy, CarrierStatus, Receipt, Rejected
from frontdesk.ports.carrier_codes import BUSY, Meaning, meaning_of, words_of

F = TypeVar("F", MessageSent, MessageDelivered, MessageFailed)

LONGEST_WAIT = timedelta(minutes=5)
"""Wall time between two attempts at a carrier that takes nothing."""

MOST_PUT_OFFS = 400
"""How often a text waits for a carrier that takes nothing before it is given up: at the longest wait a day or so. A
lead is better answered the next day than never, but a text that is older has lost its occasion. Counted and not timed,
so that nights, weekends and pauses, in which nobody tries, do not use it up."""


async def locked_for(work: Work, message: Message, code: str) -> Message:
    """The message as it now stands, locked to record the carrier's word on it. A code that suppresses the number locks
    that first: the number comes before all rows."""
    if code in SUPPRESSING_CODES:
        await contactability.hold(work, message.recipient)
    return await store.message(work, message.id, lock=True)


async def settle(work: Work, message: Message, claimed_at: datetime, outcome: Receipt | Rejected | Busy | None) -> None:
    """What came of handing over the (locked) message that was claimed then. None: nobody can tell."""
    if isinstance(outcome, Receipt):
        await record_sent(work, message, outcome.provider_id, STATUS_OF_CARRIER[outcome.status])
    elif message.status not in (MessageStatus.SENDING, MessageStatus.UNKNOWN) or message.claimed_at != claimed_at:
        return  # a callback or the reconciler came first; the claim may be somebody else's by now
    elif isinstance(outcome, AccountRefused) and message.author_id is None and message.put_offs < MOST_PUT_OFFS:
        # Not for this message's sake: it goes out when somebody has put that right. Who writes by hand is told at once.
        await carriers.note_refusal(work, message.sender, outcome.code)
        await _put_off(work, message, LONGEST_WAIT, outcome.code, str(outcome))
    elif isinstance(outcome, Rejected):
        await record_failed(work, message, outcome.code, str(outcome))
    elif isinstance(outcome, Busy) and message.put_offs < MOST_PUT_OFFS:
        wait = max(timedelta(seconds=outcome.retry_after), _backoff(message.put_offs))
        await _put_off(work, message, wait, BUSY, words_of(BUSY))
    elif isinstance(outcome, Busy):
        await record_failed(work, message, BUSY, "The carrier was busy too often.")
    else:
        await store.set_status(work, message.id, MessageStatus.UNKNOWN, error_message="The carrier did not answer.")


async def _put_off(
    work: Work, message: Message, wait: timedelta, code: str, why: str, provider_id: str | None = None
) -> None:
    await store.put_off(work, message.id, work.now + work.clock.lasting(wait), code, why, provider_id)


def _backoff(put_offs: int) -> timedelta:
    """How long to leave a carrier alone, on the wall: all its senders came back at the same moment otherwise."""
    return min(timedelta(seconds=2 ** min(put_offs, 16)), LONGEST_WAIT) * random.uniform(0.5, 1)  # noqa: S311


async def record_sent(work: Work, message: Message, provider_id: str, status: MessageStatus) -> None:
    """The carrier has the (locked) message. Emits message.sent the first time."""
    first = message.sent_at is None
    forward = goes_forward(message.status, status)
    if not first and not forward and message.provider_id == provider_id:
        return  # the usual callback, after the receipt: nothing new, nothing written
    if message.was_dropped(provider_id):
        return
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
    """What the carrier says became of the (locked) message that it has by this id. It never moves one back, but for one
    that was never sent, which waits again; and it is no news the second time.

    Emits message.sent, message.delivered or message.failed when it is news.
    """
    wanted = STATUS_OF_CARRIER[status]
    news = goes_forward(message.status, wanted)
    if message.was_dropped(provider_id):
        return
    if wanted is MessageStatus.FAILED:
        words = words_of(error_code) if error_code else "The carrier could not deliver it."
        if news and meaning_of(error_code) is Meaning.NOT_SENT and message.put_offs < MOST_PUT_OFFS:
            # As if it had not been taken: its turn in the carrier's queue never came. That takes minutes to get better.
            await _put_off(work, message, _backoff(16), BUSY, words, provider_id)
        elif news:
            await record_sent(work, message, provider_id, MessageStatus.SENT)  # it had it, whichever word came first
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
