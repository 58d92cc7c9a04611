"""What campaigns claim when several things meet: pace, refused crowds, two datasets, ends, deletions."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.fixtures.business import MakeDataset, MakeLead, RememberingCarrier
from tests.fixtures.organizations import Organization

from frontdesk.domain.campaigns.model import SettingsChange
from frontdesk.domain.campaigns.service import audience, campaigns, sending
from frontdesk.domain.contactability.model import Schedule
from frontdesk.domain.conversations.model import Message
from frontdesk.domain.conversations.service import delivery, inbound, threads
from frontdesk.domain.leads.model import CampaignStatus, ContactStatus, Dataset, DatasetChange, Lead, LeadChange
from frontdesk.domain.leads.service import datasets, leads
from frontdesk.kernel.clock import FrozenClock
from frontdesk.kernel.errors import Invalid
from frontdesk.platform.context import Context
from frontdesk.ports.carrier import Busy, OutgoingText


async def start(context: Context, org: Organization, dataset: Dataset, rate: float = 6000) -> None:
    async with context.works.begin(org.actor) as work:
        await campaigns.start(work, dataset.id, SettingsChange(rate_per_minute=rate))


async def status_of(context: Context, org: Organization, dataset: Dataset) -> CampaignStatus:
    async with context.works.begin(org.actor) as work:
        return (await datasets.get(work, dataset.id)).campaign_status


async def messages_of(context: Context, org: Organization, lead: Lead) -> list[Message]:
    async with context.works.begin(org.actor) as work:
        thread = await threads.thread_of_lead(work, lead.id)
    return [] if thread is None else thread.messages


async def sent_in(
    context: Context, carrier: RememberingCarrier, clock: FrozenClock, seconds: float, looks: int = 4
) -> int:
    """How many go out while workers look so often in a second."""
    before = len(carrier.taken)
    for _ in range(int(seconds * looks)):
        await sending.run_due(context)
        clock.move(timedelta(seconds=1 / looks))
    return len(carrier.taken) - before


@pytest.mark.parametrize(("rate", "most"), [(1.5, 2), (20, 20), (60, 60)])
async def test_no_minute_has_more_than_the_rate(
    context, org, carrier, a_dataset: MakeDataset, a_lead: MakeLead, clock: FrozenClock, rate, most
):
    dataset = await a_dataset()
    for place in range(70):
        await a_lead(dataset=dataset, phone=f"+4477009004{place:02}")
    await start(context, org, dataset, rate)
    sent = await sent_in(context, carrier, clock, 60)
    assert rate - 1 <= sent <= most


async def test_a_slow_campaign_is_not_starved_by_a_fast_one(
    context, org, carrier, a_dataset: MakeDataset, a_lead: MakeLead, clock: FrozenClock
):
    fast, slow = await a_dataset("Fast"), await a_dataset("Slow")
    for place in range(45):
        await a_lead(dataset=fast, phone=f"+4477009004{place:02}")
    patient = [await a_lead(dataset=slow) for _ in range(3)]
    await start(context, org, slow, 2)
    await start(context, org, fast, 20)
    total = await sent_in(context, carrier, clock, 110)  # which of two campaigns is first at a look is chance
    assert sum(text.to in {lead.phone for lead in patient} for text in carrier.taken) == 3
    assert total <= 40, "the client's rate is that of its fastest"


async def test_those_who_may_be_written_to_do_not_wait_behind_those_who_sleep(
    context, org, carrier, a_dataset: MakeDataset, a_lead: MakeLead, monkeypatch: pytest.MonkeyPatch
):
    """At eleven in London it is night in Los Angeles."""
    monkeypatch.setattr(sending, "LOOKED_AT", 5)
    dataset = await a_dataset()
    for place in range(12):
        await a_lead(dataset=dataset, phone=f"+121355501{place:02}")
    awake = await a_lead(dataset=dataset)
    await start(context, org, dataset, 1)
    assert await sending.run_due(context) == 1
    assert [text.to for text in carrier.taken] == [awake.phone]


async def test_two_campaigns_do_not_both_begin_with_one_lead(
    context, org, carrier, a_dataset: MakeDataset, a_lead: MakeLead, clock: FrozenClock
):
    one, two = await a_dataset("One"), await a_dataset("Two")
    lead = await a_lead(dataset=one)
    async with context.works.begin(org.actor) as work:
        await work.execute(
            "insert into dataset_leads (org_id, dataset_id, lead_id, created_at) values ($1, $2, $3, $4)",
            org.id, two.id, lead.id, work.now,
        )  # fmt: skip
    await start(context, org, one)
    await start(context, org, two)
    async with context.works.begin(org.actor) as work:
        assert len(await sending.claim(work, one.id)) == 1
        # Before the carrier has taken the first.
        assert (await audience.preflight(work, two.id)).reasons == {"in_another_campaign": 1}
        assert await sending.claim(work, two.id) == []
        assert (await campaigns.progress(work, two.id)).skipped == {"in_another_campaign": 1}


async def test_a_lead_that_a_person_has_marked_hot_gets_no_campaign_text(
    context, org, carrier, a_dataset: MakeDataset, a_lead: MakeLead
):
    dataset = await a_dataset()
    lead = await a_lead(dataset=dataset)
    await start(context, org, dataset)
    async with context.works.begin(org.actor) as work:
        await leads.change(work, lead.id, LeadChange(contact_status=ContactStatus.HOT))
    assert await sending.run_due(context) == 0


@pytest.fixture
async def one_waiting(
    context: Context, org: Organization, carrier: RememberingCarrier, a_dataset: MakeDataset, a_lead: MakeLead,
    clock: FrozenClock,
) -> tuple[Dataset, Lead]:  # fmt: skip
    """A dataset whose one lead's M1 was put back, because the carrier was busy."""
    dataset = await a_dataset()
    lead = await a_lead(dataset=dataset)
    carrier.fail_with = [Busy(1)]
    await start(context, org, dataset)
    await sending.run_due(context)
    clock.move(timedelta(minutes=1))
    return dataset, lead


