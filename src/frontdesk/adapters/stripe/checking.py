"""Whether Stripe is set up as it has to be: the key, and the webhook endpoint. For `frontdesk doctor`."""

from collections.abc import AsyncGenerator
from typing import Any, cast

from frontdesk.adapters.stripe.api import StripeApi, StripeRefused
from frontdesk.ports.payments import PaymentFailed

NEEDED = (
    "checkout.session.completed", "customer.subscription.created", "customer.subscription.updated",
    "customer.subscription.deleted", "invoice.paid", "invoice.payment_failed", "payment_intent.succeeded",
)  # fmt: skip
"""Events that the webhook endpoint has to send."""


async def look_at(api: StripeApi, secret_key: str, address: str) -> AsyncGenerator[tuple[str, bool, str]]:
    """(name, whether it is well, what to know) of the key and of the webhook endpoint at `address`.

    Prices need no look: they are Frontdesk's own and go along with each purchase. At the signing secret none can be
    had: Stripe shows it once.
    """
    try:
        found = await api.get("/v1/webhook_endpoints", limit=100)
    except StripeRefused as refused:
        if refused.status == 401:
            yield "Stripe", False, "the key is refused: copy FRONTDESK_STRIPE_SECRET_KEY from Stripe again"
        elif refused.status == 403:
            yield "Stripe", True, f"the key works; it may not list webhook endpoints: see that one posts to {address}"
        else:
            yield "Stripe", False, str(refused)
        return
    except PaymentFailed as problem:
        yield "Stripe", False, str(problem)
        return
    live = secret_key.partition("_")[2].startswith("live")
    yield "Stripe", True, "the key works" + ("" if live else "; it is a test key, so no money moves")
    listed = cast("list[dict[str, Any]]", found.get("data") or [])
    yield "Stripe webhook", *_webhook([each for each in listed if each.get("url") == address], address)


def _webhook(there: list[dict[str, Any]], address: str) -> tuple[bool, str]:
    if not there:
        return False, f"no endpoint posts to {address}: add one in Stripe, with the events {', '.join(NEEDED)}"
    enabled = [each for each in there if each.get("status") == "enabled"]
    if not enabled:
        return False, f"the endpoint at {address} is disabled in Stripe: enable it"
    events = {event for each in enabled for event in cast("list[str]", each.get("enabled_events") or [])}
    missing = [] if "*" in events else [event for event in NEEDED if event not in events]
    if missing:
        return False, f"the endpoint at {address} is not sent {', '.join(missing)}: add them in Stripe"
    return True, f"Stripe posts to {address}"
