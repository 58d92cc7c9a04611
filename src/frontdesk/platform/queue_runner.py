"""Runs the handlers of queued tasks: a number at a time, again when they fail, by somebody else when their worker dies.

What happens to a job is decided here. pgqueuer hands it out, keeps its heartbeat and puts it back when told to; it is
never let to see a failure, because it would delete the job or keep words of people in its log.
"""

import asyncio
import functools
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import structlog
from pgqueuer.core.executors import AbstractEntrypointExecutor, EntrypointExecutorParameters
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain import models
from pgqueuer.domain.errors import RetryRequested

from frontdesk.platform import dead_letters
from frontdesk.platform.context import Context
from frontdesk.platform.database import SYSTEM_ROLE
from frontdesk.platform.loops import describe, pause, supervise
from frontdesk.platform.periodic import Periodic
from frontdesk.platform.queue import SETTINGS, GiveUp, RetryAfter, TaskHandler, queries
from frontdesk.platform.queue_driver import QueueDriver

log = structlog.get_logger("frontdesk.queue")

HEARTBEAT_TIMEOUT = timedelta(seconds=6)
"""After this silence of its worker a job is another's. With the poll below: within eight seconds of a SIGKILL."""
POLL = timedelta(seconds=2)
"""How often jobs of silent workers are looked for."""
LOOK = 0.1
"""Seconds between looks for jobs that are due."""
_DEATHS = 5
"""Workers that a job may outlive before it is thought to be what killed them."""
_NOT_OURS = timedelta(seconds=10)
"""A job that another worker has taken over waits so long for the next try, if that one has not done it by then."""
_HISTORY = timedelta(days=3)


async def _forget_history(context: Context) -> None:
    async with context.works.across_tenants("queue_history") as work:
        await work.execute("delete from pgqueuer_log where created < now() - $1::interval", _HISTORY)


HOUSEKEEPING = Periodic("queue.history", timedelta(hours=1), _forget_history)
"""pgqueuer keeps a line for each step of each job, and never drops one."""


@dataclass
class _Executor(AbstractEntrypointExecutor):
    """Between pgqueuer and the runner: `attempt` returns when to try again, or None when the job is done with."""

    attempt: Callable[[models.Job], Awaitable[timedelta | None]]

    async def execute(self, job: models.Job, context: models.Context) -> None:
        delay = await self.attempt(job)
        if delay is not None:
            raise RetryRequested(delay=delay)


async def _unused(job: models.Job) -> None: ...


