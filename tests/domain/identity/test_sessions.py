"""Signing in and out, refreshing, and what ends a session."""

from datetime import timedelta

import jwt
import pytest
from msgspec import structs
from tests.fixtures.people import PASSWORD

from frontdesk.domain.identity import service as identity
from frontdesk.domain.identity.errors import (
    AccountLocked,
    AccountSuspended,
    EmailNotConfirmed,
    RefreshTokenInvalid,
    RefreshTokenReused,
    SessionEnded,
    SessionNotFound,
    WrongCredentials,
)
from frontdesk.domain.identity.model import Realm, SessionKind, SignOutScope
from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.organizations.errors import OrganizationNotFound
from frontdesk.domain.organizations.model import NewOrganization
from frontdesk.kernel.clock import FrozenClock
from frontdesk.kernel.errors import Unauthenticated
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works
from frontdesk.platform.secrets import Secrets
from frontdesk.platform.tokens import TokenExpired, TokenInvalid, TokenSigner


async def test_the_right_password_opens_a_session(works: Works, realm: Realm, signed_up, actor_of):
    first = await signed_up()
    tokens = await identity.sign_in(works, realm, "ADA@example.com", PASSWORD, ip="10.0.0.1", user_agent="curl")
    actor = await actor_of(tokens)
    assert (actor.id, actor.org_id, actor.session_id) == (first.user.id, first.org_id, tokens.session_id)
    assert {session.ip for session in await identity.list_sessions(works, actor)} == {"", "10.0.0.1"}


@pytest.mark.parametrize(
    ("email", "password"),
    [("ada@example.com", "wrong"), ("eve@example.com", PASSWORD), ("a\0", "\ud800"), ("\ud800@x.org", "x")],
)
async def test_the_wrong_credentials_do_not(works: Works, realm: Realm, signed_up, email: str, password: str):
    await signed_up()
    with pytest.raises(WrongCredentials):
        await identity.sign_in(works, realm, email, password)


async def test_a_token_says_what_supabase_clients_read(signed_up, secrets: Secrets, clock: FrozenClock):
    tokens = await signed_up(metadata={"theme": "dark"})
    claims = jwt.decode(
        tokens.access_token, secrets.jwt_secret, ["HS256"], audience="authenticated", options={"verify_exp": False}
    )
    assert claims["sub"] == str(tokens.user.id)
    assert claims["session_id"] == str(tokens.session_id)
    assert claims["org_id"] == str(tokens.org_id)
    assert claims["role"] == "authenticated"
    assert claims["app_metadata"] == {
        "provider": "email", "providers": ["email"], "org_id": str(tokens.org_id), "client_id": str(tokens.org_id),
        "role": "owner",
    }  # fmt: skip
    assert claims["user_metadata"] == {"theme": "dark"}
    assert claims["exp"] - claims["iat"] == 3600
    assert claims["iat"] == int(clock.now().timestamp())


async def test_ten_failures_lock_for_a_quarter_of_an_hour(works: Works, realm: Realm, signed_up, clock: FrozenClock):
    await signed_up()
    for _ in range(10):
        with pytest.raises(WrongCredentials):
            await identity.sign_in(works, realm, "ada@example.com", "wrong")
    with pytest.raises(AccountLocked) as locked:
        await identity.sign_in(works, realm, "ada@example.com", PASSWORD)
    assert locked.value.retry_after == 900
    clock.move(timedelta(minutes=15))
    await identity.sign_in(works, realm, "ada@example.com", PASSWORD)


async def test_a_good_sign_in_forgets_the_failures(works: Works, realm: Realm, signed_up):
    await signed_up()
    for _ in range(2):
        for _ in range(9):
            with pytest.raises(WrongCredentials):
                await identity.sign_in(works, realm, "ada@example.com", "wrong")
        await identity.sign_in(works, realm, "ada@example.com", PASSWORD)


async def test_a_suspended_person_is_refused_with_and_without_a_token(works: Works, realm: Realm, signed_up, actor_of):
    tokens = await signed_up()
    async with works.across_tenants("tests") as work:
        await work.execute("update users set suspended_at = $1", work.now)
    with pytest.raises(AccountSuspended):
        await identity.sign_in(works, realm, "ada@example.com", PASSWORD)
    with pytest.raises(SessionEnded):
        await actor_of(tokens)
    with pytest.raises(AccountSuspended):
        await identity.refresh(works, realm, tokens.refresh_token)


