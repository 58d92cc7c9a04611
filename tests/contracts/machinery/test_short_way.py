"""Routes that are served in short answer as they would through Litestar."""

import httpx
import pytest
from tests.contracts.clients import ClientFor
from tests.fixtures.business import MakeLead
from tests.fixtures.organizations import Organization

from frontdesk.contracts._http.contract import ContractApp
from frontdesk.contracts._http.dispatcher import Dispatcher
from frontdesk.platform.context import Context
from frontdesk.platform.secrets import Secrets
from frontdesk.platform.settings import Settings

BASE = "/reactivation"


def _contract(app: Dispatcher) -> ContractApp:
    served = app._by_name["reactivation"].app  # pyright: ignore[reportPrivateUsage]
    assert isinstance(served, ContractApp)
    return served


@pytest.fixture
def by_litestar(context: Context, settings: Settings, secrets: Secrets) -> Dispatcher:
    """The same application without short ways."""
    from frontdesk.app import build_app

    app = build_app(context, settings, secrets)
    _contract(app)._short = {}  # pyright: ignore[reportPrivateUsage]
    return app


def test_the_routes_asked_most_are_served_in_short(app: Dispatcher) -> None:
    short = set(_contract(app)._short)  # pyright: ignore[reportPrivateUsage]
    assert {("GET", "/api/leads"), ("GET", "/api/datasets"), ("POST", "/api/webhooks/twilio")} <= short
    assert not [path for method, path in short if method not in ("GET", "POST") or "{" in path]


async def test_both_ways_answer_the_same(
    client_for: ClientFor, org: Organization, a_lead: MakeLead, by_litestar: Dispatcher
) -> None:
    for n in range(3):
        await a_lead(first_name=f"Lead {n}")
    for who in (org, None):
        in_short = await client_for(who, base=BASE)
        in_full = await client_for(who, base=BASE, of=by_litestar)
        for path in (
            "/api/leads",
            "/api/leads?limit=2&page=2&status=READY",
            "/api/leads?limit=101",
            "/api/leads?page=x",
            "/api/leads?status=nowhere",
            "/api/leads?dataset_id=7",
            "/api/datasets",
        ):
            assert _said(await in_short.get(path)) == _said(await in_full.get(path)), path
        for headers in ({}, {"X-Twilio-Signature": "forged"}, {"X-Twilio-Signature": "genuine"}):
            for form in ({}, {"From": "+447700900123", "To": org.number, "MessageSid": "SM1", "Body": "Hello"}):
                both = [
                    _said(await client.post("/api/webhooks/twilio", data=form, headers=headers))
                    for client in (in_short, in_full)
                ]
                assert both[0] == both[1]


def _said(answer: httpx.Response) -> tuple[int, str, dict[str, str]]:
    headers = {name: value for name, value in answer.headers.items() if name not in ("x-request-id", "date")}
    return answer.status_code, answer.text, headers
