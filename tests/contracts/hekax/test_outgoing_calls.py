"""Calls that are placed over the HEKAX API, on a sandbox whose webhooks a test posts by hand."""

from typing import Any
from uuid import UUID
from xml.etree import ElementTree

import httpx
import pytest
from tests.contracts.clients import PUBLIC_URL, ClientFor
from tests.contracts.hekax.conftest import BASE
from tests.contracts.hekax.test_voice import SigningCarrier
from tests.fixtures.business import MakeLead
from tests.fixtures.organizations import Organization

from frontdesk.domain.calls import service as calls
from frontdesk.domain.contactability import service as contactability
from frontdesk.kernel.access import Role
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works


@pytest.fixture
def carrier() -> SigningCarrier:
    return SigningCarrier()


class Line:
    """The carrier's end of the only call that was placed."""

    def __init__(self, client: httpx.AsyncClient, context: Context, org: Organization, carrier: SigningCarrier) -> None:
        self.client, self.context, self.org, self.carrier = client, context, org, carrier

    async def place(self, call_id: str) -> None:
        """Do what the job does."""
        await calls.place(self.context, self.org.id, UUID(call_id))

    async def post(self, name: str, **more: str) -> ElementTree.Element:
        call = self.carrier.rung[-1]
        path = f"/api/voice/{name}?org={call.org_id}&call={call.reference}"
        form = {"CallSid": f"CA{call.reference.hex}", "AccountSid": "AC1"}
        if name != "answered-by":
            form |= {"From": call.sender, "To": call.to, "CallStatus": "in-progress", "Direction": "outbound-api"}
        form |= more
        signature = SigningCarrier.validator.compute_signature(PUBLIC_URL + BASE + path, form)
        answer = await self.client.post(path, data=form, headers={"X-Twilio-Signature": signature})
        assert answer.status_code == 200, answer.text
        return ElementTree.fromstring(answer.text)


@pytest.fixture
def line(anonymous: httpx.AsyncClient, context: Context, org: Organization, carrier: SigningCarrier) -> Line:
    return Line(anonymous, context, org, carrier)


async def test_a_lead_is_called_and_the_record_tells_it(
    api: httpx.AsyncClient, line: Line, a_lead: MakeLead, works: Works, org: Organization
) -> None:
    lead = await a_lead()
    asked = await api.post("/api/calls", json={"leadId": str(lead.id), "purpose": "your kitchen"})
    assert asked.status_code == 201, asked.text
    call = asked.json()
    assert (call["direction"], call["status"], call["fromNumber"], call["toNumber"], call["callSid"]) == (
        "OUTBOUND", "QUEUED", org.number, lead.phone, "",
    )  # fmt: skip
    await line.place(call["id"])
    await line.post("status", CallStatus="ringing")
    assert (await api.get(f"/api/calls/{call['id']}")).json()["status"] == "RINGING"
    stream = (await line.post("outgoing")).find("./Connect/Stream")
    assert stream is not None
    given = {each.attrib["name"]: each.attrib["value"] for each in stream}
    assert given["call"] == call["id"]
    await line.post("answered-by", AnsweredBy="machine_end_beep")
    told = await line.post("outgoing")
    assert [verb.tag for verb in told] == ["Say", "Hangup"]
    await line.post("status", CallStatus="completed", CallDuration="9")
    done = (await api.get(f"/api/calls/{call['id']}")).json()
    assert (done["status"], done["endedReason"], done["lead"]["id"]) == ("COMPLETED", "voicemail", str(lead.id))
    listed = (await api.get("/api/calls", params={"direction": "OUTBOUND"})).json()["calls"]
    assert [each["id"] for each in listed] == [call["id"]]


async def test_a_member_is_put_through(api: httpx.AsyncClient, line: Line, a_lead: MakeLead) -> None:
    await api.patch("/api/voice/settings", json={"ringNumbers": ["07700 900888"], "voicemail": ""})
    lead = await a_lead()
    body = {"leadId": str(lead.id), "memberPhone": "07700 900888"}
    call = (await api.post("/api/calls", json=body)).json()
    await line.place(call["id"])
    dial = (await line.post("outgoing")).find("Dial")
    assert dial is not None
    assert [each.text for each in dial] == [lead.phone]
    _, _, query = dial.attrib["action"].partition("?")
    assert f"call={call['id']}" in query
    assert [verb.tag for verb in await line.post("dialled", DialCallStatus="completed", DialCallDuration="33")] == [
        "Hangup"
    ]
    done = (await api.get(f"/api/calls/{call['id']}")).json()
    assert (done["status"], done["handledByAI"]) == ("COMPLETED", False)


