"""Accepting invitations."""

from datetime import timedelta

import pytest
from tests.fixtures.people import PASSWORD

from frontdesk.domain.identity import service as identity
from frontdesk.domain.identity.errors import InvitationForAnother, WeakPassword, WrongCredentials
from frontdesk.domain.identity.model import Realm
from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.organizations.errors import InvitationInvalid
from frontdesk.domain.organizations.model import NewInvitation
from frontdesk.kernel.access import Permission, Role
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works

BOB = "bob@example.com"


async def test_somebody_new_sets_a_password_and_is_in(
    context: Context, works: Works, realm: Realm, signed_up, actor_of, mailed
):
    owner = await actor_of(await signed_up(metadata={"company_name": "Acme"}))
    dataset = new_id()
    await organizations.invite(
        context, owner, NewInvitation("Bob@example.com", Role.AGENT, "Bob", "", ["edit_lessons"], [dataset])
    )
    token = mailed(BOB, "Acme")
    preview = await identity.preview_invitation(works, token)
    assert (preview.organization, preview.invitation.email, preview.has_account) == ("Acme", BOB, False)
    with pytest.raises(WeakPassword):
        await identity.accept_invitation(works, realm, token, password="short")
    tokens = await identity.accept_invitation(works, realm, token, password="tea and cake", last_name="Stone")
    bob = await actor_of(tokens)
    assert (bob.org_id, bob.role, bob.allowed_datasets) == (owner.org_id, Role.AGENT, frozenset({dataset}))
    assert bob.may(Permission.EDIT_LESSONS)
    assert (tokens.user.first_name, tokens.user.last_name) == ("Bob", "Stone")
    assert tokens.user.email_verified_at is not None
    with pytest.raises(InvitationInvalid):
        await identity.accept_invitation(works, realm, token, password="tea and cake")
    async with works.begin(owner) as work:
        assert await organizations.list_invitations(work) == []
        assert [member.email for member in await organizations.list_members(work)] == ["ada@example.com", BOB]
        actions = [row["action"] for row in await work.fetch("select action from audit_log order by occurred_at")]
        facts = {row["type"] for row in await work.fetch("select type from events")}
    assert sorted(actions) == ["member.invited", "member.joined"]
    assert {"member.invited", "member.joined"} <= facts


async def test_somebody_with_an_account_gives_its_password_or_is_signed_in(
    context: Context, works: Works, realm: Realm, signed_up, actor_of, mailed
):
    owner, other = await actor_of(await signed_up()), await actor_of(await signed_up("eve@example.com"))
    bob = await actor_of(await signed_up(BOB))
    for inviter, how in ((owner, {"password": PASSWORD}), (other, {"signed_in": bob})):
        await organizations.invite(context, inviter, NewInvitation(BOB, Role.MANAGER))
        token = mailed(BOB, "invited")
        assert (await identity.preview_invitation(works, token)).has_account
        with pytest.raises(WrongCredentials):
            await identity.accept_invitation(works, realm, token, password="wrong words")
        with pytest.raises(InvitationForAnother):
            await identity.accept_invitation(works, realm, token, signed_in=inviter)
        tokens = await identity.accept_invitation(works, realm, token, **how)
        assert (tokens.org_id, tokens.role) == (inviter.org_id, Role.MANAGER)
    assert len(await organizations.list_own(works, bob)) == 3


async def test_dead_links_invite_nobody(
    context: Context, works: Works, realm: Realm, signed_up, actor_of, mailed, clock
):
    tokens = await signed_up()
    owner = await actor_of(tokens)
    invitation = await organizations.invite(context, owner, NewInvitation(BOB, Role.AGENT))
    first = mailed(BOB)
    clock.move(timedelta(days=7))
    with pytest.raises(InvitationInvalid):
        await identity.preview_invitation(works, first)
    await organizations.resend_invitation(context, owner, invitation.id)
    second = mailed(BOB)
    for token in (first, "", "nonsense", "\ud800"):
        with pytest.raises(InvitationInvalid):
            await identity.accept_invitation(works, realm, token, password="tea and cake")
    async with works.begin(owner) as work:
        await organizations.revoke_invitation(work, invitation.id)
    with pytest.raises(InvitationInvalid):
        await identity.accept_invitation(works, realm, second, password="tea and cake")
