"""Campaigns: who gets which text when, at what pace, and what stops it."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.fixtures.business import MakeDataset, MakeLead, RememberingCarrier
from tests.fixtures.organizations import Organization

from frontdesk.domain.campaigns.errors import CampaignMoveNotAllowed
from frontdesk.domain.campaigns.model import SettingsChange
from frontdesk.domain.campaigns.service import audience, campaigns, sending
from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.contactability.model import Schedule
from frontdesk.domain.conversations.service import delivery, inbound
from frontdesk.domain.leads.model import CampaignStatus, ContactStatus, Dataset, DatasetChange, LeadFilter
from frontdesk.domain.leads.service import datasets, leads
from frontdesk.kernel.clock import FrozenClock
from frontdesk.kernel.errors import Invalid
from frontdesk.platform.context import Context
from frontdesk.ports.carrier import Rejected

FAST = SettingsChange(rate_per_minute=6000)


@pytest.fixture
async def dataset(a_dataset: MakeDataset, a_lead: MakeLead) -> Dataset:
    """Three fresh leads in a dataset."""
    made = await a_dataset()
    for name in ("Ann", "Bob", "Cy"):
        await a_lead(dataset=made, first_name=name)
    return made


async def start(context: Context, org: Organization, dataset: Dataset, settings: SettingsChange = FAST):
    async with context.works.begin(org.actor) as work:
        return await campaigns.start(work, dataset.id, settings)


async def statuses(context: Context, org: Organization) -> dict[ContactStatus, int]:
    async with context.works.begin(org.actor) as work:
        return await datasets.totals(work)


async def test_the_three_texts_go_out_each_in_its_time(context, org, carrier, dataset, clock: FrozenClock):
    started = await start(context, org, dataset)
    assert (started.total_leads, started.messages_queued, started.preflight.skipped) == (3, 3, 0)
    assert await sending.run_due(context) == 3
    assert await sending.run_due(context) == 0
    assert {text.body.split(",")[0] for text in carrier.taken} == {"Hi Ann", "Hi Bob", "Hi Cy"}
    assert await statuses(context, org) == {ContactStatus.CONTACTED_1: 3}
    clock.move(timedelta(hours=47))
    assert await sending.run_due(context) == 0
    clock.move(timedelta(hours=1))
    assert await sending.run_due(context) == 3
    clock.move(timedelta(hours=96))
    assert await sending.run_due(context) == 3
    assert await statuses(context, org) == {ContactStatus.CONTACTED_3: 3}
    await sending.run_due(context)
    async with context.works.begin(org.actor) as work:
        assert (await datasets.get(work, dataset.id)).campaign_status is CampaignStatus.COMPLETED
    clock.move(timedelta(days=30))
    assert await sending.run_due(context) == 0
    assert len(carrier.taken) == 9


async def test_who_replied_or_was_taken_over_gets_no_second_text(context, org, carrier, dataset, clock: FrozenClock):
    await start(context, org, dataset)
    await sending.run_due(context)
    first, second = carrier.taken[0].to, carrier.taken[1].to
    await inbound.receive(context, org.number, first, "maybe later", "sandbox", "SM1")
    async with context.works.begin(org.actor) as work:
        lead = await leads.of_phone(work, second)
        assert lead is not None
        await leads.set_manual_mode(work, lead.id, True)
    clock.move(timedelta(hours=48))
    assert await sending.run_due(context) == 1
    async with context.works.begin(org.actor) as work:
        progress = await campaigns.progress(work, dataset.id)
    assert progress.skipped == {"replied": 1, "manual_mode": 1}
    assert (progress.replied, progress.by_step["m1"].sent, progress.by_step["m2"].sent) == (1, 3, 1)


async def test_the_pace_is_kept_and_shared(context, org, carrier, a_dataset, a_lead, clock: FrozenClock):
    made = await a_dataset()
    for _ in range(6):
        await a_lead(dataset=made)
    await start(context, org, made, SettingsChange(rate_per_minute=1))
    for minute in range(6):
        assert await sending.run_due(context) == 1, minute
        assert await sending.run_due(context) == 0, minute
        clock.move(timedelta(seconds=60))
    assert len(carrier.taken) == 6


async def test_pause_and_resume_take_effect_at_once(context, org, carrier, dataset, clock: FrozenClock):
    await start(context, org, dataset, SettingsChange(rate_per_minute=1))
    await sending.run_due(context)
    async with context.works.begin(org.actor) as work:
        assert (await campaigns.pause(work, dataset.id)).campaign_status is CampaignStatus.PAUSED
    clock.move(timedelta(minutes=10))
    assert await sending.run_due(context) == 0
    async with context.works.begin(org.actor) as work:
        assert (await campaigns.resume(work, dataset.id)).campaign_status is CampaignStatus.ACTIVE
    assert await sending.run_due(context) == 1
    async with context.works.begin(org.actor) as work:
        await work.flush()
        types = [row["type"] for row in await work.fetch("select type from events where subject_id = $1", dataset.id)]
    assert sorted(types) == ["campaign.paused", "campaign.resumed", "campaign.started"]


async def test_a_draft_can_be_neither_paused_nor_resumed(context, org, dataset):
    async with context.works.begin(org.actor) as work:
        for move in (campaigns.pause, campaigns.resume):
            with pytest.raises(CampaignMoveNotAllowed):
                await move(work, dataset.id)


async def test_preflight_counts_and_says_why(context, org, a_dataset, a_lead: MakeLead):
    made = await a_dataset()
    await a_lead(dataset=made)
    await a_lead(dataset=made, phone=None)
    await a_lead(dataset=made, archived=True)
    await a_lead(dataset=made, stage="contacted", last_step=1)
    await a_lead(dataset=made, stage="opted_out")
    suppressed = await a_lead(dataset=made)
    async with context.works.begin(org.actor) as work:
        await contactability.suppress(work, suppressed.phone or "", "by_hand")
        found = await audience.preflight(work, made.id)
    assert (found.eligible, found.skipped) == (1, 5)
    assert found.reasons == {"already_contacted": 1, "archived": 1, "no_phone": 1, "opted_out": 1, "suppressed": 1}


async def test_what_preflight_promises_is_sent(context, org, carrier, a_dataset, a_lead: MakeLead):
    made = await a_dataset()
    good = await a_lead(dataset=made)
    bad = await a_lead(dataset=made)
    async with context.works.begin(org.actor) as work:
        await contactability.suppress(work, bad.phone or "", "by_hand")
    assert (await start(context, org, made)).messages_queued == 1
    await sending.run_due(context)
    assert [text.to for text in carrier.taken] == [good.phone]


async def test_at_night_nothing_goes_and_in_the_morning_it_does(context, org, carrier, dataset, clock: FrozenClock):
    clock.set(datetime(2026, 3, 10, 22, 0, tzinfo=UTC))
    await start(context, org, dataset)
    assert await sending.run_due(context) == 0
    clock.set(datetime(2026, 3, 11, 7, 59, tzinfo=UTC))
    assert await sending.run_due(context) == 0
    clock.set(datetime(2026, 3, 11, 8, 0, tzinfo=UTC))
    assert await sending.run_due(context) == 3


async def test_its_own_schedule_narrows(context, org, carrier, dataset, clock: FrozenClock):
    settings = SettingsChange(rate_per_minute=6000, schedule=Schedule(14, 16, frozenset({"tue"})))
    await start(context, org, dataset, settings)
    assert await sending.run_due(context) == 0
    clock.set(datetime(2026, 3, 10, 14, 0, tzinfo=UTC))
    assert await sending.run_due(context) == 3


async def test_a_refusal_of_the_carrier_ends_it_for_that_lead(context, org, carrier, dataset, clock: FrozenClock):
    carrier.fail_with = [Rejected("21614", "not a mobile")]
    await start(context, org, dataset)
    await sending.run_due(context)
    assert await statuses(context, org) == {ContactStatus.CONTACTED_1: 2, ContactStatus.INVALID: 1}
    async with context.works.begin(org.actor) as work:
        assert (await campaigns.progress(work, dataset.id)).failures == {"21614": 1}
    clock.move(timedelta(hours=48))
    assert await sending.run_due(context) == 2


async def test_a_crash_after_the_claim_loses_and_doubles_nothing(
    context, org, carrier: RememberingCarrier, dataset, clock: FrozenClock
):
    await start(context, org, dataset)
    async with context.works.begin(org.actor) as work:
        claimed = await sending.claim(work, dataset.id)
    assert len(claimed) == 3
    await delivery.hand_over(context, org.id, claimed[0])
    clock.move(timedelta(seconds=61))
    assert await delivery.reconcile(context) == 2
    await sending.run_due(context)
    assert await sending.run_due(context) == 0
    assert sorted(text.to for text in carrier.taken) == sorted({text.to for text in carrier.taken})
    assert len(carrier.taken) == 3


async def test_leads_imported_later_join_a_running_campaign_when_started_again(context, org, dataset, a_lead):
    await start(context, org, dataset)
    await sending.run_due(context)
    await a_lead(dataset=dataset)
    assert (await start(context, org, dataset)).messages_queued == 1
    assert await sending.run_due(context) == 1


async def test_a_dataset_is_started_paused_and_ended_by_its_status(context, org, dataset):
    async with context.works.begin(org.actor) as work:
        for wanted in (CampaignStatus.ACTIVE, CampaignStatus.PAUSED, CampaignStatus.ACTIVE, CampaignStatus.COMPLETED):
            changed = await campaigns.change_dataset(work, dataset.id, DatasetChange(), wanted)
            assert changed.campaign_status is wanted
        with pytest.raises(CampaignMoveNotAllowed):
            await campaigns.change_dataset(work, dataset.id, DatasetChange(), CampaignStatus.DRAFT)


@pytest.mark.parametrize(
    "wanted",
    [
        SettingsChange(rate_per_minute=0),
        SettingsChange(rate_per_minute=float("nan")),
        SettingsChange(m2_delay_hours=-1),
        SettingsChange(m1_delay_hours=float("inf")),
        SettingsChange(schedule=Schedule(9, 9, frozenset({"mon"}))),
        SettingsChange(schedule=Schedule(9, 25, frozenset({"mon"}))),
        SettingsChange(schedule=Schedule(9, 17, frozenset())),
        SettingsChange(schedule=Schedule(9, 17, frozenset({"monday"}))),
    ],
)
async def test_settings_that_cannot_be_are_refused(context, org, dataset, wanted):
    async with context.works.begin(org.actor) as work:
        with pytest.raises(Invalid):
            await campaigns.start(work, dataset.id, wanted)


async def test_texts_are_previewed_on_real_leads_and_unknown_fields_refused(context, org, dataset):
    async with context.works.begin(org.actor) as work:
        campaign = await campaigns.save_templates(work, dataset.id, m1="Hello {first_name} of {postcode}!")
        shown = [(await audience.preview(work, campaign, lead))[0] for lead in await audience.samples(work, dataset.id)]
        assert set(shown) == {f"Hello {n} of your area!" for n in ("Ann", "Bob", "Cy")}
        with pytest.raises(Invalid) as refused:
            await campaigns.save_templates(work, dataset.id, m2="Hi {frist_name}")
    assert refused.value.fields["field"] == "m2"


async def test_leads_are_listed_by_the_dataset_they_are_in(context, org, dataset):
    async with context.works.begin(org.actor) as work:
        assert (await leads.page(work, LeadFilter(dataset_id=dataset.id))).total == 3