class QueueRunner:
    """The queue's part of a worker. Any number of processes may have one.

    All of them know all tasks: one that is unknown here is a dead letter when it has waited for `unknown_after`.
    """

    def __init__(
        self,
        context: Context,
        dsn: str,
        handlers: Sequence[TaskHandler[Any]],
        *,
        concurrency: int = 8,
        grace: timedelta = timedelta(seconds=25),
        unknown_after: timedelta = timedelta(minutes=5),
        heartbeat_timeout: timedelta = HEARTBEAT_TIMEOUT,
    ) -> None:
        """`grace` is how long running handlers may go on once the process is asked to stop; then they are cut off, and
        their jobs go to another worker."""
        self._context, self._dsn = context, dsn
        self._handlers = {handler.task: handler for handler in handlers}
        if len(self._handlers) != len(handlers):
            raise ValueError("two handlers for one task")
        self._concurrency, self._grace, self._unknown_after = max(concurrency, 2), grace, unknown_after
        self._heartbeat_timeout = heartbeat_timeout
        self._running: set[asyncio.Task[None]] = set()
        self._cutting_off = False

    async def run(self, stop: asyncio.Event) -> None:
        """Run jobs until `stop`, then finish those that run. Lives through losses of the database."""
        ended = asyncio.Event()
        self._cutting_off = False
        pool = await asyncpg.create_pool(
            self._dsn, min_size=1, max_size=3, command_timeout=30,
            server_settings={"role": SYSTEM_ROLE, "application_name": "frontdesk queue", "timezone": "UTC"},
        )  # fmt: skip
        driver = QueueDriver(pool, ended)
        manager = self._manager(driver)
        helpers = [
            asyncio.create_task(supervise(name, loop, ended))
            for name, loop in (
                ("queue.look", functools.partial(self._look, driver)),
                ("queue.put_back", functools.partial(self._put_back, driver, manager)),
                ("queue.sweep", self._sweep),
            )
        ]
        try:
            await self._serve(manager, stop)
        finally:
            ended.set()
            await asyncio.gather(*helpers, return_exceptions=True)
            try:
                await asyncio.wait_for(pool.close(), timeout=5)
            except TimeoutError:
                pool.terminate()

    def _manager(self, driver: QueueDriver) -> QueueManager:
        manager = QueueManager(queries(driver), SETTINGS.channel)
        for handler in self._handlers.values():
            parameters = EntrypointExecutorParameters(concurrency_limit=0, func=_unused, on_failure="hold")
            attempt = functools.partial(self._attempt, handler, manager.queue_manager_id)
            manager.register_executor(handler.task, _Executor(parameters, attempt))
        return manager

    async def _serve(self, manager: QueueManager, stop: asyncio.Event) -> None:
        serving = asyncio.create_task(
            manager.run(
                dequeue_timeout=POLL,
                batch_size=self._concurrency // 2,
                max_concurrent_tasks=self._concurrency,
                heartbeat_timeout=self._heartbeat_timeout,
                log_aggregation_interval=timedelta(0),
            )
        )
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
            manager.shutdown.set()
            await asyncio.wait({serving}, timeout=self._grace.total_seconds())
        finally:
            stopping.cancel()
            manager.shutdown.set()
            self._cut_off()
            await asyncio.wait({serving}, timeout=5)
            serving.cancel()
        await serving

    def _cut_off(self) -> None:
        self._cutting_off = True
        for task in self._running:
            log.info("job_cut_off", task=task.get_name())
            task.cancel()

    async def _attempt(self, handler: TaskHandler[Any], worker: UUID, job: models.Job) -> timedelta | None:
        """Try `job` once. Returns when to try again, or None when it is done or dead."""
        attempts = job.attempts + 1
        try:
            payload = msgspec.json.decode(job.payload or b"null", type=handler.payload_type)
        except msgspec.DecodeError as error:
            return await self._bury(job, worker, f"the payload is not what {handler.task} takes: {error}", attempts)
        if (deaths := await self._deaths(job)) > _DEATHS:
            return await self._bury(job, worker, f"its worker died {deaths} times while it ran", attempts)
        delay = None
        try:
            await self._handle(handler, payload)
        except asyncio.CancelledError:
            # Swallowed, for pgqueuer takes a cancelled job off the queue. Another worker is to have it at once.
            me = asyncio.current_task()
            if self._cutting_off or (me is not None and me.cancelling()):
                return timedelta(0)
            error = "cancelled itself"
        except GiveUp as given_up:
            return await self._bury(job, worker, given_up.reason, attempts)
        except RetryAfter as wanted:
            error, delay = "asked for another time", wanted.delay
        except Exception as failure:
            error = describe(failure)
        else:
            return None
        log.warning("job_failed", task=handler.task, job=job.id, attempt=attempts, error=error)
        if attempts >= handler.max_attempts:
            return await self._bury(job, worker, error, attempts)
        return delay or timedelta(
            seconds=min(handler.first_delay * 2 ** min(attempts - 1, 20), handler.max_delay).total_seconds()
            * random.uniform(0.75, 1.25)  # noqa: S311
        )

    async def _handle(self, handler: TaskHandler[Any], payload: object) -> None:
        """Run the handler, in a task of its own that can be cut off."""

        async def limited() -> None:
            async with asyncio.timeout(handler.time_limit.total_seconds()):
                await handler(self._context, payload)

        task = asyncio.create_task(limited(), name=handler.task)
        self._running.add(task)
        try:
            await task
        finally:
            self._running.discard(task)

    async def _deaths(self, job: models.Job) -> int:
        """How many workers took `job` and were never heard of again."""
        if job.updated - max(job.created, job.execute_after) < self._heartbeat_timeout:
            return 0
        async with self._context.works.across_tenants("queue_history") as work:
            taken = await work.fetchval(
                "select count(*) from pgqueuer_log where job_id = $1 and status = 'picked'", job.id
            )
        return taken - 1 - job.attempts

    async def _bury(self, job: models.Job, worker: UUID, error: str, attempts: int) -> timedelta | None:
        """Make `job` a dead letter: off the queue and into the list in one transaction."""
        try:
            async with self._context.works.across_tenants("dead_letter") as work:
                # Not if somebody else has it by now: we were taken for dead. Nor is it done then, and off the queue.
                if not await work.execute(
                    "delete from pgqueuer where id = $1 and queue_manager_id = $2", job.id, worker
                ):
                    return _NOT_OURS
                await dead_letters.bury(work, job.entrypoint, job.payload, error, attempts)
        except Exception as failure:
            log.warning("dead_letter_failed", task=job.entrypoint, job=job.id, error=describe(failure))
            return timedelta(seconds=10)
        log.error("job_dead", task=job.entrypoint, job=job.id, attempts=attempts, error=error)
        return None

    async def _look(self, driver: QueueDriver, stop: asyncio.Event) -> None:
        """Wake the manager when something is due."""
        while not await pause(stop, LOOK):
            [row] = await driver.fetch(
                """select exists (select from pgqueuer where status = 'queued' and entrypoint = any($1)
                                  and execute_after <= now()) as due""",
                list(self._handlers),
            )
            if row["due"]:
                driver.wake()

    async def _put_back(self, driver: QueueDriver, manager: QueueManager, stop: asyncio.Event) -> None:
        """Put back what the queue has as ours and we do not run: the answer to a claim was lost, or the database has
        forgotten that we were done, as one does that another takes over for. Such jobs count towards our limit, at
        which pgqueuer claims nothing any more, not even them: without other workers all would wait for ever."""
        while not await pause(stop, POLL.total_seconds()):
            jobs = await driver.fetch(
                """update pgqueuer set status = 'queued', queue_manager_id = null, updated = now()
                   where queue_manager_id = $1 and status = 'picked' and heartbeat < now() - $2::interval
                       and id <> all($3::bigint[])
                   returning id""",
                manager.queue_manager_id, self._heartbeat_timeout, list(manager.job_context),
            )  # fmt: skip
            if jobs:
                log.warning("jobs_put_back", count=len(jobs))

    async def _sweep(self, stop: asyncio.Event) -> None:
        """Now and then, see to the jobs that nobody takes."""
        while True:
            async with self._context.works.across_tenants("dead_letter") as work:
                unknown = await work.fetch(
                    """delete from pgqueuer where id in (
                           select id from pgqueuer
                           where entrypoint <> all($1)
                               and (status = 'queued' and execute_after < now() - $2::interval
                                    or status = 'picked' and heartbeat < now() - $2::interval)
                           order by id limit 100 for update skip locked)
                       returning entrypoint, payload, attempts""",
                    list(self._handlers), self._unknown_after,
                )  # fmt: skip
                for row in unknown:
                    log.error("job_unknown", task=row["entrypoint"])
                    await dead_letters.bury(
                        work, row["entrypoint"], row["payload"], "no worker knows this task", row["attempts"]
                    )
                # What pgqueuer holds as failed is what it could not put back: the database was lost at that moment.
                await work.execute(
                    """update pgqueuer set status = 'queued', attempts = attempts + 1, queue_manager_id = null,
                           execute_after = now() + interval '10 seconds' where status = 'failed'"""
                )
            if await pause(stop, min(15.0, self._unknown_after.total_seconds())):
                return
