"""A phone call, what was said in it, and what came of it. Pure rules; no I/O, no wire shapes, no TwiML."""

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
    NO_MINUTES = "no_minutes"
    """The plan's minutes and packs are used up."""
    """As many calls as may be were under way."""
    NO_ANSWER = "no_answer"
    NOT_CONNECTED = "not_connected"
    """It was answered by our words, and its media socket never came."""
    CONNECTION_LOST = "connection_lost"
    """Nobody held the call any more: the process that did is gone."""
    SPEECH_FAILED = "speech_failed"
    CARRIER_FAILED = "carrier_failed"
    CANCELED = "canceled"


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


class TransferState(StrEnum):
    """How far a call is in being passed to a person."""

    ASKED = "asked"
    """Agreed; the socket is about to be closed."""
    DIALLING = "dialling"
    CONNECTED = "connected"
    UNANSWERED = "unanswered"


class Speaker(StrEnum):
    """Whose words a turn has."""

    CALLER = "caller"
    ASSISTANT = "assistant"
    PERSON = "person"


class CallSentiment(StrEnum):
    """The caller's mood over a call."""

    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"


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


class CallLine(Struct, frozen=True, kw_only=True):
    """A call as lists show it."""

    call: Call
    lead_name: str
    sentiment: CallSentiment | None
    summary: str
    """What came of it; empty until it was read."""
    has_transcript: bool
    has_recording: bool


class Turn(Struct, frozen=True, kw_only=True):
    """What one side said at a stretch. Milliseconds count from the answer of the call."""

    position: int
    """From 0 within the call. A turn that is written again under its position replaces what was there."""
    speaker: Speaker
    text: str
    started_ms: int
    ended_ms: int
    latency_ms: int | None = None
    """Of the assistant: from the end of the caller's speech to its first audio."""
    interrupted: bool = False
    """The caller spoke into it; `text` is what was heard of it."""


class Recording(Struct, frozen=True, kw_only=True):
    """Both sides of one leg of a call, in the file store."""

    leg: int
    file_key: str
    content_type: str
    seconds: float
    bytes: int
    announced: bool
    """Whether the caller was told before it began."""
    started_ms: int
    """Where it begins, from the answer of the call on."""
    created_at: datetime


class Analysis(Struct, frozen=True, kw_only=True):
    """What came of a call."""

    summary: str
    sentiment: CallSentiment
    confidence: float
    """0 to 1: how sure the reading is."""
    intent: str
    keywords: list[str]
    success: bool
    """Whether the caller got what they rang for."""
    captured: bool
    """Whether the call gave a lead."""
    model: str
    created_at: datetime


class CallDetail(Struct, frozen=True, kw_only=True):
    """A call with all that hangs on it."""

    call: Call
    lead_name: str
    lead_phone: E164 | None
    turns: list[Turn]
    recordings: list[Recording]
    analysis: Analysis | None

    @property
    def full_text(self) -> str:
        """The transcript, a line a turn."""
        names = {Speaker.CALLER: "Caller", Speaker.ASSISTANT: self.call.agent_name or "Assistant"}
        return "\n".join(f"{names.get(turn.speaker, 'Colleague')}: {turn.text}" for turn in self.turns)


class CallFilter(Struct, frozen=True, kw_only=True):
    """Which calls, newest first, and which page (from 1)."""

    direction: Direction | None = None
    status: CallStatus | None = None
    since: datetime | None = None
    """Started at this instant or later."""
    until: datetime | None = None
    """Started before this instant."""
    handled_by_ai: bool | None = None
    sentiment: CallSentiment | None = None
    lead_id: UUID | None = None
    search: str = ""
    """Part of a number, or words of the lead's name or of what was said."""
    page: int = 1
    limit: int = 20


class CarrierCall(Struct, frozen=True, kw_only=True):
    """A call as a carrier tells of it: its own id of it, and the two sides as it writes them."""

    carrier: str
    provider_call_id: str
    called: str
    sender: str
    outbound: bool = False
    """We rang: `sender` is a number of ours, and else `called` is."""

    @property
    def our_number(self) -> str:
        """The side that is ours."""
        return self.sender if self.outbound else self.called


