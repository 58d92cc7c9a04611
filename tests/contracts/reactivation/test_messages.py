"""Conversations and messages over the reactivation API."""

from datetime import UTC, datetime

import httpx
import pytest
from tests.fixtures.business import MakeLead, RememberingCarrier
from tests.fixtures.organizations import Organization

from frontdesk.domain.conversations.service import inbound
from frontdesk.domain.leads.model import Lead
from frontdesk.kernel.clock import FrozenClock
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context
from frontdesk.ports.carrier import Rejected, Uncertain


@pytest.fixture
async def talking(context: Context, org: Organization, a_lead: MakeLead) -> Lead:
    """A lead that has just texted us."""
    lead = await a_lead(stage="contacted", last_step=1)
    await inbound.receive(context, org.number, str(lead.phone), "Can you call me?", "sandbox", "SM1")
    return lead


async def conversation_id(api: httpx.AsyncClient, lead: Lead) -> str:
    return (await api.get(f"/api/leads/{lead.id}")).json()["lead"]["conversation"]["id"]


async def test_a_hand_written_message_is_sent_and_shown(
    api: httpx.AsyncClient, a_lead: MakeLead, carrier: RememberingCarrier
) -> None:
    lead = await a_lead()
    body = {"lead_id": str(lead.id), "content": "Hello Dana", "message_category": "human_manual"}
    sent = (await api.post("/api/messages/send", json=body)).json()["message"]
    assert sent["status"] == "sent"
    assert sent["sent_at"] == "2026-03-10T11:00:00.000Z"
    assert sent["twilio_sid"].startswith("SM")
    assert carrier.texts_to(lead.phone) == ["Hello Dana"]

    thread = (await api.get(f"/api/conversations/{sent['conversation_id']}")).json()
    assert [(m["content"], m["direction"], m["message_category"]) for m in thread["messages"]] == [
        ("Hello Dana", "outbound", "human_manual")
    ]
    assert thread["lead"]["id"] == str(lead.id)


async def test_an_uncertain_message_is_pending(
    api: httpx.AsyncClient, a_lead: MakeLead, carrier: RememberingCarrier
) -> None:
    carrier.fail_with = [Uncertain("time-out")]
    body = {"lead_id": str((await a_lead()).id), "content": "Hello", "message_category": "human_manual"}
    told = (await api.post("/api/messages/send", json=body)).json()["message"]
    assert told["status"] == "pending"
    assert told["delivery_status"] in ("sending", "unknown")


async def test_what_the_gate_or_the_carrier_refuses_is_told_with_its_reason(
    api: httpx.AsyncClient, a_lead: MakeLead, carrier: RememberingCarrier, clock: FrozenClock
) -> None:
    gone, lead = await a_lead(stage="opted_out"), await a_lead()
    body = {"content": "Hello", "message_category": "human_manual"}
    refused = await api.post("/api/messages/send", json={**body, "lead_id": str(gone.id)})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "OPTED_OUT")
    carrier.fail_with = [Rejected("21614", "not a mobile")]
    failed = await api.post("/api/messages/send", json={**body, "lead_id": str(lead.id)})
    assert (failed.status_code, failed.json()["error"]["code"]) == (400, "SEND_FAILED")
    clock.set(datetime(2026, 3, 10, 23, 0, tzinfo=UTC))
    late = await api.post("/api/messages/send", json={**body, "lead_id": str((await a_lead()).id)})
    assert (late.status_code, late.json()["error"]["code"]) == (400, "QUIET_HOURS")
    assert late.json()["error"]["details"]["next_open_at"].startswith("2026-03-11T08:00")


async def test_a_draft_is_made_shown_and_sent(
    api: httpx.AsyncClient, talking: Lead, carrier: RememberingCarrier
) -> None:
    thread_id = await conversation_id(api, talking)
    asked = {"lead_id": str(talking.id), "conversation_id": thread_id}
    draft = (await api.post("/api/messages/ai-generate", json=asked)).json()
    assert draft["preview"] is True
    generated = draft["generated_message"]
    again = (await api.post("/api/messages/ai-generate", json=asked)).json()
    assert again == draft
    shown = (await api.get(f"/api/conversations/{thread_id}")).json()["messages"]
    assert [m["sent_at"] for m in shown if m["id"] == generated["message_id"]] == [None]
    assert carrier.taken == []

    approval = {"lead_id": str(talking.id), "message_id": generated["message_id"]}
    sent = (await api.post("/api/messages/ai-send", json=approval)).json()["message"]
    assert sent["content"] == generated["content"]
    assert carrier.texts_to(talking.phone) == [generated["content"]]
    twice = await api.post("/api/messages/ai-send", json=approval)
    assert (twice.status_code, twice.json()["error"]["code"]) == (400, "ALREADY_SENT")


