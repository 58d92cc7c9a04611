"""Idempotency-Key: one effect, one answer."""

import asyncio
import hashlib
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from cryptography.fernet import Fernet
from tests.contracts.clients import ClientFor, make_token
from tests.contracts.published import CheckedTransport, Published
from tests.fakes.receiver import Receiver
from tests.fixtures.business import MakeLead, RememberingCarrier
from tests.fixtures.organizations import Organization

from frontdesk.app import build_app
from frontdesk.kernel.access import Role
from frontdesk.kernel.clock import FrozenClock
from frontdesk.platform.context import Context
from frontdesk.platform.crypto import Vault
from frontdesk.platform.database import Works
from frontdesk.platform.idempotency import sweep_keys
from frontdesk.platform.secrets import Secrets
from frontdesk.platform.settings import Settings
from frontdesk.ports.carrier import Uncertain

BASE = "/reactivation"
KEY = {"Idempotency-Key": "5f0c"}


@pytest.fixture
async def api(client_for: ClientFor, org: Organization) -> httpx.AsyncClient:
    return await client_for(org, base=BASE)


async def count(works: Works, table: str) -> int:
    async with works.across_tenants("tests") as work:
        return await work.fetchval(f"select count(*) from {table}")


async def test_the_same_request_twice_has_one_effect(api: httpx.AsyncClient, works: Works) -> None:
    first = await api.post("/api/datasets", json={"name": "a"}, headers=KEY)
    again = await api.post("/api/datasets", json={"name": "a"}, headers=KEY)
    assert again.status_code == first.status_code == 201
    assert again.content == first.content
    assert again.headers["content-type"] == first.headers["content-type"]
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert await count(works, "datasets") == 1


async def test_a_message_is_sent_once(api: httpx.AsyncClient, a_lead: MakeLead, carrier: RememberingCarrier) -> None:
    body = {"lead_id": str((await a_lead()).id), "content": "Hi", "message_category": "human_manual"}
    answers = [await api.post("/api/messages/send", json=body, headers=KEY) for _ in range(3)]
    assert len({answer.content for answer in answers}) == 1
    assert len(carrier.taken) == 1


async def test_a_key_belongs_to_one_request_of_one_caller(
    api: httpx.AsyncClient, client_for: ClientFor, org: Organization, works: Works
) -> None:
    await api.post("/api/datasets", json={"name": "a"}, headers=KEY)
    other = await api.post("/api/datasets", json={"name": "b"}, headers=KEY)
    assert (other.status_code, other.json()["error"]["code"]) == (400, "IDEMPOTENCY_KEY_REUSED")
    colleague = await client_for(org, Role.ADMIN, base=BASE)
    assert (await colleague.post("/api/datasets", json={"name": "b"}, headers=KEY)).status_code == 201
    paused = await api.post("/api/campaigns/pause", json={"dataset_id": str(org.id)}, headers=KEY)
    assert paused.status_code == 404
    assert await count(works, "datasets") == 2


async def test_a_refusal_is_kept_too(api: httpx.AsyncClient) -> None:
    first = await api.post("/api/datasets", json={"name": ""}, headers=KEY)
    again = await api.post("/api/datasets", json={"name": ""}, headers=KEY)
    assert first.status_code == again.status_code == 400
    assert again.headers["idempotent-replayed"] == "true"


async def test_a_failure_of_ours_is_not_kept(
    api: httpx.AsyncClient, a_lead: MakeLead, carrier: RememberingCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"lead_id": str((await a_lead()).id), "content": "Hi", "message_category": "human_manual"}
    with monkeypatch.context() as patch:
        patch.setattr("frontdesk.domain.conversations.service.sending.send_by_hand", None)
        assert (await api.post("/api/messages/send", json=body, headers=KEY)).status_code == 500
    assert (await api.post("/api/messages/send", json=body, headers=KEY)).status_code == 200


async def test_what_is_uncertain_stays_answered(
    api: httpx.AsyncClient, a_lead: MakeLead, carrier: RememberingCarrier
) -> None:
    carrier.fail_with, carrier.lost = [Uncertain("time-out")], True
    body = {"lead_id": str((await a_lead()).id), "content": "Hi", "message_category": "human_manual"}
    for _ in range(2):
        assert (await api.post("/api/messages/send", json=body, headers=KEY)).json()["message"]["status"] == "pending"
    assert len(carrier.taken) == 1


