"""The carrier's webhook over the reactivation API: signatures, replays, texts and callbacks."""

from collections.abc import Callable, Mapping

import httpx
import pytest
from tests.contracts.clients import PUBLIC_URL, ClientFor
from tests.contracts.reactivation.conftest import BASE
from tests.fixtures.business import MakeLead, RememberingCarrier
from tests.fixtures.organizations import Organization
from twilio.request_validator import RequestValidator

PATH = "/api/webhooks/twilio"
EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'


class SigningCarrier(RememberingCarrier):
    """Checks signatures as the vendor's own validator does."""

    validator = RequestValidator("carrier-token")

    def is_genuine(self, url: str, form: Mapping[str, str], signature: str) -> bool:
        return self.validator.validate(url, dict(form), signature)


@pytest.fixture
def carrier() -> SigningCarrier:
    return SigningCarrier()


def signed(form: Mapping[str, str], query: str = "", url: str = PUBLIC_URL + BASE + PATH) -> dict[str, str]:
    return {"X-Twilio-Signature": SigningCarrier.validator.compute_signature(url + query, dict(form))}


def text(org: Organization, sender: str, body: str, sid: str = "SM1") -> dict[str, str]:
    return {"MessageSid": sid, "From": sender, "To": org.number, "Body": body, "SmsStatus": "received", "FromCity": ""}


async def test_a_text_is_taken_in_once(
    api: httpx.AsyncClient, anonymous: httpx.AsyncClient, org: Organization, a_lead: MakeLead
) -> None:
    lead = await a_lead(stage="contacted", last_step=1)
    form = text(org, str(lead.phone), "Yes please & thank you +1 ✓")
    for _ in range(2):
        answer = await anonymous.post(PATH, data=form, headers=signed(form))
        assert answer.status_code == 200
        assert answer.text == EMPTY
        assert answer.headers["content-type"].startswith("text/xml")
    told = (await api.get(f"/api/leads/{lead.id}")).json()["lead"]
    assert told["latest_lead_reply"] == "Yes please & thank you +1 ✓"
    assert told["conversation"]["message_count"] == 1


async def test_an_unknown_number_is_answered_with_nothing(anonymous: httpx.AsyncClient, org: Organization) -> None:
    for form in (text(org, "+447700900777", "Who is this?"), {**text(org, "+447700900777", "Hi"), "To": "+15550100"}):
        answer = await anonymous.post(PATH, data=form, headers=signed(form))
        assert (answer.status_code, answer.text) == (200, EMPTY)


async def test_what_is_not_signed_is_refused(anonymous: httpx.AsyncClient, org: Organization, a_lead: MakeLead) -> None:
    form = text(org, str((await a_lead()).phone), "STOP")
    altered = signed({**form, "Body": "Yes"})
    elsewhere = signed(form, url="https://evil.example" + PATH)
    for headers in ({}, altered, elsewhere, {"X-Twilio-Signature": "é".encode()}):
        refused = await anonymous.post(PATH, data=form, headers=headers)  # pyright: ignore
        assert refused.status_code == 401
        assert refused.json()["error"]["code"] == "UNAUTHORIZED"


@pytest.mark.parametrize("missing", ["MessageSid", "From", "To", "Body"])
async def test_a_genuine_form_without_a_needed_field(
    anonymous: httpx.AsyncClient, org: Organization, missing: str
) -> None:
    form = text(org, "+447700900101", "Hello")
    del form[missing]
    refused = await anonymous.post(PATH, data=form, headers=signed(form))
    assert refused.status_code == 400
    assert refused.json()["error"]["details"]["field"] == missing


async def test_callbacks_move_a_message_forward_only(
    api: httpx.AsyncClient, anonymous: httpx.AsyncClient, org: Organization, a_lead: MakeLead
) -> None:
    lead = await a_lead()
    body = {"lead_id": str(lead.id), "content": "Hello", "message_category": "human_manual"}
    sent = (await api.post("/api/messages/send", json=body)).json()["message"]
    query = f"?message={sent['id']}"
    for status in ("delivered", "sent", "something-new", "queued"):
        form = {"MessageSid": sent["twilio_sid"], "MessageStatus": status, "From": org.number, "To": str(lead.phone)}
        answer = await anonymous.post(PATH + query, data=form, headers=signed(form, query))
        assert (answer.status_code, answer.text) == (200, EMPTY)
    thread = (await api.get(f"/api/conversations/{sent['conversation_id']}")).json()
    assert [(m["delivery_status"], m["delivered_at"]) for m in thread["messages"]] == [
        ("delivered", "2026-03-10T11:00:00.000Z")
    ]


async def test_an_opt_out_by_text_closes_the_hand_too(
    api: httpx.AsyncClient, anonymous: httpx.AsyncClient, org: Organization, a_lead: MakeLead
) -> None:
    lead = await a_lead(stage="contacted", last_step=1)
    form = text(org, str(lead.phone), "Stop")
    await anonymous.post(PATH, data=form, headers=signed(form))
    assert (await api.get(f"/api/leads/{lead.id}")).json()["lead"]["contact_status"] == "OPTED_OUT"
    body = {"lead_id": str(lead.id), "content": "Please", "message_category": "human_manual"}
    assert (await api.post("/api/messages/send", json=body)).status_code == 400


async def test_a_contract_at_the_root_of_a_host_is_signed_for_that_host(
    client_for: ClientFor, with_settings: Callable[..., object], org: Organization
) -> None:
    app = with_settings(hosts={"leads.acme.example": "reactivation"}, public_url="https://desk.acme.example")
    client = await client_for(of=app, Host="leads.acme.example")
    form = text(org, "+447700900777", "Hello")
    genuine = signed(form, url="https://leads.acme.example" + PATH)
    assert (await client.post(PATH, data=form, headers=genuine)).status_code == 200
    assert (await client.post(PATH, data=form, headers=signed(form))).status_code == 401
    below = signed(form, url="https://desk.acme.example" + BASE + PATH)
    assert (await client.post(BASE + PATH, data=form, headers=below)).status_code == 200
