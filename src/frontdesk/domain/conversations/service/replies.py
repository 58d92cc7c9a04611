"""Answering leads by AI: decide under a lease, act and store the answer in one transaction, then hand it over.

Idempotent by (conversation, generation): a handler that is run again finds what the first run decided.
"""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from msgspec import Struct, structs

from frontdesk.domain.agents import service as agents
from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.contactability.model import keyword
from frontdesk.domain.conversations import store
from frontdesk.domain.conversations.events import HandedOff
from frontdesk.domain.conversations.model import Conversation, Message, MessageStatus, NewMessage
from frontdesk.domain.conversations.service import delivery
from frontdesk.domain.leads.model import Lead, Stage, Temperature
from frontdesk.domain.leads.model import Sentiment as Mood
from frontdesk.domain.leads.service import leads
from frontdesk.domain.scheduling import service as scheduling
from frontdesk.domain.scheduling.errors import SlotTaken
from frontdesk.domain.scheduling.model import Booking
from frontdesk.domain.scheduling.service import calendars
from frontdesk.kernel.access import Actor, system_actor
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.platform.loops import describe
from frontdesk.ports.llm import Action, Brief, Intent, Reply, Sentiment, Slot, Turn

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=90)
"""Wall time in which an answer is decided, model and all; afterwards another worker may."""

_TRIES_FOR_A_SLOT = 3
_WAITS_FOR_LINK = timedelta(seconds=10)
"""Wall time that words which confirm a booking wait for the link of the meeting, should nobody send them before."""


class Situation(Struct, frozen=True):
    """What a reply is decided on."""

    conversation: Conversation
    lead: Lead
    brief: Brief
    leased_until: datetime
    worn_out: bool
    """The lead has caused more answers than one may in a day."""


class BeingAnswered(Exception):
    """Another worker has the lease of the conversation. It may have died with it: look again after a while."""


async def answer_due(context: Context, org_id: UUID, conversation_id: UUID, generation: int) -> None:
    """Answer the lead's texts up to `generation`, unless a newer one came, or a person, or an opt-out.

    A burst of texts has several of these due and gets one answer: only the newest generation is answered. Raises
    BeingAnswered, and Upstream when the model cannot be had; the conversation is free to be tried again then.
    """
    async with context.works.begin(system_actor(org_id)) as work:
        message_id = await store.answer_of(work, conversation_id, generation)
    if message_id is None:
        message_id = await _decide(context, org_id, conversation_id, generation)
    if message_id is not None:
        await delivery.deliver(context, org_id, message_id)


async def _decide(context: Context, org_id: UUID, conversation_id: UUID, generation: int) -> UUID | None:
    """Have the answer decided and acted on, and its words stored. None: no words, or nothing to answer (any more)."""
    actor, works = system_actor(org_id), context.works
    now = works.clock.now()
    await calendars.look(context, org_id, now, now + agents.SLOTS_AHEAD)
    for tries_left in reversed(range(_TRIES_FOR_A_SLOT)):
        async with works.begin(actor) as work:
            situation = await _take(context, work, conversation_id, generation)
        if situation is None:
            return None
        try:
            reply = await context.llm.reply(situation.brief)
            if situation.worn_out and reply.action in (Action.NONE, Action.OFFER_SLOTS):
                reply = _ENOUGH
            if reply.action is Action.BOOK and reply.slots:
                await scheduling.look_before(context, actor, reply.slots[0].start)
            try:
                async with works.begin(actor) as work:
                    message_id, booking = await _act(work, situation, reply)
                if message_id is not None and booking is not None and booking.entry is not None:
                    await _tell_link(context, actor, message_id, booking)
                return message_id
            except SlotTaken:  # somebody was quicker: decide again on what is free now, or leave it to a person
                if not tries_left:
                    async with works.begin(actor) as work:
                        return (await _act(work, situation, _left_to_a_person(reply)))[0]
            async with works.begin(actor) as work:
                await store.unlease(work, conversation_id, situation.leased_until)
        except BaseException:
            async with works.begin(actor) as work:
                await store.unlease(work, conversation_id, situation.leased_until)
            raise
    return None


