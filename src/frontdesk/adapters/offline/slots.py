"""The free times of a brief, held against what a lead said: which fit, which come nearest, which one it picked."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo
from enum import Enum, auto

from msgspec import Struct

from frontdesk.adapters.offline.times import Want, Wish
from frontdesk.ports.llm import Slot

OFFERED_AT_ONCE = 3


class Calendar:
    """Free times as the lead's clock shows them: those to come, soonest first, each once."""

    def __init__(self, free: Iterable[Slot], now: datetime, zone: tzinfo) -> None:
        self._zone = zone
        self.free: list[Slot] = sorted(
            {slot for slot in free if slot.start > now}, key=lambda slot: (slot.start, slot.end)
        )

    def local(self, slot: Slot) -> datetime:
        """When the slot starts, in the lead's zone."""
        return slot.start.astimezone(self._zone)

    def fitting(self, wish: Wish, among: Sequence[Slot] | None = None) -> list[Slot]:
        """Slots that are wanted and not to be avoided, in their order; an hour that reads two ways means its likelier."""
        pool = [slot for slot in (self.free if among is None else among) if not self._barred(slot, wish)]
        if not wish.wants:
            return pool
        fitting = {slot for want in wish.wants for slot in self._for_want(want, pool)}
        return [slot for slot in pool if slot in fitting]

    def _for_want(self, want: Want, pool: Sequence[Slot]) -> list[Slot]:
        fitting = [slot for slot in pool if want.fits(self.local(slot))]
        for clock in want.clocks:
            if likeliest := [slot for slot in fitting if self._minute(slot) == clock]:
                return likeliest
        return fitting

    def _barred(self, slot: Slot, wish: Wish) -> bool:
        return any(want.fits(self.local(slot)) for want in wish.barred)

    def _minute(self, slot: Slot) -> int:
        local = self.local(slot)
        return local.hour * 60 + local.minute

    def nearest(self, wish: Wish, but: Sequence[Slot] = ()) -> list[Slot]:
        """Up to three free slots closest to what was wanted, though none fits it: another hour of that day, or that
        hour on another day. Soonest first."""
        pool = [slot for slot in self.free if slot not in but and not self._barred(slot, wish)]
        ranked = sorted(
            pool, key=lambda slot: (min((self._distance(slot, want) for want in wish.wants), default=0), slot.start)
        )
        return sorted(ranked[:OFFERED_AT_ONCE], key=lambda slot: slot.start)

    def _distance(self, slot: Slot, want: Want) -> float:
        """Hours away from the want, a day counting as five: people give way on the hour sooner than on the day."""
        local = self.local(slot)
        days = min((abs((local.date() - day).days) for day in want.days), default=0) if want.days else 0
        minute = self._minute(slot)
        if want.clocks:
            minutes = min(abs(minute - clock) for clock in want.clocks[:1])
        else:
            minutes = max(want.since - minute, minute - want.until + 1, 0)
        return days * 5 + minutes / 60

    def spread(self, among: Sequence[Slot], count: int = OFFERED_AT_ONCE) -> list[Slot]:
        """Up to `count` of `among` at different times: other days before other hours, soonest first."""
        if len(among) <= count:
            return list(among)
        chosen = [among[0]]
        while len(chosen) < count:
            rest = [slot for slot in among if slot not in chosen]
            chosen.append(max(rest, key=lambda slot: (self._variety(slot, chosen), -slot.start.timestamp())))
        return sorted(chosen, key=lambda slot: slot.start)

    def _variety(self, slot: Slot, chosen: Sequence[Slot]) -> float:
        """How different the slot is from those chosen: a day none has, then a part of the day none has, near ones first."""
        local = self.local(slot)
        others = [self.local(other) for other in chosen]
        new_day = all(local.date() != other.date() for other in others)
        new_part = all(_part(local) != _part(other) for other in others)
        hours = min(abs((slot.start - other.start).total_seconds()) for other in chosen) / 3600
        closeness = -min((local.date() - other.date()).days for other in others) if new_day else 0
        return new_day * 100 + closeness * 10 + new_part * 8 + (0 if new_day else min(hours, 7))


def _part(local: datetime) -> int:
    return 0 if local.hour < 12 else 1 if local.hour < 17 else 2


class Outcome(Enum):
    """What came of an offer."""

    NONE = auto()
    """Nothing said about it."""
    CHOSEN = auto()
    UNCLEAR = auto()
    """Two or more of those offered fit, or an "ok" to several."""
    GONE = auto()
    """Picked, but no longer free."""
    DECLINED = auto()
    """None of those offered; another time."""


class Pick(Struct, frozen=True):
    """The lead's answer to an offer, and the offered slots it leaves."""

    outcome: Outcome
    slots: tuple[Slot, ...] = ()
    clear: bool = True
    """False where the slot fits but the sentence is about more than the choice."""


