"""Datasets, uploads and imports over the reactivation API."""

import csv
import io
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.contracts.clients import ClientFor
from tests.contracts.reactivation.conftest import BASE
from tests.fixtures.business import MakeDataset, MakeLead
from tests.fixtures.organizations import Organization

from frontdesk.domain.contactability import service as contactability
from frontdesk.kernel.access import Role
from frontdesk.kernel.clock import FrozenClock
from frontdesk.kernel.ids import new_id
from frontdesk.kernel.phone import E164
from frontdesk.platform.database import Work, Works

FILE = """First Name,Surname,Mobile,Notes
Ada,Byron,07700 900201,Bay window
Bob,Crane,+447700900202,
Cy,Dent,12345,no such number
Ada,Byron,07700900201,twice
"""
MAPPING = {"first_name": "First Name", "last_name": "Surname", "phone_number": "Mobile", "notes": "Notes"}


async def uploaded(
    api: httpx.AsyncClient, text: str = FILE, name: str = "old leads.csv", **fields: str
) -> dict[str, Any]:
    answer = await api.post("/api/datasets/upload", files={"file": (name, text, "text/csv")}, data=fields)
    assert answer.status_code == 200, answer.text
    return answer.json()["upload"]


async def test_making_reading_and_listing(api: httpx.AsyncClient) -> None:
    made = await api.post("/api/datasets", json={"name": " Spring ", "campaign_start_date": "2026-04-01"})
    assert made.status_code == 201
    dataset = made.json()["dataset"]
    assert dataset["name"] == "Spring"
    assert dataset["campaign_start_date"] == "2026-04-01T00:00:00.000Z"
    read = (await api.get(f"/api/datasets/{dataset['id']}")).json()["dataset"]
    assert read["uploaded_file_url"] is None
    await api.post("/api/datasets", json={"name": "Autumn"})
    by_name = (await api.get("/api/datasets", params={"sort": "name"})).json()["datasets"]
    assert [one["name"] for one in by_name] == ["Autumn", "Spring"]
    drafts = (await api.get("/api/datasets", params={"status": "active"})).json()
    assert drafts == {"datasets": []}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": 7}, "name"),
        ({"name": "a", "description": []}, "description"),
        ({"name": "a", "campaign_start_date": "soon"}, "campaign_start_date"),
        ({"name": "a", "campaign_start_date": "0001-01-01T00:00:00+14:00"}, "campaign_start_date"),
    ],
)
async def test_a_bad_dataset_is_told_by_its_field(api: httpx.AsyncClient, body: dict[str, Any], field: str) -> None:
    refused = await api.post("/api/datasets", json=body)
    assert refused.status_code == 400
    assert refused.json()["error"]["details"]["field"] == field


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"name": "a"} trailing', b"[" * 5000]
)
async def test_a_body_that_is_no_object_is_refused(api: httpx.AsyncClient, raw: bytes) -> None:
    refused = await api.post("/api/datasets", content=raw, headers={"Content-Type": "application/json"})
    assert refused.status_code == 400
    assert refused.json()["error"]["code"] == "VALIDATION_ERROR"


async def test_changing_and_deleting(
    api: httpx.AsyncClient, client_for: ClientFor, org: Organization, a_dataset: MakeDataset
) -> None:
    dataset = await a_dataset()
    changed = await api.put(
        f"/api/datasets/{dataset.id}", json={"description": "Old", "campaign_end_date": "2026-06-30"}
    )
    assert changed.json()["dataset"]["description"] == "Old"
    started = await api.put(f"/api/datasets/{dataset.id}", json={"campaign_status": "active"})
    assert started.json()["dataset"]["campaign_status"] == "active"
    manager = await client_for(org, Role.MANAGER, base=BASE)
    assert (await manager.put(f"/api/datasets/{dataset.id}", json={"name": "Mine"})).status_code == 403
    assert (await manager.delete(f"/api/datasets/{dataset.id}")).status_code == 403
    assert (await api.delete(f"/api/datasets/{dataset.id}")).json() == {"success": True}
    assert (await api.get(f"/api/datasets/{dataset.id}")).status_code == 404


async def test_an_upload_shows_its_columns_and_can_be_had_again(
    api: httpx.AsyncClient, anonymous: httpx.AsyncClient, clock: FrozenClock
) -> None:
    upload = await uploaded(api)
    assert upload["filename"] == "old leads.csv"
    assert upload["rows_detected"] == 4
    suggested = {column["name"]: column.get("suggested_mapping") for column in upload["columns"]}
    assert suggested["Mobile"] == "phone_number"
    assert upload["columns"][0]["sample_values"] == ["Ada", "Bob", "Cy"]

    file = await anonymous.get(upload["file_url"])
    assert file.text == FILE
    assert file.headers["content-disposition"].startswith("attachment")
    for forged in (
        upload["file_url"].replace("signature=", "signature=0"),
        upload["file_url"].partition("?")[0],
        upload["file_url"].replace(upload["id"], str(new_id())),
        upload["file_url"].replace("org=", "org=%FF"),
        upload["file_url"].partition("&signature")[0] + "&signature=%C3%A9",
    ):
        assert (await anonymous.get(forged)).status_code == 401
    clock.move(timedelta(hours=26))
    assert (await anonymous.get(upload["file_url"])).status_code == 401


