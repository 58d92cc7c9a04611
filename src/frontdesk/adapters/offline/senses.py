"""What a mention of a day or an hour denotes: days, spans and clock readings. The patterns are in `moments`."""

import re
from calendar import monthrange
from collections.abc import Callable, Iterable
from datetime import date, timedelta

from msgspec import Struct

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "quarter": 15, "twenty five": 25,
    "half an": 0, "couple": 2, "couple of": 2, "a couple": 2, "a couple of": 2, "few": 3, "a few": 3, "several": 4,
}  # fmt: skip
NOON = 12 * 60
EVENING = 17 * 60
MIDNIGHT = 24 * 60


class Sense(Struct, frozen=True):
    """What words narrow. Minutes count from local midnight; `until` is exclusive. Nothing set: nothing narrowed."""

    days: frozenset[date] | None = None
    wide: frozenset[date] = frozenset()
    """All days the words could mean; a week or a date beside them chooses."""
    clocks: tuple[int, ...] = ()
    """Readings of one hour, likeliest first."""
    since: int = 0
    until: int = MIDNIGHT
    part: str = ""
    """"morning", "afternoon" or "evening", where that was the word."""
    sure: bool = True
    far: bool = False
    """Weeks away: a reason to leave the lead alone rather than to offer the nearest hour."""


class Today(Struct, frozen=True):
    """The lead's present: its date, the minute of the day, and whether it writes month before day."""

    date: date
    minute: int
    american: bool = False
    ordinals: int = 0
    """Up to here "the 2nd" counts offers rather than names a date."""


Maker = Callable[[re.Match[str], Today], Sense | None]


def _run(first: date, count: int) -> list[date]:
    return [first + timedelta(days=n) for n in range(count)]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _on(days: Iterable[date], wide: Iterable[date] = (), *, sure: bool = True, far: bool = False) -> Sense:
    chosen = frozenset(days)
    return Sense(days=chosen, wide=frozenset(wide) | chosen, sure=sure, far=far)


def _amount(words: str) -> int:
    return int(words) if words.isdigit() else NUMBERS.get(words.strip(), 1)


def readings(words: str) -> tuple[int, ...]:
    """The minutes of the day an hour in words may mean, likeliest first: "3" is 15:00, else 03:00."""
    words = words.replace("oclock", "").strip()
    if words == "noon":
        return (NOON,)
    half = words.startswith("half ")
    words = words.removeprefix("half ").removeprefix("past ").strip()
    if found := re.match(r"(\d{1,2})(?:[:.](\d\d))? ?([ap]m)?$", words):
        return _readings(int(found[1]), int(found[2] or 0) + (30 if half else 0), found[3])
    word, _, suffix = words.partition(" ")
    return _readings(NUMBERS.get(word, 99), 30 if half else 0, suffix or None)


def _readings(hour: int, minute: int, suffix: str | None) -> tuple[int, ...]:
    if hour > 24 or minute > 59:
        return ()
    if suffix and 1 <= hour <= 12:
        return ((hour % 12 + (12 if suffix == "pm" else 0)) * 60 + minute,)
    if hour > 12 or hour == 0:
        return ((hour % 24) * 60 + minute,)
    morning, evening = (hour % 12) * 60 + minute, (hour % 12 + 12) * 60 + minute
    return (evening, morning) if hour <= 7 or hour == 12 else (morning, evening)


def clock(found: re.Match[str], _: Today) -> Sense | None:
    """The hour in group 1, with am or pm in group 2 if the pattern has one."""
    suffix = found[2] if found.re.groups > 1 else None
    clocks = readings(found[1] + (f" {suffix}" if suffix else ""))
    return Sense(clocks=clocks) if clocks else None


def past_or_to(found: re.Match[str], _: Today) -> Sense | None:
    """ "quarter to 4": minutes in group 1, "past" or "to" in group 2, the hour in group 3."""
    shift = _amount(found[1]) * (1 if found[2] == "past" else -1)
    clocks = tuple((reading + shift) % MIDNIGHT for reading in readings(found[3]))
    return Sense(clocks=clocks) if clocks else None


