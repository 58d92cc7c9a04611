"""The team over the HEKAX API."""

import httpx
from tests.contracts.clients import ClientFor
from tests.contracts.hekax.conftest import BASE
from tests.fixtures.organizations import Organization

from frontdesk.domain.organizations import service as organizations
from frontdesk.kernel.access import Role
from frontdesk.kernel.ids import new_id
from frontdesk.platform.database import Works


async def member_id(works: Works, org: Organization, role: Role) -> str:
    async with works.read(org.actor) as work:
        return str(next(each.user_id for each in await organizations.list_members(work) if each.role is role))


async def test_changing_a_role_bites_at_the_next_request(
    api: httpx.AsyncClient, agent: httpx.AsyncClient, works: Works, org: Organization
) -> None:
    who = await member_id(works, org, Role.AGENT)
    body = {"role": "VIEWER"}
    refused = await agent.patch(f"/api/team/{org.owner_id}/role", json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "FORBIDDEN")
    assert (await api.patch(f"/api/team/{who}/role", json={"role": "ADMIN"})).json()["role"] == "ADMIN"
    own = await agent.patch(f"/api/team/{who}/role", json=body)
    assert own.json()["role"] == "VIEWER"
    assert (await agent.patch(f"/api/team/{who}/role", json=body)).status_code == 403


async def test_writing_back_the_role_just_read_changes_nothing(
    api: httpx.AsyncClient, client_for: ClientFor, works: Works, org: Organization
) -> None:
    await client_for(org, Role.DEVELOPER, base=BASE)
    who = await member_id(works, org, Role.DEVELOPER)
    assert (await api.patch(f"/api/team/{who}/role", json={"role": "AGENT"})).json()["role"] == "AGENT"
    assert await member_id(works, org, Role.DEVELOPER) == who


async def test_the_last_owner_stays(api: httpx.AsyncClient, org: Organization) -> None:
    for refused in (
        await api.delete(f"/api/team/{org.owner_id}"),
        await api.patch(f"/api/team/{org.owner_id}/role", json={"role": "ADMIN"}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (400, "LAST_OWNER")
        assert set(refused.json()) == {"error", "code", "details"}


async def test_a_removed_member_is_out_at_once(
    api: httpx.AsyncClient, viewer: httpx.AsyncClient, works: Works, org: Organization
) -> None:
    who = await member_id(works, org, Role.VIEWER)
    assert (await api.delete(f"/api/team/{who}")).json() == {"removed": True}
    assert (await viewer.patch(f"/api/team/{who}/role", json={"role": "ADMIN"})).status_code == 403
    assert (await api.delete(f"/api/team/{who}")).status_code == 404


async def test_a_role_that_there_is_not(api: httpx.AsyncClient, org: Organization) -> None:
    refused = await api.patch(f"/api/team/{new_id()}/role", json={"role": "KING"})
    assert (refused.status_code, refused.json()["details"]) == (400, {"field": "role"})
