"""What runs and what waits in the background, for the people who look after it. Failures are `dead_letters`."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from frontdesk.kernel.access import Actor, Permission
from frontdesk.kernel.errors import Forbidden
from frontdesk.platform.database import Works
from frontdesk.platform.periodic import Periodic


class Queued(Struct, frozen=True):
    """The organisation's jobs of one task. Times are the wall's."""

    task: str
    running: int
    due: int
    """Waiting for a free hand."""
    later: int
    """Waiting for their time."""
    next_at: datetime | None
    """When the next of those is due."""


class PeriodicRun(Struct, frozen=True):
    """A periodic task: when it last began, and when it is due again. None: it never ran."""

    task: str
    every: float
    """Seconds."""
    last_run_at: datetime | None
    next_run_at: datetime | None


async def queued(works: Works, actor: Actor) -> list[Queued]:
    """The organisation's jobs by task. Raises Forbidden."""
    _must_operate(actor)
    async with works.across_tenants("queue standing") as work:
        rows = await work.fetch(
            """select entrypoint as task, count(*) filter (where status = 'picked') as running,
                      count(*) filter (where status = 'queued' and execute_after <= now()) as due,
                      count(*) filter (where status = 'queued' and execute_after > now()) as later,
                      min(execute_after) filter (where status = 'queued' and execute_after > now()) as next_at
               from pgqueuer
               where status in ('queued', 'picked') and convert_from(payload, 'UTF8')::jsonb ->> 'org_id' = $1
               group by 1 order by 1""",
            str(actor.org_id),
        )
    return [Queued(row["task"], row["running"], row["due"], row["later"], row["next_at"]) for row in rows]


async def periodic(works: Works, actor: Actor, tasks: Sequence[Periodic]) -> list[PeriodicRun]:
    """When the periodic tasks of the installation ran last. Raises Forbidden."""
    _must_operate(actor)
    async with works.across_tenants("queue standing") as work:
        rows = await work.fetch("select task, last_run_at from periodic_runs")
    last = {row["task"]: row["last_run_at"] for row in rows}
    return [
        PeriodicRun(
            task.task, task.every.total_seconds(), last.get(task.task),
            last[task.task] + task.every if task.task in last else None,
        )
        for task in tasks
    ]  # fmt: skip


def _must_operate(actor: Actor) -> None:
    if not actor.may(Permission.OPERATE_JOBS):
        raise Forbidden("You do not have the permission for this.", permission=Permission.OPERATE_JOBS.value)
