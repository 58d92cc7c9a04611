"""The number to text from: an account is connected, a number chosen and tried, and left again, all told in words."""

import pytest
from tests.console.conftest import Browser, words
from tests.fakes.twilio import Account, FakeTwilio
from tests.fixtures.organizations import Organization

from frontdesk.platform.context import Context

SENDER = "+447700900555"


@pytest.fixture
def context(with_twilio: Context) -> Context:
    """With Twilio."""
    return with_twilio


@pytest.fixture
def account(fake_twilio: FakeTwilio) -> Account:
    fake_twilio.delivers = False
    made = fake_twilio.account(SENDER)
    made.owns("+442079460111", sms=False)
    return made


def given(account: Account, **more: str) -> dict[str, str]:
    return {"account_sid": account.sid, "auth_token": account.token, "answers_stop": "on", **more}


async def test_from_the_sandbox_to_twilio_and_back(owner: Browser, account: Account, org: Organization) -> None:
    page = words(await owner.get("/settings/number"))
    assert "Sandbox" in page
    assert "Connect your Twilio account" in page
    assert "Choose the number" in await owner.page(await owner.post("/settings/number/connect", **given(account)))
    page = words(await owner.get("/settings/number"))
    assert "+44 7700 900555" in page
    assert "It cannot send texts." in page
    assert "The carrier cannot post to" in page  # the tests' address is no public one
    raw = (await owner.get("/settings/number")).text
    assert account.token not in raw
    assert f"…{account.token[-4:]}" in raw
    chosen = await owner.page(await owner.post("/settings/number/use", phone=SENDER))
    assert f"Texts go out from {SENDER} now, to real phones." in chosen
    tried = words(await owner.post("/settings/number/check"))
    assert "The credentials of Harbour Kitchens Ltd work." in tried
    assert "Texts to the number are posted here." in tried
    assert "to virtual handsets" in words(await owner.get("/settings/number/disconnect"))
    left = await owner.page(await owner.post("/settings/number/disconnect"))
    assert "Twilio is disconnected." in left
    assert "Connect your Twilio account" in left


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"account_sid": "SK1"}, "An account SID is AC and 32 digits"),
        ({"auth_token": "short"}, "An auth token is 32 characters"),
        ({"auth_token": "0" * 32}, "Twilio does not accept the auth token."),
        ({"api_key_sid": "SK" + "0" * 32}, "An API key is its SID and its secret."),
    ],
)
async def test_what_does_not_work_is_said_where_it_was_written(
    owner: Browser, account: Account, wrong: dict[str, str], said: str
) -> None:
    answer = await owner.post("/settings/number/connect", **given(account, **wrong))
    assert answer.status_code == 400
    assert said in words(answer)
    assert "Connect your Twilio account" in words(await owner.get("/settings/number"))


async def test_a_carrier_that_is_away_leaves_the_page_standing(
    owner: Browser, account: Account, fake_twilio: FakeTwilio
) -> None:
    await owner.post("/settings/number/connect", **given(account))
    fake_twilio.accounts.clear()
    assert "does not accept the credentials" in words(await owner.get("/settings/number"))
    refused = await owner.page(await owner.post("/settings/number/use", phone=SENDER))
    assert "does not accept the credentials" in refused


async def test_who_may_not_change_it_sees_it(viewer: Browser, account: Account, org: Organization) -> None:
    page = words(await viewer.get("/settings/number"))
    assert "Owners and admins change it." in page
    assert "Auth token" not in page
    assert (await viewer.post("/settings/number/connect", **given(account))).status_code == 403
    assert (await viewer.post("/settings/number/use", phone=org.number)).status_code == 403
    assert (await viewer.post("/settings/number/disconnect")).status_code == 403
