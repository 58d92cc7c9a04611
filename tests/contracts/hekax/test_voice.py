"""Calls over the HEKAX API, as carriers post them and as people look at them."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID
from xml.etree import ElementTree

import httpx
import jwt
import pytest
from tests.contracts.clients import PUBLIC_URL, ClientFor
from tests.contracts.hekax.conftest import BASE
from tests.fixtures.business import RememberingCarrier
from tests.fixtures.calls import CALLER, MakeCall
from tests.fixtures.organizations import Organization
from twilio.request_validator import RequestValidator

from frontdesk.domain.calls import service as calls
from frontdesk.domain.calls.model import EndedReason
from frontdesk.kernel.access import Role
from frontdesk.kernel.clock import FrozenClock
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works

INCOMING, NEXT, DIALLED, STATUS = (f"/api/voice/{name}" for name in ("incoming", "next", "dialled", "status"))


class SigningCarrier(RememberingCarrier):
    """Checks signatures as the vendor's own validator does."""

    validator = RequestValidator("carrier-token")

    def is_genuine(self, url: str, form: Mapping[str, str], signature: str) -> bool:
        return self.validator.validate(url, dict(form), signature)


@pytest.fixture
def carrier() -> SigningCarrier:
    return SigningCarrier()


def form(org: Organization, sid: str = "CA1", **more: str) -> dict[str, str]:
    return {"CallSid": sid, "From": CALLER, "To": org.number, "CallStatus": "ringing", "Direction": "inbound"} | more


async def post(client: httpx.AsyncClient, path: str, fields: dict[str, str]) -> ElementTree.Element:
    """Post a signed form; the TwiML that it is answered with."""
    signature = SigningCarrier.validator.compute_signature(PUBLIC_URL + BASE + path, fields)
    answer = await client.post(path, data=fields, headers={"X-Twilio-Signature": signature})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/xml")
    root = ElementTree.fromstring(answer.text)
    assert root.tag == "Response"
    return root


def verbs(root: ElementTree.Element) -> list[str]:
    return [each.tag for each in root]


def stream(root: ElementTree.Element) -> tuple[str, dict[str, str]]:
    """The address of the media socket and its parameters."""
    found = root.find("Connect/Stream")
    assert found is not None
    return found.attrib["url"], {each.attrib["name"]: each.attrib["value"] for each in found}


async def test_an_incoming_call_is_put_through_to_the_assistant(
    api: httpx.AsyncClient, anonymous: httpx.AsyncClient, works: Works, org: Organization, clock: FrozenClock
) -> None:
    answered = await post(anonymous, INCOMING, form(org))
    again = await post(anonymous, INCOMING, form(org))
    assert ElementTree.tostring(answered) == ElementTree.tostring(again)
    url, parameters = stream(answered)
    where = urlsplit(url)
    assert (where.scheme, where.netloc, where.query) == ("ws", urlsplit(PUBLIC_URL).netloc, "")
    connect = answered.find("Connect")
    assert connect is not None
    assert connect.attrib["action"] == PUBLIC_URL + BASE + NEXT
    opened = await calls.answer(works, UUID(parameters["call"]), parameters["proof"])
    clock.move(timedelta(seconds=61))
    await calls.complete(works, org.id, opened.call.id, EndedReason.AGENT_ENDED, confidence=0.9)
    assert verbs(await post(anonymous, NEXT, form(org, CallStatus="in-progress"))) == ["Hangup"]
    for status in ("completed", "completed", "ringing"):
        await post(anonymous, STATUS, form(org, CallStatus=status))
    listed = (await api.get("/api/calls")).json()
    assert listed["pagination"] == {"page": 1, "limit": 20, "total": 1, "pages": 1}
    told = listed["calls"][0]
    expected = {
        "callSid": "CA1", "direction": "INBOUND", "fromNumber": CALLER, "toNumber": org.number, "status": "COMPLETED",
        "duration": 61, "handledByAI": True, "aiConfidence": pytest.approx(0.9), "hasTranscript": False,
    }  # fmt: skip
    assert {name: told[name] for name in expected} == expected
    # Played back, it opens nothing.
    assert verbs(await post(anonymous, INCOMING, form(org))) == ["Hangup"]


