"""Stripe, held to the vendor's documents on a real socket: buying, changing plans, events in any order, trouble."""

import asyncio
import json

import pytest
from tests.fakes.stripe import SECRET_KEY
from tests.fixtures.organizations import Organization
from tests.fixtures.stripe import AtStripe
from tests.fixtures.waiting import until

from frontdesk.adapters.stripe.api import StripeApi
from frontdesk.adapters.stripe.checking import NEEDED, look_at
from frontdesk.domain.billing.errors import NothingPaid, ProviderFailed
from frontdesk.domain.billing.model import SubscriptionStatus
from frontdesk.domain.billing.service import paying
from frontdesk.domain.billing.tasks import CancelDue
from frontdesk.domain.organizations.plans import Plan
from frontdesk.ports.payments import Buyer, PaymentFailed


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("frontdesk.adapters.stripe.api._PAUSES", (0.0, 0.0))


async def test_buying(at_stripe: AtStripe, org: Organization) -> None:
    at = at_stripe
    assert "checkout.stripe.com" in await paying.start_checkout(at.context, org.actor, "price_starter_monthly")
    introduced, form = at.fake.forms
    assert introduced["metadata"] == {"org_id": str(org.id)}
    assert form["line_items"][0]["price_data"]["unit_amount"] == 2900
    assert form["subscription_data"]["metadata"]["org_id"] == str(org.id)
    assert "checkout.stripe.com" in await paying.start_pack_checkout(at.context, org.actor, "ai_boost_250")
    intent = await paying.buy_pack(at.context, org.actor, "call_boost_1000")
    assert (intent.client_secret.partition("_secret_")[0], intent.url) == (intent.reference, None)
    assert [name for name, _ in at.fake.asked].count("POST /v1/customers") == 1
    assert at.fake.forms[1]["customer"] == at.fake.forms[2]["customer"] == at.fake.forms[3]["customer"]
    with pytest.raises(NothingPaid):
        await paying.open_portal(at.context, org.actor)
    await at.told(at.fake.event("customer.subscription.created", at.subscription(org, "sub_1")))
    assert "billing.stripe.com" in await paying.open_portal(at.context, org.actor)


async def test_invoices_are_of_plans_and_of_packs(
    at_stripe: AtStripe, org: Organization, other_org: Organization
) -> None:
    at = at_stripe
    assert await paying.invoices(at.context, org.actor) == []
    await paying.buy_pack(at.context, org.actor, "call_boost_1000")
    receipt = at.fake.made("charge", receipt_url="https://pay.stripe.com/receipts/1")
    at.fake.payments = [
        at.payment(org, created=200, latest_charge=receipt),
        at.payment(org, "pi_2", created=300, metadata={}),  # of a subscription: its invoice is there
        at.payment(org, "pi_3", created=400) | {"status": "requires_payment_method"},
    ]
    (pack,) = await paying.invoices(at.context, org.actor)
    assert (pack.amount.minor, pack.status, pack.pdf_url) == (2500, "paid", receipt["receipt_url"])
    paid = {"status": "paid", "amount_paid": 2900, "invoice_pdf": "https://x.example/1"}
    at.fake.invoices = [at.fake.made("invoice", created=100, **paid), at.fake.made("invoice", status="draft")]
    plan = (await paying.invoices(at.context, org.actor))[1]
    assert (plan.amount.minor, plan.amount.currency, plan.pdf_url) == (2900, "USD", "https://x.example/1")
    assert await paying.invoices(at.context, other_org.actor) == []


async def test_events_in_any_order_and_twice(at_stripe: AtStripe, org: Organization, other_org: Organization) -> None:
    at = at_stripe
    made = at.subscription(org, "sub_1")
    parent = {"subscription_details": {"subscription": "sub_1"}}
    paid = at.fake.made("invoice", id="in_1", amount_paid=2900, parent=parent)
    session = at.fake.made("checkout.session", mode="subscription", subscription="sub_1", metadata=made["metadata"])
    events = [
        at.fake.event("invoice.paid", paid),
        at.fake.event("customer.subscription.updated", made),
        at.fake.event("checkout.session.completed", session),
    ]
    for body in (*events, *reversed(events)):
        await at.told(body)
    assert ((await at.standing(org)).plan, (await at.standing(other_org)).plan) == (Plan.STARTER, Plan.TRIAL)
    assert await at.received(org) == 1
    made["status"] = "past_due"
    await at.told(at.fake.event("invoice.payment_failed", paid | {"amount_due": 2900}))
    assert (await at.standing(org)).status is SubscriptionStatus.PAST_DUE
    made["status"] = "canceled"
    await at.told(at.fake.event("customer.subscription.deleted", made))
    late = at.fake.event("customer.subscription.updated", made | {"status": "active"})  # told late: it has ended
    await at.told(late)
    assert (await at.standing(org)).plan is Plan.TRIAL


