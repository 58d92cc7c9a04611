"""The team over the HEKAX API."""

from collections.abc import Callable
from datetime import timedelta

import httpx
from tests.contracts.clients import ClientFor
from tests.contracts.hekax.conftest import BASE
from tests.fixtures.organizations import Organization
from tests.fixtures.people import PASSWORD

from frontdesk.domain.organizations import service as organizations
from frontdesk.kernel.access import Role
from frontdesk.kernel.clock import FrozenClock
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


async def test_inviting_accepting_and_the_seats_of_the_plan(
    api: httpx.AsyncClient, anonymous: httpx.AsyncClient, mailed: Callable[..., str], org: Organization
) -> None:
    body = {"email": "ben@example.com", "role": "MANAGER", "name": "Ben Nevis"}
    made = await api.post("/api/team/invite", json=body)
    assert made.status_code == 201
    told = made.json()["invitation"]
    assert (told["role"], told["status"], told["expiresAt"]) == ("MANAGER", "PENDING", "2026-03-17T11:00:00.000Z")
    again = await api.post("/api/team/invite", json=body)
    assert (again.status_code, again.json()["code"]) == (400, "ALREADY_INVITED")
    assert (await api.get("/api/team/invitations")).json()["invitations"] == [told]

    token = mailed("ben@example.com", "invited")
    joined = await anonymous.post("/api/team/accept-invite", json={"token": token, "password": PASSWORD, "name": "Ben"})
    assert joined.status_code == 200
    assert joined.json()["organization"]["id"] == str(org.id)
    headers = {"Authorization": f"Bearer {joined.json()['token']}"}
    team = (await anonymous.get("/api/team", headers=headers)).json()
    assert (team["total"], team["limit"]) == (2, 3)
    ben = team["members"][1]
    assert (ben["id"], ben["role"], ben["name"]) == (joined.json()["user"]["id"], "MANAGER", "Ben Nevis")
    used = await anonymous.post("/api/team/accept-invite", json={"token": token, "password": PASSWORD})
    assert (used.status_code, used.json()["code"]) == (400, "INVITATION_INVALID")

    third = await api.post("/api/team/invite", json={"email": "cat@example.com", "role": "AGENT"})
    full = await api.post("/api/team/invite", json={"email": "dan@example.com", "role": "AGENT"})
    assert (full.status_code, full.json()["code"], full.json()["details"]) == (403, "SEAT_LIMIT", {"limit": 3})
    await api.delete(f"/api/team/invitations/{third.json()['invitation']['id']}")
    assert (await api.post("/api/team/invite", json={"email": "dan@example.com", "role": "AGENT"})).status_code == 201


async def test_an_invitation_ends_after_seven_days(
    api: httpx.AsyncClient, anonymous: httpx.AsyncClient, mailed: Callable[..., str], clock: FrozenClock
) -> None:
    await api.post("/api/team/invite", json={"email": "ben@example.com", "role": "AGENT"})
    body = {"token": mailed("ben@example.com"), "password": PASSWORD, "name": "Ben"}
    clock.move(timedelta(days=7))
    assert (await anonymous.post("/api/team/accept-invite", json=body)).status_code == 400


async def test_agents_invite_nobody(agent: httpx.AsyncClient) -> None:
    refused = await agent.post("/api/team/invite", json={"email": "ben@example.com", "role": "AGENT"})
    assert refused.status_code == 403
    assert (await agent.get("/api/team")).status_code == 200
