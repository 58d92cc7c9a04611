"""Inviting. Accepting is in tests/domain/identity/test_joining.py."""

from datetime import timedelta

import pytest
from tests.fixtures.organizations import Organization

from frontdesk.domain.identity.model import actor_of_member
from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.organizations.errors import (
    AlreadyInvited,
    AlreadyMember,
    InvitationNotFound,
    NoSeatLeft,
    RoleNotAllowed,
)
from frontdesk.domain.organizations.model import NewInvitation
from frontdesk.kernel.access import Role
from frontdesk.kernel.errors import Forbidden, Invalid
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works

BOB = NewInvitation("bob@example.com", Role.AGENT, "Bob")


async def test_the_mail_has_the_link_and_the_organisation_may_read_it(context: Context, org: Organization):
    await organizations.invite(context, org.actor, BOB)
    [mail] = context.mailer.sent  # pyright: ignore
    assert mail.to == "bob@example.com"
    assert "http://127.0.0.1:8000/console/accept-invite?token=" in mail.text
    assert "http://127.0.0.1:8000/console/accept-invite?token=" in mail.html
    assert mail.org_id == org.id


async def test_only_a_hash_of_the_token_is_kept(context: Context, works: Works, org: Organization, mailed):
    await organizations.invite(context, org.actor, BOB)
    token = mailed("bob@example.com")
    async with works.begin(org.actor) as work:
        assert token not in str([dict(row) for row in await work.fetch("select * from invitations")])


async def test_one_open_invitation_an_address(context: Context, works: Works, org: Organization, clock):
    await organizations.invite(context, org.actor, BOB)
    with pytest.raises(AlreadyInvited):
        await organizations.invite(context, org.actor, NewInvitation("BOB@example.com", Role.VIEWER))
    clock.move(timedelta(days=7))
    again = await organizations.invite(context, org.actor, BOB)
    async with works.begin(org.actor) as work:
        assert [each.id for each in await organizations.list_invitations(work)] == [again.id]


async def test_an_invitation_that_ran_out_needs_a_seat_again(context: Context, works: Works, org: Organization, clock):
    gone = await organizations.invite(context, org.actor, BOB)
    clock.move(timedelta(days=7))
    for name in ("cat", "dan"):  # a trial has three seats, and the owner has one
        last = await organizations.invite(context, org.actor, NewInvitation(f"{name}@example.com", Role.AGENT))
    with pytest.raises(NoSeatLeft):
        await organizations.resend_invitation(context, org.actor, gone.id)
    assert (await organizations.resend_invitation(context, org.actor, last.id)).id == last.id
    async with works.begin(org.actor) as work:
        await organizations.revoke_invitation(work, last.id)
    assert (await organizations.resend_invitation(context, org.actor, gone.id)).email == BOB.email


async def test_members_are_not_invited(context: Context, org: Organization):
    with pytest.raises(AlreadyMember):
        await organizations.invite(context, org.actor, NewInvitation(org.actor.email.upper(), Role.AGENT))


async def test_nobody_invites_above_themselves(context: Context, org: Organization):
    admin = actor_of_member(org.owner_id, "", org.id, Role.ADMIN, [], None)
    manager = actor_of_member(org.owner_id, "", org.id, Role.MANAGER, ["manage_users"], None)
    agent = actor_of_member(org.owner_id, "", org.id, Role.AGENT, [], None)
    for actor, role, error in (
        (admin, Role.OWNER, RoleNotAllowed),
        (manager, Role.ADMIN, RoleNotAllowed),
        (manager, Role.DEVELOPER, RoleNotAllowed),
        (agent, Role.VIEWER, Forbidden),
    ):
        with pytest.raises(error):
            await organizations.invite(context, actor, NewInvitation("bob@example.com", role))
    await organizations.invite(context, manager, NewInvitation("bob@example.com", Role.AGENT))


async def test_what_cannot_be_is_refused(context: Context, org: Organization):
    for wrong in (
        NewInvitation("nobody", Role.AGENT),
        NewInvitation("bob@example.com", Role.AGENT, "B\0b"),
        NewInvitation("bob@example.com", Role.AGENT, extra_permissions=["fly"]),
    ):
        with pytest.raises(Invalid):
            await organizations.invite(context, org.actor, wrong)


async def test_invitations_of_others_do_not_exist(context: Context, works: Works, org, other_org):
    theirs = await organizations.invite(context, other_org.actor, BOB)
    with pytest.raises(InvitationNotFound):
        await organizations.resend_invitation(context, org.actor, theirs.id)
    async with works.begin(org.actor) as work:
        for id_ in (theirs.id, new_id()):
            with pytest.raises(InvitationNotFound):
                await organizations.revoke_invitation(work, id_)
        assert await organizations.list_invitations(work) == []
    async with works.begin(other_org.actor) as work:
        assert len(await organizations.list_invitations(work)) == 1
