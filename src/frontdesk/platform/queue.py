"""Background work as features see it: enqueue a task in the caller's transaction, declare what handles it.

Running the handlers is `platform.queue_runner`, what failed for good `platform.dead_letters`. The engine is pgqueuer;
nothing outside these modules knows it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

import msgspec
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.domain.types import Channel
from pgqueuer.ports.driver import Driver

from frontdesk.platform.context import Context
from frontdesk.platform.database import APP_ROLE, SYSTEM_ROLE, Work
from frontdesk.platform.postgres.roles import INTAKE

P = TypeVar("P")

Handler = Callable[[Context, P], Awaitable[None]]
"""Does one task. It begins the units of work it needs, and may be run again after it succeeded: its effects are
idempotent by a key of the domain."""

# All names are given: the library would take any that is not from variables as common as CHANNEL or FUNCTION.
# Balanced: the queue is logged, the history of its jobs is not.
SETTINGS = DBSettings(
    prefix="",
    db_schema=None,
    channel=Channel("ch_pgqueuer"),
    function="fn_pgqueuer_changed",
    trigger="tg_pgqueuer_changed",
    queue_table="pgqueuer",
    queue_table_log="pgqueuer_log",
    queue_status_type="pgqueuer_status",
    statistics_table="pgqueuer_statistics",
    schedules_table="pgqueuer_schedules",
    durability=Durability.balanced,
    widen_id=True,
)

_LARGEST = 8192
"""Bytes of a payload. It has ids; what they stand for is loaded by the handler."""


class RetryAfter(Exception):
    """Raised by a handler: not now, try again when `delay` has passed. Counts as one of its attempts."""

    def __init__(self, delay: timedelta) -> None:
        super().__init__(f"again after {delay}")
        self.delay = delay


class GiveUp(Exception):
    """Raised by a handler: trying again is no use. `reason` is shown in the console, so it names nobody."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class TaskHandler(Generic[P]):
    """What does a task, and how hard it tries. Calling it calls the handler."""

    task: str
    payload_type: type[P]
    run: Handler[P]
    max_attempts: int
    first_delay: timedelta
    """Before the second attempt; each later delay is twice as long, with jitter."""
    max_delay: timedelta
    time_limit: timedelta
    """Of one attempt."""

    async def __call__(self, context: Context, payload: P) -> None:
        await self.run(context, payload)


def handles(
    task: str,
    payload_type: type[P],
    *,
    max_attempts: int = 10,
    first_delay: timedelta = timedelta(seconds=2),
    max_delay: timedelta = timedelta(minutes=5),
    time_limit: timedelta = timedelta(minutes=5),
) -> Callable[[Handler[P]], TaskHandler[P]]:
    """Decorator: makes a handler of `task`, to be listed in the composition of the worker. The name of a task is for
    good. With the defaults a task is tried for about a quarter of an hour. Delays are by the clock on the wall."""

    def declare(run: Handler[P]) -> TaskHandler[P]:
        return TaskHandler(task, payload_type, run, max_attempts, first_delay, max_delay, time_limit)

    return declare


async def enqueue(
    work: Work,
    task: str,
    payload: msgspec.Struct | dict[str, Any],
    *,
    run_at: datetime | None = None,
    priority: int = 0,
) -> None:
    """Have `task` done after this unit of work has committed, and not before `run_at` on its clock; higher `priority`
    goes first. At least once.

    The payload has ids only, no names, numbers or texts. It carries the organisation as `org_id`, which is added where
    it is not there. Raises ValueError for another organisation's, and for one that is too large.
    """
    fields: dict[str, Any] = msgspec.to_builtins(payload)
    org_id = work.actor.org_id
    if org_id is not None and fields.setdefault("org_id", str(org_id)) != str(org_id):
        raise ValueError(f"the task {task} was enqueued for another organisation")
    encoded = msgspec.json.encode(fields)
    if len(encoded) > _LARGEST:
        raise ValueError(f"the payload of {task} has {len(encoded)} bytes; it is for ids")
    # No RETURNING: the app role may insert and not select, for the payloads of all tenants lie here.
    await work.execute(
        """insert into pgqueuer (priority, entrypoint, payload, execute_after, status)
           values ($1, $2, $3, coalesce($4, now()), 'queued')""",
        priority, task, encoded, None if run_at is None else work.clock.wall_time(run_at),
    )  # fmt: skip


async def unfinished(work: Work, task: str, payload_type: type[P]) -> list[P]:
    """The payloads of all jobs of `task` that wait or run. `work` spans tenants."""
    rows = await work.fetch("select payload from pgqueuer where entrypoint = $1", task)
    return [msgspec.json.decode(row["payload"], type=payload_type) for row in rows]


def queries(driver: Driver) -> Queries:
    """pgqueuer's statements on `driver`, with our names."""
    return Queries(
        driver,
        qbe=QueryBuilderEnvironment(SETTINGS),
        qbq=QueryQueueBuilder(SETTINGS),
        qbs=QuerySchedulerBuilder(SETTINGS),
    )


async def install(connection: Any) -> None:
    """Make the engine's tables, or bring them to what this version of it wants, and grant what the roles need.

    For `migrate(…, after=[install])`: `connection` is the owner's.
    """
    library = queries(AsyncpgDriver(connection))
    if await library.schema_is_installed():
        await library.upgrade()
    else:
        await library.install()
        await library.optimize_autovacuum()
    await connection.execute(
        # Its trigger would send a NOTIFY in each transaction that enqueues, and those commit one after another.
        f"""drop trigger if exists tg_pgqueuer_changed on pgqueuer;
            grant select, insert, update, delete on
                pgqueuer, pgqueuer_log, pgqueuer_statistics, pgqueuer_schedules to {SYSTEM_ROLE};
            grant usage on sequence pgqueuer_id_seq to {APP_ROLE}, {SYSTEM_ROLE}, {INTAKE};
            grant insert (priority, entrypoint, payload, execute_after, status) on pgqueuer to {APP_ROLE}, {INTAKE}"""
    )
