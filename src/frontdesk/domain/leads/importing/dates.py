"""Dates as exports write them. Whether 03/04 is in March or April is asked of the whole column, never of one cell."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from msgspec import Struct

from frontdesk.domain.leads.importing.values import is_blank

_MONTH_FIRST = frozenset(("US", "PH", "CA", "PR", "GU", "VI", "AS", "MP", "FM", "PW", "MH", "UM"))
_FIRST_YEAR, _LAST_YEAR = 1970, 2100
_SHEET_EPOCH = date(1899, 12, 30)  # day 0 of Excel, its belief in 29 February 1900 allowed for

_NUMERIC = re.compile(r"(\d{1,4})([/.\-])(\d{1,2})\2(\d{1,4})(?:[\sT,].*)?", re.DOTALL | re.ASCII)
_DAY_OR_MONTH = re.compile(r"(\d{1,2})([/.\-])(\d{1,2})\2(?:\d{4}|\d{2})(?:[\sT,].*)?", re.DOTALL | re.ASCII)
_NAMED_MONTH = re.compile(
    r"(?:[a-z]{3,9},?\s+)?"  # a weekday
    r"(?:(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s\-./,]*(?:of\s+)?(?P<month>[a-z]{3,9})"
    r"|(?P<Month>[a-z]{3,9})[\s\-./]*(?P<Day>\d{1,2})(?!\d)(?:st|nd|rd|th)?)"
    r"[\s\-./,']*(?:\d{1,2}:\d{2}(?::\d{2})?\s+(?:[a-z]{3,4}\s+)?)?"  # Unix writes the year after the time
    r"(?P<year>\d{4}|\d{2})(?![\d:])(?:[\s,T].*)?",
    re.IGNORECASE | re.DOTALL | re.ASCII,
)
_MONTH_NAMES = (
    "january jan,february feb,march mar,april apr,may,june jun,july jul,august aug,september sept sep,october oct,"
    "november nov,december dec"
)
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES.split(","), start=1) for name in names.split()}
_MONTHS_SHOWN = [names.split()[0].capitalize() for names in _MONTH_NAMES.split(",")]
_LONGEST = 80
_AROUND = "'\"= "
"""Also by what spreadsheets are told that a cell is text."""
_LEFT_OUT = "left out what is no date"


class DateOrder(Struct, frozen=True):
    """How the dates of a column are to be read where they are figures only."""

    day_first: bool
    decided_by_column: bool
    """Some date in it could be read in one way only. Otherwise it is the custom of the organisation's country."""
    mixed: bool = False
    """Some could only be read in the one way, and some only in the other."""
    example: str = ""
    """A date of the column, without its time, that could be read in both ways; none where all are plain."""

    def told(self, column: str) -> str | None:
        """For people: how the column's dates are read and why, where a date in it can be read in two ways."""
        if not self.example:
            return None
        month, day = re.findall(r"\d+", self.example)[:2]
        if self.day_first:
            month, day = day, month
        reading = f"“{self.example}” in “{column}” is read as {int(day)} {_MONTHS_SHOWN[int(month) - 1]}"
        first = "day" if self.day_first else "month"
        if self.decided_by_column and not self.mixed:
            return f"{reading}: other dates of the column can only be read with the {first} first."
        if self.mixed:
            return f"{reading}, though the column has dates with the day first and dates with the month first."
        return f"{reading}, the {first} first, as is usual in your country: no date of the column says which it is."


def date_order(values: Iterable[str], country: str) -> DateOrder:
    """How the column with these `values` writes its dates; `country` (ISO 3166) decides where they leave it open."""
    day_first = month_first = 0
    example = ""
    for cell in values:
        text = cell.strip().strip(_AROUND)
        if found := _DAY_OR_MONTH.fullmatch(text):
            first, second = int(found[1]), int(found[3])
            day_first += first > 12 >= second
            month_first += second > 12 >= first
            if not example and first != second and 0 < first <= 12 and 0 < second <= 12:
                example = re.split(r"[\sT,]", text)[0]
    by_country = country not in _MONTH_FIRST
    if day_first == month_first:
        return DateOrder(by_country, decided_by_column=False, mixed=day_first > 0, example=example)
    mixed = min(day_first, month_first) > 0
    return DateOrder(day_first > month_first, decided_by_column=True, mixed=mixed, example=example)


