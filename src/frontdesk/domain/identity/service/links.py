"""Links that are mailed to prove that a person reads an address: to reset a password, to confirm the address."""

import secrets
from uuid import UUID

from frontdesk.domain.identity import store
from frontdesk.domain.identity.errors import AccountSuspended, CodeInvalid, EmailTaken, LinkInvalid, UserNotFound
from frontdesk.domain.identity.model import (
    MAIL_PAUSE,
    MOST_TRIES,
    RESET_TERM,
    VERIFY_TERM,
    Client,
    Realm,
    Tokens,
    User,
    checked_password,
)
from frontdesk.domain.identity.service.opening import begin_session
from frontdesk.kernel.access import Actor, ActorType
from frontdesk.kernel.errors import Forbidden
from frontdesk.kernel.text import email_address
from frontdesk.platform import outbox
from frontdesk.platform.context import Context
from frontdesk.platform.crypto import hash_password, make_token, token_hash
from frontdesk.platform.database import Work, Works
from frontdesk.platform.mail import letter

RESET = "reset_password"
VERIFY = "verify_email"
CHANGE = "change_email"
CODE = "verify_code"


async def request_password_reset(context: Context, email: str, *, link_to: str | None = None) -> None:
    """Mail a link to set a new password, good for an hour and once; earlier ones die.

    Nothing tells whether there is such a person. At most one mail a minute. `link_to` is the URL that the token is
    appended to; by default the console's. Raises Invalid for what is no address.
    """
    email = email_address(email)
    token = make_token()
    async with context.works.across_tenants("sign in") as work:
        user = await store.user_by_email(work, email)
        if user is None or user.suspended_at is not None:
            return
        if await store.mailed_since(work, user.id, RESET, work.now - work.clock.lasting(MAIL_PAUSE)):
            return
        expires_at = work.now + work.clock.lasting(RESET_TERM)
        await store.insert_one_time_token(work, token_hash(token), RESET, user.id, user.email, expires_at)
        mail = letter(
            user.email,
            "Set a new password for Frontdesk",
            [_greeting(user), "Somebody, hopefully you, has asked for a new password for your Frontdesk account."],
            action=("Set a new password", (link_to or f"{context.public_url}/console/reset-password?token=") + token),
            closing="The link works once, within an hour. If it was not you, ignore it: your password stays as it is.",
            org_id=await store.org_that_may_help(work, user.id),
        )
        mail_id = await outbox.owe(work, context.vault, mail, "password reset", expires_at)
    await outbox.send(context, mail_id)


async def reset_password(works: Works, token: str, password: str) -> User:
    """Set a new password by a mailed link. Ends all sessions of the person, lifts a lock, and confirms the address.

    Raises LinkInvalid, WeakPassword, AccountSuspended.
    """
    hashed = token_hash(token)
    async with works.across_tenants("mailed link") as work:
        found = await store.find_one_time_token(work, hashed, [RESET])
    if found is None:
        raise LinkInvalid
    password_hash = await hash_password(checked_password(password, found[1]))
    async with works.across_tenants("mailed link") as work:
        user = await _use(work, hashed, [RESET])
        await store.set_password(work, user.id, password_hash)
        await store.revoke_sessions(work, user.id)
    return user


async def send_verification(context: Context, email: str, *, link_to: str | None = None) -> None:
    """Mail the link that confirms the address again. Nothing happens, and nothing tells, where there is no such person,
    it is confirmed, or a mail went out within the minute. Raises Invalid for what is no address."""
    email = email_address(email)
    async with context.works.across_tenants("sign in") as work:
        user = await store.user_by_email(work, email)
        if user is None or user.email_verified_at is not None or user.suspended_at is not None:
            return
        if await store.mailed_since(work, user.id, VERIFY, work.now - work.clock.lasting(MAIL_PAUSE)):
            return
        mail_id = await owe_verification(context, work, user, link_to)
    await outbox.send(context, mail_id)


