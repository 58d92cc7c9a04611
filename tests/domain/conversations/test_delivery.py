"""Handing messages over when something comes between: late words, old claims, carriers that answer out of turn."""

from datetime import timedelta

import pytest
from tests.fixtures.business import MakeDataset, MakeLead, RememberingCarrier
from tests.fixtures.organizations import Organization
from tests.fixtures.outcomes import emitted

from frontdesk.domain.campaigns.model import SettingsChange
from frontdesk.domain.campaigns.service import campaigns
from frontdesk.domain.campaigns.service import sending as campaign_sending
from frontdesk.domain.conversations.model import SETTLED_WITHIN, Message, MessageStatus
from frontdesk.domain.conversations.service import delivery, inbound, outcomes, sending, threads
from frontdesk.domain.leads.model import Lead
from frontdesk.kernel.clock import FrozenClock
from frontdesk.platform.context import Context
from frontdesk.ports.carrier import Busy, CarrierMessage, CarrierStatus, OutgoingText, Rejected, Uncertain

LATER = SETTLED_WITHIN + timedelta(seconds=1)


@pytest.fixture
async def lead(a_lead: MakeLead) -> Lead:
    return await a_lead()


async def message_of(context: Context, org: Organization, lead: Lead) -> Message:
    async with context.works.read(org.actor) as work:
        thread = await threads.thread_of_lead(work, lead.id)
    assert thread is not None
    [message] = thread.messages
    return message


@pytest.mark.parametrize("late", [Busy(1), Rejected("30007", "filtered"), Uncertain()])
async def test_a_late_word_does_not_free_what_another_is_sending(
    context: Context, org: Organization, carrier: RememberingCarrier, lead: Lead, clock: FrozenClock, late: Exception
) -> None:
    """A process stood still during a hand-over (a laptop that slept), and the message went to another meanwhile."""
    async with context.works.begin(org.actor) as work:
        first = await sending._claimed(work, lead, "Hello", sending.Category.HUMAN_MANUAL, org.actor)

    async def sleep(text: OutgoingText) -> None:
        clock.move(LATER)
        await delivery.reconcile(context)
        async with context.works.begin(org.actor) as work:
            assert await delivery.claim(work, first.id) is not None  # another worker is calling the carrier now
        raise late

    carrier.on_send = sleep
    await delivery.hand_over(context, org.id, first)
    assert (await message_of(context, org, lead)).status is MessageStatus.SENDING


async def test_a_third_text_of_the_day_that_is_gated_again_still_goes(
    context: Context, org: Organization, carrier: RememberingCarrier, a_dataset: MakeDataset, a_lead: MakeLead,
    clock: FrozenClock,
) -> None:  # fmt: skip
    dataset = await a_dataset()
    lead = await a_lead(dataset=dataset)
    hourly = SettingsChange(rate_per_minute=600, m2_delay_hours=1, m3_delay_hours=1)
    async with context.works.begin(org.actor) as work:
        await campaigns.start(work, dataset.id, hourly)
    for _ in range(2):
        await campaign_sending.run_due(context)
        clock.move(timedelta(hours=1))
    async with context.works.begin(org.actor) as work:
        [third] = await campaign_sending.claim(work, dataset.id)
    clock.move(timedelta(seconds=5))  # the worker was busy with others
    await delivery.hand_over(context, org.id, third)
    assert len(carrier.texts_to(lead.phone)) == 3