_ENOUGH = Reply(
    text="Thanks for your messages. I have asked a colleague to take it from here.",
    intent=Intent.OTHER, action=Action.HAND_OFF, sentiment=Sentiment.NEUTRAL, confidence=1.0,
    reasoning="The lead has had as many answers by AI as one may have in a day, so a person should look.",
)  # fmt: skip
"""In place of an answer that keeps the talk going: to a machine that answers back, or to somebody who plays."""


def _left_to_a_person(reply: Reply) -> Reply:
    """In place of a reply whose times were gone each time."""
    return structs.replace(
        reply,
        text="Sorry, that time has just gone. I have asked a colleague to text you and find one that suits you.",
        action=Action.HAND_OFF,
        slots=[],
        reasoning=f"The time was taken before it could be booked, again and again. {reply.reasoning}",
    )


async def _take(context: Context, work: Work, conversation_id: UUID, generation: int) -> Situation | None:
    """Lease the conversation and gather what the reply is decided on. None: nothing to answer (any more)."""
    conversation = await store.get(work, conversation_id, lock=True)
    if conversation.generation != generation or conversation.answered_generation >= generation:
        return None
    lead = await leads.get(work, conversation.lead_id)
    profile = await agents.profile(work)
    if lead.manual_mode or not profile.ai_enabled or lead.stage in (Stage.OPTED_OUT, Stage.INVALID):
        await store.set_answered(work, conversation_id, generation)
        return None
    until = work.now + work.clock.lasting(LEASE)
    decisions = await store.lease(work, conversation_id, generation, until)
    if decisions is None:
        raise BeingAnswered
    brief = await brief_for(context, work, conversation, lead)
    return Situation(conversation, lead, brief, until, worn_out=decisions > profile.ai_daily_cap)


async def brief_for(context: Context, work: Work, conversation: Conversation, lead: Lead) -> Brief:
    """The brief for answering the conversation as it stands."""
    messages = await store.messages_of(work, conversation.id, drafts=False)
    said = [message for message in messages if message.status is not MessageStatus.CANCELED]
    # STOP, START and HELP were obeyed, and their confirmations are nobody's words.
    turns = [
        Turn(ours=message.direction == "outbound", text=message.body, at=message.created_at)
        for message in said
        if message.category != "system" and not (message.direction == "inbound" and keyword(message.body))
    ]
    brief = await agents.brief(work, lead, turns, _offered(said))
    return structs.replace(brief, search=agents.searching(context.works, work.actor))


def _offered(messages: list[Message]) -> list[Slot]:
    """The times told in our last message that told any, if the lead has not been told others since."""
    for message in reversed(messages):
        if message.direction == "outbound" and message.slots:
            return message.slots if message.ai_action == Action.OFFER_SLOTS else []
    return []


async def _tell_link(context: Context, actor: Actor, message_id: UUID, booking: Booking) -> None:
    """Have the words that confirm a booking tell where people meet, if the calendar says so soon."""
    told = await calendars.entered(context, actor, booking)
    async with context.works.begin(actor) as work:
        await store.complete(work, message_id, f" Join here: {told.meeting_link}" if told.meeting_link else "")


async def _act(work: Work, situation: Situation, reply: Reply) -> tuple[UUID | None, Booking | None]:
    """Do what the reply does, and queue its words: the message, if it has any and the time for it is not over, and what
    was booked. Words that may be told a link wait for it a little."""
    conversation = situation.conversation
    if reply.stop_contact:  # takes the number's own lock: before any row
        said = situation.lead.latest_reply or reply.reasoning
        await contactability.suppress(work, situation.lead.phone or "", "plain_language", said)
    lead = await leads.locked(work, situation.lead.id)
    current = await store.get(work, conversation.id, lock=True)
    if current.generation != conversation.generation or current.answered_generation >= conversation.generation:
        await store.unlease(work, conversation.id, situation.leased_until)  # for whoever answers the newer text
        return None, None
    ended = lead.stage in (Stage.OPTED_OUT, Stage.INVALID) and not reply.stop_contact
    if lead.manual_mode or ended:
        await store.set_answered(work, conversation.id, conversation.generation)
        return None, None
    booking = await perform(work, conversation, lead, reply)
    await store.set_answered(work, conversation.id, conversation.generation)
    if not reply.text.strip():
        return None, booking
    message = await as_message(work, conversation, lead, reply, MessageStatus.QUEUED)
    if booking is not None and booking.entry is not None:
        message = structs.replace(message, due_at=work.now + work.clock.lasting(_WAITS_FOR_LINK))
    return (message.id if await store.insert(work, [message]) else None), booking