def compact(found: re.Match[str], _: Today) -> Sense | None:
    """ "1530" or "330pm"."""
    digits = found[1].zfill(4)
    clocks = _readings(int(digits[:2]), int(digits[2:]), found[2] if found.re.groups > 1 else None)
    return Sense(clocks=clocks) if clocks else None


def between(found: re.Match[str], _: Today) -> Sense | None:
    """ "2-4pm": both ends count, and a meridiem on the last covers the first where that makes a span."""
    first, last = found[1].strip(), found[2].strip()
    ends = readings(last)
    starts = readings(first)
    if (
        last.endswith("m")
        and not first.endswith("m")
        and (shared := readings(first + last[-2:]))
        and shared[0] < ends[0]
    ):
        starts = shared
    if not starts or not ends:
        return None
    opening = starts[0]
    closing = next((end for end in (*ends, *(end + NOON for end in ends)) if opening < end <= MIDNIGHT), None)
    return Sense(since=opening, until=closing + 1) if closing else None


def since(found: re.Match[str], _: Today) -> Sense | None:
    """From the hour in group 1 on."""
    clocks = readings(found[1])
    return Sense(since=clocks[0]) if clocks else None


def until(found: re.Match[str], _: Today) -> Sense | None:
    """Before the hour in group 1."""
    clocks = readings(found[1])
    return Sense(until=clocks[0]) if clocks else None


def span(first: int = 0, last: int = MIDNIGHT, part: str = "") -> Maker:
    """A fixed part of any day."""
    return lambda _found, _today: Sense(since=first, until=last, part=part)


def from_now(found: re.Match[str], today: Today) -> Sense | None:
    """ "in 20 minutes": count in group 1, unit in group 2."""
    amount = _amount(found[1])
    minutes = (amount * 60 or 30) if found[2].startswith("h") else amount
    ahead, minute = divmod(today.minute + minutes, MIDNIGHT)
    return Sense(days=frozenset({today.date + timedelta(days=ahead)}), since=minute)


def units_ahead(found: re.Match[str], today: Today) -> Sense | None:
    """ "in a couple of weeks": count in group 1, unit in group 2."""
    words, unit = found[1], found[2]
    amount = min(_amount(words), 500)
    if unit.startswith("day"):
        return _on(_run(today.date + timedelta(days=amount), 3 if "few" in words or "couple" in words else 1))
    if unit.startswith(("week", "fortnight")):
        weeks = amount * (2 if unit.startswith("fort") else 1)
        vague = weeks > 1 or not (words.isdigit() or words in ("a", "one"))
        return _on(_run(today.date + timedelta(days=7 * weeks - 1), 6), far=vague)
    return _on((), far=True)


def never_soon(_found: re.Match[str], _today: Today) -> Sense | None:
    """A time too far or too vague for a calendar of days."""
    return _on((), far=True)


def _dated(today: Today, month: int, day: int, year: int | None = None) -> Sense | None:
    try:
        found = date(year or today.date.year, month, day)
        if year is None and found < today.date:
            found = date(today.date.year + 1, month, day)
    except ValueError:
        return None
    return _on({found}, far=(found - today.date).days > 45) if found >= today.date else None


def iso_date(found: re.Match[str], today: Today) -> Sense | None:
    """ "2026-11-24"."""
    return _dated(today, int(found[2]), int(found[3]), int(found[1]) or None)


def day_month(found: re.Match[str], today: Today) -> Sense | None:
    """ "24 november"."""
    return _dated(today, MONTHS.index(found[2]) + 1, int(found[1]))


def month_day(found: re.Match[str], today: Today) -> Sense | None:
    """ "november 24"."""
    return _dated(today, MONTHS.index(found[1]) + 1, int(found[2]))


