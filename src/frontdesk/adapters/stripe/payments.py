"""What Stripe is asked for, and what its objects and webhooks mean. Implements `ports.payments.Payments`.

Prices are ours and go along with each checkout; whose they are stands in the metadata of what comes of it. How events
settle: docs/decisions/0013-billing.md.
"""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import quote
from uuid import UUID

from frontdesk.adapters.stripe.api import StripeApi, StripeRefused
from frontdesk.kernel.clock import Clock
from frontdesk.kernel.ids import parse_id
from frontdesk.kernel.money import Money
from frontdesk.ports.payments import (
    Buyer,
    Intent,
    Invoice,
    Item,
    NotGenuine,
    Notice,
    PaymentFailed,
    ProvidedSubscription,
    SubscriptionState,
)

TOLERANCE = 300
"""Seconds that a signature may be old."""

_STATES = {
    "active": SubscriptionState.ACTIVE, "trialing": SubscriptionState.ACTIVE, "past_due": SubscriptionState.PAST_DUE,
    "canceled": SubscriptionState.CANCELED, "unpaid": SubscriptionState.CANCELED,
    "incomplete_expired": SubscriptionState.CANCELED, "paused": SubscriptionState.CANCELED,
}  # fmt: skip
"""By Stripe's word; `incomplete` is not begun."""

Json = dict[str, Any]


class StripePayments:
    """The operator's Stripe account."""

    name = "stripe"

    def __init__(self, api: StripeApi, webhook_secret: str, clock: Clock) -> None:
        self._api, self._webhook_secret, self._clock = api, webhook_secret, clock

    async def customer(self, buyer: Buyer) -> str:
        """As the port says: for a day the same request makes no second one."""
        told = {"name": buyer.name or None, "email": buyer.email or None, "metadata": {"org_id": str(buyer.org_id)}}
        same = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
        made = await self._api.post("/v1/customers", f"customer-{same}", **told)
        return str(made["id"])

    async def checkout(self, buyer: Buyer, item: Item, back: str) -> str:
        """As the port says."""
        price: Json = {
            "currency": item.amount.currency.lower(),
            "unit_amount": item.amount.minor,
            "product_data": {"name": item.name},
            "recurring": {"interval": "month"} if item.recurring else None,
        }
        metadata = _metadata(buyer, item)
        belongs = "subscription_data" if item.recurring else "payment_intent_data"
        session = await self._api.post(
            "/v1/checkout/sessions",
            mode="subscription" if item.recurring else "payment",
            line_items=[{"quantity": 1, "price_data": {k: v for k, v in price.items() if v is not None}}],
            success_url=back,
            cancel_url=back,
            client_reference_id=str(buyer.org_id),
            customer=buyer.customer,
            customer_email=None if buyer.customer else buyer.email or None,
            metadata=metadata,
            **{belongs: {"metadata": metadata}},
        )
        return _address(session)

    async def portal(self, customer: str, back: str) -> str:
        """As the port says."""
        return _address(await self._api.post("/v1/billing_portal/sessions", customer=customer, return_url=back))

    async def intend(self, buyer: Buyer, item: Item, back: str) -> Intent:
        """As the port says; it is confirmed in the browser by Stripe's own script."""
        made = await self._api.post(
            "/v1/payment_intents",
            amount=item.amount.minor,
            currency=item.amount.currency.lower(),
            customer=buyer.customer,
            description=item.name,
            automatic_payment_methods={"enabled": True},
            receipt_email=buyer.email or None,
            metadata=_metadata(buyer, item),
        )
        if not made.get("client_secret"):
            raise PaymentFailed("Stripe gave no client secret.")
        return Intent(str(made["id"]), str(made["client_secret"]))

    async def invoices(self, customer: str) -> list[Invoice]:
        """As the port says: Stripe's invoices of plans, drafts left out, and payments for packs with their receipts."""
        found = await self._api.get("/v1/invoices", customer=customer, limit=100)
        paid = await self._api.get("/v1/payment_intents", customer=customer, limit=100, expand=["data.latest_charge"])
        invoices = [
            Invoice(
                id=str(each["id"]),
                amount=Money(each["amount_paid"] if each["status"] == "paid" else each["amount_due"],
                             str(each["currency"]).upper()),
                status=str(each["status"]),
                date=_time(each["created"]),
                pdf_url=each.get("invoice_pdf"),
            )
            for each in _listed(found) if each.get("status") not in (None, "draft")
        ]  # fmt: skip
        packs = [
            Invoice(
                id=str(each["id"]), amount=_money(each, "amount_received"), status="paid", date=_time(each["created"]),
                pdf_url=_receipt(each),
            )
            for each in _listed(paid) if each.get("status") == "succeeded" and "item" in (each.get("metadata") or {})
        ]  # fmt: skip
        return sorted(invoices + packs, key=lambda invoice: invoice.date, reverse=True)[:100]

    async def subscription(self, reference: str) -> ProvidedSubscription | None:
        """As the port says. Where the period stands depends on the version: at the subscription, or at its items."""
        try:
            found = await self._api.get(f"/v1/subscriptions/{quote(reference, safe='')}")
        except StripeRefused as refused:
            if refused.status == 404:
                return None
            raise
        told = cast(Json, found.get("metadata") or {})
        org_id, state = parse_id(str(told.get("org_id", ""))), _STATES.get(str(found.get("status")))
        items = cast("list[Json]", cast(Json, found.get("items") or {}).get("data") or [])
        if org_id is None or state is None or not items or "item" not in told:
            return None
        price, place = items[0]["price"], found if "current_period_end" in found else items[0]
        return ProvidedSubscription(
            org_id=org_id,
            customer=_id(found.get("customer")),
            reference=str(found["id"]),
            item=str(told["item"]),
            state=state,
            period_start=_time(place["current_period_start"]),
            period_end=_time(place["current_period_end"]),
            amount=Money(int(price["unit_amount"] or 0), str(found["currency"]).upper()),
            ends_at_period_end=bool(found.get("cancel_at_period_end")),
            began_at=_time(found["created"]),
        )

    async def cancel(self, reference: str, *, credit: bool) -> None:
        """As the port says: what is credited goes to the customer's balance, by a last invoice."""
        told = {"invoice_now": True, "prorate": True} if credit else {}
        await self._api.delete(f"/v1/subscriptions/{quote(reference, safe='')}", **told)

    def read(self, body: bytes, signature: str) -> Notice:
        """As the port says: HMAC-SHA256 over time and body, by any of the signatures, not older than five minutes."""
        fields = [part.partition("=") for part in signature.split(",")]
        stamps = [value for name, _, value in fields if name.strip() == "t"]
        now = self._clock.wall_time(self._clock.now()).timestamp()
        if len(stamps) != 1 or not stamps[0].isascii() or not stamps[0].isdigit() or now - int(stamps[0]) > TOLERANCE:
            raise NotGenuine
        wanted = hmac.new(self._webhook_secret.encode(), stamps[0].encode() + b"." + body, hashlib.sha256).hexdigest()
        given = [value.encode() for name, _, value in fields if name.strip() == "v1"]
        if not any(hmac.compare_digest(wanted.encode(), each) for each in given):
            raise NotGenuine
        try:
            event = json.loads(body)
            return _notice(event)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise NotGenuine from error