async def test_a_draft_from_before_the_leads_last_text_is_out_of_date(
    api: httpx.AsyncClient, context: Context, org: Organization, talking: Lead, carrier: RememberingCarrier
) -> None:
    thread_id = await conversation_id(api, talking)
    asked = {"lead_id": str(talking.id), "conversation_id": thread_id}
    draft = (await api.post("/api/messages/ai-generate", json=asked)).json()["generated_message"]

    async def marked() -> bool:
        shown = (await api.get(f"/api/conversations/{thread_id}")).json()["messages"]
        [mark] = [m["out_of_date"] for m in shown if m["id"] == draft["message_id"]]
        assert not any(m["out_of_date"] for m in shown if m["id"] != draft["message_id"])
        return mark

    assert not await marked()
    await inbound.receive(context, org.number, str(talking.phone), "Actually, what does it cost?", "sandbox", "SM2")
    assert await marked()
    approval = {"lead_id": str(talking.id), "message_id": draft["message_id"]}
    refused = await api.post("/api/messages/ai-send", json=approval)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "DRAFT_OUT_OF_DATE")
    assert carrier.taken == []

    fresh = (await api.post("/api/messages/ai-generate", json=asked)).json()["generated_message"]
    assert fresh["message_id"] != draft["message_id"]
    sent = await api.post("/api/messages/ai-send", json={**approval, "message_id": fresh["message_id"]})
    assert sent.json()["message"]["content"] == fresh["content"]


async def test_a_draft_is_sent_in_other_words_and_does_then_no_more_than_they_say(
    api: httpx.AsyncClient, talking: Lead, carrier: RememberingCarrier
) -> None:
    thread_id = await conversation_id(api, talking)
    asked = {"lead_id": str(talking.id), "conversation_id": thread_id}
    draft = (await api.post("/api/messages/ai-generate", json=asked)).json()["generated_message"]
    approval = {"lead_id": str(talking.id), "message_id": draft["message_id"], "content": "I call you at nine."}
    sent = (await api.post("/api/messages/ai-send", json=approval)).json()["message"]
    assert (sent["content"], carrier.texts_to(talking.phone)) == ("I call you at nine.", ["I call you at nine."])
    assert not (await api.get(f"/api/leads/{talking.id}")).json()["lead"]["call_booked"]


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("send", {"content": "x", "message_category": "human_manual"}, "lead_id"),
        ("send", {"lead_id": "7", "content": "x", "message_category": "human_manual"}, "lead_id"),
        ("send", {"lead_id": "LEAD", "content": "x", "message_category": "m1"}, "message_category"),
        ("send", {"lead_id": "LEAD", "content": "", "message_category": "human_manual"}, "content"),
        ("send", {"lead_id": "LEAD", "content": 1, "message_category": "human_manual"}, "content"),
        ("ai-send", {"lead_id": "LEAD"}, "message_id"),
        ("ai-generate", {"lead_id": "LEAD"}, "conversation_id"),
        ("ai-generate", {"lead_id": "LEAD", "conversation_id": "LEAD", "force_regenerate": "yes"}, "force_regenerate"),
    ],
)
async def test_a_bad_message_is_told_by_its_field(
    api: httpx.AsyncClient, a_lead: MakeLead, path: str, body: dict[str, object], field: str
) -> None:
    lead_id = str((await a_lead()).id)
    body = {name: lead_id if value == "LEAD" else value for name, value in body.items()}
    refused = await api.post(f"/api/messages/{path}", json=body)
    assert refused.status_code == 400
    assert refused.json()["error"]["details"]["field"] == field


async def test_nobody_elses_threads(api: httpx.AsyncClient, stranger: httpx.AsyncClient, talking: Lead) -> None:
    thread_id = await conversation_id(api, talking)
    assert (await stranger.get(f"/api/conversations/{thread_id}")).status_code == 404
    assert (await api.get(f"/api/conversations/{new_id()}")).status_code == 404
    assert (await api.get("/api/conversations/7")).status_code == 404
    asked = {"lead_id": str(talking.id), "conversation_id": thread_id}
    assert (await stranger.post("/api/messages/ai-generate", json=asked)).status_code == 404
