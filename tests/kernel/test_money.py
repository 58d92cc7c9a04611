"""Amounts and prices: exact, and written as people write them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.kernel.errors import Invalid
from frontdesk.kernel.money import Money, Price, price_of


@pytest.mark.parametrize(
    ("money", "told"),
    [
        (Money(123450, "GBP"), "£1,234.50"), (Money(5, "USD"), "$0.05"), (Money(1200, "CHF"), "12.00 CHF"),
        (Money(1200, "JPY"), "1,200 JPY"), (Money(1200, "KWD"), "1.200 KWD"),
    ],
)  # fmt: skip
def test_amounts_as_people_write_them(money: Money, told: str):
    assert str(money) == told


@given(st.integers(0, 10_000_000), st.integers(0, 100_000))
def test_an_amount_is_exact_but_for_the_last_unit_that_is_begun(ten_thousandths: int, count: int):
    price = Price(Decimal(ten_thousandths) / 10_000, "GBP")
    exact = ten_thousandths * count
    assert price.times(count).minor == -(-exact // 10_000)


@pytest.mark.parametrize(("typed", "minor"), [("0.0353", "3.53"), ("0,04", "4"), ("1", "100"), ("0", "0")])
def test_prices_as_typed(typed: str, minor: str):
    price = price_of(typed, "GBP", "price")
    assert price.minor == Decimal(minor)
    assert Decimal(price.major) == Decimal(typed.replace(",", "."))


@pytest.mark.parametrize("typed", ["", "free", "-1", "101", "1e1", "NaN", "0.0000001", "1.2.3"])
def test_what_is_no_price_is_refused(typed: str):
    with pytest.raises(Invalid):
        price_of(typed, "GBP", "price")
