"""What the carrier tells us: texts of leads, and what became of ours. Both may come twice, late and out of order."""

from datetime import timedelta
from uuid import UUID
from weakref import WeakKeyDictionary

from msgspec import structs

from frontdesk.domain.agents import service as agents
from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.contactability.model import Reason, Word, keyword, refuses
from frontdesk.domain.conversations import arrival_store, store
from frontdesk.domain.conversations.arrival_store import Arrival, ArrivingText, IncomingText
from frontdesk.domain.conversations.errors import MessageNotFound
from frontdesk.domain.conversations.events import MessageReceived
from frontdesk.domain.conversations.model import Conversation, Message, MessageStatus, NewMessage
from frontdesk.domain.conversations.service import delivery, outcomes
from frontdesk.domain.conversations.tasks import DELIVER, REPLY, MessageDue, ReplyDue
from frontdesk.domain.leads.model import Lead, Stage
from frontdesk.domain.leads.service import leads
from frontdesk.domain.numbers.service import carriers
from frontdesk.kernel.access import system_actor
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work, Works
from frontdesk.platform.queue import enqueue
from frontdesk.platform.together import Together
from frontdesk.ports.carrier import CarrierStatus

OUR_NUMBER = "select org_of_number($1) as org_id"

REMEMBERED = timedelta(days=30)
"""How long a webhook is known again: carriers try for hours."""

HEARD = (Stage.NEW, Stage.CONTACTED, Stage.LOST)
"""The stages at which a text that is no keyword makes a lead one that has replied."""

MOST_AT_ONCE = 16
"""Texts taken in by one transaction: their leads are locked until its end."""

ANSWERED_ONCE_IN = timedelta(hours=1)
"""How long the answer to a keyword counts for others of its kind: each costs, and who sends fifty may be a machine."""

LONGEST_TEXT = 5_000
"""Characters of a text that are kept; the carrier's own bound is lower."""


async def receive(
    context: Context, called: str, sender: str, body: str, provider: str, provider_id: str, *,
    only: UUID | None = None, obeyed: Word | None = None,
) -> bool:  # fmt: skip
    """Take in a text that `sender` sent to our number `called`. Idempotent by the carrier's id.

    `only` is the organisation that whoever told of it can speak for, if not for all. `obeyed` is what the carrier has
    read in the text, and obeyed and answered by itself: that counts, whatever word it was.

    STOP, START and HELP as whole replies are obeyed at once, and so is a plain refusal, to which silence is the answer;
    anything else is answered after the conversation's delay, unless a person has it. From a number that nobody has,
    only these are kept. False: it came before, or the number called is not ours. Emits message.received.
    """
    body = body.replace("\0", "")  # which the database cannot hold
    word = obeyed or keyword(body)
    plain = word is None and not refuses(body)
    if plain:
        text = ArrivingText(
            called=called,
            sender=sender,
            body=body[:LONGEST_TEXT],
            provider=provider,
            provider_id=provider_id,
            only=only,
        )
        arrival = await _take_in_at_once(context.works, text)
        if arrival is not Arrival.APART:
            return arrival is Arrival.TAKEN
    visit = await context.works.visit(OUR_NUMBER, called)
    org_id: UUID | None = visit.principal["org_id"]
    if org_id is None or only not in (None, org_id):
        await visit.leave()
        return False
    async with visit.work(system_actor(org_id), writes=True) as work:
        # One order of locks, by this way and by one statement: the number, the lead, the webhook, the conversation.
        if not plain:
            await contactability.hold(work, sender)
        lead = await leads.of_phone(work, sender, lock=True)
        if not await arrival_store.first_seen(work, provider, provider_id):
            return False
        fresh = await _obey(work, word, sender, body)
        if not plain:  # which may have changed it
            lead = await leads.of_phone(work, sender, lock=True)
        if lead is not None:
            # What the carrier has answered needs no second answer.
            fresh = fresh and obeyed is None
            await _store(context, work, lead, called, body, provider, provider_id, word, fresh)
    return True


async def forget_webhooks(works: Works) -> None:
    """Drop the ids of webhooks that are too old to come again."""
    async with works.across_tenants("request housekeeping") as work:
        await arrival_store.forget_seen(work, work.now - REMEMBERED)


async def _obey(work: Work, word: Word | None, sender: str, body: str) -> bool:
    """Do what the keyword or the refusal says. Whether that changed anything."""
    if word is Word.STOP:
        return await contactability.suppress(work, sender, "keyword", body)
    if word is Word.START:
        return await contactability.lift(work, sender, "keyword", body)
    if word is None and refuses(body):
        return await contactability.suppress(work, sender, "plain_language", body)
    return word is Word.HELP


async def _take_in_at_once(works: Works, text: ArrivingText) -> Arrival:
    """Take in a plain text that is to be answered, by one statement, which commits by itself, and with those that came
    while another such statement was under way."""

    async def take_in(texts: list[ArrivingText]) -> list[Arrival]:
        return await arrival_store.take_in_at_once(works, texts, [Stage.OPTED_OUT], (HEARD, Stage.REPLIED), REPLY)

    together = _arriving.get(works)
    if together is None:
        together = _arriving[works] = Together(most=MOST_AT_ONCE, lanes=4, patience=0.1, key=lambda text: text.sender)
    return await together(text, take_in)


_arriving: WeakKeyDictionary[Works, Together[ArrivingText, Arrival]] = WeakKeyDictionary()


