"""Leads over the reactivation API: shapes and errors. What may be done with a lead is tested in its domain."""

from datetime import UTC, date, datetime

import httpx
import pytest
from tests.fixtures.business import MakeDataset, MakeLead
from tests.fixtures.organizations import Organization

from frontdesk.domain.leads.model import ContactStatus
from frontdesk.kernel.ids import new_id


async def test_the_list_is_paged_and_filtered(api: httpx.AsyncClient, a_lead: MakeLead, a_dataset: MakeDataset) -> None:
    dataset = await a_dataset()
    inside = await a_lead(dataset=dataset, first_name="Ines", inquiry_date=date(2025, 4, 1))
    await a_lead(first_name="Omar", archived=True)

    page = (await api.get("/api/leads", params={"limit": 1, "sort": "name"})).json()
    assert [lead["first_name"] for lead in page["leads"]] == ["Ines"]
    assert page["pagination"] == {"page": 1, "limit": 1, "total": 2, "pages": 2}

    found = (await api.get("/api/leads", params={"dataset_id": str(dataset.id)})).json()
    assert [lead["id"] for lead in found["leads"]] == [str(inside.id)]
    archived = (await api.get("/api/leads", params={"archived": "true"})).json()
    assert [lead["first_name"] for lead in archived["leads"]] == ["Omar"]
    empty = (await api.get("/api/leads", params={"status": "HOT", "search": "nobody"})).json()
    assert empty == {"leads": [], "pagination": {"page": 1, "limit": 50, "total": 0, "pages": 0}}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("page=0", "page"),
        ("page=x", "page"),
        ("page=1.5", "page"),
        ("page=", "page"),
        ("page=99999999999999999999", "page"),
        ("page=1&page=2", "page"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("archived=yes", "archived"),
        ("manual_mode=1", "manual_mode"),
        ("status=NEW", "status"),
        ("sentiment=happy", "sentiment"),
        ("sort=phone", "sort"),
        ("order=up", "order"),
        ("dataset_id=7", "dataset_id"),
        ("search=%00", "search"),
    ],
)
async def test_a_bad_query_is_told_by_its_field(api: httpx.AsyncClient, query: str, field: str) -> None:
    refused = await api.get(f"/api/leads?{query}")
    assert refused.status_code == 400
    assert refused.json()["error"]["code"] == "VALIDATION_ERROR"
    assert refused.json()["error"]["details"]["field"] == field


async def test_one_lead_with_all_its_columns(api: httpx.AsyncClient, a_lead: MakeLead, a_dataset: MakeDataset) -> None:
    dataset = await a_dataset()
    lead = await a_lead(dataset=dataset, notes="Bay window", m1_sent_at=datetime(2026, 3, 1, 9, 30, tzinfo=UTC))
    told = (await api.get(f"/api/leads/{lead.id}")).json()["lead"]
    assert told["dataset_id"] == str(dataset.id)
    assert told["m1_sent_at"] == "2026-03-01T09:30:00.000Z"
    assert told["notes"] == "Bay window"
    assert told["conversation"] is None
    assert told["sophie_insights"] == []


async def test_a_lead_without_a_dataset_has_no_dataset_id(api: httpx.AsyncClient, a_lead: MakeLead) -> None:
    lead = await a_lead()
    assert "dataset_id" not in (await api.get(f"/api/leads/{lead.id}")).json()["lead"]