async def test_an_unconfirmed_address_waits_where_the_operator_wants_it_confirmed(
    context: Context, works: Works, realm: Realm, signed_up, mailed, clock: FrozenClock
):
    strict = structs.replace(realm, confirm_emails=True)
    await signed_up()
    with pytest.raises(WrongCredentials):
        await identity.sign_in(works, strict, "ada@example.com", "wrong")
    with pytest.raises(EmailNotConfirmed):
        await identity.sign_in(works, strict, "ada@example.com", PASSWORD)
    first = mailed("ada@example.com", "Confirm")
    await identity.send_verification(context, "ada@example.com")
    assert mailed("ada@example.com", "Confirm") == first  # within the minute
    clock.move(timedelta(minutes=2))
    await identity.send_verification(context, "ada@example.com")
    assert mailed("ada@example.com", "Confirm") != first
    await identity.verify_email(works, mailed("ada@example.com", "Confirm"))
    await identity.sign_in(works, strict, "ada@example.com", PASSWORD)


# --- refreshing -------------------------------------------------------------------------------------------------------


async def test_refresh_tokens_rotate_and_lengthen_the_session(works: Works, realm: Realm, signed_up, clock, actor_of):
    tokens = await signed_up()
    for _ in range(3):
        clock.move(timedelta(days=20))
        with pytest.raises(TokenExpired):
            await actor_of(tokens)
        was, tokens = tokens, await identity.refresh(works, realm, tokens.refresh_token)
        assert tokens.refresh_token != was.refresh_token
        assert (await actor_of(tokens)).session_id == was.session_id
    clock.move(timedelta(days=31))
    with pytest.raises(RefreshTokenInvalid):
        await identity.refresh(works, realm, tokens.refresh_token)


async def test_two_tabs_that_refresh_at_once_end_up_with_the_same_token(works: Works, realm: Realm, signed_up, clock):
    tokens = await signed_up()
    first = await identity.refresh(works, realm, tokens.refresh_token)
    clock.move(timedelta(seconds=5))
    second = await identity.refresh(works, realm, tokens.refresh_token)
    assert first.refresh_token == second.refresh_token
    third = await identity.refresh(works, realm, first.refresh_token)
    clock.move(timedelta(seconds=5))
    assert (await identity.refresh(works, realm, tokens.refresh_token)).refresh_token == third.refresh_token


async def test_reuse_of_a_refresh_token_ends_the_session(works: Works, realm: Realm, signed_up, clock, actor_of):
    stolen = await signed_up()
    current = await identity.refresh(works, realm, stolen.refresh_token)
    clock.move(timedelta(seconds=11))
    with pytest.raises(RefreshTokenReused):
        await identity.refresh(works, realm, stolen.refresh_token)
    with pytest.raises(RefreshTokenInvalid):
        await identity.refresh(works, realm, current.refresh_token)
    with pytest.raises(SessionEnded):
        await actor_of(current)


@pytest.mark.parametrize("token", ["", "nonsense", "\ud800", "x" * 10_000])
async def test_an_unknown_refresh_token_is_refused(works: Works, realm: Realm, token: str):
    with pytest.raises(RefreshTokenInvalid):
        await identity.refresh(works, realm, token)


# --- what is no session -----------------------------------------------------------------------------------------------


async def test_tokens_that_are_not_ours_are_refused(works: Works, secrets: Secrets, signed_up):
    tokens = await signed_up()
    claims = jwt.decode(tokens.access_token, options={"verify_signature": False})
    head, body, _ = tokens.access_token.split(".")
    forged = [
        "", "nonsense", "a.b.c", "\ud800", head + "." + body + ".", tokens.access_token + "x",
        jwt.encode(claims, "k" * 40, "HS256"),
        jwt.encode(claims, "", "none"),
        jwt.encode({**claims, "aud": "anon"}, secrets.jwt_secret, "HS256"),
        jwt.encode({**claims, "session_id": "x"}, secrets.jwt_secret, "HS256"),
        jwt.encode({**claims, "session_id": ["x"]}, secrets.jwt_secret, "HS256"),
        jwt.encode({**claims, "exp": "soon"}, secrets.jwt_secret, "HS256"),
        jwt.encode({**claims, "exp": 10**30}, secrets.jwt_secret, "HS256"),
        jwt.encode({key: claims[key] for key in claims if key != "session_id"}, secrets.jwt_secret, "HS256"),
    ]  # fmt: skip
    for token in forged:
        with pytest.raises(TokenInvalid):
            await identity.authenticate_bearer(works, secrets, token)


