"""Every route of every application, attacked: by nobody, by the tenant next door, by those who may only look, and with
bodies and ids that cannot be. Generated: a new route is swept without a line here, but for an example of its body."""

from typing import Any

import httpx
import pytest
from tests.contracts.clients import ClientFor
from tests.contracts.sweep.conftest import State
from tests.contracts.sweep.farm import EXAMPLES, QUERIES, SAFE, Farm, Route, all_routes
from tests.fixtures.organizations import Organization

from frontdesk.contracts._http.auth import Auth
from frontdesk.domain.organizations.model import NewApiKey
from frontdesk.domain.organizations.service import keys
from frontdesk.kernel.access import Role
from frontdesk.kernel.ids import new_id
from frontdesk.platform.database import Works
from frontdesk.platform.secrets import Secrets

ROUTES = list(all_routes())
GUARDED = [route for route in ROUTES if route.auth is Auth.USER]
TENANTS = [route for route in GUARDED if route.contract.name != "supabase"]
"""Routes of what belongs to organisations. The auth service's are about the person who asks."""
NAMING = [route for route in TENANTS if route.takes_body or route.parameters or route.handler.opt.get("upload")]
STREAMS = {"follow_events"}
PERSONAL = {"list_notifications", "get_voice_token"}
"""Routes that show each person something else."""

FOR_ADMINS = {
    "list_invitations", "list_webhooks", "get_webhook", "list_webhook_deliveries", "get_webhook_delivery",
    "connect_calendar", "connect_crm", "list_crm_records",
}  # fmt: skip
"""Reading routes that take more than looking."""

FOR_VIEWERS = {
    "text_us": "the simulator is there for every member",
    "verify_email": "everybody confirms their own address",
    "resend_code": "everybody confirms their own address",
    "set_fault": "the simulator is there for every member",
    "answer_call": "the simulator is there for every member",
    "hang_up": "the simulator is there for every member",
    "change_notification": "everybody reads what they were told",
    "read_all_notifications": "everybody reads what they were told",
}
"""Writing routes that a viewer may use, and why."""

BAD_IDS = ["7", "not-an-id", "%00", "..%2F..", "018f0000000070008000000000000000", "é" * 36]
ANON = {"apikey": "anonymous"}
"""What clients of the auth service send beside a credential; elsewhere it means nothing."""


def swept(routes: list[Route]) -> Any:
    return pytest.mark.parametrize("route", routes, ids=str)


def names_something(route: Route, farm: Farm) -> bool:
    """Whether a request for `route` names a record of the farm."""
    told = str(farm.body(route))
    return bool(route.parameters) or any(str(value) in told for value in farm.ids.values())


def other_ids(route: Route) -> dict[str, Any]:
    return {name: new_id() for name in route.parameters}


async def ask(client: httpx.AsyncClient, route: Route, values: dict[str, Any], **more: Any) -> httpx.Response:
    params = {**QUERIES.get(route.name, {}), **more.pop("params", {})}
    return await client.request(route.method, route.url(values), params=params, **more)


def test_every_route_has_a_guard_that_is_known() -> None:
    for route in ROUTES:
        assert route.auth in set(Auth), route
    open_routes = {str(route) for route in ROUTES if route.auth is Auth.OPEN}
    assert all(
        route.startswith(("supabase ", "hekax POST /api/auth/", "hekax POST /api/team/accept-invite"))
        for route in open_routes
    ), open_routes


def test_every_body_has_an_example() -> None:
    missing = [route.name for route in TENANTS if route.takes_body and route.name not in EXAMPLES]
    assert missing == []


@swept([route for route in ROUTES if route.auth in (Auth.USER, Auth.CRON)])
async def test_nobody_gets_in(route: Route, client_for: ClientFor) -> None:
    nobody = await client_for()
    for more in ({}, {"content": b"{broken"}, {"headers": {"Authorization": "Bearer x.y.z"}}):
        refused = await ask(nobody, route, other_ids(route), **more)
        assert refused.status_code == 401, refused.text


@swept([route for route in ROUTES if route.auth is Auth.SIGNATURE])
async def test_nothing_unsigned_gets_in(route: Route, client_for: ClientFor) -> None:
    refused = await ask(await client_for(), route, other_ids(route))
    assert refused.status_code == 401


@swept([route for route in NAMING if route.contract.documented])
async def test_the_tenant_next_door_finds_nothing_and_changes_nothing(
    route: Route, client_for: ClientFor, other_org: Organization, farm: Farm, state: State
) -> None:
    if not names_something(route, farm):
        pytest.skip("names no record")
    stranger, before = await client_for(other_org), await state()
    for values in (farm.ids, {**farm.ids, **other_ids(route)}):
        answer = await ask(stranger, route, values, **farm.body(route))
        assert answer.status_code == 404, answer.text
        assert not any(secret in answer.text for secret in farm.secrets())
    assert await state() == before


