"""One port, many applications: where requests go, and what holds for all of them."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import pytest
import structlog
from tests.contracts.clients import ClientFor
from tests.fixtures.business import MakeLead
from tests.fixtures.organizations import Organization

import frontdesk
from frontdesk.app import build_app
from frontdesk.contracts._http.dispatcher import Dispatcher, Mount
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works
from frontdesk.platform.secrets import Secrets
from frontdesk.platform.settings import Settings

WithSettings = Callable[..., Dispatcher]
LEADS = "/api/leads"


async def test_by_prefix_by_host_and_at_the_root(
    client_for: ClientFor, with_settings: WithSettings, org: Organization
) -> None:
    below = await client_for(org)
    assert (await below.get("/reactivation" + LEADS)).status_code == 200
    assert (await below.get(LEADS)).status_code == 404
    assert (await below.get("/reactivationx" + LEADS)).status_code == 404

    by_host = await client_for(org, of=with_settings(hosts={"leads.example.com": "reactivation"}))
    at_host = {"Host": "Leads.example.com:8443"}
    assert (await by_host.get(LEADS, headers=at_host)).status_code == 200
    assert (await by_host.get("/reactivation" + LEADS, headers=at_host)).status_code == 200
    assert (await by_host.get(LEADS)).status_code == 404

    at_root = await client_for(org, of=with_settings(contract="reactivation"))
    assert (await at_root.get(LEADS)).status_code == 200
    assert (await at_root.get("/reactivation" + LEADS)).status_code == 200
    assert (await at_root.get("/")).json()["error"]["code"] == "ROUTE_NOT_FOUND"


async def test_a_contract_that_is_not_served_yet_is_not_found(
    client_for: ClientFor, with_settings: WithSettings
) -> None:
    client = await client_for(of=with_settings(hosts={"api.example.com": "victorysync"}, contract="corecomm"))
    assert (await client.get("/api/calls", headers={"Host": "api.example.com"})).status_code == 404
    assert (await client.get("/api/calls")).status_code == 404


async def test_the_root_leads_to_the_console_where_there_is_one(
    client_for: ClientFor, context: Context, settings: Settings, secrets: Secrets
) -> None:
    seen: list[str] = []

    async def console(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["path"])
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    app = build_app(context, settings, secrets, mounts=[Mount("console", "/console", console)])
    client = await client_for(of=app)
    assert (await client.get("/")).headers["location"] == "/console"
    for path in ("/console", "/console/", "/console/leads"):
        assert (await client.get(path)).status_code == 204
    assert seen == ["/", "/", "/leads"]
    assert (await (await client_for()).get("/")).status_code == 404


async def test_health(client_for: ClientFor, context: Context, settings: Settings, secrets: Secrets) -> None:
    healthy = await (await client_for()).get("/health")
    assert healthy.status_code == 200
    assert healthy.json() == {"status": "ok", "version": frontdesk.__version__, "database": "ok"}

    class Gone:
        async def acquire(self, role: str) -> Any:
            raise OSError("no database")

    broken = replace(context, works=Works(Gone(), context.works.clock))  # pyright: ignore
    ill = await (await client_for(of=build_app(broken, settings, secrets))).get("/health")
    assert ill.status_code == 503
    assert ill.json()["status"] == "unavailable"
    credential = {"X-API-Key": "sk_live_" + "a" * 40}
    down = await (await client_for(of=build_app(broken, settings, secrets))).get(
        "/reactivation" + LEADS, headers=credential
    )
    assert down.status_code == 500
    assert down.json()["error"]["code"] == "INTERNAL_ERROR"


async def test_metrics_tell_routes_and_not_paths(client_for: ClientFor, org: Organization, a_lead: MakeLead) -> None:
    client, lead = await client_for(org), await a_lead()
    await client.get(f"/reactivation/api/leads/{lead.id}")
    await client.get("/reactivation/api/+447700900123")
    told = (await client.get("/metrics")).text
    assert re.search(
        r'frontdesk_http_requests_total\{app="reactivation",method="GET",route="/api/leads/\{lead_id[^"]*\}",status="200"\}',
        told,
    )
    assert str(lead.id) not in told
    assert "447700900123" not in told


async def test_lines_tell_nothing_of_persons(
    client_for: ClientFor, org: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await client_for(org)

    async def fails(*_: Any) -> None:
        raise RuntimeError("no such lead: +44 7700 900123 ada@example.com 'Ada Byron'")

    monkeypatch.setattr("frontdesk.domain.leads.service.leads.page", fails)
    with structlog.testing.capture_logs() as lines:
        failed = await client.get("/reactivation/api/leads?search=07700900123", headers={"X-Request-Id": "abc-12345"})
    assert failed.status_code == 500
    assert failed.json()["error"]["details"]["request_id"] == failed.headers["x-request-id"] == "abc-12345"
    told = json.dumps(lines)
    for personal in ("7700", "ada@", "Byron", str(org.id)):
        assert personal not in told
    error, line = lines
    assert error["error"] == "RuntimeError"
    assert any("test_dispatcher.py" in frame for frame in error["at"])
    assert (line["route"], line["status"], line["request_id"]) == ("/api/leads", 500, "abc-12345")


async def test_request_ids_are_made_where_none_is_fit(client_for: ClientFor) -> None:
    client = await client_for()
    for given in ("", "short", "x" * 65, "bad id with blanks"):
        made = (await client.get("/health", headers={"X-Request-Id": given})).headers["x-request-id"]
        assert made != given
        assert re.fullmatch(r"[0-9a-f]{32}", made)


@pytest.mark.parametrize("path", ["/reactivation/api/leads", "/health", "/nowhere"])
async def test_browsers_of_allowed_origins_may_ask(
    client_for: ClientFor, with_settings: WithSettings, path: str
) -> None:
    client = await client_for(of=with_settings(cors_origins=("https://app.example.com",)))
    origin = {"Origin": "https://app.example.com"}
    asking = {**origin, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "authorization,x-a"}
    preflight = await client.options(path, headers=asking)
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "https://app.example.com"
    assert preflight.headers["access-control-allow-credentials"] == "true"
    assert preflight.headers["access-control-allow-headers"] == "authorization,x-a"
    assert "PUT" in preflight.headers["access-control-allow-methods"]
    answer = await client.get(path, headers=origin)
    assert answer.headers["access-control-allow-origin"] == "https://app.example.com"
    assert "Retry-After" in answer.headers["access-control-expose-headers"]

    evil = {"Origin": "https://evil.example", "Access-Control-Request-Method": "PUT"}
    for refused in (await client.options(path, headers=evil), await client.get(path, headers=evil)):
        assert "access-control-allow-origin" not in refused.headers
        assert refused.headers["vary"] == "Origin"


async def test_any_origin_comes_without_credentials(client_for: ClientFor, with_settings: WithSettings) -> None:
    client = await client_for(of=with_settings(cors_origins=("*",)))
    answer = await client.get("/health", headers={"Origin": "https://evil.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers


async def test_without_the_setting_no_origin_may(client_for: ClientFor) -> None:
    answer = await (await client_for()).get("/health", headers={"Origin": "https://app.example.com"})
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        (None, "192.0.2.7"),
        ("203.0.113.5", "203.0.113.5"),
        ("198.51.100.9, 203.0.113.5", "203.0.113.5"),
        ("198.51.100.9, 10.1.1.1", "198.51.100.9"),
        ("", "192.0.2.7"),
    ],
)
async def test_the_callers_address_behind_trusted_proxies(
    with_settings: WithSettings, forwarded: str | None, client: str
) -> None:
    app = with_settings(trusted_proxies=(ip_network("192.0.2.0/24"), ip_network("10.0.0.0/8")))
    headers = {} if forwarded is None else {b"x-forwarded-for": forwarded.encode()}
    assert app._client({"client": ("192.0.2.7", 1)}, headers) == client
    assert app._client({"client": ("198.51.100.1", 1)}, headers) == "198.51.100.1"


async def test_an_application_that_fails_is_answered_for(
    client_for: ClientFor, context: Context, settings: Settings, secrets: Secrets
) -> None:
    async def fails(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError

    app = build_app(context, settings, secrets, mounts=[Mount("x", "/x", fails)])
    failed = await (await client_for(of=app)).get("/x")
    assert failed.status_code == 500
    assert failed.json()["error"]["code"] == "INTERNAL_ERROR"


async def test_the_lifespan_starts_and_stops_what_is_mounted(
    context: Context, settings: Settings, secrets: Secrets
) -> None:
    from contextlib import asynccontextmanager

    order: list[str] = []

    def living(name: str) -> Mount:
        @asynccontextmanager
        async def life() -> Any:
            order.append(f"{name} starts")
            yield
            order.append(f"{name} stops")

        return Mount(name, f"/{name}", lambda *_: None, life)  # pyright: ignore

    app = build_app(context, settings, secrets, mounts=[living("a"), living("b")])
    sent: list[str] = []
    events = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> Any:
        return next(events)

    async def send(message: Any) -> None:
        sent.append(message["type"])

    await app({"type": "lifespan"}, receive, send)
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert order == ["a starts", "b starts", "b stops", "a stops"]
