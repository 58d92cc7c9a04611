"""Tasks that failed for good: kept with the reason, listed, replayed, discarded. Events that readers gave up on are
the event log's (`event_log.failures`)."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from frontdesk.kernel.access import Permission
from frontdesk.kernel.errors import Conflict, NotFound
from frontdesk.kernel.ids import new_id, parse_id
from frontdesk.platform.database import Work, records
from frontdesk.platform.queue import enqueue


class DeadLetter(Struct, frozen=True):
    """A task that is not tried any more. `error` names the failure and its place, without the words of it."""

    id: UUID
    task: str
    payload: dict[str, Any]
    error: str
    attempts: int
    failed_at: datetime
    replayed_at: datetime | None
    discarded_at: datetime | None


async def bury(work: Work, task: str, payload: bytes | None, error: str, attempts: int) -> None:
    """Keep a task that failed. `work` spans tenants; the letter is the organisation's whose id is in the payload, and
    nobody's when there is none or it is gone."""
    try:
        fields = msgspec.json.decode(payload or b"", type=dict[str, Any])
    except msgspec.DecodeError:
        fields = {"unreadable": True}
    await work.execute(
        """insert into dead_letters (id, org_id, task, payload, error, attempts, failed_at)
           values ($1, (select org_id from organizations where org_id = $2), $3, $4, $5, $6, $7)""",
        new_id(), parse_id(str(fields.get("org_id", ""))), task, fields, error, attempts, work.now,
    )  # fmt: skip


async def listed(work: Work, *, dealt_with: bool = False, limit: int = 100) -> list[DeadLetter]:
    """The organisation's dead letters, newest first: those that wait, or those that were replayed or discarded. Raises
    Forbidden."""
    work.require(Permission.OPERATE_JOBS)
    return records(
        DeadLetter,
        await work.fetch(
            """select id, task, payload, error, attempts, failed_at, replayed_at, discarded_at from dead_letters
               where org_id = $1 and (replayed_at is not null or discarded_at is not null) = $2
               order by failed_at desc, id desc limit $3""",
            work.org_id, dealt_with, limit,
        ),
    )  # fmt: skip


async def replay_all(work: Work, limit: int = 1_000) -> int:
    """Enqueue the organisation's failed tasks anew, the oldest first; how many. Raises Forbidden."""
    work.require(Permission.OPERATE_JOBS)
    waiting = await work.fetch(
        """select id from dead_letters where org_id = $1 and replayed_at is null and discarded_at is null
           order by failed_at, id limit $2""",
        work.org_id, limit,
    )  # fmt: skip
    for row in waiting:
        await replay(work, row["id"])
    return len(waiting)


async def discard(work: Work, dead_letter_id: UUID) -> None:
    """Put the task away for good; its record stays. Raises NotFound, Conflict when it was dealt with, Forbidden."""
    work.require(Permission.OPERATE_JOBS)
    task, _ = await _waiting(work, dead_letter_id)
    await work.execute(
        "update dead_letters set discarded_at = $3 where org_id = $1 and id = $2", work.org_id, dead_letter_id, work.now
    )
    await work.audit("dead_letter.discarded", "dead_letter", dead_letter_id, task=task)


async def _waiting(work: Work, dead_letter_id: UUID) -> tuple[str, dict[str, Any]]:
    """Task and payload of a letter that waits, locked."""
    row = await work.fetchrow(
        "select task, payload, replayed_at, discarded_at from dead_letters where org_id = $1 and id = $2 for update",
        work.org_id, dead_letter_id,
    )  # fmt: skip
    if row is None:
        raise NotFound("There is no such failed task.")
    if row["replayed_at"] is not None or row["discarded_at"] is not None:
        raise Conflict("The task was replayed or discarded before.")
    return row["task"], row["payload"]


async def replay(work: Work, dead_letter_id: UUID) -> None:
    """Enqueue the task anew, with all its attempts. Raises NotFound, Conflict when it was dealt with, Forbidden."""
    work.require(Permission.OPERATE_JOBS)
    task, payload = await _waiting(work, dead_letter_id)
    await work.execute(
        "update dead_letters set replayed_at = $3 where org_id = $1 and id = $2", work.org_id, dead_letter_id, work.now
    )
    await enqueue(work, task, payload)
    await work.audit("dead_letter.replayed", "dead_letter", dead_letter_id, task=task)
