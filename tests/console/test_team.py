"""Team: who is shown, who may change whom, and what becomes of invitations."""

import re
from datetime import timedelta

import pytest
from tests.console.conftest import Browser, BrowserFor, words
from tests.fixtures.business import RememberingMailer
from tests.fixtures.organizations import Organization

from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.organizations.model import Member, NewInvitation
from frontdesk.kernel.access import Role
from frontdesk.kernel.clock import FrozenClock
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works


async def members_of(works: Works, org: Organization) -> list[Member]:
    async with works.begin(org.actor) as work:
        return await organizations.list_members(work)


async def invited(context: Context, org: Organization, email: str = "ben@example.com") -> str:
    return str((await organizations.invite(context, org.actor, NewInvitation(email, Role.AGENT))).id)


@pytest.fixture
async def agent(browser_for: BrowserFor, works: Works, org: Organization) -> Member:
    """A member of `org` who is an agent."""
    await browser_for(org, Role.AGENT)
    return next(member for member in await members_of(works, org) if member.role is Role.AGENT)


async def test_members_are_shown_with_their_roles(owner: Browser, agent: Member):
    shown = words(await owner.get("/team"))
    assert "Olive (you)" in shown
    assert agent.email in shown
    assert "Agent" in shown


async def test_an_invitation_is_mailed_and_shown(owner: Browser, context: Context):
    mailer = context.mailer
    assert isinstance(mailer, RememberingMailer)
    answer = await owner.post("/team/invitations", email="ben@example.com", role="agent", first_name="Ben")
    shown = await owner.page(answer)
    assert "An invitation is on its way to ben@example.com." in shown
    assert [mail.to for mail in mailer.sent] == ["ben@example.com"]


async def test_what_is_wrong_with_an_invitation_stands_at_its_field(
    owner: Browser, context: Context, org: Organization
):
    answer = await owner.post("/team/invitations", email="not an address", role="agent", first_name="Ben")
    assert answer.status_code == 400
    assert "This is not an e-mail address." in words(answer)
    assert 'value="not an address"' in answer.text
    assert 'value="Ben"' in answer.text
    await invited(context, org)
    again = await owner.post("/team/invitations", email="ben@example.com", role="agent")
    assert "There is an open invitation for this address." in words(again)
    assert "Choose a role." in words(await owner.post("/team/invitations", email="eve@example.com", role="king"))


async def test_an_expired_invitation_says_so_and_can_be_sent_again(
    owner: Browser, context: Context, org: Organization, clock: FrozenClock
):
    invitation = await invited(context, org)
    async with context.works.across_tenants("tests") as work:
        await work.execute("update invitations set expires_at = $1", clock.now() - timedelta(days=1))
    assert "Expired" in words(await owner.get("/team"))
    shown = await owner.page(await owner.post(f"/team/invitations/{invitation}/resend"))
    assert "A new link is on its way to ben@example.com." in shown
    assert "Expired" not in shown


async def test_who_finds_no_seat_left_is_told_beside_the_form(owner: Browser, context: Context, org: Organization):
    gone = await invited(context, org, "ann@example.com")
    async with context.works.begin(org.actor) as work:
        await work.execute("update invitations set expires_at = $1", work.now - timedelta(days=1))
    for name in ("ben", "cat"):
        await invited(context, org, f"{name}@example.com")
    full = await owner.post("/team/invitations", email="dan@example.com", role="agent")
    assert full.status_code == 400
    assert "The plan has 3 seats, and all are taken or offered." in words(full)
    assert 'value="dan@example.com"' in full.text
    assert "The plan has 3 seats" in await owner.page(await owner.post(f"/team/invitations/{gone}/resend"))


async def test_a_revoked_invitation_is_gone(owner: Browser, context: Context, org: Organization):
    invitation = await invited(context, org)
    shown = await owner.page(await owner.post(f"/team/invitations/{invitation}/revoke"))
    assert "The invitation is revoked." in shown
    assert "ben@example.com" not in shown
    assert (await owner.post(f"/team/invitations/{invitation}/revoke")).status_code == 404


async def test_a_role_and_extras_are_changed(owner: Browser, works: Works, org: Organization, agent: Member):
    path = f"/team/members/{agent.user_id}"
    assert (await owner.get(path)).status_code == 200
    answer = await owner.post(path, role="manager", permissions=["push_to_live"], datasets_limited="no")
    assert f"{agent.email} is saved as Manager." in await owner.page(answer)
    async with works.begin(org.actor) as work:
        member = await organizations.get_member(work, agent.user_id)
    assert (member.role, member.extra_permissions, member.allowed_dataset_ids) == (Role.MANAGER, ["push_to_live"], None)


async def test_the_last_owner_cannot_step_down_or_leave(owner: Browser, org: Organization):
    path = f"/team/members/{org.owner_id}"
    answer = await owner.post(path, role="admin", datasets_limited="no")
    assert answer.status_code == 400
    assert "This is the last owner. Make somebody else an owner first." in words(answer)
    assert "Do you want to leave this organisation?" in words(await owner.get(f"{path}/remove"))
    assert "This is the last owner." in await owner.page(await owner.post(f"{path}/remove"))


async def test_a_member_is_suspended_let_back_in_and_removed(
    owner: Browser, works: Works, org: Organization, agent: Member
):
    path = f"/team/members/{agent.user_id}"
    suspended = await owner.post(f"{path}/suspend")
    shown = await owner.client.get(suspended.headers["location"])
    assert "is suspended" in words(shown)
    assert f"{path}/reactivate" in shown.text  # the undo
    assert "can work here again" in await owner.page(await owner.post(f"{path}/reactivate"))
    assert f"Remove {agent.email}" in words(await owner.get(f"{path}/remove"))
    assert "is no longer a member" in await owner.page(await owner.post(f"{path}/remove"))
    assert agent.user_id not in {member.user_id for member in await members_of(works, org)}


async def test_who_may_not_manage_sees_no_forms(viewer: Browser, org: Organization):
    shown = await viewer.get("/team")
    assert "Invite somebody" not in shown.text
    assert not re.search(r'action="/console/team', shown.text)
    assert (await viewer.post("/team/invitations", email="eve@example.com", role="viewer")).status_code == 403
    assert (await viewer.post(f"/team/members/{org.owner_id}/suspend")).status_code == 403
    assert (await viewer.get(f"/team/members/{org.owner_id}/remove")).status_code == 403


async def test_an_admin_cannot_touch_an_owner(browser_for: BrowserFor, org: Organization):
    admin = await browser_for(org, Role.ADMIN)
    shown = await admin.get("/team")
    assert f"/team/members/{org.owner_id}" not in shown.text
    assert 'id="role-owner"' not in shown.text
    assert "above your own role" in await admin.page(await admin.post(f"/team/members/{org.owner_id}/suspend"))


@pytest.mark.parametrize("path", ["/team/members/{}", "/team/members/{}/remove"])
async def test_next_door_and_nonsense_are_not_found(stranger: Browser, org: Organization, path: str):
    for wrong in (org.owner_id, new_id(), "nonsense"):
        assert (await stranger.get(path.format(wrong))).status_code == 404
    assert (await stranger.post(f"/team/members/{org.owner_id}/suspend")).status_code == 404


async def test_a_form_without_its_token_changes_nothing(owner: Browser, works: Works, org: Organization, agent: Member):
    await owner.get("/team")
    answer = await owner.post(f"/team/members/{agent.user_id}/remove", _token="0" * 64)
    assert answer.status_code == 403
    assert agent.user_id in {member.user_id for member in await members_of(works, org)}
