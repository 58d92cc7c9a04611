"""Reading conversations, and passing them between the AI and people."""

from uuid import UUID

from frontdesk.domain.conversations import claim_store, inbox_store, store
from frontdesk.domain.conversations.events import TakenOver
from frontdesk.domain.conversations.model import OVERTAKEN, Message, MessageStatus, NewMessage, Thread
from frontdesk.domain.leads.service import leads
from frontdesk.kernel.access import Permission
from frontdesk.platform.database import Work


async def thread(work: Work, conversation_id: UUID) -> Thread:
    """The conversation with all its messages and its lead. Raises ConversationNotFound."""
    work.require(Permission.VIEW)
    conversation = await store.get(work, conversation_id)
    return Thread(
        conversation, await store.messages_of(work, conversation_id), await leads.get(work, conversation.lead_id)
    )


async def thread_of_lead(work: Work, lead_id: UUID) -> Thread | None:
    """The lead's thread by text, if there is one. Raises LeadNotFound."""
    work.require(Permission.VIEW)
    await leads.get(work, lead_id)
    conversation = await store.of_lead(work, lead_id)
    return None if conversation is None else await thread(work, conversation.id)


async def take_over(work: Work, conversation_id: UUID) -> Thread:
    """Pause the AI in this conversation: a person has it. Raises ConversationNotFound."""
    return await _pass(work, conversation_id, by_person=True)


async def give_back(work: Work, conversation_id: UUID) -> Thread:
    """Let the AI answer in this conversation again. Raises ConversationNotFound."""
    return await _pass(work, conversation_id, by_person=False)


async def _pass(work: Work, conversation_id: UUID, *, by_person: bool) -> Thread:
    work.require(Permission.SEND_MESSAGES)
    conversation = await store.get(work, conversation_id)
    lead = await leads.locked(work, conversation.lead_id)
    await leads.keep(work, lead, lead.with_manual_mode(by_person, work.now))
    if by_person:
        await store.cancel_queued(work, conversation_id, OVERTAKEN, people=False)
    await store.set_conversation(work, conversation_id, status="active", sentiment=None)
    if lead.manual_mode != by_person:
        work.emit(TakenOver(subject_id=conversation_id, lead_id=lead.id, by_person=by_person))
    return await thread(work, conversation_id)


async def set_reply_delay(work: Work, dataset_id: UUID, seconds: float) -> None:
    """How long the AI waits before it answers leads of a dataset's campaign. For the campaigns feature."""
    await inbox_store.set_reply_delay(work, dataset_id, seconds)


async def open_for(work: Work, lead_ids: list[UUID], dataset_id: UUID, reply_delay: float) -> dict[UUID, UUID]:
    """The conversation of each lead, made where there is none, for the dataset's campaign to write in."""
    return await store.open_for(work, lead_ids, dataset_id=dataset_id, reply_delay=reply_delay)


async def store_claimed(work: Work, new: list[NewMessage]) -> list[Message]:
    """Store messages that the campaigns feature has claimed. One that stands already for its step is left out."""
    return await store.messages(work, await store.insert(work, new))


async def put_back(work: Work, dataset_id: UUID, step: int | None, limit: int) -> list[Message]:
    """Texts of a dataset's campaign, of one step if told, that were claimed before and are to be claimed again. For the
    campaigns feature, whose pace they keep."""
    return await claim_store.put_back(work, dataset_id, step, limit)


async def cancel(work: Work, message_id: UUID, reason: str) -> None:
    """Cancel a message that waits. For the campaigns feature."""
    message = await store.message(work, message_id, lock=True)
    if message.status is MessageStatus.QUEUED:
        await store.set_status(work, message_id, MessageStatus.CANCELED, error_message=reason)


async def withdraw(work: Work, dataset_id: UUID, lead_ids: list[UUID]) -> None:
    """Cancel what a dataset's campaign has waiting for leads, locked, that leave it. For the campaigns feature."""
    await claim_store.withdraw(work, dataset_id, lead_ids)


async def waiting(work: Work) -> int:
    """How many of the organisation's messages and answers are still to come: queued, under way, or being thought of."""
    work.require(Permission.VIEW)
    return await inbox_store.waiting(work)
