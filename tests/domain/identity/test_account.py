"""Passwords, addresses and names: what their owner changes, and the links that prove them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.fixtures.people import PASSWORD

from frontdesk.domain.identity import service as identity
from frontdesk.domain.identity.errors import (
    AccountLocked,
    EmailTaken,
    LinkInvalid,
    SamePassword,
    SessionEnded,
    WeakPassword,
    WrongCredentials,
)
from frontdesk.domain.identity.model import NewUser, Realm
from frontdesk.domain.identity.service.links import RESET, VERIFY
from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.organizations.model import NewInvitation
from frontdesk.kernel.access import Actor, ActorType, Role
from frontdesk.kernel.clock import FrozenClock
from frontdesk.kernel.errors import Forbidden, Invalid, RateLimited, Upstream
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works
from frontdesk.ports.email import Mail

NEW = "battery staple"


async def test_a_forgotten_password_is_reset_by_mail_once(
    context: Context, works: Works, realm: Realm, signed_up, mailed, actor_of
):
    tokens = await signed_up()
    await identity.request_password_reset(context, "ADA@example.com")
    link = mailed("ada@example.com", "password")
    user = await identity.reset_password(works, link, NEW)
    assert user.email_verified_at is not None
    with pytest.raises(SessionEnded):
        await actor_of(tokens)
    with pytest.raises(WrongCredentials):
        await identity.sign_in(works, realm, "ada@example.com", PASSWORD)
    await identity.sign_in(works, realm, "ada@example.com", NEW)
    with pytest.raises(LinkInvalid):
        await identity.reset_password(works, link, "another one")


async def test_a_reset_link_dies_after_an_hour(context: Context, works: Works, signed_up, mailed, clock: FrozenClock):
    await signed_up()
    await identity.request_password_reset(context, "ada@example.com")
    clock.move(timedelta(hours=1))
    with pytest.raises(LinkInvalid):
        await identity.reset_password(works, mailed("ada@example.com", "password"), NEW)


async def test_a_newer_reset_link_kills_the_older_and_a_weak_password_uses_none(
    context: Context, works: Works, signed_up, mailed, clock: FrozenClock
):
    await signed_up()
    await identity.request_password_reset(context, "ada@example.com")
    first = mailed("ada@example.com", "password")
    clock.move(timedelta(minutes=2))
    await identity.request_password_reset(context, "ada@example.com")
    second = mailed("ada@example.com", "password")
    with pytest.raises(LinkInvalid):
        await identity.reset_password(works, first, NEW)
    with pytest.raises(WeakPassword):
        await identity.reset_password(works, second, "short")
    await identity.reset_password(works, second, NEW)


async def test_a_reset_lifts_the_lock(context: Context, works: Works, realm: Realm, signed_up, mailed):
    await signed_up()
    for _ in range(10):
        with pytest.raises(WrongCredentials):
            await identity.sign_in(works, realm, "ada@example.com", "wrong")
    with pytest.raises(AccountLocked):
        await identity.sign_in(works, realm, "ada@example.com", PASSWORD)
    await identity.request_password_reset(context, "ada@example.com")
    await identity.reset_password(works, mailed("ada@example.com", "password"), NEW)
    await identity.sign_in(works, realm, "ada@example.com", NEW)


async def test_nothing_tells_whether_there_is_an_account_and_no_inbox_is_flooded(context: Context, signed_up):
    await identity.request_password_reset(context, "nobody@example.com")
    await identity.send_verification(context, "nobody@example.com")
    assert context.mailer.sent == []  # pyright: ignore
    await signed_up()
    for _ in range(3):
        await identity.request_password_reset(context, "ada@example.com")
    assert len([mail for mail in context.mailer.sent if "password" in mail.subject]) == 1  # pyright: ignore


async def test_those_who_outrank_a_member_of_theirs_alone_may_read_a_captured_reset(
    context: Context, works: Works, realm: Realm, signed_up, actor_of, mailed
):
    owner = await actor_of(await signed_up())
    async with works.across_tenants("tests") as work:  # the trial has three seats
        await work.execute("update organizations set plan = 'business_pro' where org_id = $1", owner.org_id)
    for email, role in (("agent@example.com", Role.AGENT), ("admin@example.com", Role.ADMIN)):
        await organizations.invite(context, owner, NewInvitation(email, role))
        await identity.accept_invitation(works, realm, mailed(email), password=PASSWORD)
    await signed_up("bob@example.com")
    await organizations.invite(context, owner, NewInvitation("bob@example.com", Role.AGENT))
    await identity.accept_invitation(works, realm, mailed("bob@example.com", "invited"), password=PASSWORD)
    concerns = {}
    for name in ("agent", "admin", "ada", "bob"):
        await identity.request_password_reset(context, f"{name}@example.com")
        concerns[name] = context.mailer.sent[-1].org_id  # pyright: ignore
    assert concerns == {"agent": owner.org_id, "admin": None, "ada": None, "bob": None}


async def test_a_mail_server_that_is_down_fails_no_request(context: Context, works: Works, realm: Realm):
    class Down:
        tries = 0

        async def send(self, mail: Mail) -> None:
            self.tries += 1
            raise Upstream("down")

    mailer = Down()
    down = replace(context, mailer=mailer)
    await identity.sign_up(down, realm, NewUser(email="ada@example.com", password=PASSWORD))
    assert mailer.tries == 1
    await identity.sign_in(works, realm, "ada@example.com", PASSWORD)


async def test_a_mailed_link_signs_in_for_its_own_purpose_only(
    context: Context, works: Works, realm: Realm, signed_up, mailed, actor_of
):
    await signed_up()
    await identity.request_password_reset(context, "ada@example.com")
    link = mailed("ada@example.com", "password")
    with pytest.raises(LinkInvalid):
        await identity.follow_link(works, realm, link, VERIFY)
    with pytest.raises(LinkInvalid):
        await identity.verify_email(works, link)
    tokens = await identity.follow_link(works, realm, link, RESET)
    await identity.set_password(context, await actor_of(tokens), NEW)
    await identity.sign_in(works, realm, "ada@example.com", NEW)


async def test_a_password_is_changed_by_who_knows_it_and_ends_other_sessions(
    context: Context, works: Works, realm: Realm, signed_up, actor_of
):
    other = await signed_up()
    mine = await identity.sign_in(works, realm, "ada@example.com", PASSWORD)
    actor = await actor_of(mine)
    with pytest.raises(WrongCredentials):
        await identity.change_password(context, actor, "wrong", NEW)
    with pytest.raises(SamePassword):
        await identity.change_password(context, actor, PASSWORD, PASSWORD)
    await identity.change_password(context, actor, PASSWORD, NEW)
    await actor_of(mine)
    with pytest.raises(SessionEnded):
        await actor_of(other)
    assert "was changed" in context.mailer.sent[-1].subject  # pyright: ignore


async def test_an_address_changes_when_the_new_one_is_proved(
    context: Context, works: Works, realm: Realm, signed_up, actor_of, mailed
):
    actor = await actor_of(await signed_up())
    await signed_up("bob@example.com")
    with pytest.raises(EmailTaken):
        await identity.request_email_change(context, actor, "BOB@example.com")
    await identity.request_email_change(context, actor, "Countess@example.com")
    assert await identity.pending_email(works, actor) == "countess@example.com"
    with pytest.raises(RateLimited):
        await identity.request_email_change(context, actor, "third@example.com")
    assert (await identity.get_user(works, actor)).email == "ada@example.com"
    await identity.verify_email(works, mailed("countess@example.com"))
    assert await identity.pending_email(works, actor) is None
    await identity.sign_in(works, realm, "countess@example.com", PASSWORD)


async def test_a_link_to_an_address_that_was_left_is_dead(context: Context, works: Works, signed_up, actor_of, mailed):
    actor = await actor_of(await signed_up())
    await identity.request_password_reset(context, "ada@example.com")
    await identity.request_email_change(context, actor, "new@example.com")
    await identity.verify_email(works, mailed("new@example.com"))
    with pytest.raises(LinkInvalid):
        await identity.reset_password(works, mailed("ada@example.com", "password"), NEW)


async def test_a_new_address_that_another_took_in_the_meantime_stays_theirs(
    context: Context, works: Works, signed_up, actor_of, mailed
):
    actor = await actor_of(await signed_up())
    await identity.request_email_change(context, actor, "new@example.com")
    link = mailed("new@example.com")
    await signed_up("new@example.com")
    with pytest.raises(EmailTaken):
        await identity.verify_email(works, link)


async def test_names_and_data_are_merged(works: Works, signed_up, actor_of):
    actor = await actor_of(await signed_up(metadata={"theme": "dark", "lang": "en"}))
    user = await identity.update_profile(works, actor, last_name="Lovelace", metadata={"lang": None, "size": 2})
    assert (user.first_name, user.last_name) == ("Ada", "Lovelace")
    assert user.metadata == {"theme": "dark", "size": 2}
    with pytest.raises(Invalid):
        await identity.update_profile(works, actor, first_name="x" * 101)


async def test_an_api_key_has_no_account(works: Works):
    key = Actor(type=ActorType.API_KEY, id=None, org_id=None)
    for use in (identity.get_user, identity.list_sessions):
        with pytest.raises(Forbidden):
            await use(works, key)