@pytest.mark.parametrize(
    ("said", "status", "told"),
    [
        (CarrierStatus.SENT, MessageStatus.SENT, ["message.sent"]),
        (CarrierStatus.DELIVERED, MessageStatus.DELIVERED, ["message.sent", "message.delivered"]),
        (CarrierStatus.FAILED, MessageStatus.FAILED, ["message.sent", "message.failed"]),
    ],
)
async def test_what_the_carrier_says_when_asked_is_as_good_as_its_callback(
    context: Context, org: Organization, carrier: RememberingCarrier, lead: Lead, clock: FrozenClock,
    monkeypatch: pytest.MonkeyPatch, said: CarrierStatus, status: MessageStatus, told: list[str],
) -> None:  # fmt: skip
    carrier.fail_with, carrier.lost = [Uncertain()], True
    await sending.send_by_hand(context, org.actor, lead.id, "Hello")

    async def sent_to(to: str, since: object) -> list[CarrierMessage]:
        code = "30003" if said is CarrierStatus.FAILED else ""
        return [CarrierMessage("SM1", org.number, to, "Hello", said, clock.now(), code)]

    monkeypatch.setattr(carrier, "sent_to", sent_to)
    clock.move(LATER)
    assert await delivery.reconcile(context) == 1
    message = await message_of(context, org, lead)
    assert (message.status, message.provider_id) == (status, "SM1")
    assert message.error_code == ("30003" if said is CarrierStatus.FAILED else None)
    assert [fact.type for fact in await emitted(context.works)][-len(told) :] == told
    # The callback comes all the same, and is no news.
    await inbound.record_status(context, org.number, message.id, "sandbox", "SM1", said)
    assert (await message_of(context, org, lead)).status is status
    assert len([fact for fact in await emitted(context.works) if fact.type in told]) == len(told)


async def test_a_receipt_counts_whenever_it_comes(
    context: Context, org: Organization, carrier: RememberingCarrier, lead: Lead
) -> None:
    async with context.works.begin(org.actor) as work:
        claimed = await sending._claimed(work, lead, "Hello", sending.Category.HUMAN_MANUAL, org.actor)
    sid = f"SM{claimed.id.hex}"
    await inbound.record_status(context, org.number, claimed.id, "sandbox", sid, CarrierStatus.DELIVERED)
    await delivery.hand_over(context, org.id, claimed)
    message = await message_of(context, org, lead)
    assert (message.status, message.provider_id) == (MessageStatus.DELIVERED, sid)


async def test_a_carrier_that_is_busy_for_minutes_loses_nothing(
    context: Context, org: Organization, carrier: RememberingCarrier, lead: Lead, clock: FrozenClock
) -> None:
    carrier.fail_with = [Busy(1)] * 8
    await sending.send_by_hand(context, org.actor, lead.id, "Hello")
    began = clock.now()
    while not carrier.taken:
        clock.move(timedelta(seconds=5))
        await delivery.send_waiting(context)
        assert clock.now() - began < timedelta(minutes=10)
    assert clock.now() - began > timedelta(minutes=1), "it was left alone for longer and longer"
    assert (await message_of(context, org, lead)).status is MessageStatus.SENT


async def put_off(context: Context, org: Organization, message: Message, times: int) -> None:
    """Let the carrier have been busy so often for it."""
    async with context.works.begin(org.actor) as work:
        await work.execute(
            "update messages set attempts = $2::int, put_offs = $2::int where id = $1", message.id, times
        )


async def test_after_a_day_of_trying_a_text_is_given_up(
    context: Context, org: Organization, carrier: RememberingCarrier, lead: Lead, clock: FrozenClock
) -> None:
    carrier.fail_with = [Busy(1)] * 3
    waiting = await sending.send_by_hand(context, org.actor, lead.id, "Hello")
    assert (waiting.status, waiting.error_message) == ("queued", "The carrier is busy, or cannot be reached.")
    await put_off(context, org, waiting, outcomes.MOST_PUT_OFFS - 1)
    for status in (MessageStatus.QUEUED, MessageStatus.FAILED):
        clock.move(outcomes.LONGEST_WAIT)
        await delivery.send_waiting(context)
        assert (await message_of(context, org, lead)).status is status


