"""Connecting a calendar over the HEKAX API: consent in the sandbox, and everything that is not one."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from tests.fixtures.organizations import Organization

from frontdesk.domain.organizations.model import NewApiKey
from frontdesk.domain.organizations.service import keys
from frontdesk.kernel.access import Role
from frontdesk.kernel.clock import FrozenClock
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works

Connect = Callable[..., Awaitable[str]]
BACK = "/api/calendar/callback/google"


async def asked(api: httpx.AsyncClient, provider: str = "google") -> str:
    """What opens the sandbox's page, for a consent that `api` begins."""
    begun = await api.get(f"/api/calendar/connect/{provider}")
    assert begun.status_code == 200, begun.text
    return dict(parse_qsl(urlsplit(begun.json()["authUrl"]).query))["ask"]


async def allowed(context: Context, ask: str, label: str = "ada@example.com") -> dict[str, str]:
    """The query that somebody comes back with who consented."""
    assert context.consent_page
    url = await context.consent_page.allow(ask, label)
    assert url
    assert url.startswith("http://127.0.0.1:8000/hekax/api/calendar/callback/")
    return dict(parse_qsl(urlsplit(url).query))


async def calendars(api: httpx.AsyncClient) -> dict[str, dict[str, object]]:
    return {each["id"]: each for each in (await api.get("/api/calendar/providers")).json()["providers"]}


async def test_a_calendar_is_connected_and_disconnected(
    api: httpx.AsyncClient, anonymous: httpx.AsyncClient, stranger: httpx.AsyncClient, context: Context
) -> None:
    back = await allowed(context, await asked(api))
    made = await anonymous.get(BACK, params=back)
    assert made.json() == {"connected": True, "provider": "google", "account": "ada@example.com"}
    shown = (await calendars(api))["google"]
    assert (shown["connected"], shown["account"], shown["status"]) == (True, "ada@example.com", "connected")
    assert (shown["sandbox"], (await calendars(api))["outlook"]["connected"]) == (True, False)
    assert not (await calendars(stranger))["google"]["connected"]
    path = f"/api/calendar/integrations/{shown['connectionId']}"
    assert (await stranger.delete(path)).status_code == 404
    assert (await api.delete(path)).json() == {"disconnected": True}
    assert (await api.delete(path)).status_code == 404
    assert (await calendars(api))["google"] == {"id": "google", "name": "Google Calendar", "connected": False}


async def test_a_state_is_good_once_and_for_what_it_was_made(
    api: httpx.AsyncClient, anonymous: httpx.AsyncClient, context: Context, clock: FrozenClock
) -> None:
    back = await allowed(context, await asked(api))
    wrong = [{**back, "state": "x" * 43}, {"code": back["code"]}]
    for query in wrong:
        assert (await anonymous.get(BACK, params=query)).status_code == 401
    for provider in ("outlook", "nothing", "%00"):
        assert (await anonymous.get(f"/api/calendar/callback/{provider}", params=back)).status_code == 401
    assert (await anonymous.get(BACK, params=back)).status_code == 200
    replayed = await anonymous.get(BACK, params=back)
    assert (replayed.status_code, replayed.json()["code"]) == (401, "CONSENT_NOT_KNOWN")
    late = await allowed(context, await asked(api))
    clock.move(timedelta(minutes=16))
    assert (await anonymous.get(BACK, params=late)).status_code == 401


async def test_a_code_is_good_for_whoever_asked_for_it(
    api: httpx.AsyncClient, stranger: httpx.AsyncClient, anonymous: httpx.AsyncClient, context: Context
) -> None:
    theirs, ours = await allowed(context, await asked(stranger)), await allowed(context, await asked(api))
    refused = await anonymous.get(BACK, params={"state": ours["state"], "code": theirs["code"]})
    assert (refused.status_code, refused.json()["code"]) == (400, "CONSENT_NOT_GIVEN")
    assert not (await calendars(api))["google"]["connected"]


async def test_who_says_no_connects_nothing(
    api: httpx.AsyncClient, anonymous: httpx.AsyncClient, context: Context
) -> None:
    ask = await asked(api)
    assert context.consent_page
    url = context.consent_page.refuse(ask)
    refused = await anonymous.get(BACK, params=dict(parse_qsl(urlsplit(url or "").query)))
    assert (refused.status_code, refused.json()["code"]) == (400, "CONSENT_NOT_GIVEN")
    assert not (await calendars(api))["google"]["connected"]


