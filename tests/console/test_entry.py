"""Before one is in: signing in and out, making an account, mailed links, and forms that prove they are ours."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from tests.console.conftest import Browser, BrowserFor, words
from tests.console.reading import error_of
from tests.fixtures.people import PASSWORD, SignUp

from frontdesk.kernel.clock import FrozenClock

Mailed = Callable[..., str]


@pytest.fixture
async def visitor(browser_for: BrowserFor) -> Browser:
    """Somebody who is not signed in."""
    return await browser_for()


async def send(browser: Browser, path: str, **fields: Any) -> httpx.Response:
    """Open the page at `path` and send its form, with the token that stands in it."""
    page = await browser.get(path)
    token = re.search(r'name="csrf_token" value="([0-9a-f]+)"', page.text)
    assert token, page.text
    return await browser.client.post(
        f"/console{urlsplit(path).path}", data={"csrf_token": token[1], **fields}, headers={"accept": "text/html"}
    )


async def test_a_page_leads_to_the_sign_in_and_back(visitor: Browser, signed_up: SignUp):
    await signed_up("ada@example.com")

    answer = await visitor.get("/leads?status=HOT")

    assert answer.status_code == 303
    to = answer.headers["location"]
    assert to.startswith("/console/sign-in?next=")
    answer = await send(
        visitor,
        to.removeprefix("/console"),
        email="ada@example.com",
        password=PASSWORD,
        next="/console/leads?status=HOT",
    )
    assert answer.headers["location"] == "/console/leads?status=HOT"
    kept = answer.headers.get_list("set-cookie")
    assert all("HttpOnly" in cookie and "SameSite=lax" in cookie for cookie in kept)
    assert (await visitor.get("/leads?status=HOT")).status_code == 200


@pytest.mark.parametrize(
    "next_path", ["https://evil.example", "//evil.example", "/console//evil.example", "/\\evil", ""]
)
async def test_nobody_is_sent_elsewhere(visitor: Browser, signed_up: SignUp, next_path: str):
    await signed_up("ada@example.com")

    answer = await send(visitor, "/sign-in", email="ada@example.com", password=PASSWORD, next=next_path)

    assert answer.headers["location"] == "/console"


async def test_a_wrong_password_is_said_and_the_address_kept(visitor: Browser, signed_up: SignUp):
    await signed_up("ada@example.com")

    answer = await send(visitor, "/sign-in", email="ada@example.com", password="wrong")

    assert answer.status_code == 400
    assert "The e-mail address or the password is wrong." in words(answer)
    assert 'value="ada@example.com"' in answer.text


async def test_signing_out_ends_the_session(visitor: Browser, signed_up: SignUp):
    await signed_up("ada@example.com")
    await send(visitor, "/sign-in", email="ada@example.com", password=PASSWORD)
    session = dict(visitor.client.cookies)

    answer = await visitor.post("/sign-out")

    assert answer.headers["location"] == "/console/sign-in"
    assert "You are signed out." in await visitor.page(answer)
    visitor.client.cookies.update(session)
    assert (await visitor.get("/team")).status_code == 303


async def test_forms_need_our_token_also_before_signing_in(visitor: Browser, owner: Browser, signed_up: SignUp):
    await signed_up("ada@example.com")
    fields = {"email": "ada@example.com", "password": PASSWORD}

    assert (await visitor.client.post("/console/sign-in", data=fields)).status_code == 403
    assert (await visitor.client.post("/console/sign-in", data={**fields, "csrf_token": "0" * 64})).status_code == 403
    assert (await owner.post("/sign-out", _token="0" * 64)).status_code == 403
    foreign = await owner.client.post("/console/sign-out", headers={"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403
    assert (await owner.get("/team")).status_code == 200


async def test_somebody_makes_an_account(visitor: Browser):
    answer = await send(
        visitor, "/sign-up", first_name="Olive", last_name="Oil", company_name="Harbour Kitchens", country="US",
        time_zone="", email="olive@example.com", password="correct horse",
    )  # fmt: skip

    assert answer.status_code == 303, words(answer)
    page = await visitor.get("")
    assert "Harbour Kitchens" in page.text
    assert "First steps" in page.text
    settings = await visitor.get("/settings")
    assert 'value="America/New_York" selected' in settings.text


async def test_what_is_wrong_with_an_account_stands_at_its_field(visitor: Browser, signed_up: SignUp):
    await signed_up("ada@example.com")
    fields = {"first_name": "Ada", "company_name": "Engines", "country": "GB", "email": "ada@example.com"}

    taken = await send(visitor, "/sign-up", **fields, password="correct horse")
    weak = await send(visitor, "/sign-up", **{**fields, "email": "new@example.com"}, password="password")
    nameless = await send(visitor, "/sign-up", **{**fields, "company_name": " "}, password="correct horse")

    assert error_of(taken, "email") == "There is an account with this e-mail address already."
    assert error_of(weak, "password") == "This password is too easy to guess."
    assert error_of(nameless, "company_name") == "What is your business called?"
    assert 'value="Engines"' in taken.text


async def test_a_forgotten_password_is_reset_by_mail(visitor: Browser, signed_up: SignUp, mailed: Mailed):
    await signed_up("ada@example.com")

    told = await visitor.page(await send(visitor, "/forgotten", email="ada@example.com"))
    unknown = await visitor.page(await send(visitor, "/forgotten", email="nobody@example.com"))

    assert "a link to set a new password is on its way" in told
    assert told == unknown
    token = mailed("ada@example.com", "new password")
    answer = await send(visitor, f"/reset-password?token={token}", token=token, password="another horse")
    assert "is set. Sign in with it." in await visitor.page(answer)
    answer = await send(visitor, "/sign-in", email="ada@example.com", password="another horse")
    assert answer.status_code == 303
    again = await send(visitor, f"/reset-password?token={token}", token=token, password="a third horse")
    assert again.status_code == 400
    assert "This link is not valid, or no longer." in words(again)


async def test_a_mailed_link_confirms_an_address_only_when_asked_to(
    visitor: Browser, signed_up: SignUp, mailed: Mailed
):
    await signed_up("ada@example.com")
    token = mailed("ada@example.com", "Confirm")

    assert (await visitor.get(f"/verify?token={token}")).status_code == 200
    assert (await visitor.get(f"/verify?token={token}")).status_code == 200
    answer = await send(visitor, f"/verify?token={token}", token=token)

    assert answer.status_code == 303
    assert (await send(visitor, f"/verify?token={token}", token=token)).status_code == 400


async def test_an_invitation_is_accepted_by_somebody_new(owner: Browser, visitor: Browser, mailed: Mailed):
    await owner.post("/team/invitations", email="new@example.com", role="agent", first_name="Nell", last_name="")
    token = mailed("new@example.com", "invited")

    page = await visitor.get(f"/accept-invite?token={token}")
    assert "Join Acme Kitchens" in words(page)
    assert 'value="Nell"' in page.text
    answer = await send(
        visitor, f"/accept-invite?token={token}", token=token, first_name="Nell", password="correct horse"
    )

    assert answer.status_code == 303, words(answer)
    assert "Nell" in (await owner.get("/team")).text
    assert "Acme Kitchens" in (await visitor.get("")).text
    assert (await visitor.get(f"/accept-invite?token={token}")).status_code == 404


async def test_an_invitation_is_accepted_by_somebody_signed_in(
    owner: Browser, visitor: Browser, signed_up: SignUp, mailed: Mailed
):
    await signed_up("ada@example.com")
    await owner.post("/team/invitations", email="ada@example.com", role="viewer", first_name="", last_name="")
    token = mailed("ada@example.com", "invited")
    await send(visitor, "/sign-in", email="ada@example.com", password=PASSWORD)

    page = await visitor.get(f"/accept-invite?token={token}")
    assert 'name="password"' not in page.text
    answer = await send(visitor, f"/accept-invite?token={token}", token=token, as_me="yes")

    assert answer.status_code == 303, words(answer)
    assert "Acme Kitchens" in (await visitor.get("")).text
    choices = words(await visitor.get("/organizations"))
    assert "Acme Kitchens" in choices
    assert "Ada Byron's organisation" in choices


async def test_who_belongs_to_no_organisation_begins_one(owner: Browser, visitor: Browser, signed_up: SignUp):
    await signed_up("ada@example.com")
    await send(visitor, "/sign-in", email="ada@example.com", password=PASSWORD)
    # The last owner cannot leave, so another organisation is begun and gone on in instead.
    answer = await send(visitor, "/organizations", name="Second Kitchens", country="GB")

    assert answer.status_code == 303, words(answer)
    assert "Second Kitchens" in (await visitor.get("")).text
    nowhere = await send(visitor, "/organizations", name=" ", country="GB")
    assert error_of(nowhere, "name")


async def test_a_session_is_renewed_before_it_ends(visitor: Browser, signed_up: SignUp, clock: FrozenClock):
    await signed_up("ada@example.com")
    await send(visitor, "/sign-in", email="ada@example.com", password=PASSWORD)
    was = visitor.client.cookies["fd_session"]

    # The token says when it was made by the frozen clock, long ago by the one on the wall: it counts as old.
    answer = await visitor.get("/team", headers={"accept": "text/html"})

    assert answer.status_code == 200
    assert visitor.client.cookies["fd_session"] != was or "fd_session" in str(answer.headers.get_list("set-cookie"))


async def test_colours_are_kept(owner: Browser):
    answer = await owner.post("/theme", theme="dark")

    assert answer.status_code == 303
    assert '<html lang="en" data-theme="dark">' in (await owner.get("/team")).text
    await owner.post("/theme", theme="")
    assert '<html lang="en">' in (await owner.get("/team")).text
