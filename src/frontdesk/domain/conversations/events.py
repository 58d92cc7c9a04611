"""Facts about messages and conversations. None carries a text or a number."""

from uuid import UUID

from frontdesk.platform.events import Fact, fact


class _OfMessage(Fact, frozen=True):
    conversation_id: UUID
    lead_id: UUID
    category: str
    dataset_id: UUID | None = None


@fact("message.queued", "message")
class MessageQueued(_OfMessage, frozen=True):
    """An outgoing message waits to be sent."""


@fact("message.sent", "message")
class MessageSent(_OfMessage, frozen=True):
    """The carrier has taken a message."""


@fact("message.delivered", "message")
class MessageDelivered(_OfMessage, frozen=True):
    """The carrier says that the message reached the handset."""


@fact("message.failed", "message")
class MessageFailed(_OfMessage, frozen=True):
    """The message did not go out or did not arrive."""

    error_code: str = ""


@fact("message.received", "message")
class MessageReceived(_OfMessage, frozen=True):
    """A lead has written."""


@fact("conversation.handoff", "conversation")
class HandedOff(Fact, frozen=True):
    """A person is wanted in the conversation."""

    lead_id: UUID
    reason: str


@fact("conversation.taken_over", "conversation")
class TakenOver(Fact, frozen=True):
    """A person has taken the conversation over from the AI, or given it back."""

    lead_id: UUID
    by_person: bool