async def test_what_is_no_upload(api: httpx.AsyncClient, stranger: httpx.AsyncClient, a_dataset: MakeDataset) -> None:
    dataset = await a_dataset()
    good = {"file": ("a.csv", FILE, "text/csv")}
    for kind, more in (
        (400, {"json": {"file": "a.csv"}}),
        (400, {"files": {"document": ("a.csv", FILE, "text/csv")}}),
        (400, {"data": {"file": FILE}, "files": {"other": ("a.csv", FILE)}}),
        (400, {"files": {"file": ("a.xlsx", b"PK\x03\x04", "text/csv")}}),
        (400, {"files": good, "data": {"dataset_id": "7"}}),
        (400, {"content": b"--x\r\nbroken", "headers": {"Content-Type": "multipart/form-data; boundary=x"}}),
        (400, {"content": b"nothing", "headers": {"Content-Type": "multipart/form-data"}}),
        (404, {"files": good, "data": {"dataset_id": str(new_id())}}),
    ):
        refused = await api.post("/api/datasets/upload", **more)
        assert refused.status_code == kind, (more, refused.text)
    foreign = await stranger.post("/api/datasets/upload", files=good, data={"dataset_id": str(dataset.id)})
    assert foreign.status_code == 404


async def test_an_import_tells_what_it_did(
    api: httpx.AsyncClient, stranger: httpx.AsyncClient, a_dataset: MakeDataset, works: Works, org: Organization
) -> None:
    async with works.begin(org.actor) as work:
        await contactability.suppress(work, E164("+447700900202"), "by_hand", "asked on the phone")
    dataset, upload = await a_dataset(), await uploaded(api)
    body = {
        "upload_id": upload["id"],
        "dataset_id": str(dataset.id),
        "column_mapping": MAPPING,
        "campaign_settings": {"m2_delay_hours": 0.015, "rate_limit_messages_per_minute": 600},
    }
    assert (await stranger.post("/api/datasets/map-and-import", json=body)).status_code == 404
    told = (await api.post("/api/datasets/map-and-import", json=body)).json()
    assert told["success"] is True
    assert told["imported"] == {"total_rows": 4, "successful": 2, "failed": 1, "duplicates": 1}
    assert [error["row"] for error in told["errors"]] == [4]
    assert told["preflight"]["eligible"] == 1
    assert told["preflight"]["reasons"] == {"suppressed": 1}

    rows = await api.get(told["notes_url"].removeprefix(str(api.base_url).rstrip("/")))
    refused = list(csv.DictReader(io.StringIO(rows.text)))
    assert [(row["row"], row["kind"]) for row in refused if row["kind"] != "repaired"] == [
        ("4", "refused"),
        ("5", "duplicate"),
    ]
    assert (await stranger.get(f"/api/imports/{told['import_id']}/notes")).status_code == 404
    assert (await api.get(f"/api/imports/{new_id()}/notes")).status_code == 404

    read = (await api.get(f"/api/datasets/{dataset.id}")).json()["dataset"]
    assert read["total_leads"] == 2
    assert read["uploaded_file_url"].startswith("http://127.0.0.1:8000/reactivation/api/uploads/")
    progress = (await api.get(f"/api/datasets/{dataset.id}/progress")).json()["progress"]
    assert progress["total_leads"] == 2
    preflight = (await api.get(f"/api/datasets/{dataset.id}/preflight")).json()["preflight"]
    assert preflight == told["preflight"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"column_mapping": {"first_name": "First Name"}}, "column_mapping.phone_number"),
        ({"column_mapping": {"first_name": "First Name", "phone_number": "Fax"}}, "column_mapping.phone_number"),
        ({"column_mapping": []}, "column_mapping"),
        ({"upload_id": "x"}, "upload_id"),
        ({"dataset_id": None}, "dataset_id"),
        ({"campaign_settings": {"m1_delay_hours": "0"}}, "campaign_settings.m1_delay_hours"),
        ({"campaign_settings": {"m1_delay_hours": -1}}, "campaign_settings.m1_delay_hours"),
        (
            {"campaign_settings": {"rate_limit_messages_per_minute": 1e9}},
            "campaign_settings.rate_limit_messages_per_minute",
        ),
    ],
)
async def test_a_bad_import_is_told_by_its_field(
    api: httpx.AsyncClient, a_dataset: MakeDataset, change: dict[str, Any], field: str
) -> None:
    dataset, upload = await a_dataset(), await uploaded(api)
    body = {"upload_id": upload["id"], "dataset_id": str(dataset.id), "column_mapping": MAPPING, **change}
    refused = await api.post("/api/datasets/map-and-import", json=body)
    assert refused.status_code == 400
    assert refused.json()["error"]["details"]["field"] == field


