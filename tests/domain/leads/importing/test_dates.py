"""Dates in the forms that exports have, and the question of 03/04."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.domain.leads.importing.dates import DateOrder, date_order, read_date

DAY_FIRST = DateOrder(day_first=True, decided_by_column=True)
MONTH_FIRST = DateOrder(day_first=False, decided_by_column=True)
THE_DAY = date(2024, 3, 12)


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-12",
        "2024-03-12T23:30:00Z",
        "2024-03-12 10:00:11.123",
        "2024-03-12T10:00:00+01:00",
        "2024/03/12",
        "2024/3/12 9:00",
        "20240312",
        "12 Mar 2024",
        "12-Mar-2024 10:22:11",
        "12-Mar-24",
        "12 March 2024 at 10:00",
        "12th of March 2024",
        "Mar 12, 2024 3:04 PM",
        "Mar 12 2024",
        "March 12th, 2024",
        "Tue, 12 Mar 2024 10:00:00 +0000",
        "Tuesday 12 March 2024",
        "Tue Mar 12 15:04:05 GMT 2024",
        "Tue Mar 12 2024 15:04:05 GMT+0000 (Coordinated Universal Time)",
        "12 MAR 2024",
        "1710244800",
        "1710244800000",
        "1710244800.0",
        "'2024-03-12",
    ],
)
def test_one_day_in_many_forms(text: str):
    assert read_date(text, DAY_FIRST) == read_date(text, MONTH_FIRST) == (THE_DAY, None)


def test_a_spreadsheets_day_number_is_read_and_said():
    for text in ("45363", "45363.0", "45363.6278"):
        assert read_date(text, DAY_FIRST) == (THE_DAY, "read a spreadsheet's day number as a date")


@pytest.mark.parametrize(
    "text",
    ["03/04/2024", "3/4/2024", "03-04-2024", "03.04.2024", "03/04/24", "3/4/24 10:00 PM", "03/04/2024, 10:22:11"],
)
def test_figures_are_read_in_the_order_of_the_column(text: str):
    assert read_date(text, DAY_FIRST) == (date(2024, 4, 3), None)
    assert read_date(text, MONTH_FIRST) == (date(2024, 3, 4), None)


def test_a_day_above_12_leaves_no_doubt():
    assert read_date("25/03/2024", MONTH_FIRST) == read_date("03/25/2024", DAY_FIRST) == (date(2024, 3, 25), None)


@pytest.mark.parametrize("text", ["", " ", "-", "n/a", "null", "0000-00-00", "0000-00-00 00:00:00", "00/00/0000"])
def test_blanks_are_no_fault(text: str):
    assert read_date(text, DAY_FIRST) == (None, None)


@pytest.mark.parametrize(
    "text",
    [
        "soon",
        "31/02/2024",
        "2024-13-01",
        "2024-02-30",
        "March 2024",
        "Mar-24",
        "2024",
        "12",
        "99999",
        "5 May",
        "May 5 10:30",
        "1/2/3/4",
        "13/13/2024",
        "1.71E+12",
        "x" * 10_000,
        "1/1/1900",
        "0001-01-01",
        "9999-12-31",
        "²²/01/2024",
        "12 Foo 2024",
    ],
)
def test_what_is_no_date_is_left_out_and_said(text: str):
    read, note = read_date(text, DAY_FIRST)
    assert read is None
    assert note is not None
    assert note.startswith("left out")


@pytest.mark.parametrize(
    ("values", "country", "order"),
    [
        (["03/04/2024", "17/04/2024"], "US", DateOrder(True, True)),
        (["03/04/2024", "04/17/2024"], "GB", DateOrder(False, True)),
        (["03/04/2024", "05/06/2024"], "GB", DateOrder(True, False)),
        (["03/04/2024", "05/06/2024"], "US", DateOrder(False, False)),
        (["03/04/2024"], "IE", DateOrder(True, False)),
        (["2024-03-25", "12 Mar 2024", "", "n/a"], "US", DateOrder(False, False)),
        (["25/03/24 10:00", "3/4/24"], "US", DateOrder(True, True)),
        (["25/03/2024", "26/03/2024", "03/27/2024"], "US", DateOrder(True, True, mixed=True)),
        (["25/03/2024", "03/27/2024"], "US", DateOrder(False, False, mixed=True)),
        (["'03/04/2024", "'17/04/2024"], "US", DateOrder(True, True)),
        ([], "GB", DateOrder(True, False)),
    ],
)
def test_the_column_decides_and_else_the_country(values: list[str], country: str, order: DateOrder):
    read = date_order(values, country)
    assert (read.day_first, read.decided_by_column, read.mixed) == (
        order.day_first,
        order.decided_by_column,
        order.mixed,
    )


BY_COLUMN = (
    "“03/04/2024” in “Created” is read as 3 April: other dates of the column can only be read with the day first."
)
BY_COUNTRY = (
    "“3.4.24” in “Created” is read as 4 March, the month first, as is usual in your country: "
    "no date of the column says which it is."
)
BY_MOST = (
    "“01/02/2024” in “Created” is read as 1 February, "
    "though the column has dates with the day first and dates with the month first."
)


@pytest.mark.parametrize(
    ("values", "country", "told"),
    [
        (["17/04/2024", "03/04/2024 09:30"], "US", BY_COLUMN),
        (["3.4.24"], "US", BY_COUNTRY),
        (['="3.4.24"'], "US", BY_COUNTRY),
        (["25/03/2024", "26/03/2024", "03/27/2024", "01/02/2024"], "GB", BY_MOST),
        (["2024-03-04", "04/04/2024", "25/03/2024", "4 March 2024", ""], "GB", None),
    ],
)
def test_how_a_date_is_read_that_can_be_read_in_two_ways_is_told(values: list[str], country: str, told: str | None):
    assert date_order(values, country).told("Created") == told


def test_doubt_in_a_mixed_column_is_said():
    mixed = DateOrder(day_first=True, decided_by_column=True, mixed=True)
    read, note = read_date("03/04/2024", mixed)
    assert read == date(2024, 4, 3)
    assert note == "read as day first, though the column has dates of both kinds"
    assert read_date("25/04/2024", mixed) == (date(2024, 4, 25), None)
    assert read_date("04/04/2024", mixed) == (date(2024, 4, 4), None)


FORMS = [
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%d %b %Y",
    "%B %d, %Y",
    "%d-%b-%y",
    "%Y%m%d",
    "%Y-%m-%dT%H:%M:%SZ",
    "%a, %d %b %Y %H:%M:%S +0000",
    "%c",
]


@given(st.dates(date(1970, 1, 1), date(2069, 12, 31)), st.sampled_from(FORMS), st.booleans())
def test_any_date_reads_back(day: date, form: str, day_first: bool):
    assert read_date(day.strftime(form), DateOrder(day_first, True)) == (day, None)


@given(
    st.lists(st.dates(date(1970, 1, 1), date(2069, 12, 31)), min_size=1, max_size=30),
    st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%y", "%m-%d-%Y %H:%M"]),
)
def test_any_column_with_a_day_above_12_reads_back(days: list[date], form: str):
    if max(day.day for day in days) > 12:
        column = [day.strftime(form) for day in days]
        order = date_order(column, "GB")
        assert [read_date(text, order) for text in column] == [(day, None) for day in days]


@given(st.text(max_size=40) | st.text("0123456789/-. :TZMarchjune", max_size=25), st.booleans())
def test_no_text_breaks_it(text: str, day_first: bool):
    read, note = read_date(text, DateOrder(day_first, True))
    assert read is not None or note is None or note.startswith("left out")