def _incoming(lead: Lead, called: str, body: str, provider: str, provider_id: str) -> IncomingText:
    return IncomingText(
        message_id=new_id(), lead_id=lead.id, body=body[:LONGEST_TEXT], sender=lead.phone or "", called=called,
        provider=provider, provider_id=provider_id,
    )  # fmt: skip


def _heard(work: Work, lead: Lead, text: IncomingText, word: Word | None) -> Lead:
    """The lead after its text."""
    heard = structs.replace(lead, latest_reply=text.body, reply_received_at=work.now)
    if lead.stage in HEARD and word is None:
        heard = structs.replace(heard, stage=Stage.REPLIED)
    return heard


def _nobody_answers(lead: Lead) -> bool:
    return lead.stage is Stage.OPTED_OUT or lead.manual_mode


async def _store(
    context: Context, work: Work, lead: Lead, called: str, body: str, provider: str, provider_id: str,
    word: Word | None, fresh: bool,
) -> None:  # fmt: skip
    text = _incoming(lead, called, body, provider, provider_id)
    conversation = await arrival_store.take_in(work, text)
    await leads.keep(work, lead, _heard(work, lead, text, word))
    told = MessageReceived(
        subject_id=text.message_id, conversation_id=conversation.id, lead_id=lead.id, category="inbound",
        dataset_id=conversation.dataset_id,
    )  # fmt: skip
    work.emit(told)
    if word is not None:
        await store.set_answered(work, conversation.id, conversation.generation)
        if word is Word.STOP:
            await store.cancel_queued(work, conversation.id, Reason.SUPPRESSED.value, people=True)
        if fresh and not await _is_answered_by_carrier(context, work, body, provider):
            await _confirm(work, word, conversation, lead, called, provider)
    elif _nobody_answers(lead):
        await store.set_answered(work, conversation.id, conversation.generation)
        if fresh:  # it has just refused
            await store.cancel_queued(work, conversation.id, Reason.SUPPRESSED.value, people=True)
            await store.set_conversation(work, conversation.id, status="closed", sentiment="NEGATIVE")
    else:
        await enqueue(
            work,
            REPLY,
            ReplyDue(work.org_id, conversation.id, conversation.generation),
            run_at=work.now + timedelta(seconds=conversation.reply_delay),
        )


async def _is_answered_by_carrier(context: Context, work: Work, body: str, provider: str) -> bool:
    """Whether the carrier answers this very text by itself, or there is none (any more) to answer through. A word that
    only we know is one text more to it."""
    carrier = await carriers.carrier_in(context, work, provider)
    return carrier is None or body.strip().upper() in carrier.answers


_ANSWERS = {Word.STOP: delivery.CONFIRM_OPT_OUT, Word.START: "confirm_opt_in", Word.HELP: "help"}
"""The action of the answer to each keyword, by which it is known again."""


async def _confirm(work: Work, word: Word, conversation: Conversation, lead: Lead, called: str, provider: str) -> None:
    """Answer a keyword, unless one of its kind was answered within the hour."""
    if await arrival_store.has_answered(work, conversation.id, _ANSWERS[word], work.now - ANSWERED_ONCE_IN):
        return
    told = await agents.profile(work)
    reach = f" You can reach us on {told.phone}." if told.phone else ""
    text = {
        Word.STOP: f"You are unsubscribed from {told.name} and will get no more texts. Text START to undo this.",
        Word.START: f"You are subscribed to texts from {told.name} again. Text STOP to end this.",
        Word.HELP: f"This is {told.name}, about your enquiry with us.{reach} Text STOP to get no more texts.",
    }[word]
    message = NewMessage(
        id=new_id(), conversation_id=conversation.id, lead_id=lead.id, dataset_id=conversation.dataset_id,
        category="system", status=MessageStatus.QUEUED, body=text, sender=called, recipient=lead.phone or "",
        provider=provider, ai_action=_ANSWERS[word],
    )  # fmt: skip
    await store.insert(work, [message])
    await enqueue(work, DELIVER, MessageDue(work.org_id, message.id))


async def record_status(
    context: Context,
    our_number: str,
    message_id: UUID | None,
    provider: str,
    provider_id: str,
    status: CarrierStatus,
    error_code: str = "",
    *,
    only: UUID | None = None,
) -> bool:
    """Take in what the carrier says became of a message that `our_number` sent. It never moves one back.

    `message_id` is our own id, where the callback carries it; `only` as with `receive`. False where no such message is
    known. Emits message.sent, message.delivered or message.failed when that is news.
    """
    visit = await context.works.visit(OUR_NUMBER, our_number)
    org_id: UUID | None = visit.principal["org_id"]
    if org_id is None or only not in (None, org_id):
        await visit.leave()
        return False
    async with visit.work(system_actor(org_id), writes=True) as work:
        message = await _called_back(work, message_id, provider, provider_id)
        if message is None:
            return False
        message = await outcomes.locked_for(work, message, error_code)
        if not message.may_be_known_by(provider_id):
            return False
        await outcomes.record_word(work, message, provider_id, status, error_code)
    return True


async def _called_back(work: Work, message_id: UUID | None, provider: str, provider_id: str) -> Message | None:
    if message_id is None:
        message = await store.message_of_provider(work, provider, provider_id)
    else:
        try:
            message = await store.message(work, message_id)
        except MessageNotFound:
            return None
    mine = message is not None and message.provider == provider and message.direction == "outbound"
    return message if mine else None
