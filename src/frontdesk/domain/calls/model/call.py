"""The record of a call, the words for how it stands, and how it ends."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from frontdesk.kernel.phone import E164

LEASE = timedelta(seconds=30)
"""Wall time for which whoever is on a call holds it; it is renewed well before (`RENEWED_EVERY`)."""

RENEWED_EVERY = timedelta(seconds=10)

CONNECTED_WITHIN = timedelta(seconds=40)
"""Wall time in which the media socket of a call that we answered has to be opened."""

LONGEST_DIALLED = timedelta(hours=4)
"""How long a caller may talk to a person whom the call was passed to: the carrier ends it then."""

MOST_LEGS = 4
"""How often a caller is connected, all in all: anew when the line broke, and to leave a message."""


class Direction(StrEnum):
    """Who rang whom."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class CallStatus(StrEnum):
    """The life of a call."""

    QUEUED = "queued"
    RINGING = "ringing"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    MISSED = "missed"
    BUSY = "busy"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def ended(self) -> bool:
        """Whether nothing comes after it."""
        return self not in (CallStatus.QUEUED, CallStatus.RINGING, CallStatus.IN_PROGRESS)


class EndedReason(StrEnum):
    """Why a call ended."""

    CALLER_HUNG_UP = "caller_hung_up"
    AGENT_ENDED = "agent_ended"
    """The assistant said goodbye."""
    SILENCE = "silence"
    TIME_LIMIT = "time_limit"
    TURN_LIMIT = "turn_limit"
    TRANSFERRED = "transferred"
    """A person took the call and it ended with them."""
    MESSAGE_TAKEN = "message_taken"
    ALL_BUSY = "all_busy"
    """As many calls as may be were under way."""
    NO_MINUTES = "no_minutes"
    """The plan's minutes and packs are used up."""
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    """We rang, and the other side's line was busy."""
    VOICEMAIL = "voicemail"
    """We rang, and an answering machine took it."""
    NOT_TAKEN = "not_taken"
    """The member of the team who was to talk did not take their own telephone up."""
    NOT_ALLOWED = "not_allowed"
    """The contactability gate did not let us ring, or put the lead through."""
    NOT_CONNECTED = "not_connected"
    """It was answered by our words, and its media socket never came."""
    CONNECTION_LOST = "connection_lost"
    """Nobody held the call any more: the process that did is gone."""
    SPEECH_FAILED = "speech_failed"
    CARRIER_FAILED = "carrier_failed"
    CANCELED = "canceled"
    HUNG_UP = "hung_up"
    """Somebody of the organisation ended it while it went on."""


class Resolution(StrEnum):
    """Whether the caller got what they rang for."""

    PENDING = "pending"
    RESOLVED = "resolved"
    ESCALATED = "escalated"
    """A person has to see to it, or has."""
    FAILED = "failed"


class Priority(StrEnum):
    """How pressing it is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Task(StrEnum):
    """What is done with a caller."""

    ASSIST = "assist"
    """The assistant talks to them."""
    TAKE_MESSAGE = "take_message"
    """They are asked to leave a message, which is recorded and written down; nothing else is said."""
    RING = "ring"
    """People are rung."""
    BRIDGE = "bridge"
    """We rang: a person of the team talks, on a telephone of their own or in a browser."""


class TransferState(StrEnum):
    """How far a call is in being passed to a person."""

    ASKED = "asked"
    """Agreed; the socket is about to be closed."""
    DIALLING = "dialling"
    CONNECTED = "connected"
    UNANSWERED = "unanswered"


class Call(Struct, frozen=True, kw_only=True):
    """One call. Times are UTC instants, spans whole seconds."""

    id: UUID
    direction: Direction
    from_number: str
    """As the carrier says it: E.164, "anonymous", "client:…"."""
    to_number: str
    caller: E164 | None
    """The other side's number, where it is known."""
    carrier: str
    provider_call_id: str
    """Empty for a call of ours that the carrier does not have yet."""
    status: CallStatus
    ended_reason: EndedReason | None
    task: Task
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    duration: int
    """From the answer to the end."""
    handled_by_ai: bool
    ai_seconds: int
    """Of the duration, with the assistant."""
    confidence: float | None
    resolution: Resolution
    priority: Priority
    lead_id: UUID | None
    agent_name: str
    transfer: TransferState | None
    transfer_reason: str | None
    leg: int
    """How often the caller has been connected to a media socket."""
    leg_started_at: datetime | None
    """When the socket that is open was opened."""
    lease_until: datetime | None
    analyzed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    trouble: list[str] = []  # what went wrong with speech or recording while it lasted, a sentence each
    stopped_at: datetime | None = None  # when somebody of the organisation asked for it to be ended

    @property
    def our_number(self) -> str:
        """The side that is ours."""
        return self.from_number if self.direction is Direction.OUTBOUND else self.to_number


_SAY_NOT_WHO = frozenset({
    EndedReason.CALLER_HUNG_UP, EndedReason.NO_ANSWER, EndedReason.NOT_TAKEN, EndedReason.NOT_CONNECTED,
    EndedReason.CONNECTION_LOST, EndedReason.CANCELED,
})  # fmt: skip
"""Ends that look alike to carriers and sockets, whoever brought them about."""


def reason_of(call: Call, told: EndedReason) -> EndedReason:
    """Why a call ended of which `told` is told: that somebody of the organisation wanted it is not seen from there."""
    if call.stopped_at is None or told not in _SAY_NOT_WHO:
        return told
    called_off = call.answered_at is None and call.direction is Direction.OUTBOUND
    return EndedReason.CANCELED if called_off else EndedReason.HUNG_UP


def outcome(call: Call, reason: EndedReason) -> CallStatus:
    """The last status of a call that ended for `reason`."""
    if reason in (EndedReason.CONNECTION_LOST, EndedReason.SPEECH_FAILED, EndedReason.CARRIER_FAILED):
        return CallStatus.FAILED
    if reason in (EndedReason.ALL_BUSY, EndedReason.NO_MINUTES):
        return CallStatus.BUSY
    if call.answered_at is not None:
        return CallStatus.COMPLETED
    if reason is EndedReason.BUSY:
        return CallStatus.BUSY
    called_off = (EndedReason.CANCELED, EndedReason.NOT_TAKEN, EndedReason.NOT_ALLOWED)
    return CallStatus.CANCELED if reason in called_off else CallStatus.MISSED


def whole_seconds(start: datetime | None, end: datetime) -> int:
    """The seconds between, rounded; 0 where it did not start."""
    return 0 if start is None else max(round((end - start).total_seconds()), 0)
