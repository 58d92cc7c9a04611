"""Stripe, held to the vendor's schema on a real socket: buying, and webhooks forged, late, twice and out of order."""

import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import stripe
from aiohttp import web
from aiohttp.test_utils import TestServer
from tests.fakes.stripe import SECRET_KEY, WEBHOOK_SECRET, FakeStripe
from tests.fixtures.organizations import Organization

from frontdesk.adapters.stripe import StripePayments
from frontdesk.adapters.stripe.api import StripeApi
from frontdesk.domain.billing.errors import NotFromProvider, ProviderFailed
from frontdesk.domain.billing.model import Standing, SubscriptionStatus
from frontdesk.domain.billing.service import paying, reading
from frontdesk.domain.organizations.plans import Plan
from frontdesk.kernel.clock import FrozenClock
from frontdesk.platform.context import Context

SPECS = Path(os.environ.get("FRONTDESK_SHARED") or Path(__file__).parents[4] / "shared") / "provider-specs"


@dataclass
class At:
    """The product at the fake."""

    fake: FakeStripe
    context: Context
    clock: FrozenClock

    async def told(self, body: bytes, secret: str = WEBHOOK_SECRET, age: int = 0) -> None:
        """Post a webhook, signed by the vendor's SDK."""
        stamp = int(self.clock.now().timestamp()) - age
        header = stripe.WebhookSignature.generate_signature_header(body.decode(), secret, timestamp=stamp)
        await paying.receive_webhook(self.context, body, header)

    def subscription(self, org: Organization, id_: str, *, plan: str = "price_starter_monthly", began: int = 0,
                     **fields: Any) -> dict[str, Any]:  # fmt: skip
        """A subscription at the fake, as it is now."""
        now = int(self.clock.now().timestamp())
        made = self.fake.made(
            "subscription", id=id_, created=now + began, status="active", cancel_at_period_end=False,
            metadata={"org_id": str(org.id), "item": plan}, **fields,
        )  # fmt: skip
        item = made["items"]["data"][0]
        item |= {"current_period_start": now, "current_period_end": now + 30 * 86_400}
        item["price"]["unit_amount"] = 2900
        self.fake.subscriptions[id_] = made
        return made

    async def standing(self, org: Organization) -> Standing:
        async with self.context.works.read(org.actor) as work:
            return await reading.standing(work)

    async def addon(self, org: Organization) -> float:
        async with self.context.works.read(org.actor) as work:
            return (await reading.usage(work)).call_minutes.addon


@pytest.fixture
async def at(context: Context, clock: FrozenClock) -> AsyncIterator[At]:
    """Stripe, running."""
    files = [SPECS / "stripe-params.current.schema.json", SPECS / "stripe-fixtures.trimmed.json"]
    if not all(file.is_file() for file in files):
        pytest.skip("Stripe's schema is not here; FRONTDESK_SHARED says where the provider specifications are")
    fake = FakeStripe(*(json.loads(file.read_text()) for file in files))
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", fake.handle)
    async with TestServer(app) as server:
        api = StripeApi(SECRET_KEY, str(server.make_url("")))
        yield At(fake, replace(context, payments=StripePayments(api, WEBHOOK_SECRET, clock), till=None), clock)
        await api.close()
    assert fake.breaches == []


async def test_buying(at: At, org: Organization) -> None:
    assert "checkout.stripe.com" in await paying.start_checkout(at.context, org.actor, "price_starter_monthly")
    assert at.fake.forms[-1]["line_items"][0]["price_data"]["unit_amount"] == 2900
    assert at.fake.forms[-1]["subscription_data"]["metadata"]["org_id"] == str(org.id)
    assert "checkout.stripe.com" in await paying.start_pack_checkout(at.context, org.actor, "ai_boost_250")
    intent = await paying.buy_pack(at.context, org.actor, "call_boost_1000")
    assert (intent.client_secret, intent.url) == ("pi_1_secret_2", None)
    await at.told(at.fake.event("customer.subscription.created", at.subscription(org, "sub_1", customer="cus_1")))
    assert "billing.stripe.com" in await paying.open_portal(at.context, org.actor)
    at.fake.invoices = [at.fake.made("invoice", status="paid", amount_paid=2900, invoice_pdf="https://x.example/1")]
    (invoice,) = await paying.invoices(at.context, org.actor)
    assert (invoice.amount.minor, invoice.amount.currency, invoice.status) == (2900, "USD", "paid")
    await at.context.payments.cancel("sub_1")
    assert at.fake.canceled == ["sub_1"]


async def test_events_in_any_order_and_twice(at: At, org: Organization, other_org: Organization) -> None:
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
    async with at.context.works.read(org.actor) as work:
        assert await work.fetchval("select count(*) from events where type = 'payment.received'") == 1
    made["status"] = "past_due"
    await at.told(at.fake.event("invoice.payment_failed", paid | {"amount_due": 2900}))
    assert (await at.standing(org)).status is SubscriptionStatus.PAST_DUE
    made["status"] = "canceled"
    await at.told(at.fake.event("customer.subscription.deleted", made))
    late = at.fake.event("customer.subscription.updated", made | {"status": "active"})  # told late: it has ended
    await at.told(late)
    assert (await at.standing(org)).plan is Plan.TRIAL


async def test_a_newer_subscription_stands_whatever_the_older_tells(at: At, org: Organization) -> None:
    newer = at.subscription(org, "sub_2", plan="price_scale_monthly", began=60)
    await at.told(at.fake.event("customer.subscription.created", newer))
    await at.told(at.fake.event("customer.subscription.created", at.subscription(org, "sub_1")))
    assert (await at.standing(org)).plan is Plan.SCALE


async def test_a_pack_is_credited_once_to_whom_it_is_for(at: At, org: Organization, other_org: Organization) -> None:
    of = at.fake.made("payment_intent", id="pi_1", amount_received=2500, currency="usd",
                      metadata={"org_id": str(org.id), "item": "call_boost_1000"})  # fmt: skip
    for id_ in ("evt_1", "evt_1", "evt_2"):
        await at.told(at.fake.event("payment_intent.succeeded", of, id_))
    assert (await at.addon(org), await at.addon(other_org)) == (1000, 0)


async def test_what_is_not_signed_lately_by_stripe_is_refused(at: At, org: Organization) -> None:
    body = at.fake.event("payment_intent.succeeded", at.fake.made("payment_intent"))
    for secret, age in (("whsec_other", 0), (WEBHOOK_SECRET, 301)):
        with pytest.raises(NotFromProvider):
            await at.told(body, secret, age)
    for header in ("", "t=1", "v1=0", "t=x,v1=y", "t=1,t=2,v1=é"):
        with pytest.raises(NotFromProvider):
            await paying.receive_webhook(at.context, body, header)
    await at.told(at.fake.event("customer.created", {}))
    with pytest.raises(ProviderFailed):  # it will be told again
        await at.told(at.fake.event("customer.subscription.updated", {"id": "sub_gone"}))
