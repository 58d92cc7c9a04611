"""One's own account: name, password, address, sessions."""

import re

import pytest
from tests.console.conftest import Browser, BrowserFor, words
from tests.fixtures.people import PASSWORD, SignUp

from frontdesk.console.state import House
from frontdesk.domain.identity import service as identity
from frontdesk.domain.identity.errors import WrongCredentials
from frontdesk.domain.identity.model import SessionKind, Tokens

ADA = "ada@example.com"
NEW = "another battery staple"


async def sign_in(house: House, password: str = PASSWORD) -> Tokens:
    agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"
    return await identity.sign_in(
        house.context.works, house.realm, ADA, password, kind=SessionKind.CONSOLE, user_agent=agent
    )


@pytest.fixture
async def ada(browser_for: BrowserFor, signed_up: SignUp) -> Browser:
    """Somebody with an account and a password."""
    return await browser_for(token=(await signed_up(ADA)).access_token)


async def test_a_name_is_changed(ada: Browser):
    assert "Your name is saved." in await ada.page(await ada.post("/account/name", first_name="Ada", last_name="King"))
    assert 'value="King"' in (await ada.get("/account")).text
    wrong = await ada.post("/account/name", first_name="x" * 101, last_name="King")
    assert "This must not be longer than 100 characters." in words(wrong)


async def test_a_password_is_changed_and_ends_other_sessions(ada: Browser, house: House):
    await sign_in(house)
    assert "Chrome on Linux" in words(await ada.get("/account"))
    answer = await ada.post("/account/password", current=PASSWORD, password=NEW, again=NEW)
    assert "Your password is changed" in await ada.page(answer)
    assert "Chrome on Linux" not in words(await ada.get("/account"))
    await sign_in(house, NEW)
    with pytest.raises(WrongCredentials):
        await sign_in(house, PASSWORD)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"current": "wrong"}, "This is not your current password."),
        ({"again": "something else"}, "The two do not match."),
        ({"password": "short", "again": "short"}, "The password must have at least 8 characters."),
        ({"password": PASSWORD, "again": PASSWORD}, "The new password must differ from the old one."),
    ],
)
async def test_a_password_that_cannot_be(ada: Browser, house: House, fields: dict[str, str], said: str):
    answer = await ada.post("/account/password", **{"current": PASSWORD, "password": NEW, "again": NEW, **fields})
    assert answer.status_code == 400
    assert said in words(answer)
    assert NEW not in answer.text
    await sign_in(house, PASSWORD)


async def test_another_address_waits_for_its_link(ada: Browser):
    shown = await ada.page(await ada.post("/account/email", email="ada@new.example"))
    assert "You asked to change it to ada@new.example." in shown
    assert "This is not an e-mail address." in words(await ada.post("/account/email", email="ada"))


async def test_a_session_is_ended(ada: Browser, house: House):
    await sign_in(house)
    shown = await ada.get("/account")
    ends = re.findall(r'action="/console(/account/sessions/[^"/]+/end)"', shown.text)
    assert len(ends) == 1  # not the one in use
    assert "The session is ended." in await ada.page(await ada.post(ends[0]))
    assert (await ada.post(ends[0])).status_code == 404
    assert (await ada.post("/account/sessions/nonsense/end")).status_code == 404


async def test_all_other_sessions_are_ended(ada: Browser, house: House):
    await sign_in(house)
    await sign_in(house)
    shown = await ada.page(await ada.post("/account/sessions/end-others"))
    assert "Your other sessions are ended." in shown
    assert "Chrome on Linux" not in shown
