"""Rules of who may be contacted, when, and why not: pure functions. Nobody is contacted who must not be (DESIGN 9)."""

import re
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from msgspec import Struct

from frontdesk.domain.contactability import refusals

OPENS, CLOSES = time(8), time(21)
"""The hours in which people may be written to, in each of their own time zones."""

ANSWER_WINDOW = timedelta(minutes=15)
"""How young a lead's text must be for an AI reply to it to go out at night."""

HAND_WINDOW = timedelta(hours=24)
"""How young a lead's text must be for a hand-written answer to go out at night."""

DAY, WEEK = timedelta(hours=24), timedelta(days=7)
"""The rolling spans of the frequency caps."""


class Category(StrEnum):
    """Why a message is sent; the message categories of the product."""

    M1 = "m1"
    M2 = "m2"
    M3 = "m3"
    AI_RESPONSE = "ai_response"
    HUMAN_MANUAL = "human_manual"
    SYSTEM = "system"
    """Confirmations of STOP, START and HELP."""
    AI_CALL = "ai_call"
    """The assistant rings somebody."""
    HAND_CALL = "hand_call"
    """A person of the team does."""

    @property
    def is_campaign(self) -> bool:
        """Whether nobody asked for this message."""
        return self in (Category.M1, Category.M2, Category.M3)

    @property
    def is_capped(self) -> bool:
        """Whether it counts against the frequency caps, and is held to them."""
        return self.is_campaign or self is Category.AI_CALL


class Reason(StrEnum):
    """The outcome of the gate, as it is stored, counted and shown."""

    ALLOWED = "allowed"
    SUPPRESSED = "suppressed"
    OPTED_OUT = "opted_out"
    INVALID_LEAD = "invalid_lead"
    NO_PHONE = "no_phone"
    ARCHIVED = "archived"
    MANUAL_MODE = "manual_mode"
    REPLIED = "replied"
    CLOSED_LEAD = "closed_lead"
    QUIET_HOURS = "quiet_hours"
    OUTSIDE_SCHEDULE = "outside_schedule"
    DAILY_CAP = "daily_cap"
    WEEKLY_CAP = "weekly_cap"
    NO_TIME_ZONE = "no_time_zone"
    NO_SENDER = "no_sender"


class Schedule(Struct, frozen=True):
    """A campaign's own hours, in the client's zone. They narrow the gate's hours and never widen them."""

    hours_start: int
    hours_end: int
    days: frozenset[str]
    """Of mon, tue, wed, thu, fri, sat, sun."""


class Question(Struct, frozen=True, kw_only=True):
    """All that the gate looks at. Whatever is not known is told as such, and refused."""

    category: Category
    phone: str | None
    stage: str
    archived: bool = False
    manual_mode: bool = False
    has_replied: bool = False
    suppressed: bool
    sender: str | None
    zones: frozenset[str]
    """The recipient's zones: the number's and the postcode's, else the organisation's. A send needs all to be open."""
    org_zone: str
    schedule: Schedule | None = None
    last_inbound_at: datetime | None = None
    unasked: tuple[datetime, ...] = ()
    """When the number was sent campaign texts, or rung by the assistant, in the last seven days."""
    daily_cap: int = 3
    weekly_cap: int = 5
    answers_opt_out: bool = False
    """Whether this is the one confirmation of a STOP: the only thing a suppressed number may get."""
    now: datetime


class Decision(Struct, frozen=True):
    """What the gate says. `next_open_at` is set where waiting helps: the instant to ask again. `closes_at` is set where
    hours allow it: when they end."""

    allowed: bool
    reason: Reason
    next_open_at: datetime | None = None
    closes_at: datetime | None = None


_ENDED = frozenset({"booked", "converted", "lost"})
_IN_TALKS = frozenset({"replied", "qualified"})
_NOTHING_SENT_TO = {"opted_out": Reason.OPTED_OUT, "invalid": Reason.INVALID_LEAD}


