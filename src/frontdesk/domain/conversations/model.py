"""Threads and messages. Pure rules; no I/O."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from frontdesk.domain.leads.model import Lead
from frontdesk.ports.carrier import CarrierStatus
from frontdesk.ports.carrier_codes import CODES, Meaning
from frontdesk.ports.llm import Slot

LONGEST_BODY = 1600
"""Characters that one text may have: the carrier's own bound."""

STALE_CLAIM = timedelta(seconds=2)
"""Wall time after which a claim is put to the gate again before the carrier is called."""

OVERTAKEN = "overtaken"
"""Why a message is cancelled that something newer has made needless: another text, a person who has taken over."""

CAMPAIGN_OVER = "campaign_over"
"""Why a campaign's text is cancelled whose campaign has ended, or is gone with its dataset."""

WITHDRAWN = "withdrawn"
"""Why a message is cancelled that was taken back before it went out: by its author, or with its lead's import."""

SETTLED_WITHIN = timedelta(seconds=30)
"""Wall time after which a message still `sending` belongs to nobody, and the carrier's list tells whether it came
there: longer than any hand-over can take (`STALE_CLAIM` and the carrier's 15 seconds)."""


class ConversationStatus(StrEnum):
    """Who has the word in a thread."""

    ACTIVE = "active"
    NEEDS_HUMAN = "needs_human"
    CLOSED = "closed"


class MessageStatus(StrEnum):
    """The life of a message."""

    DRAFT = "draft"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    RECEIVED = "received"
    CANCELED = "canceled"


class Conversation(Struct, frozen=True, kw_only=True):
    """The thread with one lead on one channel. `generation` counts the lead's texts."""

    id: UUID
    lead_id: UUID
    channel: str
    dataset_id: UUID | None
    status: ConversationStatus
    sentiment: str | None
    quality_score: float | None
    message_count: int
    unread: int
    generation: int
    answered_generation: int
    reply_delay: float
    """Seconds that the AI waits after the last text before it answers."""
    started_at: datetime
    last_message_at: datetime | None
    last_inbound_at: datetime | None


class Message(Struct, frozen=True, kw_only=True):
    """One text, in or out."""

    id: UUID
    conversation_id: UUID
    lead_id: UUID
    dataset_id: UUID | None
    channel: str
    direction: str
    category: str
    status: MessageStatus
    body: str
    sender: str
    recipient: str
    segments: int
    provider: str
    provider_id: str | None
    error_code: str | None
    error_message: str | None
    ai_generated: bool
    ai_model: str | None
    ai_prompt: str | None
    """The version of the prompt that the model was given."""
    ai_confidence: float | None
    ai_reasoning: str | None
    ai_action: str | None
    slots: list[Slot]
    lessons: list[UUID]
    quality_score: float | None
    coach_feedback: str | None
    coach_feedback_status: str | None
    generation: int | None
    author_id: UUID | None
    due_at: datetime | None
    attempts: int
    put_offs: int
    """How many of the attempts the carrier took nothing at, so that it had to wait."""
    claimed_at: datetime | None
    deliver_until: datetime | None
    """Until when it may be delivered, by the hours of the gate as of its claim. None: at any hour."""
    created_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None

    def out_of_date(self, conversation: Conversation) -> bool:
        """Whether it is a draft, and the lead has written since it was made."""
        return self.status is MessageStatus.DRAFT and self.generation != conversation.generation

    def may_be_known_by(self, provider_id: str) -> bool:
        """Whether the carrier may have it by this id: by no other, unless that is one that it was dropped by."""
        return self.provider_id in (None, provider_id) or self.status in _BEFORE_IT_IS_SENT

    def was_dropped(self, provider_id: str) -> bool:
        """Whether it waits, or is handed over anew, since the carrier gave it up unsent that had it by this id."""
        return self.provider_id == provider_id and self.status in _BEFORE_IT_IS_SENT


_BEFORE_IT_IS_SENT = (MessageStatus.QUEUED, MessageStatus.SENDING, MessageStatus.UNKNOWN)


