"""Messages that people send: written by hand, or drafted by AI and approved."""

from datetime import datetime, timedelta
from uuid import UUID

from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.contactability.model import Category, Decision, Reason
from frontdesk.domain.contactability.service import Contact
from frontdesk.domain.conversations import store
from frontdesk.domain.conversations.errors import (
    AlreadySent,
    BadText,
    ConversationNotFound,
    DraftOutOfDate,
    MessageNotFound,
    NotContactable,
    SendFailed,
)
from frontdesk.domain.conversations.model import (
    LONGEST_BODY,
    WITHDRAWN,
    Draft,
    Message,
    MessageStatus,
    NewMessage,
)
from frontdesk.domain.conversations.service import delivery, replies
from frontdesk.domain.conversations.tasks import DELIVER, MessageDue
from frontdesk.domain.leads.model import Lead
from frontdesk.domain.leads.service import leads
from frontdesk.kernel.access import Actor, Permission
from frontdesk.kernel.errors import Invalid
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.platform.queue import enqueue
from frontdesk.ports.llm import Action, Intent, Reply, Sentiment


def checked_text(text: str) -> str:
    """The text without outer blanks. Raises BadText."""
    text = text.strip()
    if not text or len(text) > LONGEST_BODY or "\0" in text:
        raise BadText(f"A text needs 1 to {LONGEST_BODY} characters.", field="content")
    return text


SECOND_THOUGHTS = timedelta(seconds=5)
"""Wall time that a text by hand is held back, where whoever wrote it is shown a way to take it back."""


async def send_by_hand(
    context: Context, actor: Actor, lead_id: UUID, text: str, *, held_for: timedelta | None = None
) -> Message:
    """Send a person's own words to a lead, whether or not the AI is paused for it.

    With `held_for` it waits so long (wall time), and `unsend` takes it back; the gate is asked now, and again when it
    goes. Raises LeadNotFound, BadText, NotContactable (opted out, night, ...), SendFailed when the carrier refuses at
    once. A carrier that is busy or does not answer is no failure: the message waits, or is settled later.
    """
    text = checked_text(text)
    async with context.works.begin(actor) as work:
        work.require(Permission.SEND_MESSAGES)
        lead = await leads.get(work, lead_id)
        due_at = None if held_for is None else work.now + work.clock.lasting(held_for)
        claimed = await _claimed(work, lead, text, Category.HUMAN_MANUAL, actor, due_at)
        if due_at is not None and isinstance(claimed, Message):
            await enqueue(work, DELIVER, MessageDue(work.org_id, claimed.id), run_at=due_at)
            return claimed
    return await _handed_over(context, actor, claimed)


async def unsend(work: Work, message_id: UUID) -> Message:
    """Take back a text of one's own that has not gone out; as it was. Raises MessageNotFound, AlreadySent."""
    work.require(Permission.SEND_MESSAGES)
    message = await store.message(work, message_id, lock=True)
    if message.author_id != work.actor.id or message.category != Category.HUMAN_MANUAL:
        raise MessageNotFound
    if message.status is not MessageStatus.QUEUED:
        raise AlreadySent
    await store.set_status(work, message_id, MessageStatus.CANCELED, error_message=WITHDRAWN)
    return message


async def _claimed(
    work: Work, lead: Lead, text: str, category: Category, actor: Actor, due_at: datetime | None = None
) -> Message | Decision:
    """The gate, then a message that is already `sending`, or with `due_at` one that waits, in one transaction. Or the
    gate's refusal, which the transaction keeps: raising it here would take the record of it back."""
    given = await contactability.rules(work)
    message_id = new_id()
    decision = (await contactability.ask(work, [Contact(lead=lead, category=category, message_id=message_id)], given))[
        0
    ]
    if not decision.allowed:
        return decision
    conversation_id = (await store.open_for(work, [lead.id]))[lead.id]
    conversation = await store.get(work, conversation_id, lock=True)
    new = NewMessage(
        id=message_id, conversation_id=conversation_id, lead_id=lead.id, dataset_id=conversation.dataset_id,
        category=category.value, status=MessageStatus.QUEUED if due_at else MessageStatus.SENDING, body=text,
        sender=given.number or "", recipient=lead.phone or "", provider=given.provider or "", author_id=actor.id,
        due_at=due_at, claimed_at=None if due_at else work.now, deliver_until=decision.closes_at,
    )  # fmt: skip
    await store.insert(work, [new])
    # Somebody has answered: the AI need not.
    await store.set_answered(work, conversation_id, conversation.generation)
    return await store.message(work, message_id)


