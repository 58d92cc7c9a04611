"""Rate limits: as many as are allowed and no more, told in headers, shared by all processes."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from litestar import get
from msgspec import structs
from tests.contracts.clients import ClientFor
from tests.fixtures.business import MakeLead
from tests.fixtures.organizations import Organization

from frontdesk.app import build_app
from frontdesk.contracts._http.auth import Auth
from frontdesk.contracts._http.contract import Contract
from frontdesk.contracts._http.dispatcher import Dispatcher
from frontdesk.contracts.reactivation.dialect import DIALECT
from frontdesk.kernel.access import Role
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works
from frontdesk.platform.limits import Limit, Limiter, sweep_counters
from frontdesk.platform.secrets import Secrets
from frontdesk.platform.settings import Settings

BASE = "/reactivation"
NOON = 1_773_144_000.0


class Wall:
    """The time on the wall."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


def on(wall: Wall, app: Dispatcher) -> Dispatcher:
    """`app`, with its limits on that clock."""
    app._serving.limiter._now = wall  # pyright: ignore[reportPrivateUsage]
    return app


async def taken(limiter: Limiter, works: Works, org: Organization, limit: Limit, times: int, key: str = "k") -> int:
    """How many of so many requests pass."""
    passed = 0
    async with works.read(org.actor) as work:
        for _ in range(times):
            standing = await limiter.take(key, limit, work.fetchval)
            assert standing is not None
            passed += standing.allowed
    return passed


@pytest.mark.parametrize("most", [1, 5, 60, 100, 1000])
async def test_exactly_so_many_in_a_window(works: Works, org: Organization, most: int) -> None:
    wall, limit = Wall(), Limit("some", most, 60)
    limiter = Limiter(now=wall)
    assert await taken(limiter, works, org, limit, most + 7) == most
    wall.now += 59
    assert await taken(limiter, works, org, limit, 1) == 0
    assert await taken(limiter, works, org, limit, 1, key="somebody else") == 1
    wall.now += 1
    assert await taken(limiter, works, org, limit, most + 1) == most


@pytest.mark.parametrize("most", [5, 60, 100])
async def test_processes_share_a_limit(works: Works, org: Organization, most: int) -> None:
    wall, limit = Wall(), Limit("some", most, 60)
    processes = [Limiter(now=wall) for _ in range(3)]
    passed = sum([await taken(processes[i % 3], works, org, limit, 1) for i in range(most * 2)])
    assert most - 3 * (most // 10) <= passed <= most
    small = 5 if most == 5 else passed
    assert passed == small


async def test_most_requests_of_a_large_limit_cost_no_statement(works: Works, org: Organization) -> None:
    limiter, statements = Limiter(now=Wall()), 0
    async with works.read(org.actor) as work:

        async def counting(sql: str, *args: Any) -> Any:
            nonlocal statements
            statements += 1
            return await work.fetchval(sql, *args)

        for _ in range(150):
            await limiter.take("k", Limit("standard", 100, 60), counting)
    assert statements <= 25


async def test_old_counters_are_swept(works: Works, org: Organization) -> None:
    wall = Wall()
    await taken(Limiter(now=wall), works, org, Limit("some", 5, 60), 3)
    assert await sweep_counters(works, wall.now + 3600) == 0
    assert await sweep_counters(works, wall.now + 3 * 3600) == 1


async def test_the_headers_and_the_refusal(
    client_for: ClientFor, with_settings: Callable[..., Dispatcher], org: Organization
) -> None:
    client = await client_for(org, base=BASE, of=on(Wall(), with_settings(limits=True)))
    first = await client.get("/api/leads")
    assert first.headers["x-ratelimit-limit"] == "100"
    assert first.headers["x-ratelimit-remaining"] == "99"
    answers = [await client.get("/api/leads?limit=1") for _ in range(101)]
    assert [answer.status_code for answer in answers[98:]] == [200, 429, 429]
    told = answers[-1]
    assert told.json()["error"]["code"] == "RATE_LIMITED"
    assert told.headers["x-ratelimit-remaining"] == "0"
    assert told.headers["retry-after"] == "60"
    assert told.headers["x-ratelimit-reset"] == str(int(NOON) + 60)


async def test_sending_is_limited_by_client_and_reading_by_user(
    client_for: ClientFor, with_settings: Callable[..., Dispatcher], org: Organization, a_lead: MakeLead
) -> None:
    app, lead = on(Wall(), with_settings(limits=True)), await a_lead()
    one, two = await client_for(org, base=BASE, of=app), await client_for(org, Role.AGENT, base=BASE, of=app)
    body = {"lead_id": str(lead.id), "content": "Hi", "message_category": "human_manual"}
    sends = [await client.post("/api/messages/send", json=body) for client in (one, two)]
    assert [send.headers["x-ratelimit-remaining"] for send in sends] == ["59", "58"]
    reads = [await client.get("/api/leads") for client in (one, two)]
    assert [read.headers["x-ratelimit-remaining"] for read in reads] == ["99", "99"]


async def test_sixty_messages_an_hour_over_both_routes_of_sending(
    client_for: ClientFor, with_settings: Callable[..., Dispatcher], org: Organization, a_lead: MakeLead
) -> None:
    wall, lead = Wall(), await a_lead()
    client = await client_for(org, base=BASE, of=on(wall, with_settings(limits=True)))
    by_hand = {"lead_id": str(lead.id), "content": "Hi", "message_category": "human_manual"}
    for turn in range(60):  # what is refused for another reason counts as well
        route = "/api/messages/send" if turn % 2 else "/api/messages/ai-send"
        assert (await client.post(route, json={})).status_code == 400
    for route, body in (("send", by_hand), ("ai-send", {"lead_id": str(lead.id), "content": "Hi"})):
        refused = await client.post(f"/api/messages/{route}", json=body)
        assert refused.status_code == 429
        assert refused.json()["error"]["code"] == "RATE_LIMITED"
        assert set(refused.json()["error"]) <= {"code", "message", "details"}
        assert (refused.headers["x-ratelimit-limit"], refused.headers["x-ratelimit-remaining"]) == ("60", "0")
        assert refused.headers["retry-after"] == "3600"
    wall.now += 3600
    assert (await client.post("/api/messages/send", json=by_hand)).status_code == 200


async def test_routes_without_a_credential_are_limited_by_address(
    context: Context, settings: Settings, secrets: Secrets, client_for: ClientFor, org: Organization
) -> None:
    @get("/door", auth=Auth.OPEN, limit="knocks")
    async def door() -> None:
        return

    limits = {"knocks": Limit("knocks", 2, 3600, "address")}
    contract = Contract("doors", "/doors", DIALECT, [door], limits, documented=False)
    app = build_app(context, structs.replace(settings, limits=True), secrets, contracts=[contract])
    client = await client_for(of=on(Wall(), app))
    answers = [await client.get("/doors/door") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["1", "0", "0"]


async def test_limits_can_be_lifted(client_for: ClientFor, org: Organization) -> None:
    client: httpx.AsyncClient = await client_for(org, base=BASE)
    assert "x-ratelimit-limit" not in (await client.get("/api/leads")).headers
