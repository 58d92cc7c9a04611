"""Money: integer minor units with a currency, and prices finer than a minor unit. No rates of exchange, no rounding but
where an amount is made of a price."""

import re
from decimal import ROUND_CEILING, Decimal, InvalidOperation

from msgspec import Struct

from frontdesk.kernel.errors import Invalid

_SYMBOLS = {"GBP": "£", "USD": "$", "EUR": "€"}
_DIGITS = {"JPY": 0, "KRW": 0, "ISK": 0, "CLP": 0, "VND": 0, "BHD": 3, "JOD": 3, "KWD": 3, "OMR": 3, "TND": 3}
CURRENCIES = (
    "AED", "AUD", "BHD", "BRL", "CAD", "CHF", "CLP", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "ILS", "INR", "ISK",
    "JOD", "JPY", "KES", "KRW", "KWD", "MXN", "MYR", "NGN", "NOK", "NZD", "OMR", "PHP", "PLN", "QAR", "RON", "SAR",
    "SEK", "SGD", "THB", "TND", "TRY", "USD", "VND", "ZAR",
)  # fmt: skip
"""ISO 4217 codes that may be chosen."""


def digits_of(currency: str) -> int:
    """Decimal places of the currency's minor unit (ISO 4217): 2 of most."""
    return _DIGITS.get(currency, 2)


class Money(Struct, frozen=True):
    """An amount in minor units: pence, cents."""

    minor: int
    currency: str

    def __str__(self) -> str:
        """As people write it: £1,234.50, 12.00 CHF."""
        digits = digits_of(self.currency)
        amount = f"{Decimal(self.minor).scaleb(-digits):,.{digits}f}"
        symbol = _SYMBOLS.get(self.currency)
        return f"{symbol}{amount}" if symbol else f"{amount} {self.currency}"


class Price(Struct, frozen=True):
    """What one of something costs, in minor units, of which it may be a decimal fraction: 3.53 pence."""

    minor: Decimal
    currency: str

    def times(self, count: int) -> Money:
        """What `count` of them cost; a begun minor unit counts as a whole one."""
        return Money(int((self.minor * count).to_integral_value(ROUND_CEILING)), self.currency)

    @property
    def major(self) -> str:
        """The price in the currency's main unit as it is typed: 0.0353."""
        return f"{self.minor.scaleb(-digits_of(self.currency)).normalize():f}"

    def __str__(self) -> str:
        symbol = _SYMBOLS.get(self.currency)
        return f"{symbol}{self.major}" if symbol else f"{self.major} {self.currency}"


def price_of(major: str, currency: str, field: str) -> Price:
    """The price that was typed in main units ("0.0353").

    Raises Invalid naming `field`: no number, above 100, finer than a ten-thousandth of a minor unit; or naming
    "currency", for one that cannot be chosen.
    """
    if currency not in CURRENCIES:
        raise Invalid("Choose a currency.", field="currency")
    try:
        amount = Decimal(major.strip().replace(",", "."))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not re.fullmatch(r"[\d.,\s]+", major) or amount.is_nan() or not 0 <= amount <= 100:
        raise Invalid("A price is a number from 0 to 100, such as 0.04.", field=field)
    minor = amount.scaleb(digits_of(currency))
    if minor != minor.quantize(Decimal("0.0001")):
        raise Invalid("This is finer than a ten-thousandth of a penny or cent.", field=field)
    return Price(minor.quantize(Decimal("0.0001")), currency)
