"""Accepting an invitation: by somebody new, or by somebody who has an account."""

from msgspec import Struct

from frontdesk.domain.identity import store
from frontdesk.domain.identity.errors import AccountSuspended, EmailTaken, InvitationForAnother, WrongCredentials
from frontdesk.domain.identity.model import Client, Realm, Tokens, checked_password
from frontdesk.domain.identity.service.opening import begin_session, password_is_right, person
from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.organizations.model import Invitation
from frontdesk.kernel.access import Actor
from frontdesk.kernel.ids import new_id
from frontdesk.kernel.text import one_line
from frontdesk.platform.crypto import hash_password
from frontdesk.platform.database import Works


class InvitationPreview(Struct, frozen=True):
    """What the page behind a mailed invitation shows before it is accepted."""

    invitation: Invitation
    organization: str
    has_account: bool
    """Whether the invited address has an account, whose password is then asked for."""


async def preview_invitation(works: Works, token: str) -> InvitationPreview:
    """What the token of a mailed link invites to. Raises InvitationInvalid."""
    async with works.across_tenants("mailed link") as work:
        invitation, name = await organizations.open_invitation(work, token)
        has_account = await store.credentials(work, invitation.email) is not None
    return InvitationPreview(invitation, name, has_account)


async def accept_invitation(
    works: Works,
    realm: Realm,
    token: str,
    *,
    password: str = "",
    first_name: str = "",
    last_name: str = "",
    signed_in: Actor | None = None,
    client: Client | None = None,
) -> Tokens:
    """Join the organisation that the mailed `token` invites to, and begin a session there.

    Somebody without an account gets one with `password` and the names, by default those of the invitation. Somebody
    with one gives its password, or is the `signed_in` actor. The token was mailed, so the address is confirmed.

    Raises InvitationInvalid, WeakPassword, WrongCredentials, AccountLocked, AccountSuspended, InvitationForAnother,
    EmailTaken (an account was made in the meantime), Invalid. Emits member.joined and user.login.
    """
    async with works.across_tenants("mailed link") as work:
        invitation, _ = await organizations.open_invitation(work, token)
        found = await store.credentials(work, invitation.email)
    if signed_in is not None and (found is None or signed_in.id != found.id):
        raise InvitationForAnother
    new_hash = None
    first_name = one_line(first_name, "first_name", most=100) or invitation.first_name
    last_name = one_line(last_name, "last_name", most=100) or invitation.last_name
    if found is None:
        new_hash = await hash_password(checked_password(password, invitation.email))
    elif signed_in is None and not await password_is_right(works, found, password):
        raise WrongCredentials
    user_id = found.id if found else new_id()
    async with works.across_tenants("mailed link", person(user_id, invitation.org_id)) as work:
        invitation, _ = await organizations.open_invitation(work, token, lock=True)
        if new_hash is not None:
            user = await store.insert_user(
                work, user_id, invitation.email, new_hash, first_name, last_name, {}, work.now
            )
            if user is None:
                raise EmailTaken
        else:
            user = await store.user_by_id(work, user_id)
            if user is None or user.suspended_at is not None:
                raise AccountSuspended
            if user.email == invitation.email and user.email_verified_at is None:
                await store.verify_address(work, user_id, user.email)
        await organizations.join(work, invitation, user_id)
        return await begin_session(work, realm, user_id, client or Client(), org_id=invitation.org_id)
