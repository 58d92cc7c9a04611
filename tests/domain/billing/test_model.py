"""Periods, warnings and what packs pay for, as rules."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.domain.billing.errors import NoSuchPack, NoSuchPrice
from frontdesk.domain.billing.model import (
    Period,
    calendar_month,
    drawn,
    month_from,
    months_back,
    pack_of,
    period_from,
    price_of,
    warning,
)

INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ZONES = st.sampled_from(
    [
        "UTC",
        "Europe/London",
        "America/New_York",
        "Asia/Kolkata",
        "Pacific/Auckland",
        "Pacific/Kiritimati",
        "Asia/Beirut",
    ]
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "start", "end"),
    [
        ("Europe/London", "2026-03-01T00:00", "2026-03-31T23:00"),  # clocks go forward within it
        ("America/New_York", "2026-03-01T05:00", "2026-04-01T04:00"),
        ("Pacific/Auckland", "2026-02-28T11:00", "2026-03-31T11:00"),
        ("Asia/Kolkata", "2026-02-28T18:30", "2026-03-31T18:30"),
    ],
)
def test_a_month_is_the_organisations_own(zone: str, start: str, end: str) -> None:
    assert calendar_month(at("2026-03-15T12:00"), zone) == Period(at(start), at(end))


@given(INSTANTS, ZONES)
def test_months_hold_their_instant_and_leave_no_gap(now: datetime, zone: str) -> None:
    month = calendar_month(now, zone)
    assert month.start <= now < month.end
    assert calendar_month(month.end, zone).start == month.end
    assert months_back(now, zone, 1) == month.start
    assert months_back(month.end, zone, 2) == month.start


@given(INSTANTS, INSTANTS)
def test_the_months_of_a_subscription_hold_every_instant_and_leave_no_gap(start: datetime, now: datetime) -> None:
    paid = month_from(start)
    found = period_from(paid, now)
    assert found.start <= now < found.end
    assert period_from(paid, found.end).start == found.end
    assert timedelta(days=28) <= found.end - found.start <= timedelta(days=31)


def test_a_subscription_of_the_31st_comes_back_to_it() -> None:
    paid = month_from(at("2026-01-31T10:00"))
    assert paid.end == at("2026-02-28T10:00")
    assert period_from(paid, at("2026-03-15T00:00")) == Period(at("2026-02-28T10:00"), at("2026-03-31T10:00"))


@given(st.lists(st.integers(0, 5000), max_size=20), st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_balance_pays_for_what_lies_beyond_the_limit_and_no_more(calls: list[int], limit: int, bought: int) -> None:
    used, balance = 0, bought
    for seconds in calls:
        taken = drawn(used, used + seconds, limit, balance)
        assert taken >= 0
        used, balance = used + seconds, balance - taken
        assert balance >= 0
    assert bought - balance == min(bought, max(0, used - limit))


@given(st.lists(st.integers(0, 500), max_size=40), st.integers(1, 5000))
def test_each_warning_is_given_once_at_most(calls: list[int], limit: int) -> None:
    used, told = 0, []
    for seconds in calls:
        told.append(warning(used, used + seconds, limit))
        used += seconds
    assert [percent for percent in told if percent] == sorted({percent for percent in told if percent})
    assert (100 in told) == (used >= limit)
    assert any(told) == (used * 100 >= limit * 80)


def test_what_is_not_sold_is_refused() -> None:
    with pytest.raises(NoSuchPrice):
        price_of("price_x")
    with pytest.raises(NoSuchPrice):
        price_of("price_starter_monthly", "yearly")
    with pytest.raises(NoSuchPack):
        pack_of("call_boost_1")
