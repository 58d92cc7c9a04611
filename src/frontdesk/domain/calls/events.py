"""Facts about calls. None carries a number or a word that was said."""

from uuid import UUID

from frontdesk.platform.events import Fact, fact


@fact("call.started", "call")
class CallStarted(Fact, frozen=True):
    """A call began; `task` is what is done with the caller. `trial`: by somebody of the organisation who tries the
    assistant out."""

    direction: str
    task: str
    lead_id: UUID | None
    trial: bool = False


@fact("call.transferred", "call")
class CallTransferred(Fact, frozen=True):
    """People are rung to take a call over."""

    lead_id: UUID | None
    reason: str


@fact("call.completed", "call")
class CallCompleted(Fact, frozen=True):
    """A call is over. Spans are in seconds."""

    direction: str
    status: str
    ended_reason: str
    duration: int
    ai_seconds: int
    handled_by_ai: bool
    lead_id: UUID | None
    trial: bool = False
    """Somebody of the organisation tried the assistant out: it is not charged."""


@fact("call.analyzed", "call")
class CallAnalyzed(Fact, frozen=True):
    """What came of a call has been read from it; `captured`: it gave a lead, `needs_person`: somebody must see
    to it."""

    sentiment: str
    intent: str
    success: bool
    captured: bool
    lead_id: UUID | None
    needs_person: bool = False
    trial: bool = False
