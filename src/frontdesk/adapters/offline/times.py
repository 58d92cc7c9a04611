"""What a lead wants of the calendar, read from plain words: alternatives of days and hours, and what to avoid.

Knows no slots; `slots` holds a wish against them.
"""

import re
from datetime import date, datetime

from msgspec import Struct, structs

from frontdesk.adapters.offline.moments import Kind, Mention, find
from frontdesk.adapters.offline.senses import MIDNIGHT, Sense, Today


class Want(Struct, frozen=True):
    """One alternative the lead named. Minutes count from local midnight; `until` is exclusive."""

    days: frozenset[date] | None = None
    """None: any day."""
    clocks: tuple[int, ...] = ()
    """Readings of one exact hour, likeliest first; empty: any hour within the span."""
    since: int = 0
    until: int = MIDNIGHT
    part: str = ""
    sure: bool = True
    """False where the words fit another day as well."""

    @property
    def exact(self) -> bool:
        """Whether it names one hour of one day."""
        return bool(self.clocks) and self.days is not None and self.sure

    def fits(self, local: datetime) -> bool:
        """Whether a slot that starts at `local` is one of those wanted, by its likeliest reading."""
        if self.days is not None and local.date() not in self.days:
            return False
        minute = local.hour * 60 + local.minute
        if not self.since <= minute < self.until:
            return False
        return not self.clocks or minute in self.clocks


class Wish(Struct, frozen=True):
    """All that was said of time in one run of messages."""

    wants: tuple[Want, ...] = ()
    barred: tuple[Want, ...] = ()
    soonest: bool = False
    later: bool = False
    earlier: bool = False
    far: bool = False
    """Only times weeks away."""
    rest: str = ""
    """The text without its mentions of time."""

    @property
    def named(self) -> bool:
        """Whether a day or an hour was named, to have or to avoid."""
        return bool(self.wants or self.barred)


# Words before or after a mention that make it one to avoid.
_BARS_BEFORE = re.compile(
    "(?:"
    + "|".join(
        (
            r"\b(?:not|except|apart from|other than|avoid|never|rather than|instead of|no|no good)",
            r"\bany ?(?:day|time) but",
            r"\b(?:busy|away|unavailable|booked up|tied up|working|(?:i|we|am|is|are|at|in) work)",
            r"\b(?:can|could|will) not (?:do|make|manage|talk|speak|be free|take calls)",
            r"\b(?:do|can|could) not (?:call|ring|phone|text|bother|contact)",
            r"\b(?:i have|i have got|got|i am at|at) (?:a|an|my|the|work|plans|kids|college|uni|school)\b"
            r"(?! (?:gap|slot|free|window|half|spare|day off|minute|hour))(?: \w+){0,2}",
        )
    )
    + r")(?: (?:it|a|call|me|free|available|around|in|on|at|the|for|this|all))*$"
)
_BARS_AFTER = re.compile(
    r"^ *(?:is|are|will be|would be|was)? *(?:"
    + "|".join(
        (
            r"(?:not|no|does not|do not|will not|can not|is not) "
            r"(?:good|use|great|ideal|work|suit|convenient|possible|happen|ok|be|do|for me|available|free)",
            r"(?:out(?! of)|bad|no good|busy|fully|too (?:early|late|soon))\b",
            r"i am (?:busy|away|working|out|at work|in work)",
            r"i (?:work|have work)\b",
        )
    )
    + ")"
)
_JOIN = re.compile(r"^[ ,/&-]*(?:or|and|maybe|perhaps|then|nor|either)?[ ,/&-]*(?:even |maybe |on |at |in the |the )*$")
_NEAR = re.compile(
    r"^[ ,-]*(?:the|on|of|in|at|for|maybe|say|around|about|preferably|ideally|some ?time|i think|any ?time|is|like|"
    r"if poss\w*)?[ ,-]*(?:the|on|in|at|of)? *$"
)
_BREAK = re.compile(r"[,.;!?\n]|\bbut\b|\bso\b|\bthough\b")


def read(text: str, today: Today) -> Wish:
    """The wish that plain `text` holds; an empty one where it says nothing of time."""
    mentions, rest = find(text, today)
    flags = {mention.kind for mention in mentions}
    timed = [m for m in mentions if m.kind in (Kind.DAY, Kind.WEEK, Kind.SPAN, Kind.CLOCK)]
    barred, wanted = _parted(text, timed)
    wants = _assembled(text, wanted)
    near = [want for want, far in wants if not far]
    return Wish(
        wants=tuple(want for want, _ in wants),
        barred=tuple(
            Want(days=m.sense.days, clocks=m.sense.clocks, since=m.sense.since, until=m.sense.until) for m in barred
        ),
        soonest=Kind.SOONEST in flags,
        later=Kind.LATER in flags,
        earlier=Kind.EARLIER in flags,
        far=bool(wants) and not near,
        rest=" ".join(rest.split()),
    )


def _parted(text: str, timed: list[Mention]) -> tuple[list[Mention], list[Mention]]:
    """The mentions to avoid, and those wanted."""
    barred: list[Mention] = []
    wanted: list[Mention] = []
    previous: Mention | None = None
    for mention in timed:
        before = _BREAK.split(text[: mention.at])[-1].rstrip()
        after = text[mention.end :]
        joined = previous is not None and re.fullmatch(
            r"(?: or | and | nor |/|, ?(?:or|nor) | )", text[previous.end : mention.at]
        )
        if _BARS_BEFORE.search(before) or _BARS_AFTER.search(after) or (joined and barred and barred[-1] is previous):
            barred.append(mention)
        else:
            wanted.append(mention)
        previous = mention
    return _merged(text, barred), wanted