class NewMessage(Struct, frozen=True, kw_only=True):
    """An outgoing message to be stored."""

    id: UUID
    conversation_id: UUID
    lead_id: UUID
    dataset_id: UUID | None = None
    category: str
    status: MessageStatus
    body: str
    sender: str
    recipient: str
    provider: str
    ai_model: str | None = None
    ai_prompt: str | None = None
    ai_confidence: float | None = None
    ai_reasoning: str | None = None
    ai_action: str | None = None
    slots: list[Slot] = []
    generation: int | None = None
    author_id: UUID | None = None
    due_at: datetime | None = None
    claimed_at: datetime | None = None
    deliver_until: datetime | None = None


class Thread(Struct, frozen=True):
    """A conversation with all its messages, oldest first, and its lead."""

    conversation: Conversation
    messages: list[Message]
    lead: Lead


class InboxOnly(StrEnum):
    """Which conversations the inbox lists."""

    OPEN = "open"
    UNREAD = "unread"
    NEEDS_HUMAN = "needs_human"
    HOT = "hot"
    DRAFTS = "drafts"
    """Those in which a draft of the AI's waits to be approved."""
    CLOSED = "closed"


class Place(Struct, frozen=True):
    """A place in the inbox, by which its pages are cut: what moves to the top while somebody turns pages is neither
    shown twice nor pushes anything past them."""

    at: datetime
    id: UUID


class InboxFilter(Struct, frozen=True, kw_only=True):
    """Which conversations, and which part of them: those older than `before`, or the nearest newer than `after`."""

    only: InboxOnly = InboxOnly.OPEN
    search: str = ""
    """Words of a name, number or e-mail, or of what the lead has said. A search looks among closed ones too."""
    dataset_id: UUID | None = None
    assigned_to: UUID | None = None
    before: Place | None = None
    after: Place | None = None
    limit: int = 30


class InboxLine(Struct, frozen=True):
    """A conversation as the inbox lists it to one member. `found` is what the lead said that was searched for."""

    conversation: Conversation
    lead: Lead
    last_message: Message | None
    unread: int
    """Texts of the lead that this member has not read."""
    found: str | None = None

    @property
    def place(self) -> Place:
        """Where it stands."""
        assert self.conversation.last_message_at is not None
        return Place(self.conversation.last_message_at, self.conversation.id)


class InboxPage(Struct, frozen=True):
    """A part of the inbox, newest first."""

    lines: list[InboxLine]
    has_newer: bool
    has_older: bool


MOST_COUNTED = 100
"""How far the inbox's filters are counted: beyond it, the number is "99+"."""


class Draft(Struct, frozen=True):
    """A reply that a brain proposes, stored and not sent."""

    message: Message
    confidence: float
    reasoning: str
    lessons: list[UUID]


_RANK = {
    MessageStatus.QUEUED: 0,
    MessageStatus.SENDING: 1,
    MessageStatus.UNKNOWN: 1,
    MessageStatus.SENT: 2,
    MessageStatus.FAILED: 3,
    MessageStatus.DELIVERED: 3,
}

STATUS_OF_CARRIER = {
    CarrierStatus.QUEUED: MessageStatus.SENT,
    CarrierStatus.SENT: MessageStatus.SENT,
    CarrierStatus.DELIVERED: MessageStatus.DELIVERED,
    CarrierStatus.FAILED: MessageStatus.FAILED,
}
"""What the carrier holds is sent, as far as we are concerned."""


def goes_forward(was: MessageStatus, now: MessageStatus) -> bool:
    """Whether a message may go from `was` to `now`: callbacks come late and out of order, and never move it back."""
    return was in _RANK and now in _RANK and _RANK[now] > _RANK[was]


SUPPRESSING_CODES = frozenset(code for code, known in CODES.items() if known.meaning is Meaning.OPTED_OUT)
"""The carrier says that the recipient opted out."""

INVALIDATING_CODES = frozenset(code for code, known in CODES.items() if known.meaning is Meaning.NO_TEXTS_THERE)
"""The carrier says that the number can never get a text: malformed, not a mobile, unknown, a landline."""