async def test_a_secret_shown_once_is_kept_sealed_and_given_again(
    api: httpx.AsyncClient, client_for: ClientFor, works: Works, org: Organization, context: Context,
    settings: Settings, secrets: Secrets, receiver: Receiver,
) -> None:  # fmt: skip
    hekax = await client_for(org, base="/hekax")
    body = {"url": receiver.url, "events": ["call.started"]}
    first, again = [await hekax.post("/api/webhooks", json=body, headers=KEY) for _ in range(2)]
    assert first.status_code == again.status_code == 201
    assert again.json()["secret"] == first.json()["secret"]
    async with works.across_tenants("tests") as work:
        [row] = await work.fetch("select request_hash, body from idempotency_keys")
    assert first.json()["secret"].encode() not in bytes(row["body"])
    assert row["request_hash"] != hashlib.sha256(b"\n" + first.request.content).digest()
    # With other keys nobody reads it any more, and it is not done again.
    rotated = replace(context, vault=Vault([Fernet.generate_key().decode()]))
    later = await client_for(org, base="/hekax", of=build_app(rotated, settings, secrets))
    later.headers["Authorization"] = hekax.headers["Authorization"]
    lost = await later.post("/api/webhooks", json=body, headers=KEY)
    assert (lost.status_code, lost.json()["code"]) == (409, "IDEMPOTENCY_ANSWER_LOST")
    assert await count(works, "webhook_endpoints") == 1


@pytest.mark.parametrize("key", ["", "k" * 256, "naïve", "a\tb"])
async def test_what_is_no_key(api: httpx.AsyncClient, key: str) -> None:
    refused = await api.post("/api/datasets", json={"name": "a"}, headers={b"Idempotency-Key": key.encode("latin-1")})
    assert refused.status_code == 400
    assert refused.json()["error"]["details"]["field"] == "Idempotency-Key"


async def test_an_upload_is_taken_once_though_its_boundary_differs(
    api: httpx.AsyncClient, works: Works, org: Organization
) -> None:
    for _ in range(2):
        files = {"file": ("a.csv", "First Name,Mobile\nAda,07700900201\n", "text/csv")}
        assert (await api.post("/api/datasets/upload", files=files, headers=KEY)).status_code == 200
    async with works.read(org.actor) as work:
        assert await work.fetchval("select count(*) from uploads") == 1


async def test_keys_last_a_day(api: httpx.AsyncClient, works: Works, clock: FrozenClock) -> None:
    await api.post("/api/datasets", json={"name": "a"}, headers=KEY)
    clock.move(timedelta(hours=23))
    assert await sweep_keys(works) == 0
    clock.move(timedelta(hours=1, minutes=1))
    async with works.across_tenants("tests") as work:
        await work.execute("update sessions set expires_at = expires_at + interval '9 days'")
    assert await sweep_keys(works) == 1


async def test_a_request_that_died_is_tried_again_where_nothing_can_have_happened(
    api: httpx.AsyncClient, works: Works, clock: FrozenClock, a_lead: MakeLead
) -> None:
    """As after SIGKILL: the claims stand, without an answer."""
    message = {"lead_id": str((await a_lead()).id), "content": "Hi", "message_category": "human_manual"}
    posts = (("/api/datasets", {"name": "a"}), ("/api/messages/send", message))
    for path, body in posts:
        await api.post(path, json=body, headers=KEY)
    async with works.across_tenants("tests") as work:
        await work.execute("update idempotency_keys set status = null, headers = null, body = null")
    for path, body in posts:
        under_way = await api.post(path, json=body, headers=KEY)
        assert (under_way.status_code, under_way.json()["error"]["code"]) == (409, "IDEMPOTENCY_KEY_IN_USE")
    clock.move(timedelta(minutes=6))
    # Effect and answer of the first commit together; nobody knows of the second.
    assert [(await api.post(path, json=body, headers=KEY)).status_code for path, body in posts] == [201, 409]


@pytest.mark.committed
async def test_of_two_at_once_one_is_told_to_wait(
    committed_works: Works,
    committed_org: Organization,
    context: Context,
    settings: Settings,
    secrets: Secrets,
    published: dict[str, Published],
) -> None:
    app = build_app(replace(context, works=committed_works), settings, secrets)
    token = await make_token(committed_works, secrets, committed_org)
    async with httpx.AsyncClient(
        transport=CheckedTransport(app, published),
        base_url="http://127.0.0.1:8000/reactivation",
        headers={"Authorization": f"Bearer {token}", **KEY},
    ) as client:
        answers = await asyncio.gather(*(client.post("/api/datasets", json={"name": "a"}) for _ in range(6)))
    statuses = sorted(answer.status_code for answer in answers)
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert await count(committed_works, "datasets") == 1
