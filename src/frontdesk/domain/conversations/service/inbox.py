"""The inbox: which conversations there are, who of the team has read them, which are done with."""

from uuid import UUID

from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.contactability.model import Category, Decision
from frontdesk.domain.contactability.service import Contact
from frontdesk.domain.conversations import inbox_store, store
from frontdesk.domain.conversations.errors import MessageNotFound
from frontdesk.domain.conversations.inbox_store import Waiting as Waiting
from frontdesk.domain.conversations.model import (
    ConversationStatus,
    InboxFilter,
    InboxOnly,
    InboxPage,
    Message,
    MessageStatus,
)
from frontdesk.domain.leads.model import Lead
from frontdesk.domain.leads.service import leads
from frontdesk.kernel.access import ActorType, Permission
from frontdesk.platform.database import Work


async def page(work: Work, wanted: InboxFilter) -> InboxPage:
    """A part of the inbox as the actor may see it, newest first."""
    work.require(Permission.VIEW)
    return await inbox_store.page(work, wanted)


async def counts_by_filter(work: Work, wanted: InboxFilter) -> dict[InboxOnly, int]:
    """How many conversations each filter has, of the same campaign and assignee; counted up to `MOST_COUNTED`."""
    work.require(Permission.VIEW)
    return await inbox_store.counts_by_filter(work, wanted)


async def counts(work: Work) -> Waiting:
    """How many conversations the actor has not read, and how many want a person; counted up to `MOST_COUNTED`."""
    work.require(Permission.VIEW)
    return await inbox_store.counts(work)


async def mark_read(work: Work, conversation_id: UUID) -> None:
    """The actor has seen what the lead wrote; others of the team may not have. Raises ConversationNotFound."""
    work.require(Permission.VIEW)
    conversation = await store.get(work, conversation_id)
    if work.actor.type is ActorType.USER:
        await inbox_store.mark_read(work, conversation)


async def mark_unread(work: Work, conversation_id: UUID) -> None:
    """The actor will look at it again: the lead's last text counts as unread to them. Raises ConversationNotFound."""
    work.require(Permission.VIEW)
    conversation = await store.get(work, conversation_id)
    if work.actor.type is ActorType.USER and conversation.generation:
        await inbox_store.mark_read(work, conversation, behind=1)


async def close(work: Work, conversation_id: UUID) -> None:
    """Done with, and read by the actor, until the lead writes again. Raises ConversationNotFound."""
    await mark_read(work, conversation_id)
    await _set(work, conversation_id, ConversationStatus.CLOSED)


async def reopen(work: Work, conversation_id: UUID) -> None:
    """Back among the open ones. Raises ConversationNotFound."""
    await _set(work, conversation_id, ConversationStatus.ACTIVE)


async def _set(work: Work, conversation_id: UUID, status: ConversationStatus) -> None:
    work.require(Permission.SEND_MESSAGES)
    conversation = await store.get(work, conversation_id)
    await leads.locked(work, conversation.lead_id)
    await store.set_conversation(work, conversation_id, status=status.value, sentiment=None)


async def outlook(work: Work, lead: Lead) -> Decision:
    """What the gate would say to a text by hand now. Nothing is kept: the send itself asks again."""
    contact = Contact(lead=lead, category=Category.HUMAN_MANUAL)
    return (await contactability.ask(work, [contact], await contactability.rules(work), keep=False))[0]


async def discard_draft(work: Work, message_id: UUID) -> Message:
    """Throw away what the AI has drafted. Raises MessageNotFound, also for what is no draft (any more)."""
    work.require(Permission.SEND_MESSAGES)
    draft = await store.message(work, message_id, lock=True)
    if draft.status is not MessageStatus.DRAFT:
        raise MessageNotFound
    await leads.get(work, draft.lead_id)  # which the actor may not be let see
    await store.delete_drafts(work, draft.conversation_id)
    return draft
