"""Twilio behaves as a carrier, over a real socket and by the letter of its API document."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet
from msgspec import structs
from tests.adapters.carrier_suite import Bench, CarrierSuite
from tests.fakes.openapi import Document
from tests.fakes.twilio import Account, FakeTwilio
from tests.platform.postgres.debian import free_port
from twilio.request_validator import RequestValidator

from frontdesk.adapters.twilio import Credentials, Line, TwilioAccount, TwilioVendor
from frontdesk.kernel.clock import SystemClock
from frontdesk.kernel.errors import Invalid
from frontdesk.platform.crypto import Vault
from frontdesk.ports.calling import VoiceAddresses
from frontdesk.ports.carrier import (
    AccountProblem,
    AccountRefused,
    Busy,
    CarrierStatus,
    OutgoingText,
    Rejected,
    Uncertain,
)
from frontdesk.ports.carrier_codes import CODES, Meaning

WEBHOOK = "http://127.0.0.1:9/reactivation/api/webhooks/twilio"  # where nobody listens
VOICE = VoiceAddresses.below("http://127.0.0.1:9")
SENDER, HANDSET, OTHER_HANDSET = "+447700900555", "+447700900123", "+447700900124"


class TwilioBench:
    """An account with the fake, made to fail by it."""

    sender, handset, other_handset = SENDER, HANDSET, OTHER_HANDSET

    def __init__(self, fake: FakeTwilio, account: Account, carrier: TwilioAccount) -> None:
        self.fake, self.account, self.carrier = fake, account, carrier
        self.clock = SystemClock()
        self.signing_token = account.token

    async def be_busy(self) -> None:
        self.fake.refuse(20429, 429, retry_after=1.5)

    async def break_off(self, *, accept: bool) -> None:
        self.fake.breaks_off = "taken" if accept else "lost"

    async def recover(self) -> None:
        self.fake.breaks_off = ""
        self.fake.refusals.clear()

    async def block(self, handset: str) -> None:
        self.fake.blocked.add((handset, self.sender))


@pytest.fixture
async def line(fake_twilio: FakeTwilio) -> AsyncIterator[Line]:
    made = Line(fake_twilio.url)
    yield made
    await made.close()


@pytest.fixture
def account(fake_twilio: FakeTwilio) -> Account:
    return fake_twilio.account(SENDER)


def opened(line: Line, account: Account, **given: str) -> TwilioAccount:
    credentials = Credentials(**{"account_sid": account.sid, "auth_token": account.token, **given})
    return TwilioAccount(line, credentials, WEBHOOK, SystemClock(), VOICE)


@pytest.fixture
def carrier(line: Line, account: Account) -> TwilioAccount:
    return opened(line, account)


def text(to: str = HANDSET, body: str = "Hello") -> OutgoingText:
    return OutgoingText(SENDER, to, body, uuid4())


class TestByToken(CarrierSuite):
    @pytest.fixture
    def bench(self, fake_twilio: FakeTwilio, account: Account, carrier: TwilioAccount) -> Bench:
        return TwilioBench(fake_twilio, account, carrier)


@pytest.mark.parametrize("how", ["key", "service"])
async def test_a_key_or_a_messaging_service_sends_too(line: Line, account: Account, how: str) -> None:
    given = (
        {"api_key_sid": account.key_sid, "api_key_secret": account.key_secret}
        if how == "key"
        else {"messaging_service_sid": account.service_sid}
    )
    carrier = opened(line, account, **given)
    receipt = await carrier.send(text())
    assert receipt.segments == 1
    (listed,) = await carrier.sent_to(HANDSET, SystemClock().now() - timedelta(minutes=1))
    assert (listed.provider_id, listed.sender) == (receipt.provider_id, SENDER)
    assert await carrier.check() == "Harbour Kitchens Ltd"


@pytest.mark.parametrize(
    "code",
    [
        int(code)
        for code, known in CODES.items()
        if code[0] == "2" and len(code) == 5 and known.meaning is not Meaning.NOT_SENT
    ],
)
async def test_each_code_is_told_in_words(fake_twilio: FakeTwilio, carrier: TwilioAccount, code: int) -> None:
    fake_twilio.refuse(code, 401 if code == 20003 else 404 if code == 20404 else 400)
    with pytest.raises(Rejected) as refused:
        await carrier.send(text())
    known = CODES[str(code)]
    assert (refused.value.code, str(refused.value)) == (str(code), known.words)
    assert isinstance(refused.value, AccountRefused) is (known.meaning is Meaning.ACCOUNT)


async def test_an_unknown_code_is_told_without_their_words(fake_twilio: FakeTwilio, carrier: TwilioAccount) -> None:
    fake_twilio.refuse(21999)
    with pytest.raises(Rejected) as refused:
        await carrier.send(text())
    assert str(refused.value) == "The carrier refused the message (code 21999)."
    assert not isinstance(refused.value, AccountRefused)


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_what_breaks_inside_twilio_is_uncertain(
    fake_twilio: FakeTwilio, carrier: TwilioAccount, status: int
) -> None:
    fake_twilio.refuse(20500, status)
    with pytest.raises(Uncertain):
        await carrier.send(text())


@pytest.mark.parametrize(("said", "waits"), [(7.5, 7.5), (None, 2.0), (86_400.0, 300.0)])
async def test_busy_comes_with_how_long(
    fake_twilio: FakeTwilio, carrier: TwilioAccount, said: float | None, waits: float
) -> None:
    fake_twilio.refuse(20429, 429, retry_after=said)
    with pytest.raises(Busy) as busy:
        await carrier.send(text())
    assert busy.value.retry_after == waits


async def test_a_full_queue_is_busy_for_a_while(fake_twilio: FakeTwilio, carrier: TwilioAccount) -> None:
    fake_twilio.refuse(21611)
    with pytest.raises(Busy) as busy:
        await carrier.send(text())
    assert busy.value.retry_after == 60


@pytest.mark.parametrize(
    ("left", "least", "most"),
    [
        (None, None, None),
        (timedelta(minutes=30), 1700, 1800),
        (timedelta(hours=13), 36000, 36000),
        (timedelta(seconds=-3), 1, 1),
    ],
)
async def test_what_may_not_be_delivered_at_night_does_not_stay_in_the_queue_until_then(
    fake_twilio: FakeTwilio, carrier: TwilioAccount, left: timedelta | None, least: int | None, most: int | None
) -> None:
    until = None if left is None else SystemClock().now() + left
    await carrier.send(structs.replace(text(), until=until))
    told = dict(fake_twilio.last_form).get("ValidityPeriod")
    if told is None or least is None or most is None:
        assert told is least is most
    else:
        assert least <= int(told) <= most


async def test_without_a_connection_nothing_was_sent() -> None:
    nowhere = Line(f"http://127.0.0.1:{free_port()}")
    credentials = Credentials(account_sid="AC" + "0" * 32, auth_token="0" * 32)
    carrier = TwilioAccount(nowhere, credentials, WEBHOOK, SystemClock(), VOICE)
    with pytest.raises(Busy):
        await carrier.send(text())
    with pytest.raises(Busy):
        await carrier.sent_to(HANDSET, SystemClock().now())
    with pytest.raises(AccountProblem, match="reached"):
        await carrier.check()
    await nowhere.close()


async def test_a_send_that_is_given_up_may_have_been_taken(
    fake_twilio: FakeTwilio, carrier: TwilioAccount, account: Account
) -> None:
    fake_twilio.holds = asyncio.Event()
    sending = asyncio.create_task(carrier.send(text(body="Held")))
    async with asyncio.timeout(10):
        while not account.messages:
            await asyncio.sleep(0.01)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    (held,) = await carrier.sent_to(HANDSET, SystemClock().now() - timedelta(minutes=1))
    assert held.body == "Held"


async def test_the_list_is_read_to_its_end_and_no_further(
    fake_twilio: FakeTwilio, carrier: TwilioAccount, account: Account
) -> None:
    fake_twilio.page_size = 2
    for number in range(5):
        await carrier.send(text(body=f"Text {number}"))
    everything = await carrier.sent_to(HANDSET, SystemClock().now() - timedelta(minutes=1))
    assert [each.body for each in everything] == [f"Text {number}" for number in (4, 3, 2, 1, 0)]
    for message in account.messages[:4]:
        message["date_created"] = "Fri, 24 May 2019 17:44:46 +0000"
    fake_twilio.requests.clear()
    recent = await carrier.sent_to(HANDSET, SystemClock().now() - timedelta(minutes=1))
    assert [each.body for each in recent] == ["Text 4"]
    assert fake_twilio.requests["GET Messages.json"] == 2


async def test_a_trial_account_s_preface_is_not_our_words(carrier: TwilioAccount, account: Account) -> None:
    await carrier.send(text(body="Hello Dana"))
    account.messages[0]["body"] = "Sent from your Twilio trial account - Hello Dana"
    (listed,) = await carrier.sent_to(HANDSET, SystemClock().now() - timedelta(minutes=1))
    assert listed.body == "Hello Dana"


async def test_what_failed_is_listed_with_its_code(
    fake_twilio: FakeTwilio, carrier: TwilioAccount, account: Account
) -> None:
    fake_twilio.outcomes[HANDSET] = 30005
    await carrier.send(text())
    async with asyncio.timeout(10):
        while account.messages[0]["status"] != "undelivered":
            await asyncio.sleep(0.01)
    (listed,) = await carrier.sent_to(HANDSET, SystemClock().now() - timedelta(minutes=1))
    assert (listed.status, listed.error_code) == (CarrierStatus.FAILED, "30005")


@pytest.mark.parametrize("signed", ["https://desk.example.com:443/hook?a=1", "https://desk.example.com/hook?a=1"])
def test_a_port_in_the_signed_address_does_not_matter(carrier: TwilioAccount, account: Account, signed: str) -> None:
    signature = RequestValidator(account.token).compute_signature(signed, {"Body": "Hi"})
    for url in ("https://desk.example.com/hook?a=1", "https://desk.example.com:443/hook?a=1"):
        assert carrier.is_genuine(url, {"Body": "Hi"}, signature)
    assert not carrier.is_genuine("http://desk.example.com/hook?a=1", {"Body": "Hi"}, signature)


# --- the account ------------------------------------------------------------------------------------------------------


async def test_numbers_are_listed_adopted_and_released(
    fake_twilio: FakeTwilio, carrier: TwilioAccount, account: Account
) -> None:
    account.owns("+442079460111", sms=False)
    account.owns("+442079460222", sms_application_sid=f"AP{'0' * 32}")
    fake_twilio.page_size = 2
    ours, landline, by_app = await carrier.numbers()
    assert (ours.phone, ours.obstacle, ours.texts_go_to) == (SENDER, "", "")
    assert "cannot send" in landline.obstacle
    assert "TwiML app" in by_app.obstacle
    await carrier.adopt(ours)
    assert account.number(SENDER)["sms_url"] == WEBHOOK
    assert carrier.posts_here((await carrier.numbers())[0])
    await carrier.release(SENDER)
    assert account.number(SENDER)["sms_url"] == ""
    account.number(SENDER)["sms_url"] = "https://elsewhere.example/sms"
    await carrier.release(SENDER)
    assert account.number(SENDER)["sms_url"] == "https://elsewhere.example/sms"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"auth_token": "0" * 32}, "does not accept the auth token"),
        ({"account_sid": "AC" + "0" * 32}, "does not accept the auth token"),
        ({"api_key_sid": "SK" + "0" * 32, "api_key_secret": "0" * 32}, "does not accept the API key"),
    ],
)
async def test_wrong_credentials_are_told(line: Line, account: Account, given: dict[str, str], words: str) -> None:
    with pytest.raises(AccountProblem, match=words):
        await opened(line, account, **given).check()


async def test_a_suspended_account_is_told(carrier: TwilioAccount, account: Account) -> None:
    account.status = "suspended"
    with pytest.raises(AccountProblem, match="suspended"):
        await carrier.check()


# --- stored credentials -----------------------------------------------------------------------------------------------

GIVEN = {"account_sid": "AC" + "1" * 32, "auth_token": "a" * 28 + "1234", "answers_stop": "on"}


def vendor(key: bytes) -> TwilioVendor:
    return TwilioVendor(Line(), Vault([key.decode()]), WEBHOOK, SystemClock(), VOICE)


def test_credentials_are_kept_encrypted_and_shown_masked() -> None:
    key = Fernet.generate_key()
    sealed = vendor(key).seal({**GIVEN, "api_key_sid": "SK" + "2" * 32, "api_key_secret": "s" * 28 + "5678"})
    assert "aaaa" not in sealed.text
    assert sealed.account == GIVEN["account_sid"]
    assert sealed.shown == {
        "account_sid": GIVEN["account_sid"], "auth_token": "…1234", "api_key_sid": "SK" + "2" * 32,
        "api_key_secret": "…5678", "answers_stop": "on",
    }  # fmt: skip
    carrier = vendor(key).open(sealed.text)
    assert "STOP" in carrier.answers
    assert GIVEN["auth_token"] not in repr(carrier)
    with pytest.raises(AccountProblem, match="connect again"):
        vendor(Fernet.generate_key()).open(sealed.text)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"account_sid": "SK" + "1" * 32}, "account_sid"),
        ({"account_sid": "AC1"}, "account_sid"),
        ({"auth_token": ""}, "auth_token"),
        ({"auth_token": "with a space in it here"}, "auth_token"),
        ({"api_key_sid": "SK" + "2" * 32}, "api_key_secret"),
        ({"api_key_secret": "s" * 32}, "api_key_sid"),
        ({"messaging_service_sid": "AC" + "2" * 32}, "messaging_service_sid"),
    ],
)
def test_credentials_of_the_wrong_form_are_refused(wrong: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        vendor(Fernet.generate_key()).seal({**GIVEN, **wrong})
    assert refused.value.fields["field"] == field


def test_whoever_switched_off_twilio_s_answers_gives_ours() -> None:
    vault = vendor(Fernet.generate_key())
    assert not vault.open(vault.seal({**GIVEN, "answers_stop": ""}).text).answers


# --- the judge --------------------------------------------------------------------------------------------------------


def test_the_document_sees_what_breaks_it(twilio_document: Document) -> None:
    path = f"/2010-04-01/Accounts/AC{'0' * 32}/Messages.json"
    good = [("To", HANDSET), ("From", SENDER), ("Body", "Hello"), ("StatusCallback", WEBHOOK)]
    assert twilio_document.request("POST", path, {}, good) == []
    for bad in (
        [*good, ("Sender", SENDER)], [*good, ("To", HANDSET)], good[1:], [*good, ("ValidityPeriod", "soon")],
        [*good, ("MessagingServiceSid", "MG1")], [*good[:-1], ("StatusCallback", "nowhere")],
    ):  # fmt: skip
        assert twilio_document.request("POST", path, {}, bad) != []
    assert twilio_document.request("GET", path, {"DateSend": "2026-01-01"}, []) != []
    assert twilio_document.request("POST", path.replace("AC", "SK", 1), {}, good) != []
    assert twilio_document.answer("POST", path, 201, {"sid": "SM" + "0" * 32, "status": "queued"}) == []
    for worse in ({"sid": "SM1"}, {"status": "on its way"}, {"error_code": "30003"}, {"colour": "red"}):
        assert twilio_document.answer("POST", path, 201, worse) != []
    assert twilio_document.answer("POST", path, 200, {}) != []
