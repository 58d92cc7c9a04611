"""A lead's timeline in words: every moment with what it was, why, who did it, and whether it can be undone. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from frontdesk.console.views.calls import STATUS_WORDS, ending_words, lasting
from frontdesk.console.views.inbox import two_times
from frontdesk.console.views.words import category_word, reason_words, status_word
from frontdesk.domain.activity.model import Moment, MomentKind
from frontdesk.domain.calls.model import CallStatus, Direction, EndedReason
from frontdesk.domain.leads.model import Sentiment, Stage

KINDS: tuple[tuple[str, str], ...] = (
    ("", "All"), ("text", "Texts"), ("gate", "Decisions"), ("change", "Changes"), ("handoff", "Hand-overs"),
    ("call", "Calls"), ("consent", "Consent"), ("import", "Imports"),
)  # fmt: skip

_FIELDS = {
    "first_name": "First name", "last_name": "Last name", "email": "E-mail", "postcode": "Postcode", "notes": "Notes",
    "stage": "Stage", "temperature": "Temperature", "last_step": "Last text", "sentiment": "Mood",
    "manual_mode": "Left to a person", "archived": "Archived", "assigned_to": "Looked after by",
}  # fmt: skip

_HOW = {
    "keyword": "by a word like STOP or START", "plain_language": "in their own words", "carrier": "told by the carrier",
    "by_hand": "by hand",
}  # fmt: skip


_SAID = {word: word.lower().replace("_", " ") for word in (*Stage, *Sentiment)}
"""Words of the product as people write them."""

LONGEST = 120
"""Characters of a value that are shown; notes can be long."""


class Line(Struct, frozen=True):
    """One line of the timeline."""

    at: datetime
    id: UUID
    kind: str
    tone: str
    what: str
    quote: str = ""
    """What was said."""
    why: str = ""
    steps: list[str] = []
    """How it went on."""
    who: str = ""
    undo: UUID | None = None
    """The change that a button takes back."""


class Names(Struct, frozen=True):
    """What the words need besides the moment: colleagues by id, the lead's zones, the organisation's."""

    members: Mapping[UUID, str]
    zones: frozenset[str]
    own: ZoneInfo

    def who(self, moment: Moment) -> str:
        """Who did it."""
        if moment.actor_id is not None and moment.actor_id in self.members:
            return self.members[moment.actor_id]
        return {"user": "somebody of the team", "api_key": "an API key", "provider": "the carrier"}.get(
            moment.actor_type, ""
        )

    def clock(self, at: datetime | None) -> str:
        """Hour, minute and second in the organisation's zone."""
        return "" if at is None else f"{at.astimezone(self.own):%H:%M:%S}"


def lines(moments: list[Moment], names: Names) -> list[Line]:
    """Moments in words, in their order."""
    return [_WORDS[moment.kind](moment, names) for moment in moments]


class _Text(Struct):
    body: str
    direction: str
    category: str
    status: str
    segments: int
    due_at: datetime | None
    claimed_at: datetime | None
    sent_at: datetime | None
    delivered_at: datetime | None
    error_code: str | None
    error_message: str | None
    ai: bool
    confidence: float | None
    reasoning: str | None


def _text(moment: Moment, names: Names) -> Line:
    text = msgspec.convert(moment.data, _Text)
    if text.direction == "inbound":
        return Line(moment.at, moment.id, "text", "accent", "The lead wrote", quote=text.body)
    steps = [f"decided {names.clock(moment.at)}"]
    steps += [f"handed over {names.clock(text.claimed_at)}"] if text.claimed_at else []
    steps += [f"sent {names.clock(text.sent_at)}"] if text.sent_at else []
    steps += [f"delivered {names.clock(text.delivered_at)}"] if text.delivered_at else []
    if text.status not in ("sent", "delivered"):
        steps.append(status_word(text.status).lower())
    if text.status == "queued" and text.due_at:
        steps.append(f"goes out {two_times(text.due_at, names.zones, names.own)}")
    why = reason_words(text.error_message) if text.error_message and text.status != "delivered" else ""
    if why and text.error_code:
        why += f" ({text.error_code})"
    if text.reasoning and not why:
        sure = f" {text.confidence:.0%} sure." if text.confidence is not None else ""
        why = f"The AI's reason: {text.reasoning}{sure}"
    bad = text.status in ("failed", "canceled")
    tone = "bad" if bad else "warm" if text.status == "unknown" else "note" if text.ai else "cold"
    what = {"human_manual": "A text by hand", "ai_response": "The AI wrote", "system": "An automatic text"}.get(
        text.category, f"{category_word(text.category)} of the campaign"
    )
    if text.segments > 1:
        what += f", {text.segments} texts long"
    return Line(moment.at, moment.id, "text", tone, what, text.body, why, steps, names.who(moment))


