"""Calls that happen at the same moment, on real connections: counted against the bound, kept once, ended once."""

import asyncio
import dataclasses

import pytest
from tests.fixtures.calls import connected, told
from tests.fixtures.organizations import Organization

from frontdesk.domain.calls import service as calls
from frontdesk.domain.calls.errors import CallNotProved
from frontdesk.domain.calls.model import CallSettings, EndedReason, Next, Opened
from frontdesk.domain.calls.service import analyzing
from frontdesk.domain.calls.store import save_settings
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works

pytestmark = pytest.mark.committed


@pytest.fixture
def world(context: Context, committed_works: Works) -> Context:
    """`context`, on a database of its own."""
    return dataclasses.replace(context, works=committed_works)


async def count(works: Works, org: Organization, sql: str) -> int:
    async with works.begin(org.actor) as work:
        return await work.fetchval(f"select count(*) from {sql}")


async def test_of_twenty_callers_at_once_as_many_are_taken_as_may_be(
    world: Context, committed_works: Works, committed_org: Organization
) -> None:
    org = committed_org
    async with committed_works.begin(org.actor) as work:
        await save_settings(work, CallSettings(concurrent_calls=5))
    twice = [told(org, f"CA{n // 2}") for n in range(40)]  # and the carrier tells of each twice
    steps = await asyncio.gather(*(calls.receive(world, each) for each in twice))
    assert [steps[n] == steps[n + 1] for n in range(0, 40, 2)] == [True] * 20
    assert sorted(step.do for step in steps[::2]) == [Next.CONNECT] * 5 + [Next.SAY] * 15
    assert await count(committed_works, org, "calls") == 20
    assert await count(committed_works, org, "events where type = 'call.started'") == 20


async def test_of_twenty_callers_of_two_houses_as_many_are_taken_as_the_machine_has_room_for(
    world: Context, committed_works: Works, committed_org: Organization, committed_other_org: Organization
) -> None:
    small = dataclasses.replace(world, calls_at_once=4)
    houses = (committed_org, committed_other_org)
    steps = await asyncio.gather(*(calls.receive(small, told(houses[n % 2], f"CA{n}")) for n in range(20)))
    assert sorted(step.do for step in steps) == [Next.CONNECT] * 4 + [Next.SAY] * 16
    for org in houses:
        kept = await count(committed_works, org, "calls where status in ('ringing', 'busy')")
        assert kept == await count(committed_works, org, "events where type = 'call.started'") == 10


async def test_one_socket_is_opened_and_one_end_is_told(
    world: Context, committed_works: Works, committed_org: Organization
) -> None:
    works, org = committed_works, committed_org
    step = await calls.receive(world, told(org))
    found = await asyncio.gather(*(connected(works, step) for _ in range(6)), return_exceptions=True)
    [opened] = [each for each in found if isinstance(each, Opened)]
    assert sum(isinstance(each, CallNotProved) for each in found) == 5
    await asyncio.gather(
        *(calls.complete(works, org.id, opened.call.id, EndedReason.AGENT_ENDED) for _ in range(4)),
        *(calls.record_status(world, told(org), "completed") for _ in range(4)),
        *(calls.next_step(world, told(org), caller_is_there=False) for _ in range(2)),
    )
    assert await count(works, org, "events where type = 'call.completed'") == 1
    await asyncio.gather(*(analyzing.analyze(world, org.id, opened.call.id) for _ in range(3)))
    assert await count(works, org, "events where type = 'call.analyzed'") == 1
    assert await count(works, org, "call_analyses") == 1
