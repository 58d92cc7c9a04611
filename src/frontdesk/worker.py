"""The worker: which loops run in the background, and that none of them takes the others down. Composition only."""

import asyncio
from collections.abc import Sequence
from typing import Any

from frontdesk.platform.context import Context
from frontdesk.platform.event_log import CHANNEL, Reader, ReaderLoop, Sequencer
from frontdesk.platform.loops import Bell, Loop, listening, supervise
from frontdesk.platform.periodic import Periodic, PeriodicRunner
from frontdesk.platform.queue import TaskHandler
from frontdesk.platform.queue_runner import HOUSEKEEPING, QueueRunner


async def run_worker(
    context: Context,
    dsn: str,
    *,
    handlers: Sequence[TaskHandler[Any]],
    periodic: Sequence[Periodic],
    readers: Sequence[Reader],
    stop: asyncio.Event,
    concurrency: int = 8,
) -> None:
    """Run all background work until `stop` is set, and return when it has wound down: within half a minute.

    Any number of processes may. A loop that fails is started again after a pause of 0.5 to 30 seconds; a database that
    is away is waited for. At most `concurrency` handlers run at once. `dsn` is the owner's, direct or session-pooled.
    """
    bell = Bell()
    loops: dict[str, Loop] = {
        "events.listen": listening(dsn, CHANNEL, lambda _: bell.ring()),
        "events.sequencer": Sequencer(dsn).run,
        "queue": QueueRunner(context, dsn, handlers, concurrency=concurrency).run,
        "periodic": PeriodicRunner(context, dsn, [*periodic, HOUSEKEEPING]).run,
    } | {f"reader.{reader.name}": ReaderLoop(context.works, reader, bell.sleeper()).run for reader in readers}
    async with asyncio.TaskGroup() as tasks:
        for name, loop in loops.items():
            tasks.create_task(supervise(name, loop, stop), name=name)