def decide(asked: Question) -> Decision:
    """Whether the message may go out now. Fails closed: a missing rule or bad data refuses."""
    refused = refusal(asked)
    if refused is not None:
        return Decision(allowed=False, reason=refused)
    if not asked.zones:
        return Decision(allowed=False, reason=Reason.NO_TIME_ZONE)
    if not _may_go_at_night(asked) and not _open(asked.now, asked.zones):
        return Decision(
            allowed=False,
            reason=Reason.QUIET_HOURS,
            next_open_at=next_open(asked.now, asked.zones, None, asked.org_zone),
        )
    if asked.category.is_campaign and asked.schedule is not None and not _scheduled(asked.now, asked):
        return Decision(
            allowed=False,
            reason=Reason.OUTSIDE_SCHEDULE,
            next_open_at=next_open(asked.now, asked.zones, asked.schedule, asked.org_zone),
        )
    capped = _capped(asked) if asked.category.is_capped else None
    return capped or Decision(allowed=True, reason=Reason.ALLOWED, closes_at=_closes_at(asked))


def _capped(asked: Question) -> Decision | None:
    """The refusal of one text or call too many, until enough before it are old enough; the longest wait counts."""
    found: list[Decision] = []
    for reason, cap, window in ((Reason.DAILY_CAP, asked.daily_cap, DAY), (Reason.WEEKLY_CAP, asked.weekly_cap, WEEK)):
        within = sorted(at for at in asked.unasked if at > asked.now - window)
        if len(within) >= cap:
            found.append(Decision(allowed=False, reason=reason, next_open_at=within[-cap] + window))
    return max(found, key=lambda one: one.next_open_at or asked.now, default=None)


def refusal(asked: Question) -> Reason | None:
    """A reason that no waiting cures."""
    if not asked.phone:
        return Reason.NO_PHONE
    if not asked.sender:
        return Reason.NO_SENDER
    if asked.category is Category.SYSTEM and asked.answers_opt_out:
        return None
    if asked.suppressed:
        return Reason.SUPPRESSED
    if asked.category is Category.SYSTEM:
        return None
    if asked.stage in _NOTHING_SENT_TO:
        return _NOTHING_SENT_TO[asked.stage]
    if asked.category in (Category.HUMAN_MANUAL, Category.HAND_CALL):
        return None
    if asked.archived:
        return Reason.ARCHIVED
    if asked.category is Category.AI_CALL and asked.manual_mode:
        return Reason.MANUAL_MODE
    if asked.category.is_campaign:
        if asked.manual_mode:
            return Reason.MANUAL_MODE
        if asked.has_replied or asked.stage in _IN_TALKS:
            return Reason.REPLIED
        if asked.stage in _ENDED:
            return Reason.CLOSED_LEAD
    return None


_WINDOWS = {Category.AI_RESPONSE: ANSWER_WINDOW, Category.HUMAN_MANUAL: HAND_WINDOW}


def _may_go_at_night(asked: Question) -> bool:
    return asked.category is Category.SYSTEM or asked.now < _answered_until(asked)


def _answered_until(asked: Question) -> datetime:
    """Until when the lead's last text may be answered at night, too; now, where there is nothing to answer."""
    window = _WINDOWS.get(asked.category)
    return asked.now if window is None or asked.last_inbound_at is None else asked.last_inbound_at + window


def _closes_at(asked: Question) -> datetime | None:
    """When what may go now may go no longer. None: it may at any hour."""
    if asked.category is Category.SYSTEM:
        return None
    if not _open(asked.now, asked.zones):
        return _answered_until(asked)
    ends = [_at_hour(asked.now, zone, CLOSES.hour) for zone in asked.zones]
    if asked.category.is_campaign and asked.schedule is not None:
        ends.append(_at_hour(asked.now, asked.org_zone, asked.schedule.hours_end))
    return max(min(ends), _answered_until(asked))


def _at_hour(now: datetime, zone: str, hour: int) -> datetime:
    """The hour (0 to 24) of the day that it is in the zone."""
    midnight = now.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return (midnight + timedelta(hours=hour)).astimezone(UTC)


def _open(at: datetime, zones: frozenset[str]) -> bool:
    return all(OPENS <= at.astimezone(ZoneInfo(zone)).time() < CLOSES for zone in zones)


