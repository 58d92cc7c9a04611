"""Signing in and out, keeping a session going, and moving it to another organisation."""

import contextlib
from uuid import UUID

from frontdesk.domain.identity import store
from frontdesk.domain.identity.errors import (
    AccountSuspended,
    EmailNotConfirmed,
    RefreshTokenInvalid,
    RefreshTokenReused,
    SessionEnded,
    SessionNotFound,
    WrongCredentials,
)
from frontdesk.domain.identity.model import (
    REUSE_GRACE,
    Client,
    Realm,
    Session,
    SessionKind,
    SignOutScope,
    Tokens,
)
from frontdesk.domain.identity.service.opening import (
    begin_session,
    fresh_hash,
    password_is_right,
    session_end,
    tokens_of,
)
from frontdesk.domain.organizations.errors import OrganizationNotFound
from frontdesk.kernel.access import Actor
from frontdesk.kernel.errors import Forbidden, Invalid
from frontdesk.kernel.text import email_address
from frontdesk.platform.crypto import make_token, token_hash
from frontdesk.platform.database import Work, Works


async def sign_in(
    works: Works,
    realm: Realm,
    email: str,
    password: str,
    *,
    kind: SessionKind = SessionKind.API,
    ip: str = "",
    user_agent: str = "",
) -> Tokens:
    """Begin a session by password, for the organisation the person worked in last.

    Raises WrongCredentials (also for what is no address), AccountLocked after ten wrong passwords, for fifteen
    minutes, AccountSuspended, EmailNotConfirmed where the operator wants that. Emits user.login.
    """
    found = None
    with contextlib.suppress(Invalid):  # what is no address is nobody's, and takes as long
        address = email_address(email)
        async with works.across_tenants("sign in") as work:
            found = await store.credentials(work, address)
    if not await password_is_right(works, found, password) or found is None:
        raise WrongCredentials
    new_hash = await fresh_hash(found, password)
    async with works.across_tenants("sign in") as work:
        user = await store.user_by_id(work, found.id)
        if user is None:
            raise WrongCredentials
        if user.suspended_at is not None:
            raise AccountSuspended
        if realm.confirm_emails and user.email_verified_at is None:
            raise EmailNotConfirmed
        return await begin_session(work, realm, user.id, Client(kind, ip, user_agent), new_hash=new_hash)


async def refresh(works: Works, realm: Realm, refresh_token: str) -> Tokens:
    """New tokens for an old refresh token, which is used up; the session lasts on.

    A token that is used again within ten seconds gives the tokens that stand now, for two tabs refresh at once. Used
    again later it ends the session: somebody has a copy. Raises RefreshTokenInvalid, RefreshTokenReused,
    AccountSuspended.
    """
    async with works.across_tenants("sessions") as work:
        tokens = await _refreshed(work, realm, refresh_token)
    if tokens is None:  # the end of the session is committed
        raise RefreshTokenReused
    return tokens


async def _refreshed(work: Work, realm: Realm, refresh_token: str) -> Tokens | None:
    session_id = await store.session_of_refresh_token(work, token_hash(refresh_token))
    at = await store.standing(work, session_id) if session_id else None  # locks the session: one refresh at a time
    if at is None:
        raise RefreshTokenInvalid
    user = await store.user_by_id(work, at.user_id)
    if user is None or user.suspended_at is not None:
        raise AccountSuspended
    current = refresh_token
    while (used_at := await store.refresh_token_used_at(work, token_hash(current))) is not None:
        if work.now - used_at > work.clock.lasting(REUSE_GRACE):
            await store.revoke_sessions(work, at.user_id, only=at.session_id)
            return None
        current = realm.signer.successor(current)
    if current == refresh_token:
        current = realm.signer.successor(refresh_token)
        await store.use_refresh_token(work, token_hash(refresh_token))
        await store.insert_refresh_token(work, at.session_id, token_hash(current))
        await store.extend_session(work, at.session_id, session_end(work, SessionKind(at.kind)))
    return await tokens_of(work, realm, at.session_id, user, current)


async def sign_out(works: Works, session_id: UUID, scope: SignOutScope = SignOutScope.LOCAL) -> None:
    """End the session, all of its owner's, or all of its owner's others. Nothing happens when it has ended already."""
    async with works.across_tenants("sessions") as work:
        at = await store.standing(work, session_id)
        if at is None:
            return
        match scope:
            case SignOutScope.LOCAL:
                await store.revoke_sessions(work, at.user_id, only=session_id)
            case SignOutScope.OTHERS:
                await store.revoke_sessions(work, at.user_id, but=session_id)
            case SignOutScope.GLOBAL:
                await store.revoke_sessions(work, at.user_id)


async def list_sessions(works: Works, actor: Actor) -> list[Session]:
    """The open sessions of the signed-in person, newest first. Raises Forbidden for anything but a person."""
    user_id = _person(actor)
    async with works.across_tenants("sessions", actor) as work:
        return await store.open_sessions(work, user_id)


async def end_session(works: Works, actor: Actor, session_id: UUID) -> None:
    """End one session of the signed-in person. Raises SessionNotFound, Forbidden."""
    user_id = _person(actor)
    async with works.across_tenants("sessions", actor) as work:
        if not await store.revoke_sessions(work, user_id, only=session_id):
            raise SessionNotFound


async def switch_organization(works: Works, realm: Realm, actor: Actor, org_id: UUID) -> Tokens:
    """Move the session to another organisation of the person. The tokens are new; the older refresh token is dead, and
    the older access token is from now on for the new organisation too.

    Raises OrganizationNotFound (also where the person does not belong), SessionEnded, Forbidden.
    """
    user_id = _person(actor)
    async with works.across_tenants("sessions", actor) as work:
        session_id = actor.session_id
        if session_id is None or await store.standing(work, session_id) is None:
            raise SessionEnded
        if not await store.move_session(work, session_id, org_id):
            raise OrganizationNotFound
        user = await store.user_by_id(work, user_id)
        if user is None:
            raise SessionEnded
        await store.drop_refresh_tokens(work, session_id)
        token = make_token()
        await store.insert_refresh_token(work, session_id, token_hash(token))
        return await tokens_of(work, realm, session_id, user, token)


def _person(actor: Actor) -> UUID:
    if actor.id is None or actor.session_id is None:
        raise Forbidden("Only a person who signed in has sessions.")
    return actor.id
