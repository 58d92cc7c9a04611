"""New accounts and what they come with."""

import pytest
from msgspec import structs

from frontdesk.domain.identity import service as identity
from frontdesk.domain.identity.errors import EmailTaken, SignUpClosed, WeakPassword
from frontdesk.domain.identity.model import NewUser, Realm
from frontdesk.domain.organizations import service as organizations
from frontdesk.kernel.access import Permission, Role
from frontdesk.kernel.errors import Invalid
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works


async def test_a_person_gets_an_organisation_of_their_own_with_a_number(works: Works, signed_up, actor_of):
    actor = await actor_of(await signed_up(" Ada@Example.COM "))
    assert actor.email == "ada@example.com"
    assert actor.role is Role.OWNER
    async with works.begin(actor) as work:
        organization = await organizations.get(work)
        number = await work.fetchrow("select * from numbers where org_id = $1", work.org_id)
    assert organization.name == "Ada Byron's organisation"
    assert organization.number == number["phone"] == "+447700900999"
    assert number["sandbox"]


async def test_the_organisation_is_called_as_the_person_says(works: Works, signed_up, actor_of):
    actor = await actor_of(await signed_up(metadata={"company_name": "Byron Analytics"}))
    async with works.read(actor) as work:
        assert (await organizations.get(work)).name == "Byron Analytics"


async def test_an_address_has_one_account_however_it_is_written(signed_up):
    await signed_up("ada@example.com")
    with pytest.raises(EmailTaken):
        await signed_up("ADA@example.com")


@pytest.mark.parametrize("password", ["short", "1234567", "password", "aaaaaaaa", "ada@example.com", "x" * 257])
async def test_a_weak_password_is_refused(context: Context, realm: Realm, password: str):
    with pytest.raises(WeakPassword):
        await identity.sign_up(context, realm, NewUser(email="ada@example.com", password=password))


@pytest.mark.parametrize(
    "email",
    ["", "ada", "ada@", "@x.org", "a b@x.org", "a@b@c", "ada@x.org\nBcc: x@y", "a\0@b.c", "ada@-x.com", "ada@x..org"],
)
async def test_what_is_no_address_is_refused(context: Context, realm: Realm, email: str):
    with pytest.raises(Invalid):
        await identity.sign_up(context, realm, NewUser(email=email, password="correct horse"))


@pytest.mark.parametrize("metadata", [{"note": "a\0b"}, {"note": "x" * 20_000}, {"company_name": "a\nb"}])
async def test_data_that_cannot_be_kept_is_refused(context: Context, realm: Realm, metadata):
    with pytest.raises(Invalid):
        await identity.sign_up(
            context, realm, NewUser(email="ada@example.com", password="correct horse", metadata=metadata)
        )


async def test_nobody_signs_up_where_it_is_closed(context: Context, realm: Realm):
    closed = structs.replace(realm, sign_up_open=False)
    with pytest.raises(SignUpClosed):
        await identity.sign_up(context, closed, NewUser(email="ada@example.com", password="correct horse"))


async def test_the_address_is_confirmed_by_the_mailed_link_once(works: Works, signed_up, mailed):
    await signed_up()
    token = mailed("ada@example.com", "Confirm")
    user = await identity.verify_email(works, token)
    assert user.email_verified_at == works.clock.now()
    with pytest.raises(Invalid):
        await identity.verify_email(works, token)


async def test_everything_of_a_sign_up_is_told(works: Works, signed_up):
    tokens = await signed_up()
    async with works.across_tenants("tests") as work:
        rows = await work.fetch("select type from events where org_id = $1", tokens.org_id)
    assert {row["type"] for row in rows} == {"organization.created", "member.joined", "user.login"}


async def test_a_platform_admin_belongs_nowhere_and_may_do_what_concerns_the_platform(
    works: Works, realm: Realm, actor_of
):
    await identity.create_platform_admin(works, "root@example.com", "correct horse")
    actor = await actor_of(await identity.sign_in(works, realm, "root@example.com", "correct horse"))
    assert actor.org_id is None
    assert actor.permissions == {Permission.PLATFORM}
    with pytest.raises(EmailTaken):
        await identity.create_platform_admin(works, "ROOT@example.com", "correct horse")


async def test_stored_passwords_are_argon2id(works: Works, signed_up):
    await signed_up()
    async with works.across_tenants("tests") as work:
        assert (await work.fetchval("select password_hash from users")).startswith("$argon2id$")