@pytest.mark.parametrize("path", [INCOMING, NEXT, DIALLED, STATUS])
async def test_nothing_forged_is_believed(
    anonymous: httpx.AsyncClient, works: Works, org: Organization, path: str
) -> None:
    given = form(org)
    url = PUBLIC_URL + BASE + path
    signatures: list[dict[str, str]] = [
        {},
        {"X-Twilio-Signature": "forged"},
        {"X-Twilio-Signature": SigningCarrier.validator.compute_signature(url, {**given, "From": "+447700900111"})},
        {"X-Twilio-Signature": SigningCarrier.validator.compute_signature(url + "x", given)},
        {"X-Twilio-Signature": RequestValidator("another token").compute_signature(url, given)},
    ]
    for headers in signatures:
        assert (await anonymous.post(path, data=given, headers=headers)).status_code == 401
    async with works.begin(org.actor) as work:
        assert await work.fetchval("select count(*) from calls") == 0


async def test_a_form_that_names_no_call_is_refused(anonymous: httpx.AsyncClient, org: Organization) -> None:
    for missing in ("CallSid", "From", "To"):
        given = {name: value for name, value in form(org).items() if name != missing}
        signature = SigningCarrier.validator.compute_signature(PUBLIC_URL + BASE + INCOMING, given)
        refused = await anonymous.post(INCOMING, data=given, headers={"X-Twilio-Signature": signature})
        assert (refused.status_code, refused.json()["details"]) == (400, {"field": missing})


async def test_a_number_that_is_nobodys_is_rejected(anonymous: httpx.AsyncClient, org: Organization) -> None:
    assert verbs(await post(anonymous, INCOMING, form(org, To="+447700900999"))) == ["Reject"]


async def test_a_caller_is_passed_on_and_leaves_a_message_where_nobody_answers(
    api: httpx.AsyncClient, anonymous: httpx.AsyncClient, works: Works, org: Organization
) -> None:
    settings = {"ringNumbers": ["07700 900888"], "ringMembers": [str(org.owner_id)], "ringSeconds": 15}
    kept = (await api.patch("/api/voice/settings", json=settings)).json()
    assert kept["ringNumbers"] == ["+447700900888"]
    assert (await api.get("/api/voice/settings")).json() == kept
    _, parameters = stream(await post(anonymous, INCOMING, form(org)))
    opened = await calls.answer(works, UUID(parameters["call"]), parameters["proof"])
    assert await calls.transfer(works, org.id, opened.call.id, "asked for a person")
    await calls.complete(works, org.id, opened.call.id, EndedReason.TRANSFERRED)
    rung = await post(anonymous, NEXT, form(org, CallStatus="in-progress"))
    dial = rung.find("Dial")
    assert dial is not None
    assert (dial.attrib["action"], dial.attrib["timeout"]) == (PUBLIC_URL + BASE + DIALLED, "15")
    assert [(each.tag, each.text) for each in dial] == [("Number", "+447700900888"), ("Client", str(org.owner_id))]
    message = await post(anonymous, DIALLED, form(org, CallStatus="in-progress", DialCallStatus="no-answer"))
    _, anew = stream(message)
    assert anew["call"] == parameters["call"]
    assert anew["proof"] != parameters["proof"]


async def test_too_many_calls_hear_a_polite_word(
    api: httpx.AsyncClient, anonymous: httpx.AsyncClient, org: Organization
) -> None:
    await api.patch("/api/voice/settings", json={"concurrentCalls": 3})
    answers = [await post(anonymous, INCOMING, form(org, f"CA{n}")) for n in range(20)]
    assert [verbs(each) for each in answers] == [["Connect"]] * 3 + [["Say", "Hangup"]] * 17
    assert (await api.get("/api/calls", params={"status": "BUSY"})).json()["pagination"]["total"] == 17


