"""Background work of conversations."""

from frontdesk.domain.conversations.service import delivery, replies
from frontdesk.domain.conversations.tasks import DELIVER, REPLY, MessageDue, ReplyDue
from frontdesk.platform.context import Context
from frontdesk.platform.queue import handles


@handles(REPLY, ReplyDue)
async def answer(context: Context, due: ReplyDue) -> None:
    """Answer a lead whose text has waited for the conversation's delay."""
    await replies.answer_due(context, due.org_id, due.conversation_id, due.generation)


@handles(DELIVER, MessageDue)
async def deliver(context: Context, due: MessageDue) -> None:
    """Hand a queued message to the carrier."""
    await delivery.deliver(context, due.org_id, due.message_id)
