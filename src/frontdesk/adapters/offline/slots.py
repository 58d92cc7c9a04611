"""The free times of a brief, held against what a lead said: which fit, which come nearest, which one it picked."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, tzinfo
from enum import Enum, auto
from functools import cache

from msgspec import Struct

from frontdesk.adapters.offline import cues
from frontdesk.adapters.offline.phrases import choosing
from frontdesk.adapters.offline.times import Want, Wish
from frontdesk.ports.llm import Slot

OFFERED_AT_ONCE = 3
_LOOKED_AT = 150
"""So many of the soonest are spread over; nobody is offered a time weeks away unasked."""
_Row = tuple[Slot, datetime]
"""A slot, and when it starts on the lead's clock."""


class Calendar:
    """Free times as the lead's clock shows them: those to come, soonest first, each once."""

    def __init__(self, free: Iterable[Slot], now: datetime, zone: tzinfo) -> None:
        self._zone = zone
        ahead = sorted({slot for slot in free if slot.start > now}, key=lambda slot: (slot.start, slot.end))
        self._rows: list[_Row] = [(slot, slot.start.astimezone(zone)) for slot in ahead]
        self.free: list[Slot] = ahead

    def local(self, slot: Slot) -> datetime:
        """When the slot starts, in the lead's zone."""
        return slot.start.astimezone(self._zone)

    def fitting(self, wish: Wish, among: Sequence[Slot] | None = None) -> list[Slot]:
        """Slots wanted and not to be avoided, in their order; an hour that reads two ways means its likelier."""
        rows = self._rows if among is None else [(slot, self.local(slot)) for slot in among]
        rows = [row for row in rows if not _barred(row, wish)]
        if wish.wants:
            found = {at for want in wish.wants for at in _for_want(want, rows)}
            rows = [rows[at] for at in sorted(found)]
        return [slot for slot, _ in rows]

    def nearest(self, wish: Wish) -> list[Slot]:
        """Up to three free slots closest to what was wanted, though none fits it: another hour of that day, or that
        hour on another day. Soonest first."""
        rows = [row for row in self._rows if not _barred(row, wish)]
        away = [min((_distance(local, want) for want in wish.wants), default=0.0) for _, local in rows]
        nearest = sorted(range(len(rows)), key=lambda at: away[at])[:OFFERED_AT_ONCE]
        return [rows[at][0] for at in sorted(nearest)]

    def spread(self, among: Sequence[Slot], count: int = OFFERED_AT_ONCE) -> list[Slot]:
        """Up to `count` of `among` at different times: other days before other hours, soonest first."""
        if len(among) <= count:
            return list(among)
        among = among[:_LOOKED_AT]
        cells: dict[tuple[date, int], Slot] = {}
        for slot in among:
            local = self.local(slot)
            cells.setdefault((local.date(), _part(local)), slot)
        days = {day for day, _ in cells}
        pool = list(cells.values()) if len(days) >= count else among
        chosen = [among[0]]
        while len(chosen) < count:
            rest = [slot for slot in pool if slot not in chosen]
            chosen.append(max(rest, key=lambda slot: self._variety(slot, chosen)))
        return sorted(chosen, key=lambda slot: slot.start)

    def _variety(self, slot: Slot, chosen: Sequence[Slot]) -> float:
        """How different the slot is from those chosen: by a day none has, the sooner the better, then by the part of
        the day; on one day by the hours between."""
        local = self.local(slot)
        others = [self.local(other) for other in chosen]
        new_part = all(_part(local) != _part(other) for other in others)
        days = min(abs((local.date() - other.date()).days) for other in others)
        if days:
            return 100 - days * 10 + new_part * 8
        hours = min(abs((slot.start - other.start).total_seconds()) for other in chosen) / 3600
        return new_part * 8 + min(hours, 7)


def _for_want(want: Want, rows: Sequence[_Row]) -> list[int]:
    """Where in `rows` the slots are that fit."""
    fitting = [at for at, (_, local) in enumerate(rows) if want.fits(local)]
    for clock in want.clocks:
        likeliest = [at for at in fitting if _minute(rows[at][1]) == clock]
        if likeliest:
            return likeliest
    return fitting


def _barred(row: _Row, wish: Wish) -> bool:
    return any(want.fits(row[1]) for want in wish.barred)


def _minute(local: datetime) -> int:
    return local.hour * 60 + local.minute


def _distance(local: datetime, want: Want) -> float:
    """Hours away from the want, a day counting as five: people give way on the hour sooner than on the day."""
    days = min((abs((local.date() - day).days) for day in want.days), default=0) if want.days else 0
    minute = _minute(local)
    minutes = abs(minute - want.clocks[0]) if want.clocks else max(want.since - minute, minute - want.until + 1, 0)
    return days * 5 + minutes / 60


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


# A number and little else.
_NUMBER = re.compile(
    r"^\W*(?:(?:yes|ok|option|number|no|slot|please|the|i will|take|go|for|with|let us)\W+)*(\d{1,2})\W*"
    r"(?:(?:please|thanks|works|is|fine|good|then|emojiyes)\W*)*$"
)


@cache
def _phrases(table: str) -> re.Pattern[str]:
    return cues.pattern(table)


def pick(text: str, wish: Wish, offered: Sequence[Slot], calendar: Calendar, *, agreed: bool, idle: bool) -> Pick:
    """What plain `text` makes of the `offered` slots, told in that order.

    `agreed`: it is a bare yes. `idle`: little is said besides time, so that time is the point.
    """
    if not offered:
        return Pick(Outcome.NONE)
    text = " ".join(text.split())
    if _phrases(choosing.NONE_OF_THEM).search(text) and not wish.wants:
        return Pick(Outcome.DECLINED)
    if _phrases(choosing.ASKS_FOR_MORE).search(text):
        return Pick(Outcome.DECLINED)
    left, named = _counted(text, offered, calendar)
    if not named and wish.named:
        left = calendar.fitting(wish, offered)
        named = True
        if not left or (wish.barred and not wish.wants):
            return Pick(Outcome.DECLINED)
    elif named and wish.wants:
        left = calendar.fitting(wish, left) or left
    if not named and _phrases(choosing.EITHER).search(text):
        free = [slot for slot in offered if slot in calendar.free]
        return Pick(Outcome.CHOSEN, tuple(free[:1])) if free else Pick(Outcome.GONE, tuple(offered))
    agreed = agreed or _phrases(choosing.AGREES).search(text) is not None
    if not named and not agreed:
        return Pick(Outcome.NONE)
    if not named:
        left = list(offered)
    free = [slot for slot in left if slot in calendar.free]
    if left and not free:
        return Pick(Outcome.GONE, tuple(left))
    if len(free) == 1 and (named or len(offered) == 1):
        return Pick(Outcome.CHOSEN, tuple(free), clear=idle)
    if named and _phrases(choosing.EITHER).search(text):
        return Pick(Outcome.CHOSEN, tuple(free[:1]))
    return Pick(Outcome.UNCLEAR, tuple(free))


def _counted(text: str, offered: Sequence[Slot], calendar: Calendar) -> tuple[list[Slot], bool]:
    """Those told by their place or as a bare number, and whether any was."""
    if found := _NUMBER.match(text):
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
    for table, place in choosing.ORDINALS:
        if place >= len(offered):
            continue
        for found in _phrases(table).finditer(text):
            slot = offered[place]
            (refused if _phrases(choosing.NOT_THAT).search(text[: found.start()].rstrip()) else taken).append(slot)
    if taken:
        return [slot for slot in offered if slot in taken], True
    if refused:
        return [slot for slot in offered if slot not in refused], True
    return [], False
