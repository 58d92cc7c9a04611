"""The worker as a whole: all its loops together, through a crash and restart of the database."""

import asyncio
import os
import signal
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tests.fixtures.contexts import bare_context
from tests.fixtures.organizations import make_organization
from tests.fixtures.outcomes import queued
from tests.fixtures.waiting import until

from frontdesk.kernel.clock import SystemClock
from frontdesk.kernel.ids import new_id
from frontdesk.platform import queue
from frontdesk.platform.context import Context
from frontdesk.platform.database import PooledConnections, Work, Works
from frontdesk.platform.event_log import Reader
from frontdesk.platform.events import Event, Fact, fact
from frontdesk.platform.periodic import Periodic
from frontdesk.platform.postgres.migrations import migrate
from frontdesk.platform.postgres.server import attach
from frontdesk.platform.queue import enqueue, handles
from frontdesk.worker import run_worker


@fact("test.worked", "thing")
class Worked(Fact, frozen=True, kw_only=True):
    n: int


async def commit_durably(dsn: str) -> None:
    """As a server does that is no throwaway one, which forgets the last moments when it crashes."""
    owner = await asyncpg.connect(dsn)
    try:
        await owner.execute("alter database frontdesk set synchronous_commit = on")
    finally:
        await owner.close()


@pytest.mark.process
async def test_a_crash_of_the_database_loses_nothing(tmp_path: Path) -> None:
    server = await asyncio.to_thread(attach, tmp_path / "data", throwaway=True)
    dsn = server.dsn()
    await migrate(dsn, after=[queue.install])
    await commit_durably(dsn)
    pooled = await PooledConnections.open(dsn)
    works = Works(pooled, SystemClock())
    org = await make_organization(works, "Acme Kitchens", "+447700900001")
    handled: set[int] = set()
    ticks: list[int] = []

    @handles("test.task", dict, first_delay=timedelta(seconds=0.1))
    async def handle(context: Context, payload: dict[str, Any]) -> None:
        async with context.works.begin(org.actor) as work:  # what it does needs the database, as everything does
            await work.audit("handled", "task", None, n=payload["n"])
        handled.add(payload["n"])

    async def react(work: Work, event: Event) -> None:
        await work.audit("seen", event.type, event.id, n=event.payload["n"])
        await enqueue(work, "test.task", {"n": event.payload["n"]})

    async def tick(context: Context) -> None:
        ticks.append(len(ticks))

    told = 0

    async def tell() -> None:
        """Tell for ever; what failed to commit is told again under the next number."""
        nonlocal told
        while True:
            try:
                async with works.begin(org.actor) as work:
                    work.emit(Worked(subject_id=new_id(), n=told + 1))
                told += 1
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                await asyncio.sleep(0.1)
            await asyncio.sleep(0.01)

    async def committed() -> list[int]:
        async with works.across_tenants("tests") as work:
            rows = await work.fetch("select payload from events order by written")
        return [row["payload"]["n"] for row in rows]

    async def seen() -> list[int]:
        async with works.across_tenants("tests") as work:
            rows = await work.fetch("select details from audit_log where action = 'seen' order by id")
        return [row["details"]["n"] for row in rows]

    stop = asyncio.Event()
    worker = asyncio.create_task(
        run_worker(
            bare_context(works), dsn, handlers=[handle], readers=[Reader("test", react)],
            periodic=[Periodic("test.tick", timedelta(seconds=0.2), tick)], stop=stop,
        )
    )  # fmt: skip
    telling = asyncio.create_task(tell())
    try:
        await until(lambda: len(handled) > 20, 30)
        before, ticks_before = told, len(ticks)
        postmaster = int((tmp_path / "data" / "postgres" / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGQUIT)  # no goodbye, no checkpoint
        await until(lambda: not (server.socket_dir / ".s.PGSQL.5432").exists())  # until then it may still answer
        again = await asyncio.to_thread(attach, tmp_path / "data", throwaway=True)
        await until(lambda: told > before + 50, 30)
        telling.cancel()
        await until(lambda: len(ticks) > ticks_before, 30)

        async def all_is_done() -> bool:
            return set(await committed()) <= handled and not await queued(works)

        async def what_is_left() -> dict[str, Any]:
            async with works.across_tenants("tests") as work:
                return {
                    "unhandled": sorted({*await committed()} - handled),
                    "cursor": await work.fetch("select name, position, last from event_readers, event_positions"),
                    "queue": await work.fetch(
                        """select id, status, attempts, queue_manager_id, now() - heartbeat as silent_for,
                               execute_after - now() as due_in from pgqueuer order by id"""
                    ),
                }

        await until(all_is_done, 30, what_is_left)
        assert set(range(1, told + 1)) <= set(await committed())
        assert sorted(await seen()) == sorted(await committed())
        async with works.across_tenants("tests") as work:
            assert await work.fetchval("select count(*) from dead_letters") == 0
            assert await work.fetchval("select count(*) from event_failures") == 0
        stop.set()
        await asyncio.wait_for(worker, 40)
        await pooled.close()
        await asyncio.to_thread(again.detach)
    finally:
        telling.cancel()
        worker.cancel()
        await asyncio.to_thread(server.detach)
