"""Days and hours in people's words, read against a lead's own calendar day."""

from datetime import date
from typing import Any

import pytest

from frontdesk.adapters.offline.senses import Today
from frontdesk.adapters.offline.text import plain
from frontdesk.adapters.offline.times import Wish, read

MONDAY = Today(date=date(2026, 11, 23), minute=10 * 60)


def wish(text: str, today: Today = MONDAY) -> Wish:
    return read(plain([text]).text, today)


def told(text: str, today: Today = MONDAY) -> list[str]:
    """The wants in a line each: "24 Nov 15:00", "24 Nov 12:00-17:00"."""
    lines: list[str] = []
    for want in wish(text, today).wants:
        days = "any" if want.days is None else "/".join(f"{day.day} {day:%b}" for day in sorted(want.days))
        span = f"{want.since // 60:02}:{want.since % 60:02}-{want.until // 60:02}:{want.until % 60:02}"
        hour = f"{want.clocks[0] // 60:02}:{want.clocks[0] % 60:02}" if want.clocks else span
        lines.append(f"{days} {hour}")
    return lines


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tomorrow afternoon", ["24 Nov 12:00-17:00"]),
        ("tmrw arvo", ["24 Nov 12:00-17:00"]),
        ("tomorrow at 3pm", ["24 Nov 15:00"]),
        ("tomorrow at 3", ["24 Nov 15:00"]),
        ("weds 4", ["25 Nov 16:00"]),
        ("10 tomorrow morning", ["24 Nov 10:00"]),
        ("half 3 thurs", ["26 Nov 15:30"]),
        ("half past 3", ["any 15:30"]),
        ("quarter to 4", ["any 15:45"]),
        ("ten past four", ["any 16:10"]),
        ("3 o'clock on friday", ["27 Nov 15:00"]),
        ("noon tomorrow", ["24 Nov 12:00"]),
        ("fri @ 1500", ["27 Nov 15:00"]),
        ("3.30 p.m. wed", ["25 Nov 15:30"]),
        ("mon after 5", ["23 Nov/30 Nov 17:00-24:00"]),
        ("before 11 on thursday", ["26 Nov 00:00-11:00"]),
        ("between 2 and 4 tomorrow", ["24 Nov 14:00-16:01"]),
        ("2-4pm thurs", ["26 Nov 14:00-16:01"]),
        ("11-1 friday", ["27 Nov 11:00-13:01"]),
        ("tues or weds after 4", ["24 Nov/25 Nov 16:00-24:00"]),
        ("tomorrow morning or friday afternoon", ["24 Nov 00:00-12:00", "27 Nov 12:00-17:00"]),
        ("3 on tuesday or 4 on wednesday", ["24 Nov 15:00", "25 Nov 16:00"]),
        ("tomorrow at 3 or 4", ["24 Nov 15:00", "24 Nov 16:00"]),
        ("the 25th", ["25 Nov 00:00-24:00"]),
        ("wed 25th november 10am", ["25 Nov 10:00"]),
        ("24/11 at 9", ["24 Nov 09:00"]),
        ("2026-11-25 2pm", ["25 Nov 14:00"]),
        ("monday week", ["30 Nov 00:00-24:00"]),
        ("tuesday next week", ["1 Dec 00:00-24:00"]),
        ("next week on monday or tuesday", ["30 Nov/1 Dec 00:00-24:00"]),
        ("later in the week", ["26 Nov/27 Nov 00:00-24:00"]),
        ("this afternoon", ["23 Nov 12:00-17:00"]),
        ("tonight", ["23 Nov 17:00-24:00"]),
        ("in 20 mins", ["23 Nov 10:20-24:00"]),
        ("in half an hour", ["23 Nov 10:30-24:00"]),
        ("i finish work at 5", ["any 17:00-24:00"]),
        ("busy til 3", ["any 15:00-24:00"]),
        ("after work tomorrow", ["24 Nov 17:00-24:00"]),
        ("first thing thursday", ["26 Nov 00:00-10:00"]),
        ("the weekend", ["28 Nov/29 Nov 00:00-24:00"]),
    ],
)
def test_a_time_is_read(text: str, expected: list[str]) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "£500",
        "a 3 bed house",
        "2 weeks ago",
        "call 07700 900123",
        "last tuesday",
        "24/7",
        "the second one",
        "5 years",
        "31/2",
        "99:99",
    ],
)
def test_what_is_no_time_is_not_taken_for_one(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "barred", "wanted"),
    [
        ("can't do tues, wed is fine", ["24 Nov"], ["25 Nov"]),
        ("tuesday is no good what about wed", ["24 Nov"], ["25 Nov"]),
        ("wed not tue", ["24 Nov"], ["25 Nov"]),
        ("any day except friday", ["27 Nov"], []),
        ("not monday or tuesday", ["23 Nov/30 Nov", "24 Nov"], []),
    ],
)
def test_a_time_to_avoid_is_told_from_one_to_have(text: str, barred: list[str], wanted: list[str]) -> None:
    def days(wants: Any) -> list[str]:
        return ["/".join(f"{day.day} {day:%b}" for day in sorted(want.days or ())) for want in wants]

    found = wish(text)
    assert days(found.barred) == barred
    assert days(found.wants) == wanted


@pytest.mark.parametrize(
    "text", ["in the new year", "maybe next month", "january", "in a few weeks", "after xmas", "in 6 months"]
)
def test_a_far_time_is_known_as_far(text: str) -> None:
    assert wish(text).far


def test_next_tuesday_on_a_monday_is_not_sure() -> None:
    assert [want.sure for want in wish("next tuesday at 10").wants] == [False]
    sunday = Today(date=date(2026, 11, 22), minute=0)
    assert [want.sure for want in wish("next tuesday at 10", sunday).wants] == [True]


def test_americans_write_the_month_first() -> None:
    assert told("11/25 at 9am", Today(date(2026, 11, 23), 600, american=True)) == ["25 Nov 09:00"]
    assert told("11/25 at 9am", MONDAY) == ["25 Nov 09:00"], "no other reading is a date"


def test_a_small_number_counts_the_offers_first() -> None:
    assert told("the 2nd", Today(date(2026, 11, 23), 600, ordinals=3)) == []
    assert told("the 2nd", MONDAY) == ["2 Dec 00:00-24:00"]