async def test_what_was_put_back_waits_while_its_campaign_is_paused(context, org, carrier, one_waiting):
    dataset, lead = one_waiting
    async with context.works.begin(org.actor) as work:
        await campaigns.pause(work, dataset.id)
    [message] = await messages_of(context, org, lead)
    await delivery.deliver(context, org.id, message.id)
    await delivery.send_waiting(context)
    assert await sending.run_due(context) == 0
    assert carrier.taken == []
    async with context.works.begin(org.actor) as work:
        await campaigns.resume(work, dataset.id)
    assert await sending.run_due(context) == 1
    assert len(carrier.taken) == 1


async def test_what_was_put_back_keeps_the_pace_and_the_campaigns_own_hours(
    context, org, carrier, a_dataset: MakeDataset, a_lead: MakeLead, clock: FrozenClock
):
    """After a brown-out nothing floods the carrier, and nobody is texted outside the hours that were chosen."""
    dataset = await a_dataset()
    for place in range(12):
        await a_lead(dataset=dataset, phone=f"+4477009004{place:02}")
    carrier.fail_with = [Busy(1)] * 12
    async with context.works.begin(org.actor) as work:
        hours = Schedule(9, 12, frozenset({"tue", "wed"}))
        await campaigns.start(work, dataset.id, SettingsChange(rate_per_minute=6000, schedule=hours))
    assert await sending.run_due(context) == 12
    async with context.works.begin(org.actor) as work:
        await campaigns.change_settings(work, dataset.id, SettingsChange(rate_per_minute=5))
    clock.move(timedelta(minutes=2))
    assert carrier.taken == []
    sent = await sent_in(context, carrier, clock, 60, looks=1)
    assert 3 <= sent <= 5
    clock.set(datetime(2026, 3, 10, 12, 0, tzinfo=UTC))
    assert await sent_in(context, carrier, clock, 30, looks=1) == 0
    clock.set(datetime(2026, 3, 11, 9, 0, tzinfo=UTC))
    assert await sent_in(context, carrier, clock, 120, looks=1) == 12 - sent


async def statuses_of(context: Context, org: Organization) -> dict[str, int]:
    async with context.works.begin(org.actor) as work:
        rows = await work.fetch("select status, count(*) as n from messages group by 1")
    return {row["status"]: row["n"] for row in rows}


async def test_an_outage_of_an_hour_costs_nobody_a_text(
    context, org, carrier, a_dataset: MakeDataset, a_lead: MakeLead, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sending, "BATCH", 4)
    dataset = await a_dataset()
    phones = [f"+4477009004{place:02}" for place in range(12)]
    for phone in phones:
        await a_lead(dataset=dataset, phone=phone)

    async def cannot_be_reached(text: OutgoingText) -> None:
        raise Busy(10)

    carrier.on_send = cannot_be_reached
    await start(context, org, dataset)
    for _ in range(120):
        await sending.run_due(context)
        clock.move(timedelta(seconds=30))
    assert await statuses_of(context, org) == {"queued": 4}, "nobody else is to wait with them"
    async with context.works.begin(org.actor) as work:
        assert (await campaigns.progress(work, dataset.id)).held_up == 4
    assert await status_of(context, org, dataset) is CampaignStatus.ACTIVE
    carrier.on_send = None
    for _ in range(40):
        await sending.run_due(context)
        clock.move(timedelta(seconds=10))
    assert sorted(text.to for text in carrier.taken) == phones
    assert await statuses_of(context, org) == {"sent": 12}


