"""The estimate of a campaign's end: by hand where that can be worked out, and against a run of the real thing."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from tests.fixtures.business import MakeDataset, MakeLead, RememberingCarrier
from tests.fixtures.organizations import Organization

from frontdesk.domain.campaigns.estimate import Waiting, finished_at
from frontdesk.domain.campaigns.model import Campaign, SettingsChange
from frontdesk.domain.campaigns.service import campaigns, sending
from frontdesk.domain.contactability.model import Schedule
from frontdesk.domain.leads.model import CampaignStatus
from frontdesk.domain.leads.service import datasets
from frontdesk.kernel.clock import FrozenClock
from frontdesk.platform.context import Context

NOW = datetime(2026, 3, 10, 11, 0, tzinfo=UTC)
LONDON, ANGELES = frozenset({"Europe/London"}), frozenset({"America/Los_Angeles"})


def told(count: int, *, step: int = 3, zones: frozenset[str] = LONDON, **campaign: object) -> datetime | None:
    settings = Campaign(dataset_id=uuid4(), **campaign)  # pyright: ignore[reportArgumentType]
    return finished_at([Waiting(zones, step, NOW, count)], settings, NOW, "Europe/London")


@pytest.mark.parametrize(
    ("count", "given", "ends"),
    [
        (0, {}, NOW),
        (60, {}, NOW + timedelta(hours=1)),
        (600, {}, NOW + timedelta(hours=10)),
        (660, {}, datetime(2026, 3, 11, 9, 0, tzinfo=UTC)),
        (120, {"hours_start": 9, "hours_end": 12}, datetime(2026, 3, 11, 10, 0, tzinfo=UTC)),
        (1200, {"rate_per_minute": 60}, NOW + timedelta(minutes=20)),
        # The day in Los Angeles begins at 15:00 in London, in March.
        (60, {"zones": ANGELES}, datetime(2026, 3, 10, 16, 0, tzinfo=UTC)),
        # ... and of the hours from nine to five in London two are left for it.
        (180, {"zones": ANGELES, "hours_start": 9, "hours_end": 17}, datetime(2026, 3, 11, 16, 0, tzinfo=UTC)),
        (60, {"step": 1}, NOW + timedelta(hours=48 + 96 + 1)),
        (60, {"step": 2, "m3_delay_hours": 10.5}, datetime(2026, 3, 11, 8, 45, tzinfo=UTC)),
    ],
)
def test_by_hand(count: int, given: dict[str, object], ends: datetime):
    estimate = told(count, **given)  # pyright: ignore[reportArgumentType]
    assert estimate is not None
    assert abs(estimate - ends) <= timedelta(minutes=35)


def test_hours_that_never_meet_never_end():
    assert told(1, zones=frozenset({"Pacific/Auckland"}), hours_start=12, hours_end=17) is None
    assert told(200_000, rate_per_minute=0.01) is None


def test_a_campaign_of_200000_is_told_soon():
    estimate = told(200_000, step=1, rate_per_minute=20)
    assert estimate is not None
    assert timedelta(days=36) < estimate - NOW < timedelta(days=42)


async def test_the_estimate_agrees_with_a_run(
    context: Context, org: Organization, carrier: RememberingCarrier, a_dataset: MakeDataset, a_lead: MakeLead,
    clock: FrozenClock,
):  # fmt: skip
    """Leads in London and in Los Angeles, three texts each, through two nights and a weekend."""
    dataset = await a_dataset()
    for place in range(6):
        await a_lead(dataset=dataset, phone=f"+4477009004{place:02}")
    for place in range(6):
        await a_lead(dataset=dataset, phone=f"+121355501{place:02}")
    hours = Schedule(9, 19, frozenset({"mon", "tue", "wed", "thu", "fri"}))
    wanted = SettingsChange(rate_per_minute=0.04, m2_delay_hours=24, m3_delay_hours=20, schedule=hours)
    async with context.works.begin(org.actor) as work:
        started = await campaigns.start(work, dataset.id, wanted)
    assert started.estimated_completion is not None
    while True:
        sent = await sending.run_due(context)
        async with context.works.begin(org.actor) as work:
            if (await datasets.get(work, dataset.id)).campaign_status is CampaignStatus.COMPLETED:
                break
            progress = await campaigns.progress(work, dataset.id)
        due = progress.next_due_at or clock.now()
        clock.set(max(clock.now() + timedelta(minutes=25), min(due, clock.now() + timedelta(days=2))))
        assert clock.now() < started.estimated_completion + timedelta(days=3), sent
    assert len(carrier.taken) == 36
    took = clock.now() - NOW
    assert abs(clock.now() - started.estimated_completion) <= max(took * 0.1, timedelta(hours=2))