async def test_what_cannot_be_an_api_key_is_refused(works: Works, secrets: Secrets):
    for key in ("sk_live_", "sk_live_" + "x" * 40, "sk_live_é"):
        with pytest.raises(Unauthenticated):
            await identity.authenticate(works, secrets, key)


# --- signing out ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "survivors"),
    [(SignOutScope.LOCAL, [False, True]), (SignOutScope.OTHERS, [True, False]), (SignOutScope.GLOBAL, [False, False])],
)
async def test_signing_out_bites_at_once(works: Works, realm: Realm, signed_up, actor_of, scope, survivors):
    here = await signed_up()
    there = await identity.sign_in(works, realm, "ada@example.com", PASSWORD)
    bystander = await signed_up("bob@example.com")
    await identity.sign_out(works, here.session_id, scope)
    for tokens, survives in zip([here, there], survivors, strict=True):
        if survives:
            await actor_of(tokens)
        else:
            with pytest.raises(SessionEnded):
                await actor_of(tokens)
    await actor_of(bystander)


async def test_one_session_is_ended_by_its_owner_only(works: Works, realm: Realm, signed_up, actor_of):
    mine, other = await signed_up(), await identity.sign_in(works, realm, "ada@example.com", PASSWORD)
    eve = await actor_of(await signed_up("eve@example.com"))
    with pytest.raises(SessionNotFound):
        await identity.end_session(works, eve, other.session_id)
    await identity.end_session(works, await actor_of(mine), other.session_id)
    with pytest.raises(SessionEnded):
        await actor_of(other)


async def test_a_console_token_lasts_as_long_as_its_session(works: Works, realm: Realm, signed_up, clock, actor_of):
    await signed_up()
    tokens = await identity.sign_in(works, realm, "ada@example.com", PASSWORD, kind=SessionKind.CONSOLE)
    clock.move(timedelta(days=6, hours=23))
    await actor_of(tokens)
    clock.move(timedelta(hours=1))
    with pytest.raises(TokenExpired):
        await actor_of(tokens)


# --- several organisations --------------------------------------------------------------------------------------------


async def test_a_session_moves_between_the_organisations_of_its_owner(works: Works, realm: Realm, signed_up, actor_of):
    tokens = await signed_up()
    foreign = await signed_up("eve@example.com")
    actor = await actor_of(tokens)
    second = await organizations.create(works, actor, NewOrganization("Second"))
    assert [each.name for each in await organizations.list_own(works, actor)] == ["Ada Byron's organisation", "Second"]
    with pytest.raises(OrganizationNotFound):
        await identity.switch_organization(works, realm, actor, foreign.org_id)
    moved = await identity.switch_organization(works, realm, actor, second.org_id)
    assert (await actor_of(moved)).org_id == (await actor_of(tokens)).org_id == second.org_id
    with pytest.raises(RefreshTokenInvalid):
        await identity.refresh(works, realm, tokens.refresh_token)
    assert (await identity.refresh(works, realm, moved.refresh_token)).org_id == second.org_id


async def test_the_next_session_is_for_where_the_last_one_began(works: Works, realm: Realm, signed_up, actor_of, clock):
    tokens = await signed_up()
    second = await organizations.create(works, await actor_of(tokens), NewOrganization("Second"))
    await identity.switch_organization(works, realm, await actor_of(tokens), second.org_id)
    clock.move(timedelta(minutes=1))
    assert (await identity.sign_in(works, realm, "ada@example.com", PASSWORD)).org_id == second.org_id


async def test_what_is_long_over_is_deleted(works: Works, realm: Realm, signed_up, clock):
    await signed_up()
    tokens = await identity.sign_in(works, realm, "ada@example.com", PASSWORD)
    await identity.sign_out(works, tokens.session_id)
    assert await identity.purge_expired(works) == 0
    clock.move(timedelta(days=8, minutes=1))
    assert await identity.purge_expired(works) == 3  # the session, and link and code of the mail at sign-up


async def test_a_refresh_chain_cannot_be_followed_without_the_secret(realm: Realm):
    other = TokenSigner("k" * 40, "x")
    assert realm.signer.successor("t") == realm.signer.successor("t") != other.successor("t")