async def test_whoever_must_not_be_called_is_not(
    api: httpx.AsyncClient, a_lead: MakeLead, works: Works, org: Organization, carrier: SigningCarrier
) -> None:
    lead = await a_lead()
    async with works.begin(org.actor) as work:
        await contactability.suppress(work, lead.phone, "keyword", "STOP")  # pyright: ignore[reportArgumentType]
    for body in ({"leadId": str(lead.id)}, {"to": str(lead.phone)}):
        refused = await api.post("/api/calls", json=body)
        assert (refused.status_code, refused.json()["code"]) == (400, "SUPPRESSED")
    night = await api.post("/api/calls", json={"to": "+14155550123"})
    assert night.json()["code"] == "QUIET_HOURS"
    assert night.json()["details"]["next_open_at"]
    assert carrier.rung == []


async def test_the_same_request_twice_is_one_call(api: httpx.AsyncClient, a_lead: MakeLead) -> None:
    body, key = {"leadId": str((await a_lead()).id)}, {"Idempotency-Key": "k1"}
    first = await api.post("/api/calls", json=body, headers=key)
    again = await api.post("/api/calls", json=body, headers=key)
    assert (first.status_code, again.json()) == (201, first.json())
    assert (await api.post("/api/calls", json=body)).json()["code"] == "CALL_UNDER_WAY"


async def test_strangers_and_viewers_call_nobody(
    stranger: httpx.AsyncClient, client_for: ClientFor, org: Organization, a_lead: MakeLead
) -> None:
    body = {"leadId": str((await a_lead()).id)}
    assert (await stranger.post("/api/calls", json=body)).status_code == 404
    viewer = await client_for(org, Role.VIEWER, base=BASE)
    assert (await viewer.post("/api/calls", json=body)).status_code == 403


async def test_a_call_is_called_off(
    api: httpx.AsyncClient,
    stranger: httpx.AsyncClient,
    client_for: ClientFor,
    org: Organization,
    line: Line,
    a_lead: MakeLead,
    carrier: SigningCarrier,
) -> None:
    call = (await api.post("/api/calls", json={"leadId": str((await a_lead()).id)})).json()
    await line.place(call["id"])
    await line.post("status", CallStatus="ringing")
    path = f"/api/calls/{call['id']}/hang-up"
    assert (await stranger.post(path)).status_code == 404
    assert (await (await client_for(org, Role.VIEWER, base=BASE)).post(path)).status_code == 403
    for _ in range(2):
        off = await api.post(path)
        assert off.status_code == 200, off.text
        assert (off.json()["status"], off.json()["endedReason"]) == ("CANCELED", "canceled")
    assert carrier.put_down == [call["callSid"] or f"CA{UUID(call['id']).hex}"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "leadId"),
        ({"leadId": "018f0000-0000-7000-8000-000000000000", "to": "+447700900123"}, "leadId"),
        ({"to": "999"}, "to"),
        ({"to": "+447700900123", "memberPhone": "+447700900124"}, "member_phone"),
        ({"to": "+447700900123", "purpose": "x" * 301}, "purpose"),
    ],
)
async def test_what_cannot_be_called_is_refused(api: httpx.AsyncClient, body: dict[str, Any], field: str) -> None:
    refused = await api.post("/api/calls", json=body)
    assert (refused.status_code, refused.json()["details"]["field"]) == (400, field)


@pytest.mark.parametrize("name", ["outgoing", "answered-by", "status", "dialled"])
async def test_nothing_forged_is_believed_of_our_calls(
    anonymous: httpx.AsyncClient,
    api: httpx.AsyncClient,
    line: Line,
    a_lead: MakeLead,
    carrier: SigningCarrier,
    name: str,
) -> None:
    call = (await api.post("/api/calls", json={"leadId": str((await a_lead()).id)})).json()
    await line.place(call["id"])
    rung = carrier.rung[0]
    path = f"/api/voice/{name}?org={rung.org_id}&call={rung.reference}"
    form = {"CallSid": "CA1", "From": rung.sender, "To": rung.to, "CallStatus": "failed"}
    signature = SigningCarrier.validator.compute_signature(PUBLIC_URL + BASE + path.partition("?")[0], form)
    for headers in ({}, {"X-Twilio-Signature": signature}):  # the address is signed with its query
        assert (await anonymous.post(path, data=form, headers=headers)).status_code == 401