class Next(StrEnum):
    """What the carrier is to do with a caller."""

    CONNECT = "connect"
    """Open the media socket, with the proof."""
    DIAL = "dial"
    SAY = "say"
    """Say something, and hang up."""
    HANG_UP = "hang_up"
    REFUSE = "refuse"
    """Not ours: do not answer."""


class Step(Struct, frozen=True, kw_only=True):
    """What the carrier is to do next with a call. `says` comes first, whatever it is."""

    do: Next
    says: str = ""
    call_id: UUID | None = None
    proof: str = ""
    """CONNECT: what opens the media socket, once."""
    numbers: list[str] = []
    """DIAL: who is rung, all at once; the first to answer has the call."""
    members: list[UUID] = []
    seconds: int = 0
    """DIAL: how long it rings."""
    caller_id: str = ""


class CallSettings(Struct, frozen=True, kw_only=True):
    """How an organisation takes calls."""

    concurrent_calls: int = 10
    """Calls that the assistant takes at once; whoever comes then hears that all lines are busy."""
    recording: bool = True
    announcement: str | None = None
    """Said before a recording starts. None: `ANNOUNCEMENT`; empty: nothing."""
    ring_numbers: list[str] = []
    """E.164: rung, all at once, for callers who want a person."""
    ring_members: list[UUID] = []
    """The same, in their browsers."""
    ring_seconds: int = 20


ANNOUNCEMENT = "This call is recorded."

ALL_BUSY = "Thank you for calling {business}. All our lines are busy right now. Please try again in a few minutes."
NO_LINE = "Sorry, we cannot take your call right now. Please try again later."
LEAVE_MESSAGE = "Nobody can take your call right now. Please leave your name, your number and a message after the tone."
NOBODY_ANSWERED = "Sorry, none of my colleagues could answer. Please leave your name and a message after the tone."
CUT_OFF = "Sorry, we were cut off."


class Opened(Struct, frozen=True, kw_only=True):
    """A call whose media socket has proved itself: what whoever talks to the caller needs to know."""

    org_id: UUID
    call: Call
    task: Task
    says: str
    """What is said first, in place of a greeting; empty: the greeting."""
    record: bool
    announcement: str
    """Said before recording starts; empty: nothing."""
    turns: list[Turn]
    """What has been said already, where the caller is connected anew."""

    @property
    def first_position(self) -> int:
        """The position of the next turn."""
        return self.turns[-1].position + 1 if self.turns else 0


def outcome(call: Call, reason: EndedReason) -> CallStatus:
    """The last status of a call that ended for `reason`."""
    if reason in (EndedReason.CONNECTION_LOST, EndedReason.SPEECH_FAILED, EndedReason.CARRIER_FAILED):
        return CallStatus.FAILED
    if reason in (EndedReason.ALL_BUSY, EndedReason.NO_MINUTES):
        return CallStatus.BUSY
    if call.answered_at is not None:
        return CallStatus.COMPLETED
    return CallStatus.CANCELED if reason is EndedReason.CANCELED else CallStatus.MISSED


def whole_seconds(start: datetime | None, end: datetime) -> int:
    """The seconds between, rounded; 0 where it did not start."""
    return 0 if start is None else max(round((end - start).total_seconds()), 0)


class CallSettingsChange(Struct, frozen=True, kw_only=True):
    """What to change of the settings; None leaves a field as it is."""

    concurrent_calls: int | None = None
    recording: bool | None = None
    announcement: str | None = None
    ring_numbers: list[str] | None = None
    ring_members: list[UUID] | None = None
    ring_seconds: int | None = None


class Figures(Struct, frozen=True):
    """What calls came to over a time."""

    calls: int
    leads: int
    """That calls gave."""
    average_duration: float
    """Seconds, of the calls that were answered and are over."""
    ai_handled: int


class Dashboard(Struct, frozen=True):
    """Figures of three spans that end now."""

    today: Figures
    this_week: Figures
    this_month: Figures