def _notice(event: Json) -> Notice:
    """What an event means; of types that mean nothing to us, only its id and type."""
    of = cast(Json, cast(Json, event.get("data") or {}).get("object") or {})
    told = cast(Json, of.get("metadata") or {})
    org_id: UUID | None = parse_id(str(told.get("org_id", "")))
    id_, type_ = str(event["id"]), str(event["type"])
    if event.get("account"):  # of an account connected to the operator's: none of our customers
        return Notice(id=id_, type=type_)
    match type_:
        case "checkout.session.completed" if of.get("mode") == "subscription":
            return Notice(id=id_, type=type_, org_id=org_id, subscription=_id(of.get("subscription")))
        case "customer.subscription.created" | "customer.subscription.updated" | "customer.subscription.deleted":
            return Notice(id=id_, type=type_, org_id=org_id, subscription=str(of["id"]))
        case "invoice.paid" | "invoice.payment_failed":
            failed = type_ == "invoice.payment_failed"
            return Notice(
                id=id_, type=type_, subscription=_subscription_of(of), reference=str(of["id"]), failed=failed,
                amount=_money(of, "amount_due" if failed else "amount_paid"),
            )  # fmt: skip
        case "payment_intent.succeeded" if "item" in told:
            return Notice(
                id=id_, type=type_, org_id=org_id, pack=str(told["item"]), reference=str(of["id"]),
                customer=_id(of.get("customer")), amount=_money(of, "amount_received"),
            )  # fmt: skip
        case _:
            return Notice(id=id_, type=type_)


def _subscription_of(invoice: Json) -> str | None:
    """Since 2025-03-31 it stands below `parent`."""
    parent = cast(Json, cast(Json, invoice.get("parent") or {}).get("subscription_details") or {})
    return _id(parent.get("subscription") or invoice.get("subscription"))


def _id(of: Any) -> str | None:
    """The id of what is told by its id or as a whole."""
    return cast("str | None", cast(Json, of).get("id") if isinstance(of, dict) else of)


def _listed(answer: Json) -> list[Json]:
    return cast("list[Json]", answer.get("data") or [])


def _receipt(payment: Json) -> str | None:
    charge = payment.get("latest_charge")
    return cast("str | None", cast(Json, charge).get("receipt_url")) if isinstance(charge, dict) else None


def _metadata(buyer: Buyer, item: Item) -> dict[str, str]:
    return {"org_id": str(buyer.org_id), "item": item.id}


def _money(of: Json, field: str) -> Money:
    return Money(int(of[field]), str(of["currency"]).upper())


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _address(session: Json) -> str:
    url = session.get("url")
    if not isinstance(url, str):
        raise PaymentFailed("Stripe gave no address.")
    return url