async def test_ids_that_name_nothing(api: httpx.AsyncClient, stranger: httpx.AsyncClient, a_lead: MakeLead) -> None:
    lead = await a_lead()
    answers = [
        await api.get(f"/api/leads/{new_id()}"),
        await api.get("/api/leads/not-an-id"),
        await stranger.get(f"/api/leads/{lead.id}"),
        await stranger.put(f"/api/leads/{lead.id}", json={"first_name": "Mine"}),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    nowhere = await api.get("/api/no-such-route")
    assert nowhere.status_code == 404
    assert nowhere.json()["error"]["code"] == "ROUTE_NOT_FOUND" != answers[0].json()["error"]["code"]


async def test_changing_a_lead(api: httpx.AsyncClient, a_lead: MakeLead, org: Organization) -> None:
    lead = await a_lead()
    changed = await api.put(
        f"/api/leads/{lead.id}",
        json={
            "first_name": "Dana-Rose",
            "last_name": "Okoye",
            "email": "dana@example.com",
            "contact_status": "HOT",
            "lead_sentiment": "POSITIVE",
            "manual_mode": True,
            "archived": True,
            "assigned_to": str(org.owner_id),
            "unknown_field": 1,
        },
    )
    told = changed.json()["lead"]
    assert told["contact_status"] == "HOT"
    assert told["assigned_to"] == str(org.owner_id)
    assert told["archived_at"] == told["manual_mode_activated_at"] == "2026-03-10T11:00:00.000Z"
    emptied = await api.put(f"/api/leads/{lead.id}", json={"assigned_to": None, "email": None})
    assert emptied.json()["lead"]["assigned_to"] is None


@pytest.mark.parametrize("status", [s for s in ContactStatus if s is not ContactStatus.OPTED_OUT])
async def test_writing_back_the_status_just_read_changes_nothing(
    api: httpx.AsyncClient, a_lead: MakeLead, status: ContactStatus
) -> None:
    lead = await a_lead()
    was = (await api.put(f"/api/leads/{lead.id}", json={"contact_status": status})).json()
    assert was["lead"]["contact_status"] == status
    again = (await api.put(f"/api/leads/{lead.id}", json={"contact_status": was["lead"]["contact_status"]})).json()
    assert again == was


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"first_name": 5}, "first_name"),
        ({"archived": "true"}, "archived"),
        ({"manual_mode": 1}, "manual_mode"),
        ({"contact_status": "NEW"}, "contact_status"),
        ({"lead_sentiment": "glad"}, "lead_sentiment"),
        ({"assigned_to": "me"}, "assigned_to"),
        ({"notes": "a\0b"}, "notes"),
        ({"first_name": None}, "first_name"),
        ({"email": "nobody"}, "email"),
        ({"assigned_to": "018f0000-0000-7000-8000-000000000000"}, "assigned_to"),
    ],
)
async def test_a_bad_change_is_told_by_its_field(
    api: httpx.AsyncClient, a_lead: MakeLead, body: dict[str, object], field: str
) -> None:
    lead = await a_lead()
    refused = await api.put(f"/api/leads/{lead.id}", json=body)
    assert refused.status_code == 400
    assert refused.json()["error"]["details"]["field"] == field


async def test_archive_is_a_toggle(api: httpx.AsyncClient, a_lead: MakeLead) -> None:
    lead = await a_lead()
    on = (await api.post(f"/api/leads/{lead.id}/archive")).json()
    assert on == {"lead_id": str(lead.id), "archived": True, "archived_at": "2026-03-10T11:00:00.000Z"}
    off = (await api.post(f"/api/leads/{lead.id}/archive")).json()
    assert off == {"lead_id": str(lead.id), "archived": False, "archived_at": None}


async def test_manual_mode_is_set_and_not_toggled(api: httpx.AsyncClient, a_lead: MakeLead) -> None:
    lead = await a_lead()
    for _ in range(2):
        on = (await api.post(f"/api/leads/{lead.id}/manual-mode", json={"enabled": True})).json()
        assert on["manual_mode"] is True
        assert on["manual_mode_activated_at"] == "2026-03-10T11:00:00.000Z"
    off = (await api.post(f"/api/leads/{lead.id}/manual-mode", json={"enabled": False})).json()
    assert off["manual_mode_activated_at"] is None


async def test_a_viewer_may_look_and_not_touch(viewer: httpx.AsyncClient, a_lead: MakeLead) -> None:
    lead = await a_lead()
    assert (await viewer.get(f"/api/leads/{lead.id}")).status_code == 200
    refused = await viewer.put(f"/api/leads/{lead.id}", json={"notes": "x"})
    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "FORBIDDEN"