def _scheduled(at: datetime, asked: Question) -> bool:
    return asked.schedule is None or _within(at.astimezone(ZoneInfo(asked.org_zone)), asked.schedule)


def _within(local: datetime, schedule: Schedule) -> bool:
    hour = local.hour + local.minute / 60 + local.second / 3600
    day = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[local.weekday()]
    return day in schedule.days and schedule.hours_start <= hour < schedule.hours_end


def next_open(now: datetime, zones: frozenset[str], schedule: Schedule | None, org_zone: str) -> datetime | None:
    """The first quarter hour after `now` at which all zones and the schedule are open; None within 15 days: never.

    Quarter hours, because zones differ by them; they are walked in UTC, so that changes of the clock need no care.
    """
    quarter = timedelta(minutes=15)
    at = now.replace(minute=now.minute - now.minute % 15, second=0, microsecond=0) + quarter
    local_zone = ZoneInfo(org_zone)
    for _ in range(15 * 24 * 4):
        if _open(at, zones) and (schedule is None or _within(at.astimezone(local_zone), schedule)):
            return at
        at += quarter
    return None


class Word(StrEnum):
    """What a whole reply means to the gate."""

    STOP = "stop"
    START = "start"
    HELP = "help"


_STOP = frozenset(["stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"]) | refusals.KEYWORDS
_START = frozenset(["start", "unstop"])
_HELP = frozenset(["help", "info"])

_COURTESIES = (
    r"pls|plz|just|kindly|thank you|thx|cheers|ta|now|right now|at once|immediately|asap|ffs|" + refusals.COURTESIES
)
"""None of them twice: of a word that can be read in two ways, thirty in a row can be read in a thousand million."""
_MARKS = r"\s.,!'\"*\xa1\u2010-\u2026-"
"""What may stand between the words of a reply that is taken as a whole: no question mark, no smiley."""

_NO = rf"[{_MARKS}]*+(?:(?:no|nope|nein|non|nao|nee|nie)\s*+[.,!][{_MARKS}]*+)?"
_STOP_POLITELY = re.compile(
    rf"{_NO}(?:(?:{_COURTESIES})[{_MARKS}]+)*(?:stop[{_MARKS}]+)*"
    rf"(?:stop(?: ?all)?|unsubscribe|opt[ -]?out|{'|'.join(sorted(refusals.SURE_KEYWORDS))})"
    rf"(?:[{_MARKS}]+(?:{_COURTESIES}))*[{_MARKS}]*"
)
"""Not with "please cancel" and "please end": these may mean an appointment."""


def keyword(text: str) -> Word | None:
    """The keyword that `text` is, as a whole reply: "STOP", "Stop.", "opt-out" and "stop, please" are, "don't stop" is
    not."""
    said = refusals.plain(text)
    word = re.sub(r"[\W_]+", "", said)
    if word in _STOP or _STOP_POLITELY.fullmatch(said):
        return Word.STOP
    if word in _START:
        return Word.START
    return Word.HELP if word in _HELP else None


_REFUSALS = [
    re.compile(rf"(?:{pattern})")
    for pattern in (
        r"(?<!not )(?<!never )(?<!to )\bstop (?:\w+ing|contact|spam) (?:me|us)\b",
        r"(?<!not )(?<!never )\bstop (?:sending|with) (?:me |us )?(?:(?:all|any|these|those|your|the|more) )*"
        r"(?:texts?|messages?|texting|messaging|sms|spam)\b",
        r"\b(?:take|remove|delete) (?:me|us|my \w+|my \w+ number|this number|our number) (?:off|from|out of) "
        r"(?:(?:your|ur|the|this|that|all|any) )*(?:\w+ )?(?:lists?|database|system|records|books|files)\b",
        r"^(?:remove|unsubscribe|delete) (?:me|us|my (?:phone )?number|this number|my details)$",
        r"\b(?:do not|never) (?:ever )?(?:contact|text|message|call|ring|phone|write to) (?:me|us|this number)"
        r"(?: ever)? (?:again|any ?more)\b",
        r"\bi (?:do not|no longer) (?:want|wish) (?:to (?:receive|get|have) )?(?:any |your |ur |more |further |of |"
        r"these )*(?:texts|messages|calls|sms)\b",
        r"\bi (?:do not|no longer) (?:want|wish) to (?:be (?:contacted|texted|messaged|called)|hear from you)\b",
        r"^no more (?:texts|messages|calls|sms)$",
        r"^leave (?:me|us) alone$",
    )
]
_CONDITIONS = re.compile(
    r"\?|\b(?:until|till|before|after|while|when|unless|if|during|for now|today|tonight|at work)\b"
)