@pytest.mark.parametrize(
    "body",
    [
        {"concurrentCalls": 0},
        {"ringSeconds": 3},
        {"ringNumbers": ["x"]},
        {"ringMembers": ["018f0000-0000-7000-8000-000000000000"]},
        {"announcement": "x" * 501},
    ],
)
async def test_settings_that_cannot_be_are_refused(api: httpx.AsyncClient, body: dict[str, Any]) -> None:
    assert (await api.patch("/api/voice/settings", json=body)).status_code == 400


async def test_the_usual_words_can_be_had_again(api: httpx.AsyncClient) -> None:
    usual = (await api.get("/api/voice/settings")).json()
    own = {"announcement": "We record this.", "voicemail": ""}
    assert (await api.patch("/api/voice/settings", json=own)).json() == usual | own
    assert (await api.patch("/api/voice/settings", json=dict.fromkeys(own))).json() == usual


async def test_who_has_left_is_not_rung(api: httpx.AsyncClient, client_for: ClientFor, org: Organization) -> None:
    await client_for(org, Role.AGENT, base=BASE)
    owner, agent = [each["id"] for each in (await api.get("/api/team")).json()["members"]]
    told = (await api.patch("/api/voice/settings", json={"ringMembers": [agent, owner]})).json()
    assert told["ringMembers"] == [agent, owner]
    await api.delete(f"/api/team/{agent}")
    assert (await api.get("/api/voice/settings")).json() == told | {"ringMembers": [owner]}
    assert (await api.patch("/api/voice/settings", json={"recording": False})).status_code == 200


async def test_calls_are_filtered(
    client_for: ClientFor, a_call: MakeCall, works: Works, org: Organization, clock: FrozenClock
) -> None:
    first = await a_call("Do you fit kitchens?", "We do.")
    await calls.complete(works, org.id, first.call.id, EndedReason.CALLER_HUNG_UP)
    clock.move(timedelta(days=2))
    await a_call("My tap drips", sender="anonymous")
    api = await client_for(org, base=BASE)

    async def found(**wanted: str) -> list[str]:
        answer = await api.get("/api/calls", params=wanted)
        assert answer.status_code == 200, answer.text
        return [each["fromNumber"] for each in answer.json()["calls"]]

    both = ["anonymous", CALLER]
    assert await found() == both
    assert await found(limit="1", page="2") == [CALLER]
    assert await found(direction="INBOUND") == both
    assert await found(direction="OUTBOUND") == []
    assert await found(status="COMPLETED") == [CALLER]
    assert await found(status="IN_PROGRESS") == ["anonymous"]
    assert await found(handledByAI="true") == both
    assert await found(handledByAI="false") == []
    assert await found(dateFrom="2026-03-11") == ["anonymous"]
    assert await found(dateTo="2026-03-10") == [CALLER]
    assert await found(dateTo="9999-12-31") == both
    assert await found(dateFrom="2026-03-10T11:00:00Z", dateTo="2026-03-10T11:00:01Z") == [CALLER]
    assert await found(search="kitchens") == [CALLER]
    assert await found(search="900777") == [CALLER]
    for wrong in ({"direction": "inbound"}, {"status": "LOST"}, {"dateFrom": "soon"}, {"handledByAI": "yes"},
                  {"limit": "101"}, {"page": "0"}, {"sentiment": "glad"}):  # fmt: skip
        refused = await api.get("/api/calls", params=wrong)
        assert refused.status_code == 400, wrong
        assert refused.json()["details"]["field"] == next(iter(wrong))


async def test_a_call_is_read_with_its_transcript(api: httpx.AsyncClient, a_call: MakeCall) -> None:
    opened = await a_call("Do you fit kitchens?", "We do, all over London.")
    told = (await api.get(f"/api/calls/{opened.call.id}")).json()
    assert told["transcript"]["fullText"] == "Caller: Do you fit kitchens?\nSam: We do, all over London."
    assert [(each["role"], each["timestamp"], each["latencyMs"]) for each in told["transcript"]["messages"]] == [
        ("user", "2026-03-10T11:00:00.000Z", None),
        ("assistant", "2026-03-10T11:00:02.000Z", 700),
    ]
    assert (told["lead"], told["transcript"]["summary"]) == (None, None)


