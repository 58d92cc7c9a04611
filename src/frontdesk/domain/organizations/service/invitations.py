"""Invitations: made, sent again, revoked, and turned into memberships."""

from datetime import timedelta
from uuid import UUID

from msgspec import structs

from frontdesk.domain.organizations import invitation_store, store
from frontdesk.domain.organizations.errors import AlreadyInvited, AlreadyMember, InvitationInvalid, NoSeatLeft
from frontdesk.domain.organizations.events import MemberInvited, MemberJoined
from frontdesk.domain.organizations.model import (
    Invitation,
    NewInvitation,
    Organization,
    checked_extras,
    must_be_able_to_grant,
    must_outrank,
)
from frontdesk.kernel.access import Actor, Permission
from frontdesk.kernel.ids import new_id
from frontdesk.kernel.text import email_address, one_line
from frontdesk.platform import outbox
from frontdesk.platform.context import Context
from frontdesk.platform.crypto import make_token, token_hash
from frontdesk.platform.database import Work
from frontdesk.platform.mail import letter

TERM = timedelta(days=7)


async def invite(context: Context, actor: Actor, new: NewInvitation) -> Invitation:
    """Invite an address, and mail it a link that is good for seven days and once.

    Needs `manage_users`. Raises AlreadyMember, AlreadyInvited, RoleNotAllowed (more than the actor has), NoSeatLeft
    (members and open invitations count), Invalid. Audited; emits member.invited.
    """
    new = structs.replace(
        new,
        email=email_address(new.email),
        first_name=one_line(new.first_name, "first_name", most=100),
        last_name=one_line(new.last_name, "last_name", most=100),
        extra_permissions=checked_extras(new.extra_permissions),
    )
    token = make_token()
    async with context.works.begin(actor) as work:
        work.require(Permission.MANAGE_USERS)
        must_be_able_to_grant(actor, new.role, new.extra_permissions, new.allowed_dataset_ids)
        if await store.is_member(work, new.email):
            raise AlreadyMember
        await invitation_store.revoke_expired(work, new.email)
        organization = await store.get_organization(work, lock=True)  # one at a time: seats are counted
        expires_at = work.now + work.clock.lasting(TERM)
        invitation = await invitation_store.insert(work, new_id(), token_hash(token), new, expires_at)
        if invitation is None:
            raise AlreadyInvited
        await _hold_to_seats(work, organization)
        work.emit(MemberInvited(subject_id=invitation.id, role=invitation.role.value))
        await work.audit("member.invited", "invitation", invitation.id, role=invitation.role.value)
        mail_id = await _owe(context, work, invitation, organization.name, token)
    await outbox.send(context, mail_id)
    return invitation


async def resend_invitation(context: Context, actor: Actor, invitation_id: UUID) -> Invitation:
    """Mail a new link, good for seven days from now; the old one dies. Also for one that has expired.

    Needs `manage_users`. Raises InvitationNotFound, RoleNotAllowed, NoSeatLeft (one that has expired held no seat).
    Audited; emits member.invited.
    """
    token = make_token()
    async with context.works.begin(actor) as work:
        work.require(Permission.MANAGE_USERS)
        was = await invitation_store.get_open(work, invitation_id)
        must_outrank(actor, was.role)
        expires_at = work.now + work.clock.lasting(TERM)
        organization = await store.get_organization(work, lock=True)
        invitation = await invitation_store.renew(work, invitation_id, token_hash(token), expires_at)
        if was.expires_at <= work.now:
            await _hold_to_seats(work, organization)
        work.emit(MemberInvited(subject_id=invitation.id, role=invitation.role.value))
        await work.audit("member.invited_again", "invitation", invitation.id, role=invitation.role.value)
        mail_id = await _owe(context, work, invitation, organization.name, token)
    await outbox.send(context, mail_id)
    return invitation


async def list_invitations(work: Work) -> list[Invitation]:
    """Those neither accepted nor revoked, newest first, expired ones included. Needs `manage_users`."""
    work.require(Permission.MANAGE_USERS)
    return await invitation_store.open_ones(work)


async def revoke_invitation(work: Work, invitation_id: UUID) -> None:
    """Kill the link. Needs `manage_users`. Raises InvitationNotFound, RoleNotAllowed. Audited."""
    work.require(Permission.MANAGE_USERS)
    was = await invitation_store.get_open(work, invitation_id)
    must_outrank(work.actor, was.role)
    await invitation_store.revoke(work, invitation_id)
    await work.audit("invitation.revoked", "invitation", invitation_id)


async def open_invitation(work: Work, token: str, *, lock: bool = False) -> tuple[Invitation, str]:
    """The invitation behind the token of a mailed link, and its organisation's name. For identity, which works across
    tenants here. Raises InvitationInvalid."""
    found = await invitation_store.by_token(work, token_hash(token), lock=lock)
    if found is None:
        raise InvitationInvalid
    return found


async def join(work: Work, invitation: Invitation, user_id: UUID) -> None:
    """Make the person a member as invited. For identity, which has proved who they are, in a work across tenants
    whose actor has that organisation. One who is a member already keeps their role. Audited; emits member.joined."""
    joined = await store.insert_member(
        work, invitation.org_id, user_id, invitation.role, invitation.extra_permissions, invitation.allowed_dataset_ids
    )
    await invitation_store.accept(work, invitation)
    if joined:
        work.emit(
            MemberJoined(subject_id=user_id, role=invitation.role.value, invitation_id=invitation.id),
            invitation.org_id,
        )
        await work.audit("member.joined", "user", user_id, role=invitation.role.value, invitation=str(invitation.id))


async def _hold_to_seats(work: Work, organization: Organization) -> None:
    """Raise NoSeatLeft where more are taken or offered than the plan has."""
    seats = organization.allowance.seats
    if await store.seats_taken(work) > seats:
        raise NoSeatLeft(seats)


async def _owe(context: Context, work: Work, invitation: Invitation, org_name: str, token: str) -> UUID:
    greeting = f"Hello {invitation.first_name}," if invitation.first_name else "Hello,"
    mail = letter(
        invitation.email,
        f"You are invited to {org_name} on Frontdesk",
        [greeting, f"{org_name} has invited you to work with them on Frontdesk."],
        action=("Accept the invitation", f"{context.public_url}/console/accept-invite?token={token}"),
        closing="The link works once, within seven days. If you do not know what this is about, ignore it.",
        org_id=invitation.org_id,
    )
    return await outbox.owe(work, context.vault, mail, "invitation", invitation.expires_at)
