"""Work that is done every so often, by one process at a time among all."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg
import structlog

from frontdesk.platform.context import Context
from frontdesk.platform.database import SYSTEM_ROLE, connect
from frontdesk.platform.loops import close, describe, pause

log = structlog.get_logger("frontdesk.periodic")

_LONGEST_LOOK_AWAY = 5.0
_GRACE = 25.0
"""Seconds that a run may go on after the process was asked to stop."""

# A time in the future is from a server whose clock was wrong: it does not hold the task up.
_CLAIM = """
    insert into periodic_runs as r (task, last_run_at) values ($1, now())
    on conflict (task) do update set last_run_at = now()
        where r.last_run_at <= now() - $2::interval or r.last_run_at > now()
    returning true"""
_WAIT = """
    select extract(epoch from last_run_at + $2::interval - now())::float8 from periodic_runs where task = $1"""


@dataclass(frozen=True)
class Periodic:
    """`run`, once every `every` by the clock on the wall, wherever that may be. A run that was missed is not made up
    for, one that takes longer delays the next. The name is its identity among processes."""

    task: str
    every: timedelta
    run: Callable[[Context], Awaitable[None]]
    time_limit: timedelta = timedelta(minutes=10)


class PeriodicRunner:
    """Runs periodic tasks side by side. Any number of processes may; an advisory lock for each task keeps them apart,
    and is free at once when a process dies."""

    def __init__(self, context: Context, dsn: str, tasks: Sequence[Periodic]) -> None:
        self._context, self._dsn, self._tasks = context, dsn, tasks

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`. Raises when the connection that holds the locks is lost; runs under way are cut off then, for
        another process may begin."""
        if not self._tasks:
            await stop.wait()
            return
        connection = await connect(self._dsn, SYSTEM_ROLE)
        session = _Session(connection)
        try:
            async with asyncio.TaskGroup() as group:
                for task in self._tasks:
                    group.create_task(self._repeat(task, session, stop))
        finally:
            await close(connection)

    async def _repeat(self, task: Periodic, session: "_Session", stop: asyncio.Event) -> None:
        lock = f"periodic {task.task}"
        while not stop.is_set():
            ours = await session.fetchval("select pg_try_advisory_lock(hashtextextended($1, 0))", lock)
            if ours:
                try:
                    if await session.fetchval(_CLAIM, task.task, task.every):
                        await self._run(task, session, stop)
                finally:
                    await session.fetchval("select pg_advisory_unlock(hashtextextended($1, 0))", lock)
            due_in: float = await session.fetchval(_WAIT, task.task, task.every) or 0.0
            # Not for long at a time: whoever has the lock may die.
            await pause(stop, min(max(due_in, 0.02 if ours else 0.5), _LONGEST_LOOK_AWAY))

    async def _run(self, task: Periodic, session: "_Session", stop: asyncio.Event) -> None:
        """One run. It is cut off when the lock is lost, or too long after `stop`."""
        run = asyncio.ensure_future(asyncio.wait_for(task.run(self._context), task.time_limit.total_seconds()))
        stopping = asyncio.ensure_future(stop.wait())
        lost = asyncio.ensure_future(session.lost.wait())
        try:
            await asyncio.wait({run, stopping, lost}, return_when=asyncio.FIRST_COMPLETED)
            if not lost.done():
                await asyncio.wait({run, lost}, timeout=_GRACE, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiting in (run, stopping, lost):
                waiting.cancel()
            await asyncio.wait({run}, timeout=5)
        if run.done() and not run.cancelled() and (error := run.exception()) is not None:
            log.warning("periodic_failed", task=task.task, error=describe(error))


class _Session:
    """The one connection of a process that holds its locks, a statement at a time."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._one_at_a_time = asyncio.Lock()
        self.lost = asyncio.Event()
        connection.add_termination_listener(lambda _: self.lost.set())

    async def fetchval(self, sql: str, *args: object) -> Any:
        async with self._one_at_a_time:
            return await self._connection.fetchval(sql, *args)
