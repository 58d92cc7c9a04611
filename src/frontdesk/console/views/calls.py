"""Calls as pages show them: the list and its address, a transcript, figures of a conversation. Pure; no I/O."""

from array import array
from collections.abc import Mapping
from datetime import timedelta
from statistics import median
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from msgspec import Struct, structs

from frontdesk.domain.calls.model import (
    Call,
    CallDetail,
    CallFilter,
    CallSentiment,
    CallStatus,
    Direction,
    EndedReason,
    Speaker,
    Task,
    Turn,
)
from frontdesk.domain.calls.service.trying import is_trial

PER_PAGE = 50
PEAKS = 400
"""Bars of a waveform."""
_LOOKED_AT = 160
"""Samples that a bar is made from."""

STATUS_WORDS = {
    CallStatus.QUEUED: ("Waiting", ""),
    CallStatus.RINGING: ("Ringing", "cold"),
    CallStatus.IN_PROGRESS: ("On the phone", "good"),
    CallStatus.COMPLETED: ("Answered", ""),
    CallStatus.MISSED: ("Missed", "warm"),
    CallStatus.BUSY: ("Busy", "warm"),
    CallStatus.FAILED: ("Cut off", "bad"),
    CallStatus.CANCELED: ("Called off", ""),
}
MOOD_WORDS = {
    CallSentiment.POSITIVE: ("Positive", "good"),
    CallSentiment.NEUTRAL: ("Neutral", ""),
    CallSentiment.NEGATIVE: ("Negative", "bad"),
}
REASON_WORDS = {
    EndedReason.CALLER_HUNG_UP: "The caller hung up",
    EndedReason.AGENT_ENDED: "The assistant said goodbye",
    EndedReason.SILENCE: "The caller said nothing more",
    EndedReason.TIME_LIMIT: "The longest time was over",
    EndedReason.TURN_LIMIT: "There were too many turns",
    EndedReason.TRANSFERRED: "A colleague took the call",
    EndedReason.MESSAGE_TAKEN: "A message was left",
    EndedReason.ALL_BUSY: "As many calls as may be were under way",
    EndedReason.NO_MINUTES: "The plan's minutes were used up",
    EndedReason.NO_ANSWER: "Nobody answered",
    EndedReason.BUSY: "The line was busy",
    EndedReason.VOICEMAIL: "An answering machine took it",
    EndedReason.NOT_TAKEN: "The colleague's own telephone was not taken up",
    EndedReason.NOT_ALLOWED: "The number must not be called",
    EndedReason.NOT_CONNECTED: "The line to the assistant never came about",
    EndedReason.CONNECTION_LOST: "The connection was lost",
    EndedReason.SPEECH_FAILED: "Speech did not work",
    EndedReason.CARRIER_FAILED: "The carrier could not put it through",
    EndedReason.CANCELED: "It was called off",
    EndedReason.HUNG_UP: "A colleague ended it",
}


def why_ended(call: Call) -> str:
    """Why the call ended."""
    return ending_words(call.ended_reason, call.direction) if call.ended_reason else ""


def ending_words(reason: EndedReason, direction: Direction) -> str:
    """Why a call ended. In one of ours the caller is us."""
    if reason is EndedReason.CALLER_HUNG_UP and direction is Direction.OUTBOUND:
        return "They hung up"
    return REASON_WORDS[reason]


TASK_WORDS = {Task.ASSIST: "Assistant", Task.TAKE_MESSAGE: "Message", Task.RING: "Team", Task.BRIDGE: "Team"}


