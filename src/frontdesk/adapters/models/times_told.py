"""Which times a reply names, and whether they are times that there are. English words and digits are read."""

import re
from collections.abc import Sequence
from datetime import datetime, tzinfo
from functools import lru_cache

from msgspec import Struct

from frontdesk.adapters.models.prompt import MOST_TOLD, zone_of
from frontdesk.adapters.offline.moments import Kind, Mention, find
from frontdesk.adapters.offline.senses import Sense, Today
from frontdesk.adapters.offline.text import plain
from frontdesk.ports.llm import Brief, Fact, Slot

_SPELLINGS = (
    (re.compile(r"\b(\d{1,2}) ?h ?([0-5]\d)\b", re.I), r"\1:\2"),
    (re.compile(r"\bmidnight\b", re.I), "12am"),
    (re.compile(r"\bmidday\b", re.I), "noon"),
    (re.compile(r"\b([ap])\. ?m\b\.?", re.I), r"\1m"),
)
_SENTENCES = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9])|\n+")
_PROPOSES = re.compile(
    r"\b(?:call|calls|calling|ring|phone|speak|talk|chat|book|booked|booking|appointment|visit|meet|see you|"
    r"slots?|free|available|availability|suit|suits|works?|how about|what about|come|diary|calendar|arrange)\b"
)
_LEADS = re.compile(r"[ ,)]*(?:at |from )?")
_NEVER = -1
"""A minute of the day that no slot starts at."""

_ADJOINS = re.compile(r" ?(?:on |this |next )?(?:the )?")


class Told(Struct, frozen=True):
    """What a reply tells of time."""

    slots: list[Slot]
    """The free slots it names by day and hour, in its order."""
    invented: list[str]
    """Its words for times that there are not."""


def read(text: str, brief: Brief, facts: Sequence[Fact], named: Sequence[Slot]) -> Told:
    """What `text` tells of time. There are: the times free and offered, that of a booked call, and opening hours and
    the like where they are told as such. `named` are those the reply offers or books, which come first."""
    zone = zone_of(brief)
    now = brief.now.astimezone(zone)
    today = Today(now.date(), now.hour * 60 + now.minute, brief.time_zone.startswith(("America/", "US/")))
    free = [*named, *(slot for slot in brief.free_slots if slot not in named)]
    known = [*free, *brief.offered_slots, *([Slot(brief.booked, brief.booked)] if brief.booked else [])]
    quoted = [
        _plain(words) for words in (*(f"{fact.title}\n{fact.text[:MOST_TOLD]}" for fact in facts), *brief.opening_hours)
    ]
    slots: list[Slot] = []
    invented: list[str] = []
    day: Sense | None = None
    for sentence in _SENTENCES.split(text):
        words = _plain(sentence)
        mentions = find(words, today)[0]
        days = _days(words, mentions)
        excused = not _PROPOSES.search(words) and _is_quoted(words, mentions, quoted)
        for mention in mentions:
            if mention.kind in (Kind.DAY, Kind.WEEK):
                day = days[mention.at]
                if day.since or mention.kind is Kind.WEEK:
                    continue
                if not excused and _PROPOSES.search(words) and day.days is not None and not _any(known, day, zone):
                    invented.append(words[mention.at : mention.end].strip())
            elif mention.kind in (Kind.CLOCK, Kind.SPAN):
                if mention.sense.part and not mention.sense.clocks:
                    continue
                hour = _narrowed(words, mention, mentions)
                nearest, all_days = _days_for(words, mention, mentions, days, day)
                fits = _fitting(free, hour, nearest, zone) or _fitting(free, hour, all_days, zone)
                sure = bool(nearest) or len(fits) == 1
                if mention.sense.clocks and fits and fits[0] not in slots and (sure or fits[0] in named):
                    slots.append(fits[0])
                if not (fits or excused or _fitting(known, hour, all_days, zone)):
                    invented.append(words[mention.at : mention.end].strip())
    return Told(slots, invented)


@lru_cache(maxsize=1024)
def _plain(text: str) -> str:
    # Kept, for a business brings the same knowledge to every reply.
    for pattern, meant in _SPELLINGS:
        text = pattern.sub(meant, text)
    return " ".join(plain([text]).text.split())


def _days(words: str, mentions: Sequence[Mention]) -> dict[int, Sense]:
    """What each mention of a day denotes; "tuesday 24 november" is one day, told twice."""
    found: dict[int, Sense] = {}
    last: Mention | None = None
    for mention in mentions:
        if mention.kind not in (Kind.DAY, Kind.WEEK):
            continue
        sense = mention.sense
        if last is not None and re.fullmatch(r"[ ,(]*(?:the |of )?", words[last.end : mention.at]):
            before = found[last.at]
            both = (before.wide or before.days or frozenset()) & (sense.wide or sense.days or frozenset())
            sense = Sense(days=both, wide=both)
            found[last.at] = sense
        found[mention.at] = sense
        last = mention
    return found


def _narrowed(words: str, mention: Mention, mentions: Sequence[Mention]) -> Sense:
    """The hour or span of a mention, with the part of the day told beside it: "half past four in the morning"."""
    sense = mention.sense
    part = next((m.sense for m in mentions if m.at >= mention.end and m.sense.part and not m.sense.clocks
                 and words[mention.end : m.at].strip() in ("", "in the", "on the", "in")), None)  # fmt: skip
    if part is None or not sense.clocks:
        return sense
    inside = tuple(clock for clock in sense.clocks if part.since <= clock < part.until)
    return Sense(clocks=inside or (_NEVER,))


def _days_for(
    words: str, mention: Mention, mentions: Sequence[Mention], days: dict[int, Sense], last: Sense | None
) -> tuple[list[Sense], list[Sense]]:
    """The day that an hour belongs to, and all that it may belong to: one told right before or after it, else the last
    one told, else the next."""
    after = next((at for at in sorted(days) if at >= mention.end), None)
    adjoins = after is not None and _ADJOINS.fullmatch(words[mention.end : after]) is not None
    following = [days[after]] if after is not None else []
    before = [last] if last is not None else []
    leads = any(m.at in days and _LEADS.fullmatch(words[m.end : mention.at]) for m in mentions if m.end <= mention.at)
    if leads:
        return before, [*before, *(following if adjoins else [])]
    if adjoins:
        return following, [*following, *before]
    return before or following, before or following


def _is_quoted(words: str, mentions: Sequence[Mention], quoted: Sequence[str]) -> bool:
    """Whether all its times stand in one piece of what is known."""
    said = [words[m.at : m.end].strip() for m in mentions if m.kind is not Kind.NOISE]
    return any(all(time in known for time in said) for known in quoted)


def _any(slots: Sequence[Slot], day: Sense, zone: tzinfo) -> bool:
    return any(day.days is not None and slot.start.astimezone(zone).date() in day.days for slot in slots)


def _fitting(slots: Sequence[Slot], sense: Sense, on: Sequence[Sense], zone: tzinfo) -> list[Slot]:
    """The slots at these hours, on one of these days, if any is named."""
    return [slot for slot in slots if _at(slot.start.astimezone(zone), sense) and _on(slot, on, zone)]


def _on(slot: Slot, days: Sequence[Sense], zone: tzinfo) -> bool:
    date = slot.start.astimezone(zone).date()
    return not days or any(day.days is None or date in day.days for day in days)


def _at(local: datetime, sense: Sense) -> bool:
    minute = local.hour * 60 + local.minute
    return minute in sense.clocks if sense.clocks else sense.since <= minute < sense.until
