"""Background work of conversations."""

from datetime import timedelta

from frontdesk.domain.conversations.service import delivery, replies
from frontdesk.domain.conversations.tasks import DELIVER, REPLY, MessageDue, ReplyDue
from frontdesk.platform.context import Context
from frontdesk.platform.queue import RetryAfter, handles

LOOK_AGAIN = timedelta(seconds=15)
"""Until a conversation that somebody is answering is looked at again: a worker that died leaves its lease behind."""


@handles(REPLY, ReplyDue)
async def answer(context: Context, due: ReplyDue) -> None:
    """Answer a lead whose text has waited for the conversation's delay."""
    try:
        await replies.answer_due(context, due.org_id, due.conversation_id, due.generation)
    except replies.BeingAnswered:
        raise RetryAfter(LOOK_AGAIN) from None


@handles(DELIVER, MessageDue)
async def deliver(context: Context, due: MessageDue) -> None:
    """Hand a queued message to the carrier."""
    await delivery.deliver(context, due.org_id, due.message_id)