async def _handed_over(context: Context, actor: Actor, claimed: Message | Decision) -> Message:
    if isinstance(claimed, Decision):
        raise NotContactable(claimed)
    message = claimed
    assert actor.org_id is not None
    await delivery.hand_over(context, actor.org_id, message)
    async with context.works.read(actor) as work:
        message = await store.message(work, message.id)
    if message.status is MessageStatus.CANCELED:  # suppressed between the claim and the call
        raise NotContactable(Decision(allowed=False, reason=Reason(message.error_message)))
    if message.status is MessageStatus.FAILED:
        raise SendFailed(
            message.error_message or "The carrier refused the message.",
            message_id=str(message.id),
            carrier_code=message.error_code,
        )
    return message


async def draft_reply(
    context: Context, actor: Actor, lead_id: UUID, conversation_id: UUID, force: bool = False
) -> Draft:
    """What the AI would answer, stored as a draft for approval; one on the newest text is given again unless forced.

    Raises LeadNotFound, ConversationNotFound (also when it is another lead's), Upstream.
    """
    async with context.works.begin(actor) as work:
        work.require(Permission.SEND_MESSAGES)
        lead = await leads.get(work, lead_id)
        conversation = await store.get(work, conversation_id)
        if conversation.lead_id != lead.id:
            raise ConversationNotFound
        cached = None if force else await store.latest_draft(work, conversation_id)
        if cached is not None:
            return _draft(cached)
        brief = await replies.brief_for(context, work, conversation, lead)
    reply = await context.llm.reply(brief)
    if not reply.text.strip():
        reply = Reply(
            text="Thank you for letting us know.", intent=reply.intent, action=Action.NONE, sentiment=reply.sentiment,
            confidence=0.2, reasoning=f"The AI would stay silent here: {reply.reasoning}", model=reply.model,
        )  # fmt: skip
    async with context.works.begin(actor) as work:
        await store.delete_drafts(work, conversation_id)
        new = await replies.as_message(work, conversation, lead, reply, MessageStatus.DRAFT)
        await store.insert(work, [new])
        return _draft(await store.message(work, new.id))


def _draft(message: Message) -> Draft:
    return Draft(message, message.ai_confidence or 0.0, message.ai_reasoning or "", message.lessons)


async def send_ai(
    context: Context, actor: Actor, lead_id: UUID, message_id: UUID | None = None, content: str | None = None
) -> Message:
    """Send a draft as it is or with other words, or new words in the AI's name.

    What an unchanged draft does beside its words (a booking, a hand-off) is done with it. Raises MessageNotFound,
    AlreadySent, SlotTaken, DraftOutOfDate where the lead has written since and no other words are given, and what
    `send_by_hand` raises; Invalid with neither draft nor words.
    """
    if message_id is None and content is None:
        raise Invalid("Give message_id, content, or both.", field="message_id")
    text = None if content is None else checked_text(content)
    async with context.works.begin(actor) as work:
        work.require(Permission.SEND_MESSAGES)
        lead = await leads.get(work, lead_id)
        if message_id is None:
            claimed = await _claimed(work, lead, text or "", Category.AI_RESPONSE, actor)
        else:
            claimed = await _approved(work, lead, message_id, text)
    return await _handed_over(context, actor, claimed)


async def _approved(work: Work, lead: Lead, message_id: UUID, text: str | None) -> Message | Decision:
    given = await contactability.rules(work)
    contact = Contact(lead=lead, category=Category.AI_RESPONSE, message_id=message_id)
    decision = (await contactability.ask(work, [contact], given))[0]
    draft = await store.message(work, message_id, lock=True)  # and the lead with it
    if draft.lead_id != lead.id:
        raise MessageNotFound
    if draft.status is not MessageStatus.DRAFT:
        raise AlreadySent
    if not decision.allowed:
        return decision
    conversation = await store.get(work, draft.conversation_id, lock=True)
    if text is None and draft.out_of_date(conversation):
        raise DraftOutOfDate
    if text is None or text == draft.body:
        await replies.perform(work, conversation, await leads.locked(work, lead.id), _reply_of(draft))
    await store.take_draft(work, draft, text or draft.body, lead.phone or "")
    await store.set_answered(work, conversation.id, conversation.generation)
    claimed = await store.claim(work, draft.id, given.number or "", given.provider or "", decision.closes_at)
    assert claimed is not None
    return claimed


def _reply_of(draft: Message) -> Reply:
    return Reply(
        text=draft.body, intent=Intent.OTHER, action=Action(draft.ai_action or "none"), sentiment=Sentiment.NEUTRAL,
        confidence=draft.ai_confidence or 0.0, reasoning=draft.ai_reasoning or "", slots=draft.slots,
    )  # fmt: skip
