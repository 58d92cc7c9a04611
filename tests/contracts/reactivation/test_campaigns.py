"""Campaigns and scheduled jobs over the reactivation API."""

from typing import Any

import httpx
import pytest
from tests.contracts.clients import ClientFor
from tests.contracts.reactivation.conftest import BASE
from tests.fixtures.business import MakeDataset, MakeLead, RememberingCarrier
from tests.fixtures.organizations import Organization

from frontdesk.kernel.access import Role
from frontdesk.kernel.ids import new_id
from frontdesk.platform.secrets import Secrets


async def test_start_pause_resume(api: httpx.AsyncClient, a_dataset: MakeDataset, a_lead: MakeLead) -> None:
    dataset = await a_dataset()
    await a_lead(dataset=dataset)
    await a_lead(dataset=dataset, stage="opted_out")
    settings = {
        "m1_delay_hours": 0,
        "m2_delay_hours": 0.015,
        "m3_delay_hours": 96,
        "rate_limit_messages_per_minute": 60,
        "schedule": {"hours_start": 9, "hours_end": 21, "days": ["mon", "tue"]},
    }
    started = (
        await api.post("/api/campaigns/start", json={"dataset_id": str(dataset.id), "settings": settings})
    ).json()
    assert started["campaign"]["status"] == "active"
    assert started["campaign"]["total_leads"] == 2
    assert started["campaign"]["messages_queued"] == 1
    assert started["preflight"] == {"eligible": 1, "skipped": 1, "reasons": {"opted_out": 1}}

    named = {"dataset_id": str(dataset.id)}
    for action, status in (("pause", "paused"), ("resume", "active")):
        told = (await api.post(f"/api/campaigns/{action}", json=named)).json()
        assert told == {"campaign": {"dataset_id": str(dataset.id), "status": status}}


async def test_a_campaign_that_never_ran_cannot_be_paused(api: httpx.AsyncClient, a_dataset: MakeDataset) -> None:
    refused = await api.post("/api/campaigns/pause", json={"dataset_id": str((await a_dataset()).id)})
    assert refused.status_code == 400
    assert refused.json()["error"]["code"] == "CAMPAIGN_MOVE_NOT_ALLOWED"


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"m1_delay_hours": "0"}, "settings.m1_delay_hours"),
        ({"m2_delay_hours": -1}, "settings.m2_delay_hours"),
        ({"m3_delay_hours": 1e12}, "settings.m3_delay_hours"),
        ({"rate_limit_messages_per_minute": 0}, "settings.rate_limit_messages_per_minute"),
        ({"schedule": {"hours_start": 9, "hours_end": 21}}, "settings.schedule.days"),
        ({"schedule": {"hours_start": 9, "hours_end": 25, "days": ["mon"]}}, "settings.schedule.hours_end"),
        ({"schedule": {"hours_start": 21, "hours_end": 9, "days": ["mon"]}}, "settings.schedule.hours_start"),
        ({"schedule": {"hours_start": 9, "hours_end": 21, "days": ["monday"]}}, "settings.schedule.days.0"),
        ({"schedule": {"hours_start": 9, "hours_end": 21, "days": []}}, "settings.schedule.days"),
        ({"stale_after_hours": 0}, "settings.stale_after_hours"),
        ({"stale_after_hours": 1e9}, "settings.stale_after_hours"),
        (7, "settings"),
    ],
)
async def test_bad_settings_are_told_by_their_field(
    api: httpx.AsyncClient, a_dataset: MakeDataset, wanted: Any, field: str
) -> None:
    dataset = await a_dataset()
    refused = await api.post("/api/campaigns/start", json={"dataset_id": str(dataset.id), "settings": wanted})
    assert refused.status_code == 400
    assert refused.json()["error"]["details"]["field"] == field