async def verify_email(works: Works, token: str) -> User:
    """Confirm an address by a mailed link, or change to it, where the person had asked for that.

    Raises LinkInvalid, EmailTaken (another has the address by now), AccountSuspended.
    """
    async with works.across_tenants("mailed link") as work:
        return await _use(work, token_hash(token), [VERIFY, CHANGE])


async def verify_code(works: Works, actor: Actor, code: str) -> None:
    """Confirm the address of the signed-in person by the code in the mail, unless it is confirmed already.

    After ten wrong ones the code is dead. Raises CodeInvalid; Forbidden for anything but a person.
    """
    if actor.type is not ActorType.USER or actor.id is None:
        raise Forbidden("Only a person has an address to confirm.")
    async with works.across_tenants("own account", actor) as work:
        user = await _existing(work, actor.id)
        right = user.email_verified_at is not None
        if not right:
            email = await store.try_code(work, user.id, CODE, _hash_of_code(user.id, code), MOST_TRIES)
            right = email == user.email and await store.verify_address(work, user.id, user.email)
    if not right:  # the try is committed
        raise CodeInvalid


async def follow_link(works: Works, realm: Realm, token: str, purpose: str, client: Client | None = None) -> Tokens:
    """Sign in by a mailed link of that purpose: `RESET`, `VERIFY` or `CHANGE`. The person sets a password afterwards,
    if they wish. Lifts a lock. Raises LinkInvalid, EmailTaken, AccountSuspended. Emits user.login."""
    async with works.across_tenants("mailed link") as work:
        user = await _use(work, token_hash(token), [purpose])
        # Who reads the person's mail has proved more than any number of wrong passwords can disprove.
        await store.unlock(work, user.id)
        return await begin_session(work, realm, user.id, client or Client())


async def owe_verification(
    context: Context, work: Work, user: User, link_to: str | None, *, purpose: str = VERIFY, email: str | None = None
) -> UUID:
    """The mail with a link that proves `email`, by default the address the person has: to be sent after the commit."""
    token, email = make_token(), email or user.email
    expires_at = work.now + work.clock.lasting(VERIFY_TERM)
    await store.insert_one_time_token(work, token_hash(token), purpose, user.id, email, expires_at)
    told = ["Hello,", "This address was given for a Frontdesk account. Confirm that it is yours."]
    if purpose == VERIFY:
        code = f"{secrets.randbelow(1_000_000):06}"
        await store.insert_one_time_token(work, _hash_of_code(user.id, code), CODE, user.id, email, expires_at)
        told.append(f"If you are asked for a code, it is {code}.")
    mail = letter(
        email,
        "Confirm your e-mail address for Frontdesk",
        told,
        action=("Confirm the address", (link_to or f"{context.public_url}/console/verify?token=") + token),
        closing="The link works once, within a day. If you do not know what this is about, ignore it.",
    )
    return await outbox.owe(work, context.vault, mail, "verification", expires_at)


def _hash_of_code(user_id: UUID, code: str) -> bytes:
    return token_hash(f"{user_id}:{code.strip()}")


async def _use(work: Work, hashed: bytes, purposes: list[str]) -> User:
    used = await store.use_one_time_token(work, hashed, purposes)
    if used is None:
        raise LinkInvalid
    user_id, email, purpose = used
    was = await _existing(work, user_id)
    if purpose != CHANGE and email != was.email:
        raise LinkInvalid  # sent before the person changed to another address
    if was.suspended_at is not None:
        raise AccountSuspended
    if not await store.verify_address(work, user_id, email):
        raise EmailTaken
    return await _existing(work, user_id)


async def _existing(work: Work, user_id: UUID) -> User:
    user = await store.user_by_id(work, user_id)
    if user is None:
        raise UserNotFound
    return user


def _greeting(user: User) -> str:
    return f"Hello {user.first_name}," if user.first_name else "Hello,"
