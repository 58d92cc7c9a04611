"""The offline reader of calls: what a call was, by rules over its transcript. It says that it is one."""

import re
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from frontdesk.adapters.offline import sentiment, wording
from frontdesk.adapters.offline.brain import answer
from frontdesk.adapters.offline.keywords import keywords_of
from frontdesk.ports.call_reading import CallReading, CallTold
from frontdesk.ports.llm import Brief, Intent

_FELT = 0.3
"""From this mean score on (it runs from -1 to 1) a mood is one."""
_LONGEST_REASON = 200

_WRONG = re.compile(
    r"\b(?:wrong number|misdial\w*|dialled the wrong|dialed the wrong|meant to (?:call|ring|dial))\b", re.I
)
_COMPLAINT = re.compile(
    r"\b(?:complain\w*|unacceptable|terrible|disgrace\w*|appalling|rip[- ]?off|furious|not happy|refund|fed up|"
    r"let me down|never turned up|didn'?t turn up|still waiting)\b",
    re.I,
)
_CANCEL = re.compile(
    r"\b(?:cancel|reschedul\w+|move my (?:appointment|booking)|change my (?:appointment|booking))\b", re.I
)
_BOOK = re.compile(
    r"\b(?:book|appointment|schedule|arrange (?:a|an)|come (?:out|round|over)|(?:free|available) (?:slot|time))\b", re.I
)
_SALES = re.compile(
    r"\b(?:seo|google ranking|business loan|your energy supplier|we are offering|special offer for your)\b", re.I
)
_ASKS = re.compile(
    r"\?|\b(?:what|when|where|which|how (?:much|many|long|do|does)|do you|are you|is there|can you tell|"
    r"wondering (?:if|whether))\b",
    re.I,
)
_REQUEST = re.compile(
    r"\b(?:need|want|would like|i'd like|looking for|quote|estimate|price|repair|fix|install\w*|replac\w+|broken|"
    r"leak\w*|not working|stopped working|problem|interested in|service|burst|blocked)\b",
    re.I,
)
_UNSURE = re.compile(
    r"\b(?:i(?:'m| am) not sure|don'?t (?:know|have that)|didn'?t (?:catch|understand)|can'?t (?:say|tell|help))\b",
    re.I,
)
_URGENCIES = tuple(
    (name, re.compile(pattern, re.I))
    for name, pattern in (
        ("critical", r"(?<!no )(?<!not an )\bemergency\b|\bgas leak|\bsmell(?:s|ing)? (?:of )?gas|\bon fire\b|"
                     r"\bflood(?:ed|ing)?\b|\bburst\b|\bwater everywhere|\bsparks\b"),
        ("low", r"\bno (?:rush|hurry)\b|\bnot urgent\b|\bwhenever suits"),
        ("high", r"\burgent(?:ly)?\b|\bas soon as (?:possible|you can)|\basap\b|\bright away\b|\bimmediately\b|"
                 r"\btoday\b"),
    )
)  # fmt: skip
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NAME = re.compile(
    r"\b(?i:my (?:full )?name(?:'s| is)|this is|you(?:'re| are) speaking (?:to|with))\s+"
    r"([A-Z][a-z'’-]+(?: [A-Z][a-z'’-]+){0,2})(?i:\s+(?:and|calling|speaking|here)\b)?"
)
_OPENING = re.compile(
    r"^\W*(?:(?:hello|hi|hey|good (?:morning|afternoon|evening)|yes|yeah|um|uh|er|well|so|ok|okay|please|there|thanks|"
    r"thank you)\b\W*)+",
    re.I,
)


class OfflineCallReader:
    """A `CallReader` without a model: deterministic and instant."""

    async def read(self, told: CallTold) -> CallReading:
        """What the call was. Never raises."""
        return reading_of(told)


def reading_of(told: CallTold) -> CallReading:
    """What the call was, by its words and by what was done in it."""
    said = [turn.text for turn in told.turns if not turn.ours]
    if not said:
        return CallReading(
            summary="Nobody said anything.", sentiment="neutral", confidence=0.9, intent="silence", keywords=[],
            success=False,
        )  # fmt: skip
    text = "\n".join(said)
    intent = _intent(told, text)
    reason = _reason(told, said) if intent != "wrong_number" else ""
    name = told.caller_name or _found(_NAME, text, 1)
    return CallReading(
        summary=_summary(told, intent, name, reason),
        sentiment=_mood(said),
        confidence=_confidence(said, intent),
        intent=intent,
        keywords=[phrase for phrase in keywords_of(text) if phrase not in name.lower()],
        success=_succeeded(told, intent),
        wrong_number=intent == "wrong_number",
        wants_contact=intent not in ("wrong_number", "sales", "other", "question") or told.left_message,
        reason=reason,
        urgency=next((level for level, pattern in _URGENCIES if pattern.search(text)), ""),
        name=name,
        email=_found(_EMAIL, text, 0).lower().rstrip("."),
    )