def read_date(text: str, order: DateOrder) -> tuple[date | None, str | None]:
    """The date in a cell as written there, any time of day and zone left aside; instants in figures are taken in UTC.

    None for a blank, and None with a note for what is no date, or none between 1970 and 2100. A reading that is not the
    plain one has a note too.
    """
    if text[4:5] == "-" and text[7:8] == "-" and text[10:11] in ("", "T", " ") and text[:4].isdigit():
        try:
            return _within(date.fromisoformat(text[:10]))
        except ValueError:
            pass
    if text[10:11] == " " and text[2:3] in ("/", "."):
        text = text[:10]  # without its time, a date comes often enough to be remembered
    return _read(text[: 4 * _LONGEST], order)  # no more, for it is remembered


@lru_cache(1 << 13)
def _read(text: str, order: DateOrder) -> tuple[date | None, str | None]:
    text = " ".join(text.split()).strip(_AROUND)
    if is_blank(text) or not text.strip("0-/.: T"):
        return None, None  # 0000-00-00 is how some databases say nothing
    if len(text) > _LONGEST:
        return None, _LEFT_OUT
    try:
        if text.replace(".", "", 1).isdecimal() and text.count(".") < 2 and text.isascii():
            return _figure(text)
        if found := _NUMERIC.fullmatch(text):
            return _figures(int(found[1]), int(found[3]), int(found[4]), found[1], found[4], order)
        if found := _NAMED_MONTH.fullmatch(text):
            month = _MONTHS[(found["month"] or found["Month"]).lower()]
            return _within(date(_year(found["year"]), month, int(found["day"] or found["Day"])))
    except (KeyError, ValueError, OverflowError):
        pass
    return None, _LEFT_OUT


def _figure(text: str) -> tuple[date | None, str | None]:
    """A spreadsheet's day number, the seconds or milliseconds since 1970, or YYYYMMDD."""
    whole, _, fraction = text.partition(".")
    if len(whole) == 5 and 20_000 <= int(whole) <= 73_000:
        return _SHEET_EPOCH + timedelta(days=int(whole)), "read a spreadsheet's day number as a date"
    if len(whole) == 8 and not fraction:
        return _within(date(int(whole[:4]), int(whole[4:6]), int(whole[6:])))
    if len(whole) in (10, 13):
        seconds = int(whole) // (1000 if len(whole) == 13 else 1)
        return _within(datetime.fromtimestamp(seconds, UTC).date())
    return None, _LEFT_OUT


def _figures(one: int, two: int, three: int, first: str, last: str, order: DateOrder) -> tuple[date | None, str | None]:
    if len(first) == 4:
        return _within(date(one, two, three))
    if len(first) > 2 or len(last) not in (2, 4):
        return None, _LEFT_OUT
    year = _year(last)
    if one > 12 or two > 12:
        # It can be read in one way only, whatever the others of the column do.
        day, month = (one, two) if one > 12 else (two, one)
        return _within(date(year, month, day))
    day, month = (one, two) if order.day_first else (two, one)
    read, note = _within(date(year, month, day))
    if order.mixed and read and one != two:
        note = f"read as {'day' if order.day_first else 'month'} first, though the column has dates of both kinds"
    return read, note


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 70 else 1900)


def _within(read: date) -> tuple[date | None, str | None]:
    if _FIRST_YEAR <= read.year <= _LAST_YEAR:
        return read, None
    return None, f"left out a date of the year {read.year}"
