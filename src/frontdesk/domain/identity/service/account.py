"""A person's own record: names, password, address."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from frontdesk.domain.identity import store
from frontdesk.domain.identity.errors import EmailTaken, SamePassword, UserNotFound, WrongCredentials
from frontdesk.domain.identity.model import MAIL_PAUSE, User, checked_metadata, checked_password
from frontdesk.domain.identity.service.links import CHANGE, owe_verification
from frontdesk.domain.identity.service.opening import password_is_right
from frontdesk.kernel.access import Actor, ActorType
from frontdesk.kernel.errors import Forbidden, RateLimited
from frontdesk.kernel.text import email_address, one_line
from frontdesk.platform import outbox
from frontdesk.platform.context import Context
from frontdesk.platform.crypto import hash_password, password_matches
from frontdesk.platform.database import Works
from frontdesk.platform.mail import letter

KEPT = timedelta(days=7)
"""How long ended sessions and used tokens are kept, so that their reuse is still recognised."""


async def get_user(works: Works, actor: Actor) -> User:
    """The signed-in person. Raises Forbidden for anything but a person."""
    user_id = _person(actor)
    async with works.across_tenants("own account", actor) as work:
        user = await store.user_by_id(work, user_id)
    if user is None:
        raise UserNotFound
    return user


async def pending_email(works: Works, actor: Actor) -> str | None:
    """The address that the person asked to change to, while the link in the mail to it is good."""
    user_id = _person(actor)
    async with works.across_tenants("own account", actor) as work:
        return await store.pending_email(work, user_id)


async def update_profile(
    works: Works,
    actor: Actor,
    *,
    first_name: str | None = None,
    last_name: str | None = None,
    metadata: dict[str, Any] | None = None,
) -> User:
    """Change the names that are given, and merge `metadata` into what is kept; a key set to None goes. Raises Invalid,
    Forbidden."""
    user_id = _person(actor)
    async with works.across_tenants("own account", actor) as work:
        was = await store.user_by_id(work, user_id, lock=True)
        if was is None:
            raise UserNotFound
        merged = {key: value for key, value in {**was.metadata, **(metadata or {})}.items() if value is not None}
        return await store.set_names(
            work,
            user_id,
            was.first_name if first_name is None else one_line(first_name, "first_name", most=100),
            was.last_name if last_name is None else one_line(last_name, "last_name", most=100),
            checked_metadata(merged),
        )


async def change_password(context: Context, actor: Actor, current: str, password: str) -> None:
    """Set a new password, knowing the current one. Ends the person's other sessions, and mails them a note.

    Raises WrongCredentials, AccountLocked, WeakPassword, SamePassword, Forbidden.
    """
    user_id = _person(actor)
    async with context.works.across_tenants("own account", actor) as work:
        found = await store.credentials_of(work, user_id)
    if not await password_is_right(context.works, found, current):
        raise WrongCredentials
    await set_password(context, actor, password)


async def set_password(context: Context, actor: Actor, password: str) -> None:
    """The same without the current one, for a session that a mailed link began, and for GoTrue, which asks for none.

    Raises WeakPassword, SamePassword, Forbidden.
    """
    user_id = _person(actor)
    async with context.works.across_tenants("own account", actor) as work:
        user, found = await store.user_by_id(work, user_id), await store.credentials_of(work, user_id)
    if user is None or found is None:
        raise UserNotFound
    checked_password(password, user.email)
    if await password_matches(password, found.password_hash):
        raise SamePassword
    password_hash = await hash_password(password)
    async with context.works.across_tenants("own account", actor) as work:
        await store.set_password(work, user_id, password_hash)
        await store.revoke_sessions(work, user_id, but=actor.session_id)
        mail = letter(
            user.email,
            "Your Frontdesk password was changed",
            ["Hello,", "The password of your Frontdesk account was changed, and your other sessions were ended."],
            closing="If it was not you, reset the password from the sign-in page now.",
        )
        mail_id = await outbox.owe(work, context.vault, mail, "password notice")
    await outbox.send(context, mail_id)


async def request_email_change(context: Context, actor: Actor, email: str, *, link_to: str | None = None) -> None:
    """Mail a link to the new address; the change takes place when it is followed (`verify_email`), within a day.

    Raises EmailTaken, RateLimited (one a minute), Invalid, Forbidden.
    """
    user_id = _person(actor)
    email = email_address(email)
    async with context.works.across_tenants("own account", actor) as work:
        user = await store.user_by_id(work, user_id)
        if user is None:
            raise UserNotFound
        if user.email == email:
            return
        if await store.user_by_email(work, email) is not None:
            raise EmailTaken
        if await store.mailed_since(work, user_id, CHANGE, work.now - work.clock.lasting(MAIL_PAUSE)):
            raise RateLimited("A mail went out within the last minute.", int(MAIL_PAUSE.total_seconds()))
        mail_id = await owe_verification(context, work, user, link_to, purpose=CHANGE, email=email)
    await outbox.send(context, mail_id)


async def purge_expired(works: Works) -> int:
    """Delete sessions and tokens that have been over for a week; for a periodic job. Returns how many rows went."""
    async with works.across_tenants("purge credentials") as work:
        return await store.purge(work, work.now - work.clock.lasting(KEPT))


def _person(actor: Actor) -> UUID:
    if actor.type is not ActorType.USER or actor.id is None:
        raise Forbidden("Only a person has an account.")
    return actor.id
