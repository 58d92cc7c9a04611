"""Conversations and messages."""

from enum import StrEnum
from typing import Literal
from uuid import UUID

from msgspec import Struct

from frontdesk.contracts._http.times import Instant, iso, iso_or_none
from frontdesk.domain.conversations import model
from frontdesk.domain.conversations.model import MessageStatus, Thread
from frontdesk.domain.leads.model import ContactStatus


class WireStatus(StrEnum):
    """Where a sent message is."""

    PENDING = "pending"
    SENT = "sent"
    DELIVERED = "delivered"


STATUS_OF = {
    MessageStatus.DRAFT: WireStatus.PENDING,
    MessageStatus.QUEUED: WireStatus.PENDING,
    MessageStatus.SENDING: WireStatus.PENDING,
    MessageStatus.UNKNOWN: WireStatus.PENDING,
    MessageStatus.FAILED: WireStatus.PENDING,
    MessageStatus.CANCELED: WireStatus.PENDING,
    MessageStatus.SENT: WireStatus.SENT,
    MessageStatus.RECEIVED: WireStatus.DELIVERED,
    MessageStatus.DELIVERED: WireStatus.DELIVERED,
}
"""The document knows three words. What did not leave is pending; `delivery_status` beside it is exact."""


class Conversation(Struct):
    """A conversation."""

    id: UUID
    lead_id: UUID
    started_at: Instant
    last_message_at: Instant | None
    message_count: int
    status: str
    sentiment: str | None
    quality_score: float | None

    @classmethod
    def of(cls, conversation: model.Conversation) -> "Conversation":
        return cls(
            id=conversation.id,
            lead_id=conversation.lead_id,
            started_at=iso(conversation.started_at),
            last_message_at=iso_or_none(conversation.last_message_at),
            message_count=conversation.message_count,
            status=conversation.status.value,
            sentiment=conversation.sentiment,
            quality_score=conversation.quality_score,
        )


class Message(Struct):
    """A message of a conversation. A draft has no `sent_at`; an inbound one has the time when it came."""

    id: UUID
    content: str
    direction: str
    message_category: str
    sent_at: Instant | None
    delivered_at: Instant | None
    ai_generated: bool
    ai_quality_score: float | None
    sophie_feedback: str | None
    sophie_feedback_status: str | None
    status: WireStatus
    delivery_status: MessageStatus
    created_at: Instant
    out_of_date: bool
    """A draft from before the lead's newest text."""

    @classmethod
    def of(cls, message: model.Message, conversation: model.Conversation) -> "Message":
        return cls(
            id=message.id,
            content=message.body,
            direction=message.direction,
            message_category=message.category,
            sent_at=iso_or_none(_sent_at(message)),
            delivered_at=iso_or_none(message.delivered_at),
            ai_generated=message.ai_generated,
            ai_quality_score=message.quality_score,
            sophie_feedback=message.coach_feedback,
            sophie_feedback_status=message.coach_feedback_status,
            status=STATUS_OF[message.status],
            delivery_status=message.status,
            created_at=iso(message.created_at),
            out_of_date=message.out_of_date(conversation),
        )


def _sent_at(message: model.Message):
    return message.sent_at or (message.created_at if message.direction == "inbound" else None)


class LeadLine(Struct):
    """The lead of a conversation."""

    id: UUID
    first_name: str
    last_name: str | None
    phone_number: str
    contact_status: ContactStatus


class ConversationThread(Struct):
    """A conversation with all its messages, oldest first."""

    conversation: Conversation
    messages: list[Message]
    lead: LeadLine

    @classmethod
    def of(cls, thread: Thread) -> "ConversationThread":
        lead = thread.lead
        return cls(
            conversation=Conversation.of(thread.conversation),
            messages=[Message.of(message, thread.conversation) for message in thread.messages],
            lead=LeadLine(lead.id, lead.first_name, lead.last_name, lead.phone or "", lead.contact_status),
        )


class SendMessage(Struct):
    """The body that sends a person's words."""

    lead_id: UUID
    content: str
    message_category: Literal["human_manual"]


class DraftReply(Struct):
    """The body that asks for a draft."""

    lead_id: UUID
    conversation_id: UUID
    force_regenerate: bool = False


class SendAiMessage(Struct):
    """The body that approves a draft, or sends words in the AI's name."""

    lead_id: UUID
    message_id: UUID | None = None
    content: str | None = None


class SentMessage(Struct):
    """A message that was sent."""

    id: UUID
    content: str
    sent_at: Instant | None
    twilio_sid: str | None
    status: WireStatus
    delivery_status: MessageStatus
    conversation_id: UUID


class OneMessage(Struct):
    """The answer to a sending."""

    message: SentMessage

    @classmethod
    def of(cls, message: model.Message) -> "OneMessage":
        return cls(
            SentMessage(
                id=message.id,
                content=message.body,
                sent_at=iso_or_none(message.sent_at),
                twilio_sid=message.provider_id,
                status=STATUS_OF[message.status],
                delivery_status=message.status,
                conversation_id=message.conversation_id,
            )
        )


class GeneratedMessage(Struct):
    """What the AI would say."""

    content: str
    confidence: float
    reasoning: str
    lessons_applied: list[UUID]
    message_id: UUID


class Preview(Struct):
    """The answer to the question for a draft."""

    generated_message: GeneratedMessage
    preview: Literal[True] = True

    @classmethod
    def of(cls, draft: model.Draft) -> "Preview":
        return cls(
            GeneratedMessage(
                content=draft.message.body,
                confidence=min(max(draft.confidence, 0.0), 1.0),
                reasoning=draft.reasoning,
                lessons_applied=draft.lessons,
                message_id=draft.message.id,
            )
        )
