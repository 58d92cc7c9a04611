"""What two requests at once must not do. Each test has a database of its own."""

import asyncio

import pytest

from frontdesk.domain.identity import service as identity
from frontdesk.domain.identity.errors import AccountLocked, EmailTaken, LinkInvalid, WrongCredentials
from frontdesk.domain.identity.model import NewUser, Realm
from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.organizations.errors import InvitationInvalid, LastOwner
from frontdesk.domain.organizations.model import MemberChange, NewInvitation
from frontdesk.kernel.access import Role
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works
from frontdesk.platform.secrets import Secrets

pytestmark = pytest.mark.committed
PASSWORD = "correct horse"


@pytest.fixture
def context(context: Context, committed_works: Works) -> Context:
    return Context(**{**vars(context), "works": committed_works})


async def both(*uses):
    return await asyncio.gather(*uses, return_exceptions=True)


async def test_one_address_signed_up_twice_and_two_addresses_get_two_numbers(context: Context, realm: Realm):
    emails = ["a@x.org", "A@x.org", "b@x.org", "c@x.org"]
    done = await both(*(identity.sign_up(context, realm, NewUser(email=e, password=PASSWORD)) for e in emails))
    assert [type(each) for each in done].count(EmailTaken) == 1
    async with context.works.across_tenants("tests") as work:
        numbers = [row["phone"] for row in await work.fetch("select phone from numbers")]
    assert sorted(numbers) == ["+447700900997", "+447700900998", "+447700900999"]


async def test_refreshes_at_once_agree(context: Context, realm: Realm):
    done = await identity.sign_up(context, realm, NewUser(email="a@x.org", password=PASSWORD))
    refreshed = await both(*(identity.refresh(context.works, realm, done.tokens.refresh_token) for _ in range(5)))
    assert len({tokens.refresh_token for tokens in refreshed}) == 1


async def test_a_burst_of_guesses_is_locked_out_even_if_one_is_right(context: Context, realm: Realm):
    await identity.sign_up(context, realm, NewUser(email="a@x.org", password=PASSWORD))
    guesses = ["wrong"] * 14
    outcomes = await both(*(identity.sign_in(context.works, realm, "a@x.org", guess) for guess in guesses))
    assert {type(each) for each in outcomes} <= {WrongCredentials, AccountLocked}
    with pytest.raises(AccountLocked):
        await identity.sign_in(context.works, realm, "a@x.org", PASSWORD)


async def test_a_link_works_once(context: Context, realm: Realm, mailed):
    await identity.sign_up(context, realm, NewUser(email="a@x.org", password=PASSWORD))
    token = mailed("a@x.org")
    outcomes = await both(*(identity.verify_email(context.works, token) for _ in range(4)))
    assert [type(each) for each in outcomes].count(LinkInvalid) == 3


async def test_an_invitation_makes_one_member_and_two_owners_leave_one(
    context: Context, realm: Realm, secrets: Secrets, mailed
):
    async def actor_of(tokens):
        visit, actor = await identity.authenticate_bearer(context.works, secrets, tokens.access_token)
        await visit.leave()
        return actor

    ada = await actor_of((await identity.sign_up(context, realm, NewUser(email="a@x.org", password=PASSWORD))).tokens)
    await organizations.invite(context, ada, NewInvitation("b@x.org", Role.OWNER))
    token = mailed("b@x.org")
    outcomes = await both(
        *(identity.accept_invitation(context.works, realm, token, password="tea and cake") for _ in range(3))
    )
    [joined] = [each for each in outcomes if not isinstance(each, Exception)]
    assert {type(each) for each in outcomes if isinstance(each, Exception)} <= {InvitationInvalid, EmailTaken}
    bob = await actor_of(joined)

    async def step_down(who):
        async with context.works.begin(who) as work:
            await organizations.change_member(work, who.id, MemberChange(role=Role.ADMIN))

    outcomes = await both(step_down(ada), step_down(bob))
    assert sorted(type(each).__name__ for each in outcomes) == sorted([LastOwner.__name__, "NoneType"])


async def test_the_app_role_sees_no_credentials_and_its_own_organisation_only(
    context: Context, realm: Realm, secrets: Secrets
):
    for email in ("a@x.org", "b@x.org"):
        done = await identity.sign_up(context, realm, NewUser(email=email, password=PASSWORD))
    visit, actor = await identity.authenticate_bearer(context.works, secrets, done.tokens.access_token)
    async with visit.work(actor, writes=False) as work:
        for table in ("organizations", "memberships", "numbers", "audit_log", "invitations", "api_keys"):
            rows = await work.fetch(f"select org_id from {table}")
            assert {row["org_id"] for row in rows} <= {actor.org_id}
        assert [row["email"] for row in await work.fetch("select email from users")] == ["b@x.org"]
    for forbidden in (
        "select password_hash from users", "select * from sessions", "select * from refresh_tokens",
        "select * from one_time_tokens", "select * from captured_mail", "update users set first_name = 'x'",
        "insert into organizations (org_id, name) values (gen_random_uuid(), 'x')",
    ):  # fmt: skip
        async with context.works.read(actor) as work:
            with pytest.raises(Exception, match="permission denied"):
                await work.execute(forbidden)