async def test_another_plan_holds_at_once_and_what_is_left_of_the_old_is_credited(
    at_stripe: AtStripe, org: Organization
) -> None:
    at = at_stripe
    await at.told(at.fake.event("customer.subscription.created", at.subscription(org, "sub_1")))
    newer = at.subscription(org, "sub_2", plan="price_scale_monthly", began=60)
    await at.told(at.fake.event("customer.subscription.created", newer))
    assert (await at.standing(org)).plan is Plan.SCALE
    async with at.context.works.across_tenants("tests") as work:
        rows = await work.fetch("select convert_from(payload, 'utf8') as due from pgqueuer where entrypoint = $1",
                                "billing.cancel")  # fmt: skip
    (due,) = [json.loads(row["due"]) for row in rows]
    assert (due["reference"], due["credit"]) == ("sub_1", True)
    await paying.cancel_replaced(at.context, CancelDue(org.id, "stripe", "sub_1", credit=True))
    assert at.fake.canceled == ["sub_1"]
    assert at.fake.forms[-1] == {"invoice_now": True, "prorate": True}
    # What the older tells afterwards changes nothing: neither its end nor an invoice of nothing.
    ended = at.fake.subscriptions["sub_1"] | {"status": "canceled"}
    at.fake.subscriptions["sub_1"] = ended
    await at.told(at.fake.event("customer.subscription.deleted", ended))
    parent = {"subscription_details": {"subscription": "sub_1"}}
    await at.told(at.fake.event("invoice.paid", at.fake.made("invoice", amount_paid=0, parent=parent)))
    assert ((await at.standing(org)).plan, await at.received(org)) == (Plan.SCALE, 0)


async def test_a_newer_subscription_stands_whatever_the_older_tells(at_stripe: AtStripe, org: Organization) -> None:
    at = at_stripe
    newer = at.subscription(org, "sub_2", plan="price_scale_monthly", began=60)
    await at.told(at.fake.event("customer.subscription.created", newer))
    await at.told(at.fake.event("customer.subscription.created", at.subscription(org, "sub_1")))
    assert (await at.standing(org)).plan is Plan.SCALE


async def test_a_pack_is_credited_once_to_whom_it_is_for(
    at_stripe: AtStripe, org: Organization, other_org: Organization
) -> None:
    for id_ in ("evt_1", "evt_1", "evt_2"):
        await at_stripe.told(at_stripe.fake.event("payment_intent.succeeded", at_stripe.payment(org), id_))
    assert (await at_stripe.addon(org), await at_stripe.addon(other_org)) == (1000, 0)


# --- trouble ----------------------------------------------------------------------------------------------------------


async def test_what_stripe_fails_at_is_tried_again_and_made_once(at_stripe: AtStripe, org: Organization) -> None:
    at = at_stripe
    at.fake.failing, at.fake.drops = [429], 1  # refused; made, and the answer lost; told again
    assert await paying.start_checkout(at.context, org.actor, "price_starter_monthly")
    assert [name for name, _ in at.fake.asked].count("POST /v1/customers") == 3
    at.fake.failing = [500, 500, 500]
    with pytest.raises(ProviderFailed):
        await paying.buy_pack(at.context, org.actor, "call_boost_1000")
    at.fake.failing = [402]
    asked = len(at.fake.asked)
    with pytest.raises(ProviderFailed):
        await paying.buy_pack(at.context, org.actor, "call_boost_1000")
    assert len(at.fake.asked) == asked + 1


async def test_who_was_introduced_before_a_kill_is_the_same_afterwards(at_stripe: AtStripe, org: Organization) -> None:
    """The process dies after Stripe made the customer and before it is written down."""
    payments, buyer = at_stripe.context.payments, Buyer(org.id, "o@example.com", "Harbour Kitchens")
    assert await payments.customer(buyer) == await payments.customer(buyer)


async def test_a_slow_stripe_is_waited_for_so_long(at_stripe: AtStripe, org: Organization) -> None:
    at, api = at_stripe, StripeApi(SECRET_KEY, at_stripe.url, patience=0.2)
    at.fake.held = asyncio.Event()
    try:
        with pytest.raises(PaymentFailed):
            await api.get("/v1/invoices")
    finally:
        at.fake.held.set()
        await api.close()


async def test_an_event_whose_taking_is_killed_is_taken_when_it_is_told_again(
    at_stripe: AtStripe, org: Organization
) -> None:
    at = at_stripe
    body = at.fake.event("customer.subscription.created", at.subscription(org, "sub_1"))
    at.fake.held = asyncio.Event()
    taking = asyncio.create_task(at.told(body))
    await until(lambda: at.fake.asked)
    taking.cancel()
    await asyncio.gather(taking, return_exceptions=True)
    at.fake.held.set()
    assert (await at.standing(org)).plan is Plan.TRIAL
    at.fake.failing = [503] * 3
    with pytest.raises(ProviderFailed):
        await at.told(body)
    await at.told(body)
    assert (await at.standing(org)).plan is Plan.STARTER


# --- the doctor -------------------------------------------------------------------------------------------------------

HERE = "https://desk.example/hekax/api/webhooks/stripe"


async def seen(at: AtStripe, key: str = SECRET_KEY) -> list[tuple[str, bool]]:
    """What the doctor says: what it looked at, and whether it is well."""
    api = StripeApi(key, at.url)
    try:
        return [(name, ok) async for name, ok, _ in look_at(api, key, HERE)]
    finally:
        await api.close()


async def test_the_doctor_looks_at_the_key_and_the_endpoint(at_stripe: AtStripe) -> None:
    fake = at_stripe.fake
    assert await seen(at_stripe, "sk_test_other") == [("Stripe", False)]
    assert await seen(at_stripe) == [("Stripe", True), ("Stripe webhook", False)]
    there = fake.made("webhook_endpoint", url=HERE, status="enabled", enabled_events=list(NEEDED))
    for endpoint, ok in (
        (there, True),
        (there | {"enabled_events": ["*"]}, True),
        (there | {"enabled_events": ["invoice.paid"]}, False),
        (there | {"status": "disabled"}, False),
        (there | {"url": "https://other.example"}, False),
    ):
        fake.endpoints = [endpoint]
        assert await seen(at_stripe) == [("Stripe", True), ("Stripe webhook", ok)]
    fake.failing = [403]
    assert await seen(at_stripe) == [("Stripe", True)]
