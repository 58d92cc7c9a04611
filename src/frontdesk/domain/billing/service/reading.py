"""How an organisation stands: usage, its history, plan and period."""

from frontdesk.domain.billing import store
from frontdesk.domain.billing.model import (
    CountUsage,
    Grain,
    MinuteUsage,
    PastUsage,
    Standing,
    SubscriptionStatus,
    Usage,
    minutes,
    months_back,
    period_at,
)
from frontdesk.domain.organizations import service as organizations
from frontdesk.kernel.errors import Invalid
from frontdesk.kernel.money import Money
from frontdesk.platform.database import Work

MOST_MONTHS = 12
USUAL_MONTHS = 6
NOTHING = Money(0, "USD")


async def usage(work: Work) -> Usage:
    """What the organisation uses in its current period. Needs `view`."""
    organization = await organizations.get(work)
    period = period_at(await store.subscription(work), organization.time_zone, work.now)
    found = await store.totals(work, period)
    numbers, seats = await store.counts(work)
    allowed = organization.allowance
    return Usage(
        period=period,
        call_minutes=MinuteUsage(minutes(found.call_seconds), allowed.call_minutes, minutes(found.call_balance)),
        ai_minutes=MinuteUsage(minutes(found.ai_seconds), allowed.ai_minutes, minutes(found.ai_balance)),
        numbers=CountUsage(numbers, allowed.numbers),
        seats=CountUsage(seats, allowed.seats),
    )


async def history(work: Work, grain: Grain = Grain.MONTHLY, months: int = USUAL_MONTHS) -> list[PastUsage]:
    """What was used in the last `months` calendar months of the organisation's zone, this one included, newest first.

    Needs `view`. Raises Invalid.
    """
    if not 1 <= months <= MOST_MONTHS:
        raise Invalid(f"History goes back 1 to {MOST_MONTHS} months.", field="months")
    zone = (await organizations.get(work)).time_zone
    return await store.history(work, grain, months_back(work.now, zone, months), zone)


async def standing(work: Work) -> Standing:
    """Plan, period and next payment. Needs `view`."""
    organization = await organizations.get(work)
    bought = await store.subscription(work)
    live = bought is not None and bought.live
    period = period_at(bought, organization.time_zone, work.now)
    return Standing(
        plan=organization.plan,
        status=bought.status if bought and live else SubscriptionStatus.ACTIVE,
        period=period,
        next_payment=period.end if bought and live and not bought.ends_at_period_end else None,
        amount=Money(bought.amount, bought.currency) if bought and live else NOTHING,
        ends_at_period_end=bool(bought and live and bought.ends_at_period_end),
        has_customer=bool(bought and bought.customer),
    )
