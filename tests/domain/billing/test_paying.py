"""Buying plans and packs at the sandbox's till."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.fixtures.contexts import bare_context
from tests.fixtures.organizations import Organization

from frontdesk.adapters.sandbox.payments import SandboxPayments
from frontdesk.domain.billing.errors import CheckoutNotFound, NotFromProvider, NothingPaid
from frontdesk.domain.billing.model import Standing, SubscriptionStatus
from frontdesk.domain.billing.service import paying, reading
from frontdesk.domain.billing.tasks import CancelDue
from frontdesk.domain.organizations.plans import Plan
from frontdesk.kernel.clock import FrozenClock
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works


def token(url: str | None) -> str:
    """What opens the till, of its address."""
    assert url
    return url.rpartition("/")[2]


async def subscribed(context: Context, org: Organization, price: str = "price_starter_monthly") -> str:
    opened = token(await paying.start_checkout(context, org.actor, price))
    await paying.pay_at_till(context, opened)
    return opened


async def standing(context: Context, org: Organization) -> Standing:
    async with context.works.read(org.actor) as work:
        return await reading.standing(work)


async def addon(context: Context, org: Organization) -> float:
    async with context.works.read(org.actor) as work:
        return (await reading.usage(work)).call_minutes.addon


async def test_a_plan_is_in_force_once_it_is_paid(context: Context, org: Organization, other_org, clock) -> None:
    opened = token(await paying.start_checkout(context, org.actor, "price_business_pro_monthly"))
    assert (await paying.at_till(context, opened)).paid_at is None
    assert (await standing(context, org)).plan is Plan.TRIAL
    await paying.pay_at_till(context, opened)
    await paying.pay_at_till(context, opened)
    found = await standing(context, org)
    assert (found.plan, found.amount.minor, found.period.start) == (Plan.BUSINESS_PRO, 7900, clock.now())
    assert (await standing(context, other_org)).plan is Plan.TRIAL
    assert [invoice.amount.minor for invoice in await paying.invoices(context, org.actor)] == [7900]
    assert await paying.invoices(context, other_org.actor) == []
    async with context.works.read(org.actor) as work:
        rows = await work.fetch("select type from events where type in ('payment.received', 'subscription.changed')")
    assert sorted(row["type"] for row in rows) == ["payment.received", "subscription.changed"]


async def test_it_goes_on_by_the_month_and_ends_when_it_is_ended(
    context: Context, org: Organization, clock: FrozenClock
) -> None:
    await subscribed(context, org)
    clock.move(timedelta(days=40))
    found = await standing(context, org)
    assert found.period.start <= clock.now() < found.period.end
    assert len(await paying.invoices(context, org.actor)) == 2
    await paying.cancel_at_till(context, token(await paying.open_portal(context, org.actor)))
    found = await standing(context, org)
    assert (found.plan, found.next_payment) == (Plan.TRIAL, None)


async def test_a_new_plan_takes_the_place_of_the_old(context: Context, org: Organization, clock: FrozenClock) -> None:
    first = await subscribed(context, org)
    clock.move(timedelta(minutes=1))
    await subscribed(context, org, "price_scale_monthly")
    assert (await standing(context, org)).plan is Plan.SCALE
    await paying.cancel_replaced(context, CancelDue(org.id, "sandbox", f"sub_{first[:64]}"))
    assert (await paying.at_till(context, first)).canceled_at is not None
    await paying.cancel_at_till(context, first)  # which tells that the old one has ended
    found = await standing(context, org)
    assert (found.plan, found.status) == (Plan.SCALE, SubscriptionStatus.ACTIVE)


async def test_a_pack_counts_once_however_often_it_is_paid(context: Context, org: Organization, other_org) -> None:
    intent = await paying.buy_pack(context, org.actor, "call_boost_1000")
    assert intent.client_secret.startswith(intent.reference + "_secret_")
    assert await addon(context, org) == 0
    for _ in range(2):
        await paying.pay_at_till(context, token(intent.url))
    assert (await addon(context, org), await addon(context, other_org)) == (1000, 0)


async def test_a_till_opens_to_its_token_only(context: Context, org: Organization, other_org: Organization) -> None:
    opened = token(await paying.start_checkout(context, org.actor, "price_starter_monthly"))
    for wrong in ("", "x", opened[:-1] + ("0" if opened[-1] != "0" else "1"), other_org.id.hex + opened[32:]):
        with pytest.raises(CheckoutNotFound):
            await paying.pay_at_till(context, wrong)
    with pytest.raises(NothingPaid):
        await paying.open_portal(context, org.actor)
    with pytest.raises(NotFromProvider):
        await paying.receive_webhook(context, b"{}", "t=1,v1=0")


@pytest.mark.committed
async def test_two_purchases_at_once_count_as_two_and_each_once(
    committed_works: Works, committed_org: Organization
) -> None:
    payments = SandboxPayments(committed_works, "http://desk.example")
    context = replace(bare_context(committed_works), payments=payments, till=payments)
    bought = [await paying.buy_pack(context, committed_org.actor, "call_boost_1000") for _ in range(2)]
    await asyncio.gather(*(paying.pay_at_till(context, token(each.url)) for each in bought for _ in range(4)))
    assert await addon(context, committed_org) == 2000