async def test_what_was_busy_for_long_is_not_given_up_when_an_answer_is_lost(
    context: Context, org: Organization, carrier: RememberingCarrier, lead: Lead, clock: FrozenClock
) -> None:
    carrier.fail_with = [Busy(1), Uncertain()]
    await put_off(context, org, await sending.send_by_hand(context, org.actor, lead.id, "Hello"), 30)
    clock.move(outcomes.LONGEST_WAIT)
    await delivery.send_waiting(context)
    clock.move(LATER)
    await delivery.reconcile(context)
    await delivery.send_waiting(context)
    assert carrier.texts_to(lead.phone) == ["Hello"]


@pytest.mark.parametrize("code", ["30001", "30036"])
async def test_what_never_left_the_carriers_queue_is_sent_again_once(
    context: Context, org: Organization, carrier: RememberingCarrier, lead: Lead, clock: FrozenClock, code: str
) -> None:
    message = await sending.send_by_hand(context, org.actor, lead.id, "Hello")
    first, second = f"SM{message.id.hex}", f"SM{message.id.hex}1"

    async def told(of: str, status: CarrierStatus, error_code: str = "") -> MessageStatus:
        await inbound.record_status(context, org.number, message.id, "sandbox", of, status, error_code)
        return (await message_of(context, org, lead)).status

    assert await told(first, CarrierStatus.FAILED, code) is MessageStatus.QUEUED
    assert await told(first, CarrierStatus.FAILED, code) is MessageStatus.QUEUED
    assert (await message_of(context, org, lead)).put_offs == 1
    await delivery.send_waiting(context)
    assert len(carrier.taken) == 1, "not at once"

    async def tell_again(text: OutgoingText) -> None:
        assert await told(first, CarrierStatus.FAILED, code) is MessageStatus.SENDING

    carrier.on_send = tell_again
    clock.move(outcomes.LONGEST_WAIT)
    await delivery.send_waiting(context)
    assert carrier.texts_to(lead.phone) == ["Hello", "Hello"]
    assert await told(first, CarrierStatus.FAILED, code) is MessageStatus.SENT
    assert await told(second, CarrierStatus.DELIVERED) is MessageStatus.DELIVERED
    facts = [fact.type for fact in await emitted(context.works) if fact.type.startswith("message.")]
    assert facts == ["message.sent", "message.delivered"]


async def test_a_waiting_text_goes_out_from_the_number_that_there_is_by_then(
    context: Context, org: Organization, carrier: RememberingCarrier, lead: Lead, clock: FrozenClock
) -> None:
    carrier.fail_with = [Busy(1)]
    await sending.send_by_hand(context, org.actor, lead.id, "Hello")
    async with context.works.begin(org.actor) as work:
        await work.execute("update numbers set phone = '+447700900777' where org_id = $1", org.id)
        await work.execute("update organizations set number = '+447700900777' where org_id = $1", org.id)
    clock.move(outcomes.LONGEST_WAIT)
    await delivery.send_waiting(context)
    assert [text.sender for text in carrier.taken] == ["+447700900777"]


async def test_a_message_that_fails_does_not_hold_up_the_others(
    context: Context, org: Organization, carrier: RememberingCarrier, a_lead: MakeLead, clock: FrozenClock
) -> None:
    leads = [await a_lead() for _ in range(3)]
    for each in leads:
        carrier.fail_with = [Busy(1)]
        await sending.send_by_hand(context, org.actor, each.id, "Hello")
    clock.move(timedelta(minutes=1))

    async def break_down(text: OutgoingText) -> None:
        if text.to == leads[0].phone:
            raise ZeroDivisionError

    carrier.on_send = break_down
    assert await delivery.send_waiting(context) == 3  # the one that failed is `sending`, and in doubt
    assert {text.to for text in carrier.taken} == {leads[1].phone, leads[2].phone}
    clock.move(LATER)
    carrier.on_send = None
    assert await delivery.reconcile(context) == 1
    await delivery.send_waiting(context)
    assert [carrier.texts_to(each.phone) for each in leads] == [["Hello"]] * 3
