"""Calls, their transcripts and recordings, and figures over them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import UNSET, UnsetType

from frontdesk.contracts._http.times import Instant, iso, iso_or_none, parse_instant
from frontdesk.contracts.hekax.dialect import PageQuery, Pagination, Shape
from frontdesk.domain.calls import model
from frontdesk.domain.calls.model import CallFilter, CallStatus, Direction, Speaker
from frontdesk.kernel.errors import Invalid
from frontdesk.kernel.paging import Page

_LAST_DAY = datetime(9999, 12, 30, tzinfo=UTC)
"""After which there is one, that it can be told where it ends."""


class CallQuery(PageQuery):
    """The query of the list of calls. A `dateTo` without a time of day has the whole of that day."""

    direction: str | None = None
    status: str | None = None
    date_from: str | None = None
    date_to: str | None = None
    handled_by_ai: bool | None = None
    sentiment: str | None = None
    search: str = ""
    lead_id: UUID | None = None

    def filter(self) -> CallFilter:
        """The same in the product's words. Raises Invalid."""
        until = parse_instant(self.date_to, "dateTo") if self.date_to else None
        if until and self.date_to and len(self.date_to) == len("2026-11-22"):
            until = min(until, _LAST_DAY) + timedelta(days=1)
        return CallFilter(
            direction=_known(Direction, self.direction, "direction"),
            status=_known(CallStatus, self.status, "status"),
            since=parse_instant(self.date_from, "dateFrom") if self.date_from else None,
            until=until,
            handled_by_ai=self.handled_by_ai,
            sentiment=_known(model.CallSentiment, self.sentiment, "sentiment"),
            search=self.search,
            lead_id=self.lead_id,
            page=self.page,
            limit=self.limit,
        )


def _known(kind: Any, text: str | None, field: str) -> Any:
    """The member of an enum that a wire name stands for. Raises Invalid."""
    if text is None:
        return None
    try:
        return kind(text.lower()) if text.isupper() or kind is model.CallSentiment else kind("?")
    except ValueError:
        raise Invalid(f"There is no such {field}.", field=field) from None


class Call(Shape):
    """A call in a list."""

    id: UUID
    call_sid: str
    direction: str
    from_number: str
    to_number: str
    status: str
    duration: int
    handled_by_ai: bool
    ai_confidence: float | None
    sentiment: str | None
    created_at: Instant
    has_transcript: bool
    has_recording: bool
    lead_id: UUID | None
    lead_name: str | None
    ended_reason: str | None

    @classmethod
    def of(cls, line: model.CallLine) -> "Call":
        return cls(
            **_of_call(line.call),
            sentiment=line.sentiment.value if line.sentiment else None,
            has_transcript=line.has_transcript,
            has_recording=line.has_recording,
            lead_id=line.call.lead_id,
            lead_name=line.lead_name or None,
        )


def _of_call(call: model.Call) -> dict[str, Any]:
    """What a list and a page of its own both tell of a call."""
    return {
        "id": call.id,
        "call_sid": call.provider_call_id,
        "direction": call.direction.value.upper(),
        "from_number": call.from_number,
        "to_number": call.to_number,
        "status": call.status.value.upper(),
        "duration": call.duration,
        "handled_by_ai": call.handled_by_ai,
        "ai_confidence": call.confidence,
        "created_at": iso(call.started_at),
        "ended_reason": call.ended_reason.value if call.ended_reason else None,
    }


class CallList(Shape):
    """A page of calls."""

    calls: list[Call]
    pagination: Pagination

    @classmethod
    def of(cls, found: Page[model.CallLine], wanted: CallFilter) -> "CallList":
        return cls([Call.of(line) for line in found.items], Pagination.of(found, wanted.page, wanted.limit))


class Said(Shape):
    """A turn. `latencyMs`: from the end of the caller's speech to the assistant's first audio."""

    role: str
    content: str
    timestamp: Instant
    start_ms: int
    end_ms: int
    latency_ms: int | None
    interrupted: bool


class Transcript(Shape):
    """What was said, and what came of it once that has been read."""

    full_text: str
    messages: list[Said]
    summary: str | None
    sentiment: str | None
    intent: str | None
    keywords: list[str]
    success: bool | None


class LeadOfCall(Shape):
    """Whom a call was with."""

    id: UUID
    name: str
    phone: str


_ROLES = {Speaker.CALLER: "user", Speaker.ASSISTANT: "assistant", Speaker.PERSON: "agent"}


class CallDetail(Shape):
    """A call with its transcript."""

    id: UUID
    call_sid: str
    direction: str
    from_number: str
    to_number: str
    status: str
    duration: int
    handled_by_ai: bool
    ai_confidence: float | None
    ended_reason: str | None
    resolution: str
    priority: str
    ai_seconds: int
    created_at: Instant
    answered_at: Instant | None
    ended_at: Instant | None
    has_recording: bool
    transcript: Transcript | None
    lead: LeadOfCall | None
    agent_name: str | UnsetType = UNSET

    @classmethod
    def of(cls, found: model.CallDetail) -> "CallDetail":
        call = found.call
        return cls(
            **_of_call(call),
            resolution=call.resolution.value,
            priority=call.priority.value,
            ai_seconds=call.ai_seconds,
            answered_at=iso_or_none(call.answered_at),
            ended_at=iso_or_none(call.ended_at),
            has_recording=bool(found.recordings),
            transcript=_transcript(found),
            lead=LeadOfCall(call.lead_id, found.lead_name, found.lead_phone or "") if call.lead_id else None,
            agent_name=call.agent_name or UNSET,
        )


def _transcript(found: model.CallDetail) -> Transcript | None:
    if not found.turns:
        return None
    began = found.call.answered_at or found.call.started_at
    read = found.analysis
    return Transcript(
        full_text=found.full_text,
        messages=[
            Said(
                role=_ROLES[turn.speaker],
                content=turn.text,
                timestamp=iso(began + timedelta(milliseconds=turn.started_ms)),
                start_ms=turn.started_ms,
                end_ms=turn.ended_ms,
                latency_ms=turn.latency_ms,
                interrupted=turn.interrupted,
            )
            for turn in found.turns
        ],
        summary=read.summary if read else None,
        sentiment=read.sentiment.value if read else None,
        intent=read.intent if read else None,
        keywords=read.keywords if read else [],
        success=read.success if read else None,
    )


class RecordingLink(Shape):
    """Where a recording can be had, by whoever holds the address, until it expires."""

    url: str
    expires_at: Instant
    content_type: str
    seconds: float


class StatsWindow(Shape):
    """Figures over a time; spans in seconds."""

    calls: int
    leads: int
    avg_duration: float
    ai_handled: int

    @classmethod
    def of(cls, found: model.Figures) -> "StatsWindow":
        return cls(found.calls, found.leads, round(found.average_duration, 1), found.ai_handled)


class DashboardStats(Shape):
    """Figures of today, this week and this month, in the organisation's zone."""

    today: StatsWindow
    this_week: StatsWindow
    this_month: StatsWindow

    @classmethod
    def of(cls, found: model.Dashboard) -> "DashboardStats":
        return cls(*(StatsWindow.of(each) for each in (found.today, found.this_week, found.this_month)))