_SENDING = "(?:text|txt|messag|msg|call|ring|phon|contact|spamm|bother|harass|pester)ing"
_TEXTS = "(?:spam )?(?:texts?|txts?|messages?|msgs?|sms|spam|calls)"
_ALL_OF_IT = rf"(?:this|these|it|all|everything|(?:your|the|these|all) {_TEXTS})"
_MY_NUMBER = "(?:me|us|my (?:phone|number|phone number|name|details)|this number)"
_WHOLE_REPLIES = (
    rf"(?:stop|quit|cease) {_SENDING}(?: {_MY_NUMBER})?",
    rf"(?:stop|quit|cease) (?:sending )?(?:(?:me|us|all|any|of|these|those|this|your|the|more) )*"
    rf"(?:{_TEXTS}|contact)",
    r"(?:stop|quit) sending(?: (?:me|us))?(?: (?:these|those|this))?",
    r"stop (?:all )?(?:it|this|that)",
    rf"opt (?:(?:me|us) out(?: of {_ALL_OF_IT})?|out of {_ALL_OF_IT})",
    rf"(?:do not|never)(?: ever)? (?:contact|text|txt|message|msg|call|ring|phone|write to|bother) "
    rf"{_MY_NUMBER}(?: again| any ?more)?",
    r"do not contact",
    rf"no more(?: of)?(?: (?:these|those|this|your))? (?:{_TEXTS}|texting|messaging|contact)",
    rf"take {_MY_NUMBER} off(?: (?:this|that|it|here))?",
    rf"(?:take|remove|delete) {_MY_NUMBER} from (?:this|that|it|here|everything)",
    *refusals.WHOLE_REPLIES,
)
"""What refuses where nothing else is said: "don't call me", which could go on with "before five"."""

_WHOLE_REPLY = re.compile("|".join(_WHOLE_REPLIES))
_REPLY = re.compile(rf"{_NO}(?P<rest>[\w{_MARKS}]*)")

_HINTS = re.compile(
    rf"\b(?:stop|quit|cease|opt|take|remove|delete|unsubscribe|leave|do ?n'?t|not|never|longer|more|{refusals.HINTS})"
)
"""Without a word that begins so no text refuses: a quick look, which spares most texts the long one."""


def refuses(text: str) -> bool:
    """Whether `text` says in plain words, without a doubt, that its writer wants no texts any more: in English, or in a
    language of `refusals`.

    Only what can mean nothing else: "stop texting me" does, and "don't text me" where it is the whole reply; "stop
    texting me at work", "did you stop texting me?" and "not interested" are left to whoever answers.
    """
    said = refusals.plain(text)
    if not _HINTS.search(said):
        return False
    reply = _REPLY.fullmatch(said)
    if reply and _WHOLE_REPLY.fullmatch(_words(reply["rest"])):
        return True
    sentences = map(refusals.plain, re.split(r"(?<=[.!?\n])", text.casefold()))
    return any(_sentence_refuses(sentence) or refusals.refuses(sentence) for sentence in sentences)


def _sentence_refuses(sentence: str) -> bool:
    if _CONDITIONS.search(sentence):
        return False
    words = _words(sentence)
    return any(pattern.search(words) for pattern in _REFUSALS)


_POLITE = re.compile(rf"\b(?:{_COURTESIES})\b")


def _words(said: str) -> str:
    """What is said, without marks and courtesies."""
    said = re.sub(r"\b(?:don'?t|do n't)\b", "do not", said)
    return " ".join(_POLITE.sub(" ", re.sub(r"[^\w\s']+", " ", said)).split())
