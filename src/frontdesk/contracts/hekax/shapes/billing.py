"""Usage, plan and payments."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from frontdesk.contracts._http.times import Instant, iso, iso_or_none
from frontdesk.contracts.hekax.dialect import Shape
from frontdesk.domain.billing import model
from frontdesk.domain.billing.model import Grain
from frontdesk.domain.billing.service.reading import MOST_MONTHS, USUAL_MONTHS
from frontdesk.ports import payments
from frontdesk.ports.payments import Intent


class Period(Shape):
    """From its first second to its last."""

    start: Instant
    end: Instant

    @classmethod
    def of(cls, period: model.Period) -> "Period":
        return cls(iso(period.start), iso(period.last_second))


class MinuteUsage(Shape):
    """Minutes used against the plan's. `addon` is what is left of packs."""

    used: float
    limit: float
    percentage: float
    addon: float

    @classmethod
    def of(cls, found: model.MinuteUsage) -> "MinuteUsage":
        return cls(found.used, found.limit, found.percentage, found.addon)


class CountUsage(Shape):
    """Things there are, against what the plan allows."""

    current: int
    limit: int


class Usage(Shape):
    """What is used in the current period."""

    period: Period
    call_minutes: MinuteUsage
    ai_minutes: MinuteUsage
    phone_numbers: CountUsage
    team_members: CountUsage

    @classmethod
    def of(cls, found: model.Usage) -> "Usage":
        return cls(
            period=Period.of(found.period),
            call_minutes=MinuteUsage.of(found.call_minutes),
            ai_minutes=MinuteUsage.of(found.ai_minutes),
            phone_numbers=CountUsage(found.numbers.current, found.numbers.limit),
            team_members=CountUsage(found.seats.current, found.seats.limit),
        )


class HistoryQuery(Shape):
    """The query of history: how it is cut, and how many calendar months it has."""

    period: Grain = Grain.MONTHLY
    months: Annotated[int, Meta(ge=1, le=MOST_MONTHS)] = USUAL_MONTHS


class PastUsage(Shape):
    """What was used in a day, a week or a month: `2026-03-14`, `2026-W11`, `2026-03`."""

    period: str
    call_minutes: float
    ai_minutes: float
    calls: int
    leads: int


class History(Shape):
    """What was used, newest first."""

    history: list[PastUsage]

    @classmethod
    def of(cls, found: list[model.PastUsage]) -> "History":
        return cls([
            PastUsage(each.period, model.minutes(each.call_seconds), model.minutes(each.ai_seconds), each.calls,
                      each.leads)
            for each in found
        ])  # fmt: skip


class Billing(Shape):
    """Plan and billing state. `amount` is in minor units."""

    plan: str
    status: str
    billing_cycle: str
    current_period: Period
    next_billing_date: Instant | None
    amount: int
    currency: str
    cancel_at_period_end: bool

    @classmethod
    def of(cls, found: model.Standing) -> "Billing":
        return cls(
            plan=found.plan.value.upper(),
            status=found.status.value.upper(),
            billing_cycle="monthly",
            current_period=Period.of(found.period),
            next_billing_date=iso_or_none(found.next_payment),
            amount=found.amount.minor,
            currency=found.amount.currency.lower(),
            cancel_at_period_end=found.ends_at_period_end,
        )


class CheckoutWanted(Shape):
    """The plan to buy, by the id of its price."""

    price_id: str
    interval: str = "monthly"


class Address(Shape):
    """A page to go to."""

    url: str


class PackWanted(Shape):
    """The pack to buy."""

    product_id: str


class PackPayment(Shape):
    """What the browser confirms the payment by; `url` is a page to do so, where there is one."""

    client_secret: str
    url: str | UnsetType

    @classmethod
    def of(cls, intent: Intent) -> "PackPayment":
        return cls(intent.client_secret, intent.url or UNSET)


class Invoice(Shape):
    """What was charged, in minor units."""

    id: str
    amount: int
    currency: str
    status: str
    date: Instant
    pdf_url: str | None

    @classmethod
    def of(cls, found: payments.Invoice) -> "Invoice":
        amount = found.amount
        return cls(found.id, amount.minor, amount.currency.lower(), found.status, iso(found.date), found.pdf_url)


class Invoices(Shape):
    """What was charged, newest first."""

    invoices: list[Invoice]


class Taken(Shape):
    """The answer to a webhook."""

    received: bool = True
