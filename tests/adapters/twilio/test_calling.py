"""Twilio places calls, over a real socket and by the letter of its API document."""

from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from tests.fakes.twilio import Account, FakeTwilio
from tests.platform.postgres.debian import free_port

from frontdesk.adapters.twilio import Credentials, Line, TwilioAccount
from frontdesk.kernel.clock import SystemClock
from frontdesk.ports.calling import Dialler, OutgoingCall, VoiceAddresses, words_of
from frontdesk.ports.carrier import AccountRefused, Busy, Rejected, Uncertain

VOICE = VoiceAddresses.below("http://127.0.0.1:9")  # where nobody listens
OURS, LEAD = "+447700900555", "+447700900123"


@pytest.fixture
async def line(fake_twilio: FakeTwilio) -> AsyncIterator[Line]:
    made = Line(fake_twilio.url)
    yield made
    await made.close()


@pytest.fixture
def account(fake_twilio: FakeTwilio) -> Account:
    return fake_twilio.account(OURS)


@pytest.fixture
def carrier(line: Line, account: Account) -> TwilioAccount:
    given = Credentials(account_sid=account.sid, auth_token=account.token)
    return TwilioAccount(line, given, "http://127.0.0.1:9/texts", SystemClock(), VOICE)


def wanted(sender: str = OURS, *, spots_machines: bool = True) -> OutgoingCall:
    return OutgoingCall(
        org_id=uuid4(), reference=uuid4(), sender=sender, to=LEAD, rings_for=30, spots_machines=spots_machines
    )


async def test_a_call_is_placed_with_all_that_finds_it_again(carrier: TwilioAccount, fake_twilio: FakeTwilio) -> None:
    assert isinstance(carrier, Dialler)
    call = wanted()
    sid = await carrier.place(call)
    ((made, pairs),) = fake_twilio.calls.placed
    form = dict(pairs)
    assert (made["sid"], form["To"], form["From"], form["Timeout"]) == (sid, LEAD, OURS, "30")
    assert [value for name, value in pairs if name == "StatusCallbackEvent"] == [
        "initiated", "ringing", "answered", "completed",
    ]  # fmt: skip
    addresses = {"Url": VOICE.outgoing, "StatusCallback": VOICE.status, "AsyncAmdStatusCallback": VOICE.answered_by}
    for name, address in addresses.items():
        assert form[name].partition("?")[0] == address
        assert parse_qs(urlsplit(form[name]).query) == {"org": [str(call.org_id)], "call": [str(call.reference)]}
    assert (form["MachineDetection"], form["AsyncAmd"]) == ("DetectMessageEnd", "true")
    await carrier.place(wanted(spots_machines=False))
    assert "MachineDetection" not in dict(fake_twilio.calls.placed[1][1])


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, 21211, Rejected), (400, 21215, Rejected), (401, 20003, AccountRefused), (429, 20429, Busy),
        (500, 20500, Uncertain), (503, 20503, Uncertain),
    ],
)  # fmt: skip
async def test_what_a_refusal_means(
    carrier: TwilioAccount, fake_twilio: FakeTwilio, status: int, code: int, kind: type[Exception]
) -> None:
    fake_twilio.refuse(code, status, retry_after=1.5 if status == 429 else None)
    with pytest.raises(kind) as refused:
        await carrier.place(wanted())
    if isinstance(refused.value, Rejected):
        assert refused.value.code == str(code)
        assert str(code) not in words_of(str(code))
        assert LEAD not in str(refused.value)
    if isinstance(refused.value, Busy):
        assert refused.value.retry_after == 1.5
    assert fake_twilio.calls.placed == []


async def test_a_number_that_is_not_ours_places_no_call(carrier: TwilioAccount) -> None:
    with pytest.raises(Rejected) as refused:
        await carrier.place(wanted("+447700900556"))
    assert refused.value.code == "21210"


@pytest.mark.parametrize("breaks_off", ["taken", "lost"])
async def test_a_call_whose_answer_was_lost_is_found_where_it_was_placed(
    carrier: TwilioAccount, fake_twilio: FakeTwilio, breaks_off: str
) -> None:
    since = SystemClock().now()
    fake_twilio.breaks_off, fake_twilio.page_size = breaks_off, 1
    with pytest.raises(Uncertain):
        await carrier.place(wanted())
    fake_twilio.breaks_off = ""
    held = await carrier.placed_to(LEAD, since - timedelta(seconds=5))
    assert [(each.sender, each.to) for each in held] == ([(OURS, LEAD)] if breaks_off == "taken" else [])
    assert await carrier.placed_to(LEAD, since + timedelta(minutes=5)) == []


async def test_nothing_is_placed_where_twilio_is_not_reached(account: Account) -> None:
    line = Line(f"http://127.0.0.1:{free_port()}")
    given = Credentials(account_sid=account.sid, auth_token=account.token)
    carrier = TwilioAccount(line, given, "http://127.0.0.1:9/texts", SystemClock(), VOICE)
    for asking in (carrier.place(wanted()), carrier.placed_to(LEAD, SystemClock().now())):
        with pytest.raises(Busy):
            await asking
    await line.close()


@pytest.mark.parametrize(
    ("stands", "ends"), [("queued", "canceled"), ("ringing", "canceled"), ("in-progress", "completed")]
)
async def test_a_call_is_ended_however_it_stands_by_then(
    carrier: TwilioAccount, fake_twilio: FakeTwilio, stands: str, ends: str
) -> None:
    for answered in (True, False):
        sid = await carrier.place(wanted())
        call = fake_twilio.calls.found(sid)
        call["status"] = stands
        assert await carrier.end(sid, answered=answered) == ("completed" if answered else ends)
        with pytest.raises(Rejected) as over:
            await carrier.end(sid, answered=answered)
        assert over.value.code == "21220"


async def test_a_call_under_way_is_asked_about_anew(carrier: TwilioAccount, fake_twilio: FakeTwilio) -> None:
    call = wanted()
    sid = await carrier.place(call)
    with pytest.raises(Rejected) as over:
        await carrier.ask_anew(sid, call)
    assert over.value.code == "21220"
    fake_twilio.calls.placed[0][0]["status"] = "in-progress"
    await carrier.ask_anew(sid, call)