def _gate(moment: Moment, names: Names) -> Line:
    told = moment.data
    opens = datetime.fromisoformat(told["next_open_at"]) if told["next_open_at"] else None
    verdict = "may go out" if told["allowed"] else "put off" if opens else "held back"
    why = "" if told["allowed"] else f"{reason_words(told['reason'])}."
    if opens:
        why += f" Next try {two_times(opens, names.zones, names.own)}."
    tone = "good" if told["allowed"] else "warm" if opens else "bad"
    return Line(moment.at, moment.id, "gate", tone, f"{category_word(told['category'])}: {verdict}", why=why)


def _change(moment: Moment, names: Names) -> Line:
    was, becomes = moment.data["was"], moment.data["becomes"]
    told = [
        f"{_FIELDS.get(name, name)}: {_value(was[name], names)} → {_value(becomes[name], names)}" for name in becomes
    ]
    undone = moment.data["undone_at"] is not None
    by_person = moment.actor_type in ("user", "api_key")
    what = "Undone" if moment.data["reason"] == "undone" else "Changed" if by_person else "Learned from the talk"
    if undone:
        what += ", taken back later"
    out = "opted_out" in (was.get("stage"), becomes.get("stage"))
    undo = moment.id if by_person and not undone and not out else None
    return Line(moment.at, moment.id, "change", "", what, steps=told, who=names.who(moment), undo=undo)


def _value(value: Any, names: Names) -> str:
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        member = next((name for key, name in names.members.items() if str(key) == value), None)
        return member or (
            value.lower().replace("_", " ") if value.isupper() else value.replace("opted_out", "opted out")
        )
    return str(value)


def _handoff(moment: Moment, names: Names) -> Line:
    if moment.data["type"] == "conversation.handoff":
        why = f"What led to it: {str(moment.data['payload'].get('reason', '')).replace('_', ' ')}."
        return Line(moment.at, moment.id, "handoff", "hot", "Handed over to a person", why=why)
    by_person = moment.data["payload"].get("by_person")
    what = "A person took over from the AI" if by_person else "Given back to the AI"
    return Line(moment.at, moment.id, "handoff", "note", what, who=names.who(moment))


class _Rang(Struct):
    what: str
    status: str
    reason: str | None
    ai: bool
    duration: int
    purpose: str
    summary: str


def _phone_call(moment: Moment, names: Names) -> Line:
    call = msgspec.convert(moment.data, _Rang)
    ours = call.what == "outbound"
    what = "The lead called" if not ours else "The AI called the lead" if call.ai else "A colleague called the lead"
    status = CallStatus(call.status)
    word, tone = STATUS_WORDS[status]
    ending = ending_words(EndedReason(call.reason), Direction(call.what)) if call.reason else word
    steps = [ending.lower()]
    steps += [f"{lasting(call.duration)} long"] if call.duration else []
    why = f"About {call.purpose}." if call.purpose else ""
    tone = "accent" if status is CallStatus.COMPLETED and not ours else tone or "note"
    return Line(moment.at, moment.id, "call", tone, what, call.summary, why, steps, names.who(moment))


def _call(moment: Moment, names: Names) -> Line:
    if "starts_at" not in moment.data:
        return _phone_call(moment, names)
    at = two_times(datetime.fromisoformat(moment.data["starts_at"]), names.zones, names.own)
    if moment.data["what"] == "cancelled":
        return Line(moment.at, moment.id, "call", "warm", f"The call of {at} was cancelled")
    by = {"ai": "The AI booked a call", "lead": "The lead booked a call"}.get(moment.data["by"], "A call was booked")
    return Line(moment.at, moment.id, "call", "good", f"{by}: {at}", who=names.who(moment))


def _consent(moment: Moment, names: Names) -> Line:
    how = _HOW.get(str(moment.data["how"]), "")
    if moment.data["type"] == "contact.allowed":
        return Line(moment.at, moment.id, "consent", "good", "May be contacted again", why=how, who=names.who(moment))
    return Line(moment.at, moment.id, "consent", "bad", "Opted out", why=how, who=names.who(moment))


def _import(moment: Moment, names: Names) -> Line:
    file = moment.data["file"]
    what = f"Imported from {file} into {moment.data['dataset']}" if file else f"Put into {moment.data['dataset']}"
    return Line(moment.at, moment.id, "import", "", what, who=names.who(moment))


_WORDS = {
    MomentKind.TEXT: _text, MomentKind.GATE: _gate, MomentKind.CHANGE: _change, MomentKind.HANDOFF: _handoff,
    MomentKind.CALL: _call, MomentKind.CONSENT: _consent, MomentKind.IMPORT: _import,
}  # fmt: skip