async def test_who_may_run_campaigns(
    client_for: ClientFor, org: Organization, stranger: httpx.AsyncClient, a_dataset: MakeDataset
) -> None:
    named = {"dataset_id": str((await a_dataset()).id)}
    agent, manager = await client_for(org, Role.AGENT, base=BASE), await client_for(org, Role.MANAGER, base=BASE)
    for action in ("start", "pause", "resume"):
        assert (await agent.post(f"/api/campaigns/{action}", json=named)).status_code == 403
        assert (await stranger.post(f"/api/campaigns/{action}", json=named)).status_code == 404
        assert (await manager.post(f"/api/campaigns/{action}", json=named)).status_code == 200
        assert (await manager.post(f"/api/campaigns/{action}", json={"dataset_id": str(new_id())})).status_code == 404


async def test_the_scheduler_sends_what_is_due(
    api: httpx.AsyncClient,
    client_for: ClientFor,
    secrets: Secrets,
    a_dataset: MakeDataset,
    a_lead: MakeLead,
    carrier: RememberingCarrier,
) -> None:
    dataset = await a_dataset()
    lead = await a_lead(dataset=dataset)
    await api.post("/api/campaigns/start", json={"dataset_id": str(dataset.id)})
    cron = await client_for(base=BASE, Authorization=f"Bearer {secrets.cron_secret}")
    assert (await cron.get("/api/cron/send-m2")).json() == {"processed": 0, "success": True}
    assert (await cron.get("/api/cron/send-m1")).json() == {"processed": 1, "success": True}
    assert len(carrier.texts_to(lead.phone)) == 1
    assert (await cron.get("/api/cron/send-m1")).json()["processed"] == 0
    assert (await cron.get("/api/cron/send-m3")).status_code == 200
    assert (await cron.get("/api/cron/process-ai-responses")).json()["success"] is True


async def test_the_scheduler_needs_its_secret(api: httpx.AsyncClient, client_for: ClientFor) -> None:
    wrong = await client_for(base=BASE, Authorization="Bearer wrong")
    nobody = await client_for(base=BASE)
    for client in (api, wrong, nobody):
        for job in ("send-m1", "send-m2", "send-m3", "process-ai-responses"):
            assert (await client.get(f"/api/cron/{job}")).status_code == 401


async def test_who_may_not_run_campaigns_does_not_set_them_up_by_an_import(
    client_for: ClientFor, org: Organization, api: httpx.AsyncClient, a_dataset: MakeDataset
) -> None:
    dataset, agent = await a_dataset(), await client_for(org, Role.AGENT, base=BASE)
    file = {"file": ("leads.csv", b"Name,Mobile\nAnn,07700 900301\n", "text/csv")}
    upload = (await agent.post("/api/datasets/upload", files=file)).json()["upload"]["id"]
    body: dict[str, Any] = {
        "upload_id": upload, "dataset_id": str(dataset.id),
        "column_mapping": {"first_name": "Name", "phone_number": "Mobile"},
        "campaign_settings": {"m1_delay_hours": 0, "m2_delay_hours": 24},
    }  # fmt: skip
    refused = await agent.post("/api/datasets/map-and-import", json=body)
    assert refused.status_code == 403
    assert refused.json()["error"]["details"]["permission"] == "run_campaigns"
    assert (await api.get(f"/api/datasets/{dataset.id}")).json()["dataset"]["total_leads"] == 0
    body["campaign_settings"] = {"m1_delay_hours": 0, "m2_delay_hours": 48, "m3_delay_hours": 96}
    assert (await agent.post("/api/datasets/map-and-import", json=body)).status_code == 200
    body["campaign_settings"] = {"m2_delay_hours": 24, "stale_after_hours": 6}
    assert (await api.post("/api/datasets/map-and-import", json=body)).status_code == 200
    body["campaign_settings"] = {"m2_delay_hours": 24, "stale_after_hours": 6}
    assert (await agent.post("/api/datasets/map-and-import", json=body)).status_code == 200  # as it stands by now