async def test_a_recording_is_had_by_its_address_alone_and_in_parts(
    api: httpx.AsyncClient, anonymous: httpx.AsyncClient, stranger: httpx.AsyncClient, context: Context,
    a_call: MakeCall, org: Organization, clock: FrozenClock,
) -> None:  # fmt: skip
    opened = await a_call()
    assert (await api.get(f"/api/calls/{opened.call.id}/recording")).status_code == 404

    async def sound() -> AsyncIterator[bytes]:
        for start in range(0, 256, 100):
            yield bytes(range(start, min(start + 100, 256)))

    await calls.keep_recording(
        context, org.id, opened.call, sound(), content_type="audio/wav", seconds=2, started_ms=0, announced=True
    )
    assert (await stranger.get(f"/api/calls/{opened.call.id}/recording")).status_code == 404
    link = (await api.get(f"/api/calls/{opened.call.id}/recording")).json()
    assert datetime.fromisoformat(link["expiresAt"]) >= clock.now() + timedelta(hours=1)
    whole = await anonymous.get(link["url"])
    assert (whole.status_code, whole.content) == (200, bytes(range(256)))
    assert (whole.headers["content-type"], whole.headers["accept-ranges"]) == ("audio/wav", "bytes")
    for wanted, first, last in (("bytes=0-1", 0, 1), ("bytes=90-210", 90, 210), ("bytes=250-", 250, 255),
                                ("bytes=-6", 250, 255), ("bytes=100-900", 100, 255)):  # fmt: skip
        part = await anonymous.get(link["url"], headers={"Range": wanted})
        assert (part.status_code, part.content) == (206, bytes(range(first, last + 1)))
        assert part.headers["content-range"] == f"bytes {first}-{last}/256"
        assert part.headers["content-length"] == str(last + 1 - first)
    assert (await anonymous.get(link["url"], headers={"Range": "bytes=256-"})).status_code == 416
    assert (await anonymous.get(link["url"], headers={"Range": "lines=1-2"})).status_code == 200
    assert (await anonymous.get(link["url"].replace("signature=", "signature=0"))).status_code == 401
    clock.move(timedelta(hours=3))
    assert (await anonymous.get(link["url"])).status_code == 401


async def test_a_softphone_gets_a_token_that_names_its_user(api: httpx.AsyncClient, org: Organization) -> None:
    told = (await api.get("/api/voice/token")).json()
    assert told["identity"] == str(org.owner_id)
    claims = jwt.decode(told["token"], "t" * 32, algorithms=["HS256"], options={"verify_exp": False})
    assert claims["grants"]["identity"] == str(org.owner_id)
    assert claims["grants"]["voice"]["incoming"] == {"allow": True}


async def test_the_dashboard_counts_by_the_organisations_days(
    api: httpx.AsyncClient, a_call: MakeCall, works: Works, org: Organization, clock: FrozenClock
) -> None:
    clock.set(datetime.fromisoformat("2026-03-01T12:00:00+00:00"))  # a Sunday
    for seconds in (10, 20):
        opened = await a_call()
        clock.move(timedelta(seconds=seconds))
        await calls.complete(works, org.id, opened.call.id, EndedReason.CALLER_HUNG_UP)
    clock.move(timedelta(days=1))
    await a_call()
    told = (await api.get("/api/stats/dashboard")).json()
    assert [told[span]["calls"] for span in ("today", "thisWeek", "thisMonth")] == [1, 1, 3]
    assert told["thisMonth"] == {"calls": 3, "leads": 0, "avgDuration": 15.0, "aiHandled": 3}


async def test_who_may_look_may_not_change_how_calls_are_taken(client_for: ClientFor, org: Organization) -> None:
    agent = await client_for(org, Role.AGENT, base=BASE)
    assert (await agent.get("/api/voice/settings")).status_code == 200
    assert (await agent.patch("/api/voice/settings", json={"recording": False})).status_code == 403
