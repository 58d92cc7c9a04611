"""Background tasks of conversations: their names and payloads. Payloads carry ids only."""

from uuid import UUID

from msgspec import Struct

REPLY = "conversations.reply"
DELIVER = "conversations.deliver"


class ReplyDue(Struct, frozen=True):
    """A lead has written; answer it unless it has written again since, or somebody has."""

    org_id: UUID
    conversation_id: UUID
    generation: int


class MessageDue(Struct, frozen=True):
    """A queued message is to be handed to the carrier."""

    org_id: UUID
    message_id: UUID
