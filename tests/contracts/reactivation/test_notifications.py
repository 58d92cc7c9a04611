"""Notifications over the reactivation API."""

from typing import Any

import httpx
import pytest
from tests.contracts.clients import ClientFor
from tests.contracts.reactivation.conftest import BASE
from tests.fixtures.organizations import Organization

from frontdesk.domain.organizations.model import NewApiKey
from frontdesk.domain.organizations.service import keys
from frontdesk.kernel.access import Role
from frontdesk.kernel.ids import new_id
from frontdesk.platform.database import Works
from frontdesk.platform.secrets import Secrets


@pytest.fixture
async def program(client_for: ClientFor, secrets: Secrets) -> httpx.AsyncClient:
    """A program of the operator's."""
    return await client_for(base=BASE, Authorization=f"Bearer {secrets.cron_secret}")


def words(org: Organization, **other: Any) -> dict[str, Any]:
    return {
        "user_id": str(org.owner_id), "channels": ["in_app", "email"], "priority": "normal", "title": "Invoice due",
        "message": "By Friday.", "link": "/console/settings", "data": {"any": 1},
    } | other  # fmt: skip


async def test_one_is_sent_listed_and_read(
    program: httpx.AsyncClient, api: httpx.AsyncClient, org: Organization
) -> None:
    sent = (await program.post("/api/notifications/send", json=words(org))).json()
    listed = (await api.get("/api/notifications")).json()
    [one] = listed["notifications"]
    assert sent == {"success": True, "notification_id": one["id"]}
    assert (one["title"], one["message"], one["link"]) == ("Invoice due", "By Friday.", "/console/settings")
    assert (listed["unread"], listed["pagination"]["total"]) == (1, 1)
    read = (await api.patch(f"/api/notifications/{one['id']}", json={"read": True})).json()["notification"]
    assert read["read_at"] is not None
    assert (await api.get("/api/notifications?unread=true")).json()["notifications"] == []
    await api.patch(f"/api/notifications/{one['id']}", json={"read": False})
    assert (await api.post("/api/notifications/read-all")).json() == {"success": True, "changed": 1}


async def test_nobody_else_sends_or_reads(
    program: httpx.AsyncClient, api: httpx.AsyncClient, stranger: httpx.AsyncClient, client_for: ClientFor,
    org: Organization, works: Works,
) -> None:  # fmt: skip
    assert (await api.post("/api/notifications/send", json=words(org))).status_code == 401
    sent = (await program.post("/api/notifications/send", json=words(org))).json()
    assert (await stranger.get("/api/notifications")).json()["notifications"] == []
    where = f"/api/notifications/{sent['notification_id']}"
    assert (await stranger.patch(where, json={"read": True})).status_code == 404
    async with works.begin(org.actor) as work:
        _, key = await keys.create_api_key(work, NewApiKey(name="Program", role=Role.ADMIN))
    keyed = await client_for(base=BASE, **{"X-API-Key": key})
    assert (await keyed.get("/api/notifications")).status_code == 403


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"channels": ["pigeon"]}, "channels.0"), ({"priority": "later"}, "priority"), ({"title": " "}, "title"),
        ({"link": "javascript:alert(1)"}, "link"), ({"user_id": 7}, "user_id"), ({"message": "x" * 5001}, "message"),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_refused_by_its_field(
    program: httpx.AsyncClient, org: Organization, wrong: dict[str, Any], field: str
) -> None:
    answer = await program.post("/api/notifications/send", json=words(org, **wrong))
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["details"]["field"] == field


async def test_nobody_there_is_not_found(
    program: httpx.AsyncClient, org: Organization, other_org: Organization
) -> None:
    for wrong in ({"user_id": str(new_id())}, {"client_id": str(other_org.id)}):
        assert (await program.post("/api/notifications/send", json=words(org, **wrong))).status_code == 404