class CallQuery(Struct, frozen=True, kw_only=True):
    """What the list shows, as its address says it. Whatever the address has that cannot be is left out."""

    q: str = ""
    status: CallStatus | None = None
    direction: Direction | None = None
    mood: CallSentiment | None = None
    by: str = ""
    """Nothing: anybody; ai: the assistant; people: the team."""
    page: int = 1

    @classmethod
    def of(cls, params: Mapping[str, str]) -> "CallQuery":
        """From the query string."""
        status, direction, mood, page = (params.get(name, "") for name in ("status", "direction", "mood", "page"))
        return cls(
            q=params.get("q", "").replace("\0", "").strip()[:100],
            status=CallStatus(status) if status in set(CallStatus) else None,
            direction=Direction(direction) if direction in set(Direction) else None,
            mood=CallSentiment(mood) if mood in set(CallSentiment) else None,
            by=params["by"] if params.get("by") in ("ai", "people") else "",
            page=max(int(page), 1) if page.isascii() and page.isdigit() and len(page) < 5 else 1,
        )

    @property
    def narrowed(self) -> bool:
        """Whether anything but all is asked for."""
        return bool(self.q or self.status or self.direction or self.mood or self.by)

    def filter(self) -> CallFilter:
        """As the domain asks for it."""
        return CallFilter(
            search=self.q, status=self.status, direction=self.direction, sentiment=self.mood,
            handled_by_ai={"ai": True, "people": False}.get(self.by), page=self.page, limit=PER_PAGE,
        )  # fmt: skip

    def turned_to(self, page: int) -> str:
        """The address of a page of the same list."""
        said = {name: str(value) for name, value in structs.asdict(self).items() if value and name != "page"}
        if page > 1:
            said["page"] = str(page)
        return "/console/calls" + (f"?{urlencode(said)}" if said else "")


def whom(call: Call, lead_name: str) -> str:
    """Who the other side is, as far as that is known."""
    if lead_name:
        return lead_name
    if is_trial(call):
        return "Test from the browser"
    other = call.from_number if call.direction is Direction.INBOUND else call.to_number
    return other if call.caller or other.startswith("+") else "Number withheld"


def lasting(seconds: float) -> str:
    """A span as on a clock: 1:05."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02}"


class Line(Struct, frozen=True):
    """A turn of a transcript. `at` is where it begins in the recording that is played, in seconds, if it does."""

    turn: Turn
    theirs: bool
    who: str
    clock: str
    at: float | None
    until: float | None


def transcript(found: CallDetail, leg: int | None, zone: ZoneInfo) -> list[Line]:
    """The lines of a transcript, beside the recording of `leg`."""
    began = (found.call.answered_at or found.call.started_at).astimezone(zone)
    played = next((each for each in found.recordings if each.leg == leg), None)
    lines: list[Line] = []
    for turn in found.turns:
        at = until = None
        if played is not None:
            start, end = (turn.started_ms - played.started_ms) / 1000, (turn.ended_ms - played.started_ms) / 1000
            if end > 0 and start < played.seconds:
                at, until = max(start, 0.0), min(end, played.seconds)
        theirs = turn.speaker is Speaker.CALLER
        who = "Caller" if theirs else found.call.agent_name or "Assistant"
        when = began + timedelta(milliseconds=turn.started_ms)
        lines.append(Line(turn, theirs, who, f"{when:%H:%M:%S}", at, until))
    return lines


class Quickness(Struct, frozen=True):
    """How long callers waited for an answer, in seconds."""

    usual: float
    worst: float
    turns: int


def quickness(turns: list[Turn]) -> Quickness | None:
    """Of the turns that tell it; None where none does."""
    waits = [turn.latency_ms / 1000 for turn in turns if turn.latency_ms is not None]
    return Quickness(round(median(waits), 1), round(max(waits), 1), len(waits)) if waits else None


def peaks_of(wav: bytes) -> list[list[float]]:
    """The loudness over time of each channel of a WAV file of 16 bits, 0 to 1; nothing where it is something else."""
    at, channels, samples = 12, 0, b""
    if wav[:4] != b"RIFF" or wav[8:12] != b"WAVE":
        return []
    while at + 8 <= len(wav):
        kind, size = wav[at : at + 4], int.from_bytes(wav[at + 4 : at + 8], "little")
        body = wav[at + 8 : at + 8 + size]
        if kind == b"fmt ":
            if body[0:2] != b"\x01\x00" or body[14:16] != b"\x10\x00":
                return []
            channels = int.from_bytes(body[2:4], "little")
        elif kind == b"data":
            samples = body
        at += 8 + size + size % 2
    if not 1 <= channels <= 8:
        return []
    values = array("h")
    values.frombytes(samples[: len(samples) // (2 * channels) * 2 * channels])
    frames = len(values) // channels
    return [_loudness(values[channel::channels], frames) for channel in range(channels)]


def _loudness(values: "array[int]", frames: int) -> list[float]:
    bars = min(PEAKS, frames)
    found: list[float] = []
    for bar in range(bars):
        part = values[bar * frames // bars : (bar + 1) * frames // bars]
        step = max(len(part) // _LOOKED_AT, 1)
        found.append(max((abs(value) for value in part[::step]), default=0) / 32768)
    return [round(value, 3) for value in found]