async def test_refused_cells_are_harmless_in_a_spreadsheet(api: httpx.AsyncClient, a_dataset: MakeDataset) -> None:
    text = (
        'First Name,Mobile,=1+1\n"=HYPERLINK(""http://evil.example"")",12,\nEve,+12,\n-1+2,@x,\n'
        "+1+cmd|' /C calc'!A0,12,\n"
    )
    dataset, upload = await a_dataset(), await uploaded(api, text)
    mapping = {"first_name": "First Name", "phone_number": "Mobile"}
    told = await api.post(
        "/api/datasets/map-and-import",
        json={"upload_id": upload["id"], "dataset_id": str(dataset.id), "column_mapping": mapping},
    )
    rows = await api.get(f"/api/imports/{told.json()['import_id']}/notes")
    header, *lines = csv.reader(io.StringIO(rows.text))
    assert header == ["row", "kind", "reason", "First Name", "Mobile", "'=1+1"]
    assert [line[3:] for line in lines] == [
        ['\'=HYPERLINK("http://evil.example")', "12", ""],
        ["Eve", "'+12", ""],
        ["'-1+2", "'@x", ""],
        ["'+1+cmd|' /C calc'!A0", "12", ""],
    ]


async def test_the_first_refused_rows_are_told_whatever_else_was_noted(
    api: httpx.AsyncClient, a_dataset: MakeDataset
) -> None:
    repaired = "".join(f"Ann,7400{100_000 + number}\n" for number in range(1_001))
    dataset, upload = await a_dataset(), await uploaded(api, f"First Name,Mobile\n{repaired}Bo,12\nCy,\n")
    body = {
        "upload_id": upload["id"],
        "dataset_id": str(dataset.id),
        "column_mapping": {"first_name": "First Name", "phone_number": "Mobile"},
    }
    told = (await api.post("/api/datasets/map-and-import", json=body)).json()
    assert told["imported"] == {"total_rows": 1_003, "successful": 1_001, "failed": 2, "duplicates": 0}
    assert told["errors"] == [
        {"row": 1_003, "reason": "The phone number is too short."},
        {"row": 1_004, "reason": "There is no phone number."},
    ]


async def test_a_lead_of_a_deleted_dataset_is_gone_unless_it_was_contacted(
    api: httpx.AsyncClient, a_dataset: MakeDataset, a_lead: MakeLead, work: Work
) -> None:
    dataset = await a_dataset()
    fresh = await a_lead(dataset=dataset)
    await api.delete(f"/api/datasets/{dataset.id}")
    assert (await api.get(f"/api/leads/{fresh.id}")).status_code == 404


async def test_an_import_is_followed_and_taken_back(
    api: httpx.AsyncClient,
    stranger: httpx.AsyncClient,
    client_for: ClientFor,
    org: Organization,
    a_dataset: MakeDataset,
) -> None:
    dataset, upload = await a_dataset(), await uploaded(api)
    body = {"upload_id": upload["id"], "dataset_id": str(dataset.id), "column_mapping": MAPPING}
    told = (await api.post("/api/datasets/map-and-import", json=body)).json()
    here = f"/api/imports/{told['import_id']}"
    found = (await api.get(here)).json()["import"]
    assert (found["state"], found["rows_read"], found["imported"]) == ("done", 4, told["imported"])
    assert found["columns"] == ["First Name", "Surname", "Mobile", "Notes"]
    assert found["undone"] is None
    assert (await api.get(f"/api/datasets/{dataset.id}/imports")).json()["imports"] == [found]
    assert (await stranger.get(here)).status_code == 404
    assert (await stranger.post(f"{here}/undo")).status_code == 404
    agent = await client_for(org, Role.AGENT, base=BASE)
    assert (await agent.post(f"{here}/undo")).status_code == 403

    await api.put(f"/api/datasets/{dataset.id}", json={"campaign_status": "active"})
    refused = await api.post(f"{here}/undo")
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "CONFLICT")
    await api.put(f"/api/datasets/{dataset.id}", json={"campaign_status": "paused"})
    undone = (await api.post(f"{here}/undo")).json()["import"]["undone"]
    assert (undone["members_removed"], undone["leads_removed"]) == (2, 2)
    assert (await api.post(f"{here}/undo")).json()["import"]["undone"] == undone
    assert (await api.get("/api/leads")).json()["pagination"]["total"] == 0