def _found(pattern: re.Pattern[str], text: str, group: int) -> str:
    found = pattern.search(text)
    return found[group] if found else ""


def _intent(told: CallTold, text: str) -> str:
    if _WRONG.search(text) or (told.booked is None and _read_as(told, Intent.WRONG_NUMBER)):
        return "wrong_number"
    if _SALES.search(text):
        return "sales"
    if _COMPLAINT.search(text):
        return "complaint"
    if told.booked is not None:
        return "booking"
    if _CANCEL.search(text):
        return "cancellation"
    if told.wanted_person:
        return "speak_to_person"
    if _BOOK.search(text):
        return "booking"
    if _REQUEST.search(text):
        return "request"
    if told.left_message:
        return "message"
    return "question" if _ASKS.search(text) else "other"


def _read_as(told: CallTold, intent: Intent) -> bool:
    """Whether any turn of the caller's is read so where it stands."""
    for place, turn in enumerate(told.turns):
        if turn.ours or len(turn.text.split()) > 25:
            continue
        brief = Brief(
            business=told.business, agent_name="", lead_first_name="", lead_interest="",
            turns=[*told.turns[max(place - 1, 0) : place], turn], now=turn.at, time_zone=told.time_zone,
        )  # fmt: skip
        if (read := answer(brief)).intent is intent and read.confidence >= 0.6:
            return True
    return False


def _reason(told: CallTold, said: list[str]) -> str:
    """What it was about: as the assistant took it, else the first sentence that asks for something."""
    if told.about:
        return told.about[:_LONGEST_REASON]
    sentences = [
        _OPENING.sub("", _NAME.sub("", sentence)).strip(" ,.!")
        for text in said
        for sentence in re.split(r"(?<=[.!?])\s+", text)
    ]
    for pattern in (_REQUEST, _BOOK, _COMPLAINT, _CANCEL, _ASKS):
        for sentence in sentences:
            if pattern.search(sentence) and len(sentence.split()) > 2:
                return (sentence[:1].upper() + sentence[1:])[:_LONGEST_REASON]
    return ""


def _mood(said: list[str]) -> str:
    """The mood, that of the last words counting twice: a caller with a broken boiler is not cross with us for it."""
    felt = [sentiment.compound(text) for text in said]
    mean = (sum(felt) + felt[-1]) / (len(felt) + 1)
    return "positive" if mean >= _FELT else "negative" if mean <= -_FELT else "neutral"


def _confidence(said: list[str], intent: str) -> float:
    if intent == "other":
        return 0.3
    return round(min(0.5 + 0.07 * sum(len(text.split()) > 2 for text in said), 0.9), 2)


def _succeeded(told: CallTold, intent: str) -> bool:
    if intent in ("wrong_number", "sales", "other"):
        return False
    if told.booked is not None or told.passed_on or told.left_message:
        return True
    if told.wanted_person or intent != "question":
        return False
    ours = [turn.text for turn in told.turns if turn.ours]
    return len(ours) > 1 and not _UNSURE.search(ours[-2] + " " + ours[-1])


def _summary(told: CallTold, intent: str, name: str, reason: str) -> str:
    who = name or "The caller"
    if intent == "wrong_number":
        return f"{who} had the wrong number."
    opening = {
        "sales": f"{who} wanted to sell something.",
        "speak_to_person": f"{who} asked for a person.",
        "complaint": f"{who} complained.",
        "cancellation": f"{who} wanted to change or cancel an appointment.",
        "question": f"{who} asked.",
        "other": f"{who} rang, and it did not become clear what for.",
    }.get(intent, f"{who} called.")
    parts = [f"{opening[:-1]}: {_quoted(reason)}" if reason else opening]
    if told.booked is not None:
        zone = _zone(told.time_zone)
        parts.append(f"An appointment was booked for {_when(told.booked, zone)}.")
    if told.passed_on:
        parts.append("The call was passed to a colleague.")
    elif told.left_message:
        parts.append("They left a message.")
    elif told.wanted_person:
        parts.append("Nobody could take the call.")
    return " ".join(parts)


def _quoted(reason: str) -> str:
    return f"“{reason.rstrip(' .!?')}”."


def _when(instant: datetime, zone: tzinfo) -> str:
    return wording.full(instant.astimezone(zone), american=False, zone="")


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return UTC