async def test_a_text_that_waits_for_the_morning_holds_nobody_up(
    context, org, carrier, a_dataset: MakeDataset, a_lead: MakeLead, clock: FrozenClock
):
    """The carrier was busy when it was nearly nine in the evening for one, and the afternoon for the others."""
    clock.set(datetime(2026, 3, 10, 20, 59, 30, tzinfo=UTC))
    dataset = await a_dataset()
    await a_lead(dataset=dataset)
    carrier.fail_with = [Busy(60)]
    await start(context, org, dataset)
    assert await sending.run_due(context) == 1
    for place in range(3):
        await a_lead(dataset=dataset, phone=f"+121255501{place:02}")
    async with context.works.begin(org.actor) as work:
        await campaigns.take_up(work, await datasets.locked(work, dataset.id))
    clock.move(timedelta(minutes=2))
    for _ in range(3):
        await sending.run_due(context)
        clock.move(timedelta(seconds=1))
    assert len(carrier.taken) == 3


@pytest.mark.parametrize("how", ["completed", "deleted"])
async def test_what_was_put_back_is_cancelled_with_its_campaign(context, org, carrier, one_waiting, how):
    dataset, lead = one_waiting
    async with context.works.begin(org.actor) as work:
        await (campaigns.complete if how == "completed" else datasets.delete)(work, dataset.id)
    await delivery.send_waiting(context)
    assert carrier.taken == []
    [message] = await messages_of(context, org, lead)
    assert (message.status, message.error_message) == ("canceled", "campaign_over")


async def test_what_was_put_back_does_not_follow_the_leads_reply(context, org, carrier, one_waiting):
    _, lead = one_waiting
    await inbound.receive(context, org.number, lead.phone, "who is this?", "sandbox", "IN1")
    assert await sending.run_due(context) == 0
    assert carrier.taken == []


async def test_a_campaign_that_has_its_end_sends_nothing_after_it_and_can_start_again(
    context, org, carrier, a_dataset: MakeDataset, a_lead: MakeLead, clock: FrozenClock
):
    dataset = await a_dataset()
    await a_lead(dataset=dataset)
    async with context.works.begin(org.actor) as work:
        await datasets.change(work, dataset.id, DatasetChange(campaign_end_date=work.now + timedelta(hours=1)))
        await campaigns.start(work, dataset.id, SettingsChange(rate_per_minute=6000, m1_delay_hours=2))
    clock.move(timedelta(hours=3))
    assert await sending.run_due(context) == 0
    assert await status_of(context, org, dataset) is CampaignStatus.COMPLETED
    async with context.works.begin(org.actor) as work:
        assert (await campaigns.progress(work, dataset.id)).next_due_at is None
    await start(context, org, dataset)
    assert await sending.run_due(context) == 1


async def test_a_start_in_the_future_is_waited_for(
    context, org, carrier, a_dataset: MakeDataset, a_lead: MakeLead, clock: FrozenClock
):
    dataset = await a_dataset()
    await a_lead(dataset=dataset)
    async with context.works.begin(org.actor) as work:
        await datasets.change(work, dataset.id, DatasetChange(campaign_start_date=work.now + timedelta(days=1)))
    await start(context, org, dataset)
    assert await sending.run_due(context) == 0
    assert await status_of(context, org, dataset) is CampaignStatus.ACTIVE
    clock.move(timedelta(days=1))
    assert await sending.run_due(context) == 1


async def test_a_campaign_with_nobody_to_write_to_is_done_at_once(
    context, org, a_dataset: MakeDataset, a_lead: MakeLead
):
    dataset = await a_dataset()
    await a_lead(dataset=dataset, phone=None)
    await start(context, org, dataset)
    for _ in range(2):
        await sending.run_due(context)
    assert await status_of(context, org, dataset) is CampaignStatus.COMPLETED


async def test_hours_that_never_meet_those_of_the_gate_are_refused(context, org, a_dataset: MakeDataset):
    dataset = await a_dataset()
    async with context.works.begin(org.actor) as work:
        for hours in ((21, 23), (2, 8)):
            with pytest.raises(Invalid):
                await campaigns.change_settings(
                    work, dataset.id, SettingsChange(schedule=Schedule(*hours, frozenset({"mon"})))
                )


async def test_counts_by_status_follow_leads_that_are_deleted(context, org, a_dataset: MakeDataset, a_lead: MakeLead):
    one, two = await a_dataset("One"), await a_dataset("Two")
    shared, alone = await a_lead(dataset=one), await a_lead(dataset=one)
    async with context.works.begin(org.actor) as work:
        await work.execute(
            "insert into dataset_leads (org_id, dataset_id, lead_id, created_at) values ($1, $2, $3, $4)",
            org.id, two.id, shared.id, work.now,
        )  # fmt: skip
        await work.execute("delete from leads where id = $1", alone.id)
        assert (await datasets.get(work, one.id)).total_leads == 1
        await datasets.delete(work, one.id)
        assert (await datasets.get(work, two.id)).total_leads == 1
        assert sum((await datasets.totals(work)).values()) == 1
        assert await work.fetchval("select count(*) from lead_counts where dataset_id = $1", one.id) == 0