@swept([route for route in TENANTS if route.method == "GET" and not route.parameters and route.name not in STREAMS])
async def test_lists_show_nothing_of_the_tenant_next_door(
    route: Route, client_for: ClientFor, org: Organization, other_org: Organization, farm: Farm
) -> None:
    own, stranger = await client_for(org), await client_for(other_org)
    queries = [{}, {name: str(value) for name, value in farm.ids.items()}]
    for query in queries:
        answer = await ask(stranger, route, {}, params=query)
        assert answer.status_code == 200, answer.text
        assert not any(secret in answer.text for secret in farm.secrets())
    assert (await ask(own, route, {})).status_code == 200


@swept([route for route in TENANTS if route.method not in SAFE])
async def test_who_may_only_look_changes_nothing(
    route: Route, client_for: ClientFor, works: Works, org: Organization, farm: Farm, state: State
) -> None:
    if route.name in FOR_VIEWERS:
        pytest.skip(FOR_VIEWERS[route.name])
    async with works.begin(org.actor) as work:
        _, key = await keys.create_api_key(work, NewApiKey(name="Looks", role=Role.VIEWER))
    viewer, program = await client_for(org, Role.VIEWER), await client_for(**{"X-API-Key": key})
    before = await state()
    for client in (viewer, program):
        refused = await ask(client, route, farm.ids, **farm.body(route))
        assert refused.status_code == 403, refused.text
    assert await state() == before


@swept([route for route in TENANTS if route.method in SAFE and route.name not in STREAMS | PERSONAL | FOR_ADMINS])
async def test_who_may_look_sees_what_the_owner_sees(
    route: Route, client_for: ClientFor, org: Organization, farm: Farm
) -> None:
    owner, viewer = await client_for(org), await client_for(org, Role.VIEWER)
    theirs, ours = await ask(viewer, route, farm.ids), await ask(owner, route, farm.ids)
    assert theirs.status_code == ours.status_code == 200
    assert theirs.content == ours.content


@swept([route for route in TENANTS if route.parameters and route.contract.documented])
async def test_an_id_that_cannot_be_names_nothing(
    route: Route, client_for: ClientFor, org: Organization, farm: Farm
) -> None:
    owner = await client_for(org)
    missing = await ask(owner, route, other_ids(route), **farm.body(route))
    for bad in BAD_IDS:
        answer = await ask(owner, route, dict.fromkeys(route.parameters, bad), **farm.body(route))
        assert answer.status_code == 404, (bad, answer.text)
        assert answer.text == missing.text or "%2F" in bad


async def insider(route: Route, client_for: ClientFor, org: Organization, secrets: Secrets) -> httpx.AsyncClient:
    """Somebody whom the guard of `route` lets in."""
    if route.auth is Auth.CRON:
        return await client_for(Authorization=f"Bearer {secrets.cron_secret}")
    return await client_for(org, **ANON)


@swept([route for route in ROUTES if route.takes_body])
async def test_a_body_that_cannot_be_is_refused(
    route: Route, client_for: ClientFor, org: Organization, farm: Farm, state: State, secrets: Secrets
) -> None:
    client, before = await insider(route, client_for, org, secrets), await state()
    bodies = [b"", b"{", b"[]", b"null", b"7", b'"x"', b"\xff\xfe\x00", b"[" * 100_000, b'{"\xed\xa0\x80": 1}']
    for content in bodies:
        headers = {"Content-Type": "application/json"}
        answer = await ask(client, route, farm.ids, content=content, headers=headers)
        assert answer.status_code == 400, (content[:20], answer.text)
        assert answer.headers["content-type"].startswith("application/json")
    assert await state() == before


@swept([route for route in TENANTS if route.takes_body])
async def test_no_field_takes_another_type(
    route: Route, client_for: ClientFor, org: Organization, farm: Farm, state: State
) -> None:
    client, before = await client_for(org), await state()
    example = farm.body(route)["json"]
    for name, value in example.items():
        for other in (7, "7", True, [], {}, 1.5, None):
            if isinstance(other, type(value)) or (isinstance(value, float) and isinstance(other, int | float)):
                continue
            answer = await ask(client, route, farm.ids, json={**example, name: other})
            if other is None and answer.status_code == 200:
                continue  # null leaves some fields out
            assert answer.status_code == 400, (name, other, answer.text)
    assert await state() == before


@swept([route for route in ROUTES if route.takes_body])
async def test_a_huge_body_is_refused(
    route: Route, client_for: ClientFor, org: Organization, farm: Farm, secrets: Secrets
) -> None:
    client = await insider(route, client_for, org, secrets)
    answer = await ask(client, route, farm.ids, content=b'{"name": "' + b"a" * (11 * 1024 * 1024) + b'"}')
    assert answer.status_code in (400, 413), answer.text
    assert "large" in answer.text.lower() or "LARGE" in answer.text


@swept(GUARDED)
async def test_an_api_key_of_the_next_tenant_is_as_much_a_stranger(
    route: Route, client_for: ClientFor, works: Works, other_org: Organization, farm: Farm
) -> None:
    if route not in NAMING or not route.contract.documented or not names_something(route, farm):
        pytest.skip("names no record of a tenant")
    async with works.begin(other_org.actor) as work:
        _, key = await keys.create_api_key(work, NewApiKey(name="Theirs", role=Role.ADMIN))
    program = await client_for(**{"X-API-Key": key})
    answer = await ask(program, route, farm.ids, **farm.body(route))
    assert answer.status_code == 404, answer.text
