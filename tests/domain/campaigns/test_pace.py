"""How fast campaigns send: never more than the rate in any minute, and not much less."""

import asyncio
import dataclasses
import random
from bisect import bisect_left
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fixtures.business import RememberingCarrier
from tests.fixtures.organizations import Organization

from frontdesk.domain.campaigns.model import SettingsChange
from frontdesk.domain.campaigns.pace import Meter
from frontdesk.domain.campaigns.service import campaigns, sending
from frontdesk.domain.leads.service import datasets
from frontdesk.kernel.clock import FrozenClock
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import PooledConnections, Works
from frontdesk.ports.carrier import OutgoingText, Receipt

BEGAN = datetime(2026, 3, 10, 11, 0, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LOOK = timedelta(seconds=2)


def most_in_a_minute(times: list[datetime]) -> int:
    """The most of `times`, ascending, that fall into one half-open minute, wherever it begins."""
    return max((bisect_left(times, at + timedelta(seconds=60)) - place for place, at in enumerate(times)), default=0)


@given(
    rate=st.sampled_from([0.5, 1, 1.5, 7, 20, 60, 600, 6000]),
    pauses=st.lists(st.floats(0.01, 3) | st.sampled_from([0.5, 1.0, 45.0]), min_size=20, max_size=200),
)
def test_no_minute_has_more_than_the_rate_however_workers_look(rate: float, pauses: list[float]):
    meter, now, times = Meter(EPOCH), BEGAN, list[datetime]()
    for pause in pauses:
        room = meter.room(rate, now, LOOK)
        meter = meter.spent(room, rate, now, LOOK)
        times += [now] * room
        now += timedelta(seconds=pause)
    assert most_in_a_minute(times) <= max(1, -(-rate // 1))
    assert len(meter.recent) <= 61


@pytest.mark.parametrize("rate", [1, 30, 60, 600, 6000, 100_000])
def test_the_rate_is_reached_though_workers_look_only_now_and_then(rate: int):
    chance, meter, now, sent = random.Random(rate), Meter(EPOCH), BEGAN, 0
    while now < BEGAN + timedelta(minutes=20):
        room = min(meter.room(rate, now, LOOK), 100_000)
        meter, sent = meter.spent(room, rate, now, LOOK), sent + room
        now += timedelta(seconds=chance.uniform(0.2, 1.8))
    assert 0.95 * rate * 20 <= sent <= rate * 20


def test_a_compressed_clock_is_not_held_to_minutes_that_nobody_looks_at():
    assert Meter(EPOCH).room(60, BEGAN, timedelta(hours=1)) == 3600


class TimingCarrier(RememberingCarrier):
    """Notes when it was given what."""

    def __init__(self, clock: FrozenClock) -> None:
        super().__init__()
        self._clock = clock

    async def send(self, text: OutgoingText) -> Receipt:
        self.times.append(self._clock.now())
        return await super().send(text)


async def filled(works: Works, org: Organization, count: int) -> list[str]:
    """Make a dataset with so many leads; the numbers of those."""
    phones = [f"+4477009{place:05}" for place in range(10_000, 10_000 + count)]
    ids = [new_id() for _ in phones]
    async with works.begin(org.actor) as work:
        dataset = await datasets.create(work, "Old leads")
        await work.executemany(
            """insert into leads (org_id, id, phone, first_name, created_at, updated_at)
               values ($1, $2, $3, 'Al', $4, $4)""",
            [(org.id, lead_id, phone, work.now) for lead_id, phone in zip(ids, phones, strict=True)],
        )
        await work.executemany(
            "insert into dataset_leads (org_id, dataset_id, lead_id, created_at) values ($1, $2, $3, $4)",
            [(org.id, dataset.id, lead_id, work.now) for lead_id in ids],
        )
    return [str(dataset.id), *phones]


@pytest.mark.committed
async def test_three_workers_share_one_rate_through_pauses_and_restarts(
    context: Context, committed_database: str, committed_works: Works, committed_org: Organization, clock: FrozenClock
):
    rate, chance, carrier = 40, random.Random(20260310), TimingCarrier(clock)
    world = dataclasses.replace(context, works=committed_works, carriers={"sandbox": carrier})
    await filled(committed_works, committed_org, 140)
    async with committed_works.begin(committed_org.actor) as work:
        [dataset] = await datasets.list_all(work)
        await campaigns.start(work, dataset.id, SettingsChange(rate_per_minute=rate))
    began = clock.now()
    for round_ in range(120):
        await asyncio.gather(*(sending.run_due(world) for _ in range(3)))
        clock.move(timedelta(seconds=chance.uniform(0.4, 2)))
        if round_ in (40, 42):  # paused for a moment, and for nothing
            async with committed_works.begin(committed_org.actor) as work:
                await (campaigns.pause if round_ == 40 else campaigns.resume)(work, dataset.id)
        if round_ == 80:  # all processes start anew
            anew = await PooledConnections.open(committed_database)
            world = dataclasses.replace(world, works=Works(anew, clock))
    await anew.close()
    minutes = (clock.now() - began) / timedelta(minutes=1)
    assert len(carrier.taken) == len({text.to for text in carrier.taken})
    assert most_in_a_minute(carrier.times) <= rate
    assert len(carrier.taken) >= 0.9 * min(140, rate * (minutes - 0.2))