async def test_whoever_began_must_still_be_signed_in_and_may(
    api: httpx.AsyncClient, anonymous: httpx.AsyncClient, context: Context, works: Works, org: Organization
) -> None:
    signed_out, demoted = await allowed(context, await asked(api)), await allowed(context, await asked(api))
    async with works.across_tenants("tests") as work:
        await work.execute("update memberships set role = 'viewer' where user_id = $1", org.owner_id)
    assert (await anonymous.get(BACK, params=demoted)).status_code == 403
    async with works.across_tenants("tests") as work:
        await work.execute("update memberships set role = 'owner' where user_id = $1", org.owner_id)
        await work.execute("update sessions set revoked_at = $2 where user_id = $1", org.owner_id, work.now)
    assert (await anonymous.get(BACK, params=signed_out)).status_code == 401


async def test_a_program_may_begin_with_its_key(
    client_for: Callable[..., Awaitable[httpx.AsyncClient]],
    anonymous: httpx.AsyncClient, context: Context, works: Works, org: Organization,
) -> None:  # fmt: skip
    async with works.begin(org.actor) as work:
        key, secret = await keys.create_api_key(work, NewApiKey(name="Ours", role=Role.ADMIN))
    program = await client_for(base="/hekax", **{"X-API-Key": secret})
    good, late = await allowed(context, await asked(program)), await allowed(context, await asked(program))
    assert (await anonymous.get(BACK, params=good)).status_code == 200
    async with works.begin(org.actor) as work:
        await keys.revoke_api_key(work, key.id)
    assert (await anonymous.get(BACK, params=late)).status_code == 401


async def test_only_who_manages_connects(agent: httpx.AsyncClient, viewer: httpx.AsyncClient) -> None:
    for client in (agent, viewer):
        assert (await client.get("/api/calendar/connect/google")).status_code == 403


@pytest.mark.parametrize("provider", ["hubspot", "nothing", "sandbox"])
async def test_a_provider_that_there_is_not(api: httpx.AsyncClient, provider: str) -> None:
    assert (await api.get(f"/api/calendar/connect/{provider}")).status_code == 404


async def test_a_crm_is_connected_by_the_same_consent(
    api: httpx.AsyncClient, anonymous: httpx.AsyncClient, stranger: httpx.AsyncClient, agent: httpx.AsyncClient,
    context: Context,
) -> None:  # fmt: skip
    begun = await api.get("/api/crm/connect/salesforce")
    assert context.consent_page
    url = await context.consent_page.allow(dict(parse_qsl(urlsplit(begun.json()["authUrl"]).query))["ask"], "a@b.co")
    back = dict(parse_qsl(urlsplit(url or "").query))
    assert (await anonymous.get("/api/calendar/callback/salesforce", params=back)).status_code == 401
    assert (await anonymous.get("/api/crm/callback/hubspot", params=back)).status_code == 401
    assert (await anonymous.get("/api/crm/callback/salesforce", params=back)).status_code == 200
    assert (await anonymous.get("/api/crm/callback/salesforce", params=back)).status_code == 401

    async def listed(who: httpx.AsyncClient) -> dict[str, dict[str, object]]:
        return {each["id"]: each for each in (await who.get("/api/crm/providers")).json()["providers"]}

    shown = await listed(agent)
    assert {name: each["connected"] for name, each in shown.items()} == {"hubspot": False, "salesforce": True}
    assert not (await listed(stranger))["salesforce"]["connected"]
    path = f"/api/crm/integrations/{shown['salesforce']['connectionId']}"
    assert (await agent.get("/api/crm/connect/hubspot")).status_code == 403
    assert (await agent.delete(path)).status_code == 403
    assert (await stranger.delete(path)).status_code == 404
    assert (await api.delete(path.replace("crm", "calendar"))).status_code == 404
    assert (await api.delete(path)).json() == {"disconnected": True}
    assert not (await listed(api))["salesforce"]["connected"]
    for provider in ("google", "nothing"):
        assert (await api.get(f"/api/crm/connect/{provider}")).status_code == 404
    assert (await api.delete("/api/crm/integrations/nothing")).status_code == 404
