"""Each kind of fault, seen from our side of the wire."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from tests.adapters.sandbox.conftest import HANDSET, QUICK, Receiver, make_carrier
from tests.fixtures.organizations import Organization
from tests.fixtures.waiting import until

from frontdesk.adapters.sandbox import SandboxCarrier
from frontdesk.adapters.sandbox.faults import Faults, Timing, plan
from frontdesk.kernel.clock import FrozenClock, SystemClock
from frontdesk.kernel.errors import Invalid
from frontdesk.platform.database import Works
from frontdesk.ports.carrier import Busy, CarrierStatus, OutgoingText, Rejected, Uncertain
from frontdesk.ports.simulator import FaultKind

AllPosted = Callable[[], Awaitable[None]]


def a_text(org: Organization, body: str = "Hello", reference: UUID | None = None) -> OutgoingText:
    return OutgoingText(org.number, HANDSET, body, reference or uuid4())


async def listed(carrier: SandboxCarrier) -> list[tuple[CarrierStatus, str]]:
    found = await carrier.sent_to(HANDSET, carrier.clock.now() - timedelta(minutes=1))
    return [(each.status, each.error_code) for each in found]


@pytest.mark.usefixtures("delivery")
async def test_without_faults_callbacks_come_in_order_and_once(
    carrier: SandboxCarrier, org: Organization, receiver: Receiver, all_posted: AllPosted
):
    text = a_text(org)
    receipt = await carrier.send(text)
    await all_posted()
    assert receiver.statuses(receipt.provider_id) == ["sent", "delivered"]
    assert {post.message for post in receiver.posts} == {str(text.reference)}
    form = receiver.posts[0].form
    assert form["SmsSid"] == form["MessageSid"] == receipt.provider_id
    assert form["SmsStatus"] == form["MessageStatus"]
    assert (form["From"], form["To"], form["ApiVersion"]) == (org.number, HANDSET, "2010-04-01")
    assert "ErrorCode" not in form
    assert receiver.hosts == {"desk.example.com"}
    assert receiver.forged == 0


async def test_reject_refuses_for_good(carrier: SandboxCarrier, org: Organization):
    await carrier.set_fault("reject", 1, 60)
    with pytest.raises(Rejected) as rejected:
        await carrier.send(a_text(org))
    assert rejected.value.code == "30007"
    assert await listed(carrier) == []


@pytest.mark.usefixtures("delivery")
async def test_fail_is_told_after_it_was_sent(
    carrier: SandboxCarrier, org: Organization, receiver: Receiver, all_posted: AllPosted
):
    await carrier.set_fault("fail", 1, 60)
    receipt = await carrier.send(a_text(org))
    await all_posted()
    assert receiver.statuses(receipt.provider_id) == ["sent", "undelivered"]
    assert receiver.posts[-1].form["ErrorCode"] == "30003"
    assert await listed(carrier) == [(CarrierStatus.FAILED, "30003")]


@pytest.mark.usefixtures("delivery")
async def test_duplicate_posts_everything_twice(
    carrier: SandboxCarrier, org: Organization, receiver: Receiver, all_posted: AllPosted
):
    await carrier.set_fault("duplicate", 1, 60)
    receipt = await carrier.send(a_text(org))
    inbound = await carrier.handset_texts(HANDSET, org.number, "Yes please")
    await all_posted()
    assert sorted(receiver.statuses(receipt.provider_id)) == ["delivered", "delivered", "sent", "sent"]
    twice = [post.form for post in receiver.posts if post.form["MessageSid"] == inbound.sid]
    assert len(twice) == 2
    assert twice[0] == twice[1]
    assert len(await listed(carrier)) == 1


@pytest.mark.usefixtures("delivery")
async def test_late_callbacks_come_late_though_the_message_does_not(
    carrier: SandboxCarrier, org: Organization, receiver: Receiver, all_posted: AllPosted
):
    await carrier.set_fault("late", 1, 60)
    began = asyncio.get_running_loop().time()
    await carrier.send(a_text(org))

    async def delivered() -> bool:
        return await listed(carrier) == [(CarrierStatus.DELIVERED, "")]

    await until(delivered)
    await all_posted()
    assert receiver.posts[0].at - began >= QUICK.late_by


@pytest.mark.usefixtures("delivery")
async def test_reorder_tells_of_the_delivery_before_the_sending(
    carrier: SandboxCarrier, org: Organization, receiver: Receiver, all_posted: AllPosted
):
    await carrier.set_fault("reorder", 1, 60)
    receipt = await carrier.send(a_text(org))
    await all_posted()
    assert receiver.statuses(receipt.provider_id) == ["delivered", "sent"]


async def test_busy_says_when_to_come_back(carrier: SandboxCarrier, org: Organization):
    await carrier.set_fault("busy", 1, 60)
    with pytest.raises(Busy) as busy:
        await carrier.send(a_text(org))
    assert busy.value.retry_after == QUICK.busy_for


@pytest.mark.usefixtures("delivery")
async def test_uncertain_accepted_loses_the_answer_and_not_the_message(
    carrier: SandboxCarrier, org: Organization, receiver: Receiver, all_posted: AllPosted
):
    await carrier.set_fault("uncertain_accepted", 1, 60)
    text = a_text(org)
    with pytest.raises(Uncertain):
        await carrier.send(text)
    await all_posted()
    assert [(post.message, post.form["MessageStatus"]) for post in receiver.posts] == [
        (str(text.reference), "sent"),
        (str(text.reference), "delivered"),
    ]


async def test_uncertain_lost_loses_both(
    carrier: SandboxCarrier, org: Organization, owed: Callable[[], Awaitable[int]]
):
    await carrier.set_fault("uncertain_lost", 1, 60)
    with pytest.raises(Uncertain):
        await carrier.send(a_text(org))
    assert await listed(carrier) == []
    assert await owed() == 0


async def test_a_brownout_fails_in_all_three_ways_and_one_message_always_alike(
    carrier: SandboxCarrier, org: Organization
):
    await carrier.set_fault("brownout", 1, 60)
    ways: list[str] = []
    for number in range(3):
        before = len(await listed(carrier))
        text = a_text(org, reference=UUID(int=number))
        for _ in range(2):
            with pytest.raises((Busy, Uncertain)) as failed:
                await carrier.send(text)
            ways.append(f"{type(failed.value).__name__} {len(await listed(carrier)) - before}")
    assert ways == ["Busy 0", "Busy 0", "Uncertain 1", "Uncertain 2", "Uncertain 0", "Uncertain 0"]


async def test_slow_answers_late_and_takes_the_message_once(carrier: SandboxCarrier, org: Organization):
    await carrier.set_fault("slow", 1, 60)
    began = time.monotonic()
    await carrier.send(a_text(org))
    assert time.monotonic() - began >= QUICK.slow_by
    assert len(await listed(carrier)) == 1


async def test_a_fault_ends_by_the_clock(works: Works, clock: FrozenClock, org: Organization):
    carrier = make_carrier(works, "http://127.0.0.1:1")
    await carrier.set_fault("reject", 1, 30)
    clock.move(timedelta(seconds=29))
    with pytest.raises(Rejected):
        await carrier.send(a_text(org))
    clock.move(timedelta(seconds=1))
    assert (await carrier.send(a_text(org))).provider_id


async def test_a_fault_of_one_organisation_spares_the_others(
    carrier: SandboxCarrier, org: Organization, other_org: Organization
):
    await carrier.set_fault("reject", 1, 60, org_id=other_org.id)
    assert (await carrier.send(a_text(org))).provider_id
    with pytest.raises(Rejected):
        await carrier.send(a_text(other_org))


@pytest.mark.parametrize(
    ("kind", "rate", "seconds", "field"),
    [
        ("earthquake", 1, 60, "kind"),
        ("late", 1.1, 60, "rate"),
        ("late", -0.1, 60, "rate"),
        ("late", float("nan"), 60, "rate"),
        ("late", 1, -1, "seconds"),
        ("late", 1, float("inf"), "seconds"),
    ],
)
async def test_a_fault_that_cannot_be_is_refused(
    carrier: SandboxCarrier, kind: str, rate: float, seconds: float, field: str
):
    with pytest.raises(Invalid) as refused:
        await carrier.set_fault(kind, rate, seconds)
    assert refused.value.fields["field"] == field


def test_a_rate_between_strikes_by_lot():
    lots = iter([0.2, 0.3])
    faults = Faults({"late": 0.25}, draw=lambda: next(lots))
    assert [faults.strikes(FaultKind.LATE), faults.strikes(FaultKind.LATE)] == [True, False]
    assert not faults.strikes(FaultKind.FAIL)


def test_a_compressed_clock_stretches_the_plan():
    class Fast(SystemClock):
        def lasting(self, wall: timedelta) -> timedelta:
            return wall * 1000

    now = Fast().now()
    planned = plan(now, Fast(), Timing(), Faults({}))
    assert planned.sent_at - now == timedelta(seconds=50)
    assert planned.callbacks == [("sent", planned.sent_at), ("delivered", planned.ended_at)]
