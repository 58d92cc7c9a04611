"""Prices, periods, and usage against its limits. Pure; no I/O. What a plan allows: organizations/plans.py."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from msgspec import Struct

from frontdesk.domain.billing.errors import NoSuchPack, NoSuchPrice
from frontdesk.domain.organizations.plans import ALLOWANCES, Allowance, Plan
from frontdesk.kernel.money import Money


class Metered(StrEnum):
    """What the meter counts."""

    CALL_SECONDS = "call_seconds"
    AI_SECONDS = "ai_seconds"
    LEADS = "leads"


class PlanPrice(Struct, frozen=True):
    """A plan as it is sold: by the month."""

    id: str
    plan: Plan
    name: str
    amount: Money

    @property
    def allowance(self) -> Allowance:
        """What it allows."""
        return ALLOWANCES[self.plan]


class Pack(Struct, frozen=True):
    """Minutes that are bought once and kept until they are used."""

    id: str
    kind: Metered
    minutes: int
    name: str
    amount: Money


PRICES = {
    price.id: price
    for price in (
        PlanPrice("price_starter_monthly", Plan.STARTER, "Starter", Money(2900, "USD")),
        PlanPrice("price_business_pro_monthly", Plan.BUSINESS_PRO, "Business Pro", Money(7900, "USD")),
        PlanPrice("price_growth_monthly", Plan.GROWTH, "Growth", Money(14_900, "USD")),
        PlanPrice("price_scale_monthly", Plan.SCALE, "Scale", Money(39_900, "USD")),
    )
}
PACKS = {
    pack.id: pack
    for pack in (
        Pack("call_boost_1000", Metered.CALL_SECONDS, 1000, "1,000 call minutes", Money(2500, "USD")),
        Pack("ai_boost_250", Metered.AI_SECONDS, 250, "250 AI minutes", Money(2000, "USD")),
    )
}


def price_of(price_id: str, interval: str = "monthly") -> PlanPrice:
    """The plan that is sold under this id. Raises NoSuchPrice, also for any interval but `monthly`."""
    price = PRICES.get(price_id)
    if price is None:
        raise NoSuchPrice("priceId", list(PRICES))
    if interval != "monthly":
        raise NoSuchPrice("interval", ["monthly"])
    return price


def pack_of(product_id: str) -> Pack:
    """The pack that is sold under this id. Raises NoSuchPack."""
    pack = PACKS.get(product_id)
    if pack is None:
        raise NoSuchPack(list(PACKS))
    return pack


# --- periods ----------------------------------------------------------------------------------------------------------


class Period(Struct, frozen=True):
    """From `start` until just before `end`, instants in UTC."""

    start: datetime
    end: datetime

    @property
    def last_second(self) -> datetime:
        """The last whole second of it."""
        return self.end - timedelta(seconds=1)


def calendar_month(at: datetime, zone: str) -> Period:
    """The calendar month of `zone` that `at` falls in."""
    local = at.astimezone(ZoneInfo(zone))
    return Period(_month(local.year, local.month, zone), _month(local.year, local.month + 1, zone))


def months_back(at: datetime, zone: str, months: int) -> datetime:
    """Where the calendar month of `zone` begins that lies `months` - 1 before that of `at`."""
    local = at.astimezone(ZoneInfo(zone))
    return _month(local.year, local.month - months + 1, zone)


def period_from(paid: Period, at: datetime) -> Period:
    """The period of a subscription that `at` falls in: the one paid for, or, until the provider tells of another, the
    month before or after it that begins on the same day."""
    if paid.start <= at < paid.end:
        return paid
    first, now = paid.start.astimezone(UTC), at.astimezone(UTC)
    count = (now.year - first.year) * 12 + now.month - first.month
    if _months_from(first, count) > now:
        count -= 1
    return Period(_months_from(first, count), _months_from(first, count + 1))


def month_from(start: datetime) -> Period:
    """A month from an instant on, to the same day and time in UTC, or to the last day of a shorter month."""
    return Period(start.astimezone(UTC), _months_from(start.astimezone(UTC), 1))


def _months_from(start: datetime, count: int) -> datetime:
    first = _month(start.year, start.month + count, "UTC")
    last = (_month(first.year, first.month + 1, "UTC") - timedelta(days=1)).day
    return start.replace(year=first.year, month=first.month, day=min(start.day, last))


def _month(year: int, month: int, zone: str) -> datetime:
    years, month = divmod(month - 1, 12)
    return datetime(year + years, month + 1, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC)


# --- the subscription -------------------------------------------------------------------------------------------------


class SubscriptionStatus(StrEnum):
    """Whether a plan is paid for. A canceled one allows no more than a trial."""

    ACTIVE = "active"
    PAST_DUE = "past_due"
    CANCELED = "canceled"


class Subscription(Struct, frozen=True, kw_only=True):
    """What an organisation has bought."""

    provider: str
    customer: str | None
    reference: str
    plan: Plan
    status: SubscriptionStatus
    period_start: datetime
    period_end: datetime
    amount: int
    """Minor units of `currency`, for a period."""
    currency: str
    ends_at_period_end: bool = False
    began_at: datetime
    as_of: datetime
    """The instant that this is true of, as far as is known."""

    @property
    def live(self) -> bool:
        """Whether its plan is in force."""
        return self.status is not SubscriptionStatus.CANCELED


class Standing(Struct, frozen=True, kw_only=True):
    """How an organisation stands: its plan, and what comes next. Without a subscription it is on trial."""

    plan: Plan
    status: SubscriptionStatus
    period: Period
    next_payment: datetime | None
    amount: Money
    ends_at_period_end: bool
    has_customer: bool
    """Whether a provider knows it as somebody who pays."""


def period_at(subscription: Subscription | None, zone: str, at: datetime) -> Period:
    """The period that usage at `at` belongs to: the subscription's, or the calendar month of the organisation."""
    if subscription is None or not subscription.live:
        return calendar_month(at, zone)
    return period_from(Period(subscription.period_start, subscription.period_end), at)


