"""Stripe's webhook over HTTP, signed by the vendor's SDK: accepted once, and everything else refused."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
from tests.contracts.clients import ClientFor
from tests.fakes.stripe import WEBHOOK_SECRET
from tests.fixtures.organizations import Organization
from tests.fixtures.stripe import AtStripe

from frontdesk.app import build_app
from frontdesk.domain.organizations.plans import Plan
from frontdesk.platform.secrets import Secrets
from frontdesk.platform.settings import Settings

PATH = "/api/webhooks/stripe"


@pytest.fixture
async def stripe_posts(
    at_stripe: AtStripe, settings: Settings, secrets: Secrets, client_for: ClientFor
) -> httpx.AsyncClient:
    """Stripe, as somebody who posts here."""
    return await client_for(base="/hekax", of=build_app(at_stripe.context, settings, secrets))


async def post(
    client: httpx.AsyncClient, at: AtStripe, body: bytes, secret: str = WEBHOOK_SECRET, age: int = 0
) -> httpx.Response:
    return await client.post(PATH, content=body, headers={"Stripe-Signature": at.signed(body, secret, age)})


async def test_a_payment_told_twice_and_by_two_events_counts_once(
    stripe_posts: httpx.AsyncClient, at_stripe: AtStripe, org: Organization
) -> None:
    body = at_stripe.fake.event("payment_intent.succeeded", at_stripe.payment(org), "evt_1")
    same = at_stripe.fake.event("payment_intent.succeeded", at_stripe.payment(org), "evt_2")
    for each in (body, body, same):
        assert (await post(stripe_posts, at_stripe, each)).status_code == 200
    assert (await at_stripe.addon(org), await at_stripe.received(org)) == (1000, 1)


async def test_events_may_come_in_any_order(
    stripe_posts: httpx.AsyncClient, at_stripe: AtStripe, org: Organization
) -> None:
    fake, made = at_stripe.fake, at_stripe.subscription(org, "sub_1")
    paid = fake.made("invoice", amount_paid=2900, parent={"subscription_details": {"subscription": "sub_1"}})
    stale = fake.event("customer.subscription.created", made | {"status": "incomplete"})
    for body in (fake.event("invoice.paid", paid), fake.event("customer.subscription.updated", made), stale):
        assert (await post(stripe_posts, at_stripe, body)).status_code == 200
    assert ((await at_stripe.standing(org)).plan, await at_stripe.received(org)) == (Plan.STARTER, 1)


async def test_what_stripe_did_not_sign_lately_is_refused(
    stripe_posts: httpx.AsyncClient, at_stripe: AtStripe, org: Organization
) -> None:
    body = at_stripe.fake.event("payment_intent.succeeded", at_stripe.payment(org))
    header = at_stripe.signed(body)
    forged: list[tuple[bytes, dict[str, Any]]] = [
        (body, {}),
        (body, {"Stripe-Signature": "t=1,v1=00"}),
        (body, {"Stripe-Signature": at_stripe.signed(body, "whsec_other")}),
        (body, {"Stripe-Signature": at_stripe.signed(body, age=301)}),
        (body, {"Stripe-Signature": header.replace("v1=", "v0=")}),
        (body, {"Stripe-Signature": header + ",t=1"}),
        (body.replace(b"2500", b"9900"), {"Stripe-Signature": header}),
        (b"\xff\xfe", {"Stripe-Signature": header}),
        (b"", {"Stripe-Signature": header}),
    ]
    for content, headers in forged:
        assert (await stripe_posts.post(PATH, content=content, headers=headers)).status_code == 401
    for nonsense in (b"", b"{", b"[]", b'"x"', b"{}", b'{"id": "evt_1"}', b'{"id": "evt_1", "type": "x", "data": [1]}'):
        assert (await post(stripe_posts, at_stripe, nonsense)).status_code == 401
    assert await at_stripe.addon(org) == 0
    huge = body + b" " * 16 * 1024 * 1024
    assert (await post(stripe_posts, at_stripe, huge)).status_code in (400, 413)


async def test_what_means_nothing_here_is_taken_and_has_no_effect(
    stripe_posts: httpx.AsyncClient, at_stripe: AtStripe, org: Organization, other_org: Organization
) -> None:
    fake, at = at_stripe.fake, at_stripe
    await at.told(fake.event("customer.subscription.created", at.subscription(other_org, "sub_other")))
    theirs = f"cus_{other_org.id.hex}"
    for body in (
        fake.event("terminal.reader.action_succeeded", {"object": "terminal.reader"}),
        fake.event("customer.subscription.updated", {"id": "sub_gone", "metadata": {"org_id": str(org.id)}}),
        fake.event("payment_intent.succeeded", at.payment(org), account="acct_1"),
        fake.event("payment_intent.succeeded", at.payment(org, metadata={})),
        fake.event("payment_intent.succeeded", at.payment(org, metadata={"org_id": "x", "item": "call_boost_1000"})),
        fake.event("payment_intent.succeeded", at.payment(org, customer=theirs)),
        fake.event("customer.subscription.created", at.subscription(org, "sub_1", customer=theirs)),
    ):
        assert (await post(stripe_posts, at, body)).status_code == 200
    assert (await at.addon(org), (await at.standing(org)).plan) == (0, Plan.TRIAL)


async def test_without_stripe_nothing_of_it_is_believed(
    client_for: ClientFor, at_stripe: AtStripe, org: Organization
) -> None:
    """The sandbox takes the payments: its own till tells what was paid."""
    anonymous = await client_for(base="/hekax")
    body = at_stripe.fake.event("payment_intent.succeeded", at_stripe.payment(org))
    assert (await post(anonymous, at_stripe, body)).status_code == 401


async def test_when_stripe_cannot_be_asked_it_is_to_tell_again(
    at_stripe: AtStripe, settings: Settings, secrets: Secrets, client_for: ClientFor, org: Organization,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("frontdesk.adapters.stripe.api._PAUSES", (0.0, 0.0))
    app = build_app(replace(at_stripe.context), settings, secrets)
    anonymous, owner = await client_for(base="/hekax", of=app), await client_for(org, base="/hekax", of=app)
    body = at_stripe.fake.event("customer.subscription.created", at_stripe.subscription(org, "sub_1"))
    at_stripe.fake.failing = [503] * 6
    assert (await post(anonymous, at_stripe, body)).status_code == 500
    refused = await owner.post("/api/billing/create-checkout", json={"priceId": "price_starter_monthly"})
    assert refused.status_code == 500
    assert (await post(anonymous, at_stripe, body)).status_code == 200
    assert (await owner.get("/api/billing")).json()["plan"] == "STARTER"
    bought = await owner.post("/api/billing/create-checkout", json={"priceId": "price_growth_monthly"})
    assert bought.json()["url"].startswith("https://checkout.stripe.com/")
