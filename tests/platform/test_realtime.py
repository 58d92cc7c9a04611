"""The hub: what a subscriber sees, after a pause as well, and what a slow one costs."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from tests.fixtures.organizations import Organization
from tests.fixtures.outages import end_sessions
from tests.fixtures.waiting import running, until

from frontdesk.kernel.ids import new_id
from frontdesk.platform.database import Works
from frontdesk.platform.event_log import Sequencer
from frontdesk.platform.events import Event, Fact, fact
from frontdesk.platform.realtime import Hub, Resync

pytestmark = pytest.mark.committed


@fact("test.shown", "thing")
class Shown(Fact, frozen=True, kw_only=True):
    n: int


async def tell(works: Works, org: Organization, *numbers: int) -> None:
    async with works.begin(org.actor) as work:
        for n in numbers:
            work.emit(Shown(subject_id=new_id(), n=n))


async def last_is(works: Works, position: int) -> bool:
    async with works.across_tenants("tests") as work:
        return await work.fetchval("select last from event_positions") == position


class Watcher:
    """A subscriber that notes what it sees."""

    def __init__(self, hub: Hub, org: Organization, after: int | None = None) -> None:
        self.seen: list[int] = []
        self.positions: list[int] = []
        self.resync: Resync | None = None
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.task = asyncio.create_task(self._watch(hub, org, after))

    async def _watch(self, hub: Hub, org: Organization, after: int | None) -> None:
        async with contextlib.aclosing(hub.subscribe(org.id, after)) as items:
            async for item in items:
                if isinstance(item, Event):
                    self.seen.append(item.payload["n"])
                    self.positions.append(item.position)
                else:
                    self.resync = item
                await self.go_on.wait()


@pytest.fixture
async def hub(committed_works: Works, committed_database: str) -> AsyncIterator[Hub]:
    hub = Hub(committed_works, committed_database, buffer=50, replay=100)
    async with running(Sequencer(committed_database).run, hub.run):
        yield hub


async def joined(hub: Hub, org: Organization, works: Works) -> Watcher:
    """A watcher that certainly sees what is told from now on."""
    watcher = Watcher(hub, org)
    while not watcher.seen:
        await tell(works, org, 0)
        await asyncio.sleep(0.05)
    return watcher


async def test_events_come_to_subscribers_of_their_organisation(
    hub: Hub, committed_works: Works, committed_org: Organization, committed_other_org: Organization
) -> None:
    ours = await joined(hub, committed_org, committed_works)
    theirs = await joined(hub, committed_other_org, committed_works)
    for n in range(1, 11):
        await tell(committed_works, committed_org, n)
    await tell(committed_works, committed_other_org, 99)
    await until(lambda: 10 in ours.seen and 99 in theirs.seen)
    assert [n for n in ours.seen if n] == list(range(1, 11))
    assert [n for n in theirs.seen if n] == [99]


async def test_a_subscriber_that_was_away_misses_nothing_and_sees_nothing_twice(
    hub: Hub, committed_works: Works, committed_org: Organization
) -> None:
    await tell(committed_works, committed_org, *range(1, 31))
    await until(lambda: last_is(committed_works, 30))

    async def go_on_telling() -> None:
        for n in range(31, 61):
            await tell(committed_works, committed_org, n)

    telling = asyncio.create_task(go_on_telling())
    watchers = []
    for after in (0, 10, 29, 30):
        watchers.append(Watcher(hub, committed_org, after))
        await asyncio.sleep(0)
    await telling
    await until(lambda: all(60 in watcher.seen for watcher in watchers))
    for watcher, after in zip(watchers, (0, 10, 29, 30), strict=True):
        assert watcher.seen == list(range(after + 1, 61))
        assert watcher.positions == list(range(after + 1, 61))


async def test_a_slow_subscriber_is_dropped_with_a_word(
    hub: Hub, committed_works: Works, committed_org: Organization
) -> None:
    slow = await joined(hub, committed_org, committed_works)
    quick = await joined(hub, committed_org, committed_works)
    slow.go_on.clear()
    for n in range(1, 81):
        await tell(committed_works, committed_org, n)
        await asyncio.sleep(0.01)
    await until(lambda: 80 in quick.seen)
    slow.go_on.set()
    await asyncio.wait_for(slow.task, 5)
    assert slow.resync is not None
    assert slow.resync.position >= 50
    again = Watcher(hub, committed_org, slow.resync.position)
    await tell(committed_works, committed_org, 81)
    await until(lambda: 81 in again.seen)
    assert 80 not in slow.seen


async def test_too_much_to_replay_is_a_resync(hub: Hub, committed_works: Works, committed_org: Organization) -> None:
    await tell(committed_works, committed_org, *range(1, 131))
    await until(lambda: last_is(committed_works, 130))
    await joined(hub, committed_org, committed_works)
    watcher = Watcher(hub, committed_org, 5)
    await asyncio.wait_for(watcher.task, 5)
    assert watcher.seen == []
    assert watcher.resync is not None


async def test_subscriptions_end_with_the_hub(
    committed_works: Works, committed_org: Organization, committed_database: str
) -> None:
    hub = Hub(committed_works, committed_database)
    async with running(Sequencer(committed_database).run, hub.run):
        watcher = await joined(hub, committed_org, committed_works)
    await asyncio.wait_for(watcher.task, 5)
    assert watcher.resync is None
    assert [item async for item in hub.subscribe(committed_org.id)] == []


async def test_it_goes_on_after_lost_connections(
    hub: Hub, committed_works: Works, committed_org: Organization, committed_database: str
) -> None:
    watcher = await joined(hub, committed_org, committed_works)
    for n in (1, 2):
        assert await end_sessions(committed_database)
        await until(lambda n=n: told(committed_works, committed_org, n))
        await until(lambda n=n: n in watcher.seen)


async def told(works: Works, org: Organization, n: int) -> bool:
    try:
        await tell(works, org, n)
    except Exception:
        return False
    return True
