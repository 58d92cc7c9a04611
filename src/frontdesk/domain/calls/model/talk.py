"""What is said in a call, what came of it, and calls as lists and figures show them."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from frontdesk.domain.calls.model.call import Call, CallStatus, Direction, Task
from frontdesk.kernel.phone import E164


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