async def as_message(
    work: Work, conversation: Conversation, lead: Lead, reply: Reply, status: MessageStatus
) -> NewMessage:
    """The reply as a message to be stored: queued, or a draft."""
    given = await contactability.rules(work)
    return NewMessage(
        id=new_id(), conversation_id=conversation.id, lead_id=lead.id, dataset_id=conversation.dataset_id,
        category="ai_response", status=status, body=reply.text, sender=given.number or "", recipient=lead.phone or "",
        provider=given.provider or "", ai_model=reply.model, ai_prompt=reply.prompt or None,
        ai_confidence=reply.confidence, ai_reasoning=reply.reasoning, ai_action=reply.action.value, slots=reply.slots,
        generation=conversation.generation,
    )  # fmt: skip


async def perform(work: Work, conversation: Conversation, lead: Lead, reply: Reply) -> Booking | None:
    """What the reply does beside its words: mood, booking, hand-off, close, wrong number; what was booked. Lead and
    conversation are locked. Raises SlotTaken."""
    heard = structs.replace(lead, sentiment=Mood(reply.sentiment.value))
    if lead.stage in (Stage.NEW, Stage.CONTACTED, Stage.REPLIED, Stage.QUALIFIED):
        heard = structs.replace(heard, temperature=_temperature(lead, reply))
    status = "active"
    if reply.action is Action.HAND_OFF:
        heard = heard.with_manual_mode(True, work.now)
        status = "needs_human"
        work.emit(HandedOff(subject_id=conversation.id, lead_id=lead.id, reason=reply.intent.value))
    elif reply.action is Action.CLOSE:
        status = "closed"
        if not reply.stop_contact:
            heard = structs.replace(heard, stage=Stage.LOST, temperature=Temperature.COLD)
    elif reply.action is Action.MARK_WRONG_NUMBER:
        status = "closed"
        if lead.stage is not Stage.OPTED_OUT:
            heard = structs.replace(heard, stage=Stage.INVALID, temperature=None)
        if lead.phone:
            contactability.mark_wrong_number(work, lead.phone, "plain_language", lead.latest_reply or "")
    await leads.keep(work, lead, heard, reason=reply.intent.value)
    await store.set_conversation(work, conversation.id, status=status, sentiment=reply.sentiment.value)
    if reply.action is Action.BOOK:
        if len(reply.slots) != 1:
            raise SlotTaken
        return await scheduling.book(work, lead.id, reply.slots[0].start, booked_by="ai")
    return None


def _temperature(lead: Lead, reply: Reply) -> Temperature:
    if reply.hot:
        return Temperature.HOT
    if reply.sentiment.value == "NEGATIVE":
        return Temperature.COLD
    return lead.temperature or Temperature.WARM


async def process_pending(context: Context, limit: int = 100) -> int:
    """Answer all that are due, over all organisations; how many were looked at.

    The queue does this in time; here for a scheduler's call, and for what was lost with a queue.
    """
    async with context.works.across_tenants("due replies") as work:
        pending = await store.unanswered(work, limit)
    for org_id, conversation_id, generation in pending:
        try:
            await answer_due(context, org_id, conversation_id, generation)
        except BeingAnswered:
            continue
        except Exception as error:
            log.error("a reply failed", conversation=str(conversation_id), error=describe(error))
    return len(pending)
