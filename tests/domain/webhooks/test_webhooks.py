"""Outbound webhooks over a real socket: signed, told in order to who asked, and to nobody else."""

import hashlib
import hmac
from datetime import timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError
from tests.domain.webhooks.conftest import Ways, log_of, post_due, read_on
from tests.fakes.receiver import Receiver, Taken
from tests.fixtures.business import MakeLead
from tests.fixtures.calls import MakeCall
from tests.fixtures.nested import NestedConnections
from tests.fixtures.organizations import Organization

from frontdesk.domain.calls import service as calls
from frontdesk.domain.calls.events import CallAnalyzed
from frontdesk.domain.calls.model import EndedReason
from frontdesk.domain.calls.service import trying
from frontdesk.domain.scheduling import service as scheduling
from frontdesk.domain.webhooks.errors import EndpointNotFound
from frontdesk.domain.webhooks.model import (
    DeliveryStatus,
)
from frontdesk.domain.webhooks.service import endpoints, replaying
from frontdesk.kernel.clock import SystemClock
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works


def seeds_recipe(taken: Taken, secret: str) -> str:
    """What X-HEKAX-Signature must be, as receivers of HEKAX compute it."""
    signed = taken.headers["x-hekax-timestamp"].encode() + b"." + taken.body
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


async def test_nobody_is_told_when_the_assistant_is_only_tried_out(
    works: Works, org: Organization, an_endpoint: Ways
) -> None:
    endpoint_id, _ = await an_endpoint()
    async with works.begin(org.actor) as work:
        step = await trying.begin(work)
        assert step.call_id
        await trying.next_step(work, step.call_id, caller_is_there=False)
    await read_on(works, org)
    assert await log_of(works, org, endpoint_id) == []


async def test_both_recipes_verify_what_is_sent(
    context: Context, connections: NestedConnections, org: Organization, an_endpoint: Ways, receiver: Receiver
) -> None:
    now = Context(**{**vars(context), "works": Works(connections, SystemClock())})
    endpoint_id, secret = await an_endpoint("call.completed", of=now)
    done = await replaying.try_out(now, org.actor, endpoint_id)
    assert (done.status, done.last_status_code, done.attempts) == (DeliveryStatus.DELIVERED, 200, 1)
    [taken] = receiver.taken
    told = Webhook(secret).verify(taken.body, taken.headers)
    assert (told["event"], told["test"], told["organizationId"]) == ("call.completed", True, str(org.id))
    assert taken.headers["webhook-id"] == str(done.event_id) == told["id"]
    assert taken.headers["webhook-timestamp"] == taken.headers["x-hekax-timestamp"]
    assert taken.headers["x-hekax-signature"] == seeds_recipe(taken, secret)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(taken.body + b" ", taken.headers)


async def test_secrets_overlap(
    context: Context, connections: NestedConnections, org: Organization, an_endpoint: Ways, receiver: Receiver
) -> None:
    now = Context(**{**vars(context), "works": Works(connections, SystemClock())})
    endpoint_id, before = await an_endpoint(of=now)
    async with now.works.begin(org.actor) as work:
        _, after = await endpoints.rotate_secret(work, now.vault, endpoint_id)
    await replaying.try_out(now, org.actor, endpoint_id)
    [taken] = receiver.taken
    for secret in (before, after):
        Webhook(secret).verify(taken.body, taken.headers)
    assert taken.headers["x-hekax-signature"] == seeds_recipe(taken, after)
    assert taken.headers["x-hekax-signature-previous"] == seeds_recipe(taken, before)
    async with now.works.begin(org.actor) as work:
        _, last = await endpoints.rotate_secret(work, now.vault, endpoint_id, timedelta(0))
    await replaying.try_out(now, org.actor, endpoint_id)
    Webhook(last).verify(receiver.taken[1].body, receiver.taken[1].headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(after).verify(receiver.taken[1].body, receiver.taken[1].headers)


async def test_a_call_is_told_of_in_its_order(
    context: Context, works: Works, org: Organization, a_call: MakeCall, a_lead: MakeLead, an_endpoint: Ways,
    receiver: Receiver,
) -> None:  # fmt: skip
    await an_endpoint()
    opened = await a_call("Hello")
    await calls.complete(works, org.id, opened.call.id, EndedReason.CALLER_HUNG_UP)
    lead = await a_lead(first_name="Dana", last_name="Doe", email="dana@example.com", phone="+447700900777")
    async with works.begin(org.actor) as work:
        await work.execute("update leads set reason = 'A leaking tap' where org_id = $1 and id = $2", org.id, lead.id)
        more = {"sentiment": "positive", "intent": "booking", "success": True}
        work.emit(CallAnalyzed(subject_id=opened.call.id, captured=True, lead_id=lead.id, **more))
    await read_on(works, org)
    await post_due(context)
    told = [taken.told for taken in receiver.taken]
    assert [each["event"] for each in told] == ["call.started", "call.completed", "lead.captured"]
    assert [each["sequence"] for each in told] == sorted({each["sequence"] for each in told})
    started, completed, captured = (each["data"] for each in told)
    assert (started["direction"], started["fromNumber"]) == ("INBOUND", "+447700900777")
    assert completed["callId"] == started["callId"] == captured["callId"] == str(opened.call.id)
    assert completed["status"] == "COMPLETED"
    assert captured["leadId"] == str(lead.id)
    assert (captured["name"], captured["phone"]) == ("Dana Doe", "+447700900777")
    assert captured["reason"] == "A leaking tap"
    assert set(captured) >= {"leadId", "name", "phone", "email", "reason", "callId"}


async def test_appointments_are_told_of_to_who_asked(
    context: Context, works: Works, org: Organization, a_lead: MakeLead, an_endpoint: Ways, receiver: Receiver
) -> None:
    await an_endpoint("appointment.cancelled")
    lead = await a_lead()
    async with works.begin(org.actor) as work:
        slot = (await scheduling.free_slots(work))[0]
        booking = await scheduling.book(work, lead.id, slot.start, notes="Demo")
        await scheduling.cancel(work, booking.id)
    await read_on(works, org)
    await post_due(context)
    [taken] = receiver.taken
    assert taken.told["event"] == "appointment.cancelled"
    data = taken.told["data"]
    assert (data["bookingId"], data["status"], data["duration"]) == (str(booking.id), "CANCELLED", 30)


async def test_next_door_gets_nothing_and_sees_nothing(
    context: Context, works: Works, other_org: Organization, a_call: MakeCall, an_endpoint: Ways, receiver: Receiver
) -> None:
    endpoint_id, _ = await an_endpoint()
    await a_call("Hello", of=other_org)
    await read_on(works, other_org)
    await post_due(context)
    assert receiver.taken == []
    async with works.begin(other_org.actor) as work:
        for seen in (endpoints.get(work, endpoint_id), replaying.page(work, endpoint_id)):
            with pytest.raises(EndpointNotFound):
                await seen


async def test_only_its_seal_is_kept(works: Works, org: Organization, an_endpoint: Ways) -> None:
    _, secret = await an_endpoint()
    async with works.begin(org.actor) as work:
        rows = await work.fetch("select * from webhook_endpoints")
        assert secret not in str([dict(row) for row in rows])
        assert secret not in str(await endpoints.every(work))