def slashed(found: re.Match[str], today: Today) -> Sense | None:
    """ "24/11", or "11/24" as Americans write it."""
    first, second = int(found[1]), int(found[2])
    month_first = (today.american and first <= 12) or second > 12
    return _dated(today, first, second) if month_first else _dated(today, second, first)


def of_month(found: re.Match[str], today: Today) -> Sense | None:
    """The next day with the number in group 1, unless so small a number counts the offers."""
    number = int(found[1])
    if number <= today.ordinals or not 1 <= number <= 31:
        return None
    year, month = today.date.year, today.date.month
    for _ in range(3):
        if number <= monthrange(year, month)[1] and date(year, month, number) >= today.date:
            return _on({date(year, month, number)})
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return None


def whole_month(found: re.Match[str], today: Today) -> Sense | None:
    """The month in group 1, what is left of it or the next one of its name."""
    month = MONTHS.index(found[1]) + 1
    first = date(today.date.year + (1 if month < today.date.month else 0), month, 1)
    days = [day for day in _run(first, monthrange(first.year, month)[1]) if day >= today.date]
    return _on(days, far=month != today.date.month)


def next_month(_: re.Match[str], today: Today) -> Sense | None:
    """All of it."""
    first = (today.date.replace(day=1) + timedelta(days=32)).replace(day=1)
    return _on(_run(first, monthrange(first.year, first.month)[1]), far=True)


def new_year(_: re.Match[str], today: Today) -> Sense | None:
    """January, once the holidays are over."""
    return _on(_run(date(today.date.year + 1, 1, 2), 29), far=True)


def week(offset: int, first: int = 0, count: int = 7) -> Maker:
    """Days `first` and on of the week `offset` weeks after this one, those gone by left out."""

    def make(_: re.Match[str], today: Today) -> Sense | None:
        days = _run(_monday(today.date) + timedelta(days=7 * offset + first), count)
        return _on((day for day in days if day >= today.date), far=offset > 1)

    return make


def weekend(found: re.Match[str], today: Today) -> Sense | None:
    """This one, or that of next week."""
    days = _run(_monday(today.date) + timedelta(days=5 + (7 if (found[1] or "").strip() == "next" else 0)), 2)
    return _on(day for day in days if day >= today.date)


def weekday(found: re.Match[str], today: Today) -> Sense | None:
    """A weekday by name (group 2): the coming one. "next …" is that of next week, and unsure where one comes before it;
    "… week" (group 3) is a week after the coming one."""
    number = WEEKDAYS.index(found[2])
    coming = today.date + timedelta(days=(number - today.date.weekday()) % 7)
    wide = [coming + timedelta(days=7 * n) for n in range(9)]
    if found[3]:
        return _on({wide[1]}, wide)
    if (found[1] or "").strip() == "next":
        chosen = _monday(today.date) + timedelta(days=7 + number)
        return _on({chosen}, wide, sure=chosen == coming)
    return _on({coming, wide[1]} if coming == today.date else {coming}, wide)


def weekday_range(found: re.Match[str], today: Today) -> Sense | None:
    """ "monday to wednesday"."""
    first, last = WEEKDAYS.index(found[1]), WEEKDAYS.index(found[2])
    return _on(_run(today.date + timedelta(days=(first - today.date.weekday()) % 7), (last - first) % 7 + 1))


def working_days(_: re.Match[str], today: Today) -> Sense | None:
    """Monday to Friday, for the next weeks."""
    return _on(day for day in _run(today.date, 28) if day.weekday() < 5)


def ahead(days: int) -> Maker:
    """So many days from today."""
    return lambda _found, today: _on({today.date + timedelta(days=days)})


def tonight(_: re.Match[str], today: Today) -> Sense | None:
    """This evening."""
    return Sense(days=frozenset({today.date}), wide=frozenset({today.date}), since=EVENING, part="evening")


def nothing(_found: re.Match[str], _today: Today) -> Sense | None:
    """A mention that narrows no time: a flag, or a number that is none."""
    return Sense()
