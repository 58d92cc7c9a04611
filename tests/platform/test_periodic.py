"""Periodic work: once among all processes, not too often, whatever became of the last run."""

import asyncio
import time
from datetime import timedelta

import pytest
from tests.fixtures.contexts import bare_context
from tests.fixtures.outages import end_sessions
from tests.fixtures.waiting import running, until

from frontdesk.platform.context import Context
from frontdesk.platform.database import Works
from frontdesk.platform.periodic import Periodic, PeriodicRunner

pytestmark = pytest.mark.committed


class Runs:
    """Notes when it runs, and how many run at once."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.at: list[float] = []
        self.now = self.most = 0
        self._seconds = seconds
        self.fail = False

    async def __call__(self, context: Context) -> None:
        self.at.append(time.monotonic())
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await asyncio.sleep(self._seconds)
            if self.fail:
                raise RuntimeError("it broke")
        finally:
            self.now -= 1

    def gaps(self) -> list[float]:
        return [later - earlier for earlier, later in zip(self.at, self.at[1:], strict=False)]


def process(works: Works, dsn: str, *tasks: Periodic) -> PeriodicRunner:
    return PeriodicRunner(bare_context(works), dsn, tasks)


async def test_it_runs_once_among_all_processes(committed_works: Works, committed_database: str) -> None:
    runs = Runs()
    task = Periodic("test.tick", timedelta(seconds=0.6), runs)
    async with running(*(process(committed_works, committed_database, task).run for _ in range(4))):
        await until(lambda: len(runs.at) >= 4)
    assert min(runs.gaps()) > 0.3


async def test_a_run_that_takes_longer_is_not_overtaken_nor_piled_up(
    committed_works: Works, committed_database: str
) -> None:
    runs = Runs(seconds=0.6)
    task = Periodic("test.slow", timedelta(seconds=0.1), runs)
    async with running(*(process(committed_works, committed_database, task).run for _ in range(2))):
        await until(lambda: len(runs.at) >= 4)
    assert runs.most == 1
    assert min(runs.gaps()) >= 0.55


async def test_tasks_do_not_hold_one_another_up(committed_works: Works, committed_database: str) -> None:
    slow, quick = Runs(seconds=5), Runs()
    tasks = Periodic("test.slow", timedelta(seconds=1), slow), Periodic("test.quick", timedelta(seconds=0.1), quick)
    async with running(process(committed_works, committed_database, *tasks).run):
        await until(lambda: len(quick.at) >= 5)
        assert len(slow.at) == 1


async def test_an_error_is_not_the_end(committed_works: Works, committed_database: str) -> None:
    runs = Runs()
    runs.fail = True
    task = Periodic("test.failing", timedelta(seconds=0.1), runs)
    async with running(process(committed_works, committed_database, task).run):
        await until(lambda: len(runs.at) >= 3)


async def test_a_restart_does_not_run_it_again_before_its_time(committed_works: Works, committed_database: str) -> None:
    runs = Runs()
    task = Periodic("test.hourly", timedelta(hours=1), runs)
    for _ in range(3):
        async with running(process(committed_works, committed_database, task).run):
            await until(lambda: bool(runs.at))
    assert len(runs.at) == 1


async def test_a_last_run_in_the_future_does_not_hold_it_up(committed_works: Works, committed_database: str) -> None:
    async with committed_works.across_tenants("tests") as work:
        await work.execute("insert into periodic_runs values ('test.hourly', now() + interval '1 year')")
    runs = Runs()
    async with running(
        process(committed_works, committed_database, Periodic("test.hourly", timedelta(hours=1), runs)).run
    ):
        await until(lambda: len(runs.at) == 1)


async def test_a_lost_connection_ends_the_run_and_another_comes(
    committed_works: Works, committed_database: str
) -> None:
    runs = Runs(seconds=20)
    task = Periodic("test.long", timedelta(seconds=0.2), runs)
    async with running(*(process(committed_works, committed_database, task).run for _ in range(2))):
        await until(lambda: runs.now == 1)
        assert await end_sessions(committed_database, lock_holders=True) == 1
        await until(lambda: len(runs.at) == 2)
        await until(lambda: runs.now == 1)
        await end_sessions(committed_database)  # so that the end need not wait for it
