"""Usage and billing over the HEKAX API."""

from typing import Any

import httpx
import pytest
from tests.fixtures.organizations import Organization

from frontdesk.domain.billing.service import paying
from frontdesk.platform.context import Context


async def test_a_new_organisation_is_on_trial(api: httpx.AsyncClient) -> None:
    told = (await api.get("/api/usage")).json()
    assert told["callMinutes"] == told["aiMinutes"] == {"used": 0, "limit": 30, "percentage": 0, "addon": 0}
    assert (told["phoneNumbers"], told["teamMembers"]) == ({"current": 0, "limit": 1}, {"current": 1, "limit": 3})
    billing = (await api.get("/api/billing")).json()
    assert (billing["plan"], billing["status"], billing["amount"]) == ("TRIAL", "ACTIVE", 0)
    assert billing["nextBillingDate"] is None
    assert billing["currentPeriod"] == told["period"]


@pytest.mark.parametrize(
    ("query", "pieces"),
    [({}, 6), ({"period": "monthly", "months": "12"}, 12), ({"period": "weekly", "months": "1"}, None),
     ({"period": "daily", "months": "1"}, None)],
)  # fmt: skip
async def test_history_has_each_piece(api: httpx.AsyncClient, query: dict[str, Any], pieces: int | None) -> None:
    history = (await api.get("/api/usage/history", params=query)).json()["history"]
    assert len(history) == pieces or pieces is None
    assert all(piece["calls"] == 0 for piece in history)


@pytest.mark.parametrize("query", [{"period": "yearly"}, {"months": "0"}, {"months": "13"}, {"months": "x"}])
async def test_history_of_what_cannot_be_is_refused(api: httpx.AsyncClient, query: dict[str, str]) -> None:
    assert (await api.get("/api/usage/history", params=query)).status_code == 400


async def test_buying_a_plan_and_a_pack(api: httpx.AsyncClient) -> None:
    checkout = await api.post("/api/billing/create-checkout", json={"priceId": "price_business_pro_monthly"})
    assert checkout.json()["url"].startswith("http://127.0.0.1:8000/console/checkout/")
    refused = await api.post("/api/billing/create-portal")
    assert (refused.status_code, refused.json()["code"]) == (403, "NO_SUBSCRIPTION")
    pack = (await api.post("/api/billing/purchase-addon", json={"productId": "ai_boost_250"})).json()
    assert pack["clientSecret"].startswith("pi_")
    assert pack["url"].startswith("http://127.0.0.1:8000/console/checkout/")
    assert (await api.get("/api/billing/invoices")).json() == {"invoices": []}


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("create-checkout", {"priceId": "price_x"}, "priceId"),
        ("create-checkout", {"priceId": "price_starter_monthly", "interval": "yearly"}, "interval"),
        ("create-checkout", {}, "priceId"),
        ("purchase-addon", {"productId": "call_boost"}, "productId"),
    ],
)
async def test_what_is_not_sold(api: httpx.AsyncClient, path: str, body: dict[str, Any], field: str) -> None:
    refused = await api.post(f"/api/billing/{path}", json=body)
    assert (refused.status_code, refused.json()["details"]["field"]) == (400, field)


async def test_only_who_manages_the_organisation_buys(agent: httpx.AsyncClient) -> None:
    for path, body in (("create-checkout", {"priceId": "price_starter_monthly"}), ("create-portal", None),
                       ("purchase-addon", {"productId": "ai_boost_250"})):  # fmt: skip
        assert (await agent.post(f"/api/billing/{path}", json=body)).status_code == 403
    assert (await agent.get("/api/billing")).status_code == 200


async def test_what_was_bought_is_told(api: httpx.AsyncClient, context: Context, org: Organization) -> None:
    opened = (await api.post("/api/billing/create-checkout", json={"priceId": "price_business_pro_monthly"})).json()
    await paying.pay_at_till(context, opened["url"].rpartition("/")[2])
    told = (await api.get("/api/billing")).json()
    assert (told["plan"], told["status"], told["amount"], told["currency"]) == ("BUSINESS_PRO", "ACTIVE", 7900, "usd")
    assert told["nextBillingDate"] > told["currentPeriod"]["end"]
    (invoice,) = (await api.get("/api/billing/invoices")).json()["invoices"]
    assert (invoice["amount"], invoice["status"]) == (7900, "paid")
    usage = (await api.get("/api/usage")).json()
    assert (usage["callMinutes"]["limit"], usage["aiMinutes"]["limit"]) == (2000, 500)
    assert (await api.post("/api/billing/create-portal")).status_code == 200
