"""What becomes of answers: commits that fail, connections that are given back, bodies that are too large."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg
import httpx
import pytest
from tests.contracts.clients import ClientFor
from tests.contracts.published import OffDocument, Published
from tests.fixtures.business import MakeLead
from tests.fixtures.nested import NestedConnections
from tests.fixtures.organizations import Organization

from frontdesk.contracts._http.dispatcher import Dispatcher
from frontdesk.platform.database import Works

BASE = "/reactivation"


@pytest.fixture
async def api(client_for: ClientFor, org: Organization) -> httpx.AsyncClient:
    return await client_for(org, base=BASE)


async def test_a_commit_that_fails_is_an_error_in_the_envelope(
    api: httpx.AsyncClient, connections: NestedConnections, monkeypatch: pytest.MonkeyPatch, works: Works
) -> None:
    async def refuses(connection: Any) -> None:
        await connections.rollback(connection)
        raise asyncpg.SerializationError("could not serialize: Key (phone)=(+447700900123)")

    with monkeypatch.context() as patch:
        patch.setattr(connections, "commit", refuses)
        failed = await api.post("/api/datasets", json={"name": "a"})
    assert failed.status_code == 500
    assert failed.json()["error"]["code"] == "INTERNAL_ERROR"
    assert "447700900123" not in failed.text
    assert (await api.get("/api/datasets")).json() == {"datasets": []}


async def test_every_connection_is_given_back(
    api: httpx.AsyncClient, connections: NestedConnections, a_lead: MakeLead
) -> None:
    lead = await a_lead()
    for request in (
        api.get("/api/leads"),
        api.get("/api/leads/7"),
        api.get("/api/leads?page=x"),
        api.post("/api/datasets", json={}),
        api.post("/api/datasets", content=b"{"),
        api.put(f"/api/leads/{lead.id}", json={"contact_status": "OPTED_OUT"}),
        api.post("/api/messages/send", json={"lead_id": str(lead.id)}),
        api.post("/api/datasets", json={"name": "a"}, headers={"Idempotency-Key": ""}),
        api.delete("/api/leads"),
        api.get("/api/nowhere"),
    ):
        await request
        assert connections._frames == []  # pyright: ignore[reportPrivateUsage]


async def test_a_slow_sender_holds_no_connection(api: httpx.AsyncClient, connections: NestedConnections) -> None:
    held: list[int] = []

    async def slowly() -> AsyncIterator[bytes]:
        for piece in (b'{"name"', b': "a"', b"}"):
            held.append(len(connections._frames))  # pyright: ignore[reportPrivateUsage]
            yield piece

    for headers in ({}, {"Idempotency-Key": "k"}):
        assert (await api.post("/api/datasets", content=slowly(), headers=headers)).status_code == 201
    assert held == [0] * 6


async def test_a_stranger_with_a_body_that_is_too_large_is_a_stranger_first(client_for: ClientFor) -> None:
    client = await client_for(base=BASE, Authorization="Bearer x.y.z")
    assert (await client.post("/api/datasets", content=b"x" * (11 * 1024 * 1024))).status_code == 401


async def test_a_use_case_that_waits_for_others_holds_no_connection(
    api: httpx.AsyncClient, connections: NestedConnections, monkeypatch: pytest.MonkeyPatch, a_lead: MakeLead
) -> None:
    held: list[int] = []

    async def looks(*_: Any) -> None:
        held.append(len(connections._frames))  # pyright: ignore[reportPrivateUsage]
        raise RuntimeError

    monkeypatch.setattr("frontdesk.domain.conversations.service.sending.send_by_hand", looks)
    body = {"lead_id": str((await a_lead()).id), "content": "Hi", "message_category": "human_manual"}
    await api.post("/api/messages/send", json=body)
    assert held == [0]


async def test_a_body_that_is_too_large(
    client_for: ClientFor, with_settings: Callable[..., Dispatcher], org: Organization
) -> None:
    client = await client_for(org, base=BASE, of=with_settings(max_body_mb=1, max_upload_mb=2))
    mib = 1024 * 1024

    async def stream(size: int) -> AsyncIterator[bytes]:
        for _ in range(size // 65536):
            yield b"x" * 65536

    large = b'{"name": "' + b"a" * mib + b'"}'
    for content in (large, stream(2 * mib)):
        refused = await client.post("/api/datasets", content=content)
        assert refused.status_code == 400
        assert refused.json()["error"]["code"] == "PAYLOAD_TOO_LARGE"

    def file(size: int) -> dict[str, Any]:
        return {"file": ("a.csv", b"First Name,Mobile\n" + b"Ada,07700900201\n" * (size // 16), "text/csv")}

    assert (await client.post("/api/datasets/upload", files=file(mib + mib // 2))).status_code == 200
    refused = await client.post("/api/datasets/upload", files=file(2 * mib))
    assert refused.json()["error"]["code"] == "PAYLOAD_TOO_LARGE"


async def test_methods_that_a_path_does_not_take(api: httpx.AsyncClient) -> None:
    refused = await api.patch("/api/leads")
    assert refused.status_code == 405
    assert refused.headers["allow"]
    assert refused.json()["error"]["code"] == "METHOD_NOT_ALLOWED"


def test_the_judge_of_answers_is_no_rubber_stamp(published: dict[str, Published]) -> None:
    judge = published[BASE]
    archive = "/api/leads/1/archive"
    right = {"lead_id": "1", "archived": True, "archived_at": "2026-03-10T11:00:00.000Z"}
    judge.check("POST", archive, httpx.Response(200, json=right))
    for wrong in (
        httpx.Response(200, json={**right, "archived": "true"}),
        httpx.Response(200, json={**right, "archived_at": "yesterday"}),
        httpx.Response(200, json={**right, "archived_at": "2026-03-10T11:00:00"}),
        httpx.Response(200, json={"lead_id": "1"}),
        httpx.Response(200, text="ok"),
        httpx.Response(201, json=right),
        httpx.Response(422, json={"error": {"code": "X", "message": "x"}}),
        httpx.Response(400, json={"error": "X"}),
    ):
        with pytest.raises((OffDocument, ValueError)):
            judge.check("POST", archive, wrong)