# --- usage ------------------------------------------------------------------------------------------------------------


class Totals(Struct, frozen=True):
    """What was used of a period, what is set aside for calls under way, and what is left of packs: in seconds."""

    call_seconds: int
    ai_seconds: int
    reserved_call_seconds: int
    reserved_ai_seconds: int
    call_balance: int
    ai_balance: int


class MinuteUsage(Struct, frozen=True):
    """Minutes used against what the plan allows. `addon` is what is left of packs."""

    used: float
    limit: int
    addon: float

    @property
    def percentage(self) -> float:
        """Of the plan's minutes; above 100 where packs are used."""
        return round(100 * self.used / self.limit, 1)


class CountUsage(Struct, frozen=True):
    """Things there are now, against what the plan allows."""

    current: int
    limit: int


class Usage(Struct, frozen=True, kw_only=True):
    """What an organisation uses in its current period."""

    period: Period
    call_minutes: MinuteUsage
    ai_minutes: MinuteUsage
    numbers: CountUsage
    seats: CountUsage


class Grain(StrEnum):
    """How history is cut, by the calendar of the organisation's zone."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class PastUsage(Struct, frozen=True):
    """What was used in one piece of history: `2026-03`, `2026-W11`, `2026-03-14`."""

    period: str
    call_seconds: int
    ai_seconds: int
    calls: int
    leads: int


def minutes(seconds: int) -> float:
    """Seconds as minutes, to a hundredth."""
    return round(seconds / 60, 2)


def drawn(used_before: int, used_after: int, limit: int, balance: int) -> int:
    """What of the usage that raised `used_before` to `used_after` is taken from a balance: what lies beyond `limit`,
    and never more than there is."""
    beyond = max(0, used_after - limit) - max(0, used_before - limit)
    return max(0, min(beyond, balance))


WARNED_AT = (100, 80)
"""Percent of the plan's minutes at which people are told, the worst first."""


def warning(used_before: int, used_after: int, limit: int) -> int | None:
    """The percentage of WARNED_AT that this usage has passed, if any."""
    return next((at for at in WARNED_AT if used_before * 100 < at * limit <= used_after * 100), None)
