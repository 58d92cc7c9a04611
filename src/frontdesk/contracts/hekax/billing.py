"""Usage and billing as the HEKAX API publishes them: docs/contracts/hekax.openapi.yaml, Usage and Billing Endpoints."""

from typing import Any

from litestar import Request, get, post

from frontdesk.contracts._http.auth import Auth
from frontdesk.contracts._http.given import Given, JSONBody
from frontdesk.contracts._http.query import wanted as wanted_of
from frontdesk.contracts.hekax.shapes.billing import (
    Address,
    Billing,
    CheckoutWanted,
    History,
    HistoryQuery,
    Invoice,
    Invoices,
    PackPayment,
    PackWanted,
    Taken,
    Usage,
)
from frontdesk.domain.billing.service import paying, reading
from frontdesk.kernel.access import Actor
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work


@get("/api/usage", operation_id="get_usage")
async def get_usage(work: Given[Work]) -> Usage:
    return Usage.of(await reading.usage(work))


@get("/api/usage/history", operation_id="get_usage_history", dependencies=wanted_of(HistoryQuery))
async def get_usage_history(work: Given[Work], wanted: Given[HistoryQuery]) -> History:
    return History.of(await reading.history(work, wanted.period, wanted.months))


@get("/api/billing", operation_id="get_billing")
async def get_billing(work: Given[Work]) -> Billing:
    return Billing.of(await reading.standing(work))


@post("/api/billing/create-checkout", operation_id="create_checkout", status_code=200)
async def create_checkout(context: Given[Context], actor: Given[Actor], data: JSONBody[CheckoutWanted]) -> Address:
    return Address(await paying.start_checkout(context, actor, data.price_id, data.interval))


@post("/api/billing/create-portal", operation_id="create_billing_portal", status_code=200)
async def create_billing_portal(context: Given[Context], actor: Given[Actor]) -> Address:
    return Address(await paying.open_portal(context, actor))


@get("/api/billing/invoices", operation_id="list_invoices")
async def list_invoices(context: Given[Context], actor: Given[Actor]) -> Invoices:
    return Invoices([Invoice.of(each) for each in await paying.invoices(context, actor)])


@post("/api/billing/purchase-addon", operation_id="purchase_addon", status_code=200)
async def purchase_addon(context: Given[Context], actor: Given[Actor], data: JSONBody[PackWanted]) -> PackPayment:
    return PackPayment.of(await paying.buy_pack(context, actor, data.product_id))


@post(
    "/api/webhooks/stripe",
    operation_id="receive_stripe_event",
    status_code=200,
    auth=Auth.SIGNATURE,
    limit="webhooks",
    extension=True,
)
async def receive_stripe_event(context: Given[Context], request: Request[Any, Any, Any]) -> Taken:
    """What the payment provider tells: signed, in any order, and maybe more than once."""
    await paying.receive_webhook(context, await request.body(), request.headers.get("stripe-signature", ""))
    return Taken()


ROUTES = [
    get_usage, get_usage_history, get_billing, create_checkout, create_billing_portal, list_invoices, purchase_addon,
    receive_stripe_event,
]  # fmt: skip
