"""What happens between the steps of a campaign: replies, pauses and nights."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.fixtures.business import MakeDataset, MakeLead, RememberingCarrier
from tests.fixtures.database import KEYED
from tests.fixtures.nested import NestedConnections
from tests.fixtures.organizations import Organization

from frontdesk.domain.campaigns.model import SettingsChange
from frontdesk.domain.campaigns.service import campaigns, sending
from frontdesk.domain.conversations.model import MessageStatus
from frontdesk.domain.conversations.service import delivery, inbound, threads
from frontdesk.domain.leads.model import ContactStatus, Dataset, Lead, LeadChange
from frontdesk.domain.leads.service import leads
from frontdesk.kernel.clock import FrozenClock
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works
from frontdesk.ports.carrier import Busy, OutgoingText, Uncertain

FAST = SettingsChange(rate_per_minute=6000, m2_delay_hours=1, m3_delay_hours=1)


@pytest.fixture
async def dataset(a_dataset: MakeDataset) -> Dataset:
    return await a_dataset()


async def start(context: Context, org: Organization, dataset: Dataset, settings: SettingsChange = FAST) -> None:
    async with context.works.begin(org.actor) as work:
        await campaigns.start(work, dataset.id, settings)


async def replies(context: Context, org: Organization, lead: Lead, text: str = "who is this?") -> None:
    await inbound.receive(context, org.number, str(lead.phone), text, "sandbox", new_id().hex)


async def skipped(context: Context, org: Organization, dataset: Dataset) -> dict[str, int]:
    async with context.works.begin(org.actor) as work:
        return (await campaigns.progress(work, dataset.id)).skipped


# --- replies ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["yes please", "STOP", "HELP"])
async def test_a_reply_between_claim_and_hand_over_is_in_time(
    context, org, carrier: RememberingCarrier, dataset, a_lead: MakeLead, clock: FrozenClock, words: str
):
    quick, quiet = await a_lead(dataset=dataset), await a_lead(dataset=dataset)
    await start(context, org, dataset)
    await sending.run_due(context)
    clock.move(timedelta(hours=1))
    async with context.works.begin(org.actor) as work:
        claimed = await sending.claim(work, dataset.id)
    assert len(claimed) == 2
    clock.move(timedelta(milliseconds=100))
    await replies(context, org, quick, words)
    await delivery.hand_over_all(context, org.id, claimed)
    assert len(carrier.texts_to(quiet.phone)) == 2
    assert not any("again" in text for text in carrier.texts_to(quick.phone))
    async with context.works.begin(org.actor) as work:
        thread = await threads.thread_of_lead(work, quick.id)
    assert thread is not None
    [second] = [message for message in thread.messages if message.category == "m2"]
    assert second.status is MessageStatus.CANCELED
    clock.move(timedelta(days=1))
    await sending.run_due(context)
    assert not any("last note" in text for text in carrier.texts_to(quick.phone))


@pytest.mark.parametrize(
    "happens",
    [
        "yes please",
        "STOP",
        LeadChange(manual_mode=True),
        LeadChange(archived=True),
        LeadChange(contact_status=ContactStatus.LOST),
    ],
)
async def test_what_happens_after_the_claim_is_in_time_though_its_process_has_another_clock(
    context, org, carrier: RememberingCarrier, dataset, a_lead: MakeLead, clock: FrozenClock,
    connections: NestedConnections, happens: str | LeadChange,
):  # fmt: skip
    """As on two machines; a statement that waited for a lock is behind, too."""
    lead, quiet = await a_lead(dataset=dataset), await a_lead(dataset=dataset)
    await start(context, org, dataset)
    await sending.run_due(context)
    clock.move(timedelta(hours=1))
    async with context.works.begin(org.actor) as work:
        claimed = await sending.claim(work, dataset.id)
    behind = FrozenClock(clock.now() - timedelta(milliseconds=300))
    elsewhere = replace(context, works=Works(connections, behind, KEYED))
    if isinstance(happens, str):
        await replies(elsewhere, org, lead, happens)
    else:
        async with elsewhere.works.begin(org.actor) as work:
            await leads.change(work, lead.id, happens)
    await delivery.hand_over_all(context, org.id, claimed)
    assert len(carrier.texts_to(quiet.phone)) == 2
    assert not any("again" in text for text in carrier.texts_to(lead.phone))


async def test_a_reply_to_one_campaign_ends_the_others(
    context, org, carrier: RememberingCarrier, a_dataset: MakeDataset, a_lead: MakeLead, clock: FrozenClock
):
    """One number is one lead, in however many lists."""
    one, two = await a_dataset("One"), await a_dataset("Two")
    lead = await a_lead(dataset=one)
    await start(context, org, one)
    await sending.run_due(context)
    async with context.works.begin(org.actor) as work:
        # As if the other campaign, too, had begun before this one: which it cannot any more.
        await work.execute(
            """insert into dataset_leads (org_id, dataset_id, lead_id, created_at, step, due_at)
               values ($1, $2, $3, $4, 1, $5)""",
            org.id, two.id, lead.id, work.now, work.now + timedelta(hours=1),
        )  # fmt: skip
    await start(context, org, two)
    await replies(context, org, lead)
    clock.move(timedelta(hours=2))
    assert await sending.run_due(context) == 0
    assert (await skipped(context, org, one), await skipped(context, org, two)) == ({"replied": 1}, {"replied": 1})


# --- pauses -----------------------------------------------------------------------------------------------------------


async def test_a_pause_stops_what_a_slow_carrier_has_not_been_given_yet(
    context, org, carrier: RememberingCarrier, dataset, a_lead: MakeLead, clock: FrozenClock
):
    """Two workers, a hundred texts claimed, and a carrier that takes its time over each."""
    for place in range(60):
        await a_lead(dataset=dataset, phone=f"+4477009004{place:02}")
    await start(context, org, dataset)
    given: list[OutgoingText] = []

    async def slowly(text: OutgoingText) -> None:
        given.append(text)
        if len(given) == 1:
            async with context.works.begin(org.actor) as work:
                await campaigns.pause(work, dataset.id)
        clock.move(timedelta(seconds=1))

    carrier.on_send = slowly
    await asyncio.gather(sending.run_due(context), sending.run_due(context))
    assert len(given) <= 2 * delivery.AT_ONCE, "those under way, and no more"
    before = len(given)
    await asyncio.gather(sending.run_due(context), sending.run_due(context))
    assert len(given) == before
    async with context.works.begin(org.actor) as work:
        await campaigns.resume(work, dataset.id)
    carrier.on_send = None
    for _ in range(30):
        await asyncio.gather(sending.run_due(context), sending.run_due(context))
        clock.move(timedelta(seconds=1))
    assert len(carrier.taken) == len({text.to for text in carrier.taken}) == 60


# --- put back ---------------------------------------------------------------------------------------------------------


def kinds(carrier: RememberingCarrier, lead: Lead) -> list[str]:
    """Which of M1 and M2 the lead got, in order."""
    return ["m2" if "again" in text else "m1" for text in carrier.texts_to(lead.phone)]


async def test_a_follow_up_waits_for_the_text_before_it_however_long_that_was_put_back(
    context, org, carrier: RememberingCarrier, dataset, a_lead: MakeLead, clock: FrozenClock,
    monkeypatch: pytest.MonkeyPatch,
):  # fmt: skip
    """A carrier that is out of order from Monday on, a campaign that is paused meanwhile, and a Thursday."""
    monkeypatch.setattr(sending, "TAKEN_UP", 1)
    both = [await a_lead(dataset=dataset) for _ in range(2)]
    carrier.fail_with = [Busy(1)] * 2
    await start(context, org, dataset, SettingsChange(rate_per_minute=6000, m2_delay_hours=48))
    await sending.run_due(context)
    async with context.works.begin(org.actor) as work:
        await campaigns.pause(work, dataset.id)
    clock.move(timedelta(days=3))
    async with context.works.begin(org.actor) as work:
        await campaigns.resume(work, dataset.id)
    assert await sending.run_due(context) == 1
    clock.move(timedelta(hours=1))
    assert await sending.run_due(context) == 1
    assert [kinds(carrier, lead) for lead in both] == [["m1"], ["m1"]]
    clock.move(timedelta(hours=46, minutes=59))
    assert await sending.run_due(context) == 0
    clock.move(timedelta(minutes=1))
    assert await sending.run_due(context) == 1, "forty-eight hours after its first text"
    clock.move(timedelta(hours=1))
    assert await sending.run_due(context) == 1
    assert [kinds(carrier, lead) for lead in both] == [["m1", "m2"], ["m1", "m2"]]


async def test_a_follow_up_waits_until_it_is_known_whether_the_text_before_it_has_left(
    context, org, carrier: RememberingCarrier, dataset, a_lead: MakeLead, clock: FrozenClock
):
    lead = await a_lead(dataset=dataset)
    carrier.fail_with = [Uncertain()]
    await start(context, org, dataset)
    await sending.run_due(context)
    clock.move(timedelta(hours=2))
    assert await sending.run_due(context) == 0
    assert await delivery.reconcile(context) == 1, "it never came there"
    assert await sending.run_due(context) == 1
    clock.move(timedelta(hours=1))
    assert await sending.run_due(context) == 1
    assert kinds(carrier, lead) == ["m1", "m2"]


# --- nights -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stale_after", "sent_by_morning", "left_out"), [(None, 1, {}), (12, 1, {}), (6, 0, {"stale": 1})]
)
async def test_a_follow_up_that_falls_into_the_night(
    context, org, carrier: RememberingCarrier, dataset, a_lead: MakeLead, clock: FrozenClock, stale_after,
    sent_by_morning, left_out,
):  # fmt: skip
    """M2 is due at half past nine in the evening: it waits for the morning, unless that is too late for it."""
    lead = await a_lead(dataset=dataset)
    clock.set(datetime(2026, 3, 10, 20, 30, tzinfo=UTC))
    wanted = SettingsChange(rate_per_minute=60, m2_delay_hours=1, m3_delay_hours=96, stale_after_hours=stale_after)
    await start(context, org, dataset, wanted)
    await sending.run_due(context)
    assert len(carrier.texts_to(lead.phone)) == 1
    while clock.now() < datetime(2026, 3, 11, 9, 0, tzinfo=UTC):
        clock.move(timedelta(minutes=15))
        await sending.run_due(context)
        late_at_night = clock.now() < datetime(2026, 3, 11, 8, 0, tzinfo=UTC)
        assert len(carrier.texts_to(lead.phone)) == (1 if late_at_night else 1 + sent_by_morning)
    assert await skipped(context, org, dataset) == left_out


async def test_follow_ups_that_a_long_pause_made_stale_are_left_out(
    context, org, carrier: RememberingCarrier, dataset, a_lead: MakeLead, clock: FrozenClock
):
    await a_lead(dataset=dataset)
    await start(context, org, dataset, SettingsChange(rate_per_minute=60, m2_delay_hours=1, stale_after_hours=24))
    await sending.run_due(context)
    async with context.works.begin(org.actor) as work:
        await campaigns.pause(work, dataset.id)
    clock.move(timedelta(days=3))
    async with context.works.begin(org.actor) as work:
        await campaigns.resume(work, dataset.id)
    assert await sending.run_due(context) == 0
    assert await skipped(context, org, dataset) == {"stale": 1}


async def test_a_first_text_waits_for_the_morning_however_short_the_patience(
    context, org, carrier: RememberingCarrier, dataset, a_lead: MakeLead, clock: FrozenClock
):
    """A long list goes on for days: nobody is dropped because a night came before their turn."""
    await a_lead(dataset=dataset)
    clock.set(datetime(2026, 3, 10, 22, 0, tzinfo=UTC))
    await start(context, org, dataset, SettingsChange(rate_per_minute=60, stale_after_hours=1))
    assert await sending.run_due(context) == 0
    clock.set(datetime(2026, 3, 11, 8, 0, tzinfo=UTC))
    assert await sending.run_due(context) == 1


async def test_a_put_back_follow_up_grows_stale_like_any_other(
    context, org, carrier: RememberingCarrier, dataset, a_lead: MakeLead, clock: FrozenClock
):
    await a_lead(dataset=dataset)
    await start(context, org, dataset, SettingsChange(rate_per_minute=60, m2_delay_hours=1, stale_after_hours=2))
    await sending.run_due(context)
    clock.move(timedelta(hours=1))
    carrier.fail_with = [Busy(1)]
    await sending.run_due(context)
    clock.move(timedelta(hours=3))
    assert await sending.run_due(context) == 0
    assert len(carrier.taken) == 1
    assert await skipped(context, org, dataset) == {"stale": 1}