_ORDINALS: tuple[tuple[str, int], ...] = (
    (r"\b(?:the )?(?:first|1st|number one|number 1|no 1|option one|option 1|option a|former)\b(?! (?:thing|time))", 0),
    (r"\b(?:the )?(?:second|2nd|number two|number 2|no 2|option two|option 2|option b|middle)\b", 1),
    (r"\b(?:the )?(?:third|3rd|number three|number 3|no 3|option three|option 3|option c)\b", 2),
    (r"\b(?:the )?(?:last|latter|final|latest)\b(?! (?:week|month|year|night|time|message|text))", -1),
    (r"\b(?:the )?(?:earliest|soonest)\b|\bearlier (?:one|slot|time)\b|\bsooner (?:one|the better)\b", 0),
    (r"\blater (?:one|slot|time)\b", -1),
)
_NOT_THAT = re.compile(r"\b(?:not|except|but|can not do|can not make|apart from)(?: the)?$")
_EITHER = re.compile(
    r"\b(?:either|whichever|any of (?:them|those|these)|any one|anyone of them|all (?:of (?:them|those) )?(?:are )?"
    r"(?:good|fine|ok|work)|both (?:are )?(?:good|fine|ok|work)|you (?:choose|pick|decide)|your (?:choice|call|pick)|up to you|"
    r"do not mind|not (?:fussed|bothered|fussy)|no preference|whatever (?:suits|works|is (?:best|easiest))|surprise me|"
    r"dealer is choice|all good with me|easy either way)\b|^(?:any|both|all|whatever)(?: (?:is|are|will do|works?|fine|good|ok|one))*\W*$"
)
_NUMBER = re.compile(
    r"^\W*(?:yes|ok|option|number|no|slot|please|the|ill|i will|take|go|for|with|let us)*\W*(\d{1,2})\W*(?:please|thanks|works|is|fine|good|then|emojiyes|\W)*$"
)
_NONE_OF = re.compile(
    r"\bnone of (?:them|those|these)\b|\bneither\b|\b(?:those|these|they|that|them|it)(?: times| days| slots| dates)? (?:do|does|will|are|is) not "
    r"(?:work|suit|good|any good|ideal|great|convenient|possible)|\bcan not (?:do|make) (?:any|either|those|these|that|them|it)\b|"
    r"\b(?:any|got|have|something|anything|what) (?:you )?(?:got )?(?:other|else|another|different|alternative)|\banother (?:day|time|date)\b|"
    r"\bdifferent (?:day|time|date)\b|\bother (?:days|times|dates|options|slots)\b|\b(?:anything|something|any|bit|little|much|got) (?:a bit |slots? |times? )?(?:later|earlier|sooner)\b"
)

_AGREES = re.compile(
    r"\b(?:book (?:it|that|me in|me)|go (?:for|with) (?:it|that)|(?:will|i) take it|lock it in|do it|do that|put me (?:in|down)|"
    r"(?:that|it|this) (?:is|will be|would be|sounds|works?|suits?)(?: \w+)? ?(?:fine|good|great|perfect|ok|ideal|lovely|for me|me|do|brilliant)?)\b(?! not)"
)
_MORE = re.compile(r"\b(?:got|have|is there|are there) (?:you )?(?:got )?(?:any|anything|something|other)\b|\banything (?:on|in|after|before|around)\b")


def pick(text: str, wish: Wish, offered: Sequence[Slot], calendar: Calendar, *, agreed: bool, idle: bool) -> Pick:
    """What plain `text` makes of the `offered` slots, told in that order.

    `agreed`: it is a bare yes. `idle`: little is said besides time, so that time is the point.
    """
    if not offered:
        return Pick(Outcome.NONE)
    if _NONE_OF.search(text) and not wish.wants:
        return Pick(Outcome.DECLINED)
    if _MORE.search(text):
        return Pick(Outcome.DECLINED)
    left, named = _counted(text, offered, calendar)
    if not named and wish.named:
        left = calendar.fitting(wish, offered)
        named = True
        if not left or (wish.barred and not wish.wants):
            return Pick(Outcome.DECLINED)
    elif named and wish.wants:
        left = calendar.fitting(wish, left) or left
    if not named and _EITHER.search(text):
        free = [slot for slot in offered if slot in calendar.free]
        return Pick(Outcome.CHOSEN, tuple(free[:1])) if free else Pick(Outcome.GONE, tuple(offered))
    agreed = agreed or _AGREES.search(text) is not None
    if not named and not agreed:
        return Pick(Outcome.NONE)
    if not named:
        left = list(offered)
    free = [slot for slot in left if slot in calendar.free]
    if left and not free:
        return Pick(Outcome.GONE, tuple(left))
    if len(free) == 1 and (named or len(offered) == 1):
        return Pick(Outcome.CHOSEN, tuple(free), clear=idle)
    if named and _EITHER.search(text):
        return Pick(Outcome.CHOSEN, tuple(free[:1]))
    return Pick(Outcome.UNCLEAR, tuple(free))


def _counted(text: str, offered: Sequence[Slot], calendar: Calendar) -> tuple[list[Slot], bool]:
    """Those told by their place or as a bare number, and whether any was."""
    flat = " ".join(text.split())
    if found := _NUMBER.match(flat):
        number = int(found[1])
        places = [offered[number - 1]] if 1 <= number <= len(offered) else []
        hours = [
            slot
            for slot in offered
            if calendar.local(slot).hour in (number, number + 12) and not calendar.local(slot).minute
        ]
        dates = [slot for slot in offered if calendar.local(slot).day == number]
        either = [slot for slot in offered if slot in places or slot in hours or slot in dates]
        return either, bool(either)
    taken: list[Slot] = []
    refused: list[Slot] = []
    for pattern, place in _ORDINALS:
        if place >= len(offered):
            continue
        for found in re.finditer(pattern, flat):
            slot = offered[place]
            (refused if _NOT_THAT.search(flat[: found.start()].rstrip()) else taken).append(slot)
    if taken:
        return [slot for slot in offered if slot in taken], True
    if refused:
        return [slot for slot in offered if slot not in refused], True
    return [], False


def soon_enough(slot: Slot, now: datetime) -> bool:
    """Whether the slot comes within the hour, so that "now" is nearly met."""
    return slot.start - now <= timedelta(hours=1)