def _merged(text: str, barred: list[Mention]) -> list[Mention]:
    """ "not tomorrow morning" bars one morning, not the day and all mornings."""
    merged: list[Mention] = []
    for mention in barred:
        last = merged[-1] if merged else None
        if (
            last
            and text[last.end : mention.at].strip() in ("", "at")
            and (last.sense.days is None) != (mention.sense.days is None)
        ):
            day, time = (last, mention) if last.sense.days is not None else (mention, last)
            merged[-1] = Mention(
                at=last.at, end=mention.end, kind=Kind.DAY,
                sense=structs.replace(time.sense, days=day.sense.days, wide=day.sense.wide),
            )  # fmt: skip
        else:
            merged.append(mention)
    return merged


class _Group(Struct):
    """An alternative as it is put together, mention by mention."""

    sense: Sense = Sense()
    end: int = 0
    timed: bool = False
    time_first: bool = False
    week: bool = False
    inherited: bool = False
    """Its day is that of the alternative before it, unless one is named."""

    @property
    def dayed(self) -> bool:
        return self.sense.days is not None


def _assembled(text: str, mentions: list[Mention]) -> list[tuple[Want, bool]]:
    """Alternatives, each with whether it is weeks away."""
    groups: list[_Group] = []
    sticky: frozenset[date] | None = None
    for mention in mentions:
        sense = mention.sense
        if mention.kind is Kind.WEEK:
            sticky = sense.days
        elif mention.kind is Kind.DAY and sticky and sense.wide & sticky:
            sense = structs.replace(sense, days=sense.wide & sticky, sure=True)
        group = groups[-1] if groups else None
        gap = text[group.end : mention.at] if group else ""
        if group is None or not _absorbed(group, mention.kind, sense, gap):
            group = _fresh(group, mention.kind, sense, gap)
            groups.append(group)
        group.end = mention.end
    return [(_want(group.sense), group.sense.far) for group in groups]


def _fresh(before: _Group | None, kind: Kind, sense: Sense, gap: str) -> _Group:
    timed = kind in (Kind.SPAN, Kind.CLOCK)
    inherited = timed and before is not None and before.dayed and _JOIN.match(gap) is not None
    if inherited and before:  # "tomorrow at 3 or 4": the same day
        sense = structs.replace(sense, days=before.sense.days, wide=before.sense.wide, sure=before.sense.sure)
    timed = timed or sense.since > 0
    return _Group(sense=sense, timed=timed, time_first=timed, week=kind is Kind.WEEK, inherited=inherited)


def _absorbed(group: _Group, kind: Kind, sense: Sense, gap: str) -> bool:
    """Whether the mention completes or narrows the group, which then holds it."""
    if kind in (Kind.DAY, Kind.WEEK):
        return _absorbed_day(group, kind, sense, gap)
    if not group.timed:
        group.sense = _timed(group.sense, sense)
        group.timed = True
        return True
    if _JOIN.match(gap) and re.search(r"\bor\b|,|/|\band\b", gap) and not (group.sense.part and sense.clocks):
        return False
    narrowed = _timed(group.sense, sense)
    if narrowed.since >= narrowed.until or (group.sense.clocks and sense.clocks):
        return False
    group.sense = narrowed
    return True


def _absorbed_day(group: _Group, kind: Kind, sense: Sense, gap: str) -> bool:
    held = group.sense
    if held.days is None or (group.inherited and _NEAR.match(gap)):
        group.inherited = False
        group.sense = structs.replace(held, days=sense.days, wide=sense.wide, sure=sense.sure, far=sense.far)
        group.week = kind is Kind.WEEK
        if sense.since:
            group.sense = structs.replace(group.sense, since=max(sense.since, held.since), part=sense.part or held.part)
        return True
    days = sense.days or frozenset[date]()
    both = held.wide & sense.wide
    if both and (_NEAR.match(gap) or kind is Kind.WEEK or group.week) and not re.search(r"\bor\b", gap):
        group.sense = structs.replace(held, days=both, wide=both, sure=True, far=held.far and sense.far)
        group.week = group.week and kind is Kind.WEEK
        return True
    if _JOIN.match(gap) and (not group.timed or group.time_first) and not sense.since:
        group.sense = structs.replace(
            held,
            days=held.days | days,
            wide=held.wide | sense.wide,
            sure=held.sure and sense.sure,
            far=held.far and sense.far,
        )
        return True
    return False


def _timed(held: Sense, sense: Sense) -> Sense:
    return structs.replace(
        held,
        clocks=sense.clocks or held.clocks,
        since=max(held.since, sense.since),
        until=min(held.until, sense.until),
        part=sense.part or held.part,
    )


def _want(sense: Sense) -> Want:
    clocks = sense.clocks
    inside = tuple(clock for clock in clocks if sense.since <= clock < sense.until)
    # "3 in the evening" cannot be; the hour named counts, not the part of the day.
    since, until = (sense.since, sense.until) if inside or not clocks else (0, MIDNIGHT)
    return Want(days=sense.days, clocks=inside or clocks, since=since, until=until, part=sense.part, sure=sense.sure)
