"""The client's settings over the reactivation API."""

from typing import Any

import httpx
import pytest
from tests.contracts.clients import ClientFor
from tests.contracts.reactivation.conftest import BASE
from tests.fixtures.organizations import Organization

from frontdesk.kernel.access import Role


async def test_reading_changing_and_writing_back(api: httpx.AsyncClient, org: Organization) -> None:
    was = (await api.get("/api/settings/client")).json()["settings"]
    assert was["company_name"] == org.name
    assert was["twilio_phone_number"] == org.number
    assert was["timezone"] == "Europe/London"
    change = {
        "company_email": "hello@acme.example",
        "company_phone": "020 7946 0018",
        "logo_url": "https://acme.example/logo.png",
        "primary_color": "#aa3300",
        "timezone": "America/New_York",
        "n8n_workflow_id": "wf-1",
        "settings": {"theme": {"dark": True}},
    }
    now = (await api.put("/api/settings/client", json=change)).json()["settings"]
    assert now["company_phone"] == "+442079460018"
    assert now["settings"] == {"theme": {"dark": True}}
    assert (await api.put("/api/settings/client", json=now)).json()["settings"] == now


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"company_name": ""}, "company_name"),
        ({"company_name": None}, "company_name"),
        ({"company_email": "nobody"}, "company_email"),
        ({"company_phone": "12"}, "company_phone"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"logo_url": "javascript:alert(1)"}, "logo_url"),
        ({"primary_color": "reddish"}, "primary_color"),
        ({"settings": "x"}, "settings"),
        ({"settings": {"a": "\0"}}, "settings.a"),
        ({"settings": {"a": "x" * 70_000}}, "settings"),
        ({"twilio_phone_number": "+447700900999"}, "twilio_phone_number"),
    ],
)
async def test_a_bad_change_is_told_by_its_field(api: httpx.AsyncClient, body: dict[str, Any], field: str) -> None:
    refused = await api.put("/api/settings/client", json=body)
    assert refused.status_code == 400
    assert refused.json()["error"]["details"]["field"] == field


async def test_only_admins_change_them(client_for: ClientFor, org: Organization) -> None:
    manager = await client_for(org, Role.MANAGER, base=BASE)
    assert (await manager.get("/api/settings/client")).status_code == 200
    assert (await manager.put("/api/settings/client", json={"company_name": "Ours"})).status_code == 403
