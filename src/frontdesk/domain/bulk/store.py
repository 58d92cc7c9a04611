"""The SQL of changes of many leads: which leads, how far it is, whom it touched."""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from frontdesk.domain.bulk.errors import BulkChangeNotFound
from frontdesk.domain.bulk.model import BulkChange
from frontdesk.platform.database import Work, record, records

_COLUMNS = """b.id, b.act, b.undoes, b.dataset_id, b.assigned_to, b.total, b.done, b.touched, b.problem, b.created_by,
    b.created_at, b.seen_at, b.finished_at,
    (select u.id from bulk_changes u where u.org_id = b.org_id and u.undoes = b.id) as undone_by"""


async def insert(work: Work, change: BulkChange, batches: Sequence[Sequence[UUID]]) -> None:
    """A new change of the leads in `batches`, of which nothing is done yet."""
    await work.execute(
        """insert into bulk_changes
               (org_id, id, act, undoes, dataset_id, assigned_to, total, created_by, created_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9)""",
        work.org_id, change.id, change.act.value, change.undoes, change.dataset_id, change.assigned_to, change.total,
        change.created_by, change.created_at,
    )  # fmt: skip
    await work.executemany(
        "insert into bulk_change_parts (org_id, bulk_change_id, part, lead_ids) values ($1, $2, $3, $4)",
        [(work.org_id, change.id, number, list(batch)) for number, batch in enumerate(batches)],
    )


async def get(work: Work, change_id: UUID, *, lock: bool = False) -> BulkChange:
    """The change. Raises BulkChangeNotFound."""
    row = await work.fetchrow(
        f"""select {_COLUMNS} from bulk_changes b where b.org_id = $1 and b.id = $2
            {"for no key update" if lock else ""}""",
        work.org_id, change_id,
    )  # fmt: skip
    if row is None:
        raise BulkChangeNotFound
    return record(BulkChange, row)


async def under_way(work: Work, user_id: UUID) -> list[BulkChange]:
    """What the person has begun and is not done, newest first."""
    rows = await work.fetch(
        f"""select {_COLUMNS} from bulk_changes b
            where b.org_id = $1 and b.created_by = $2 and b.finished_at is null order by b.id desc""",
        work.org_id, user_id,
    )  # fmt: skip
    return records(BulkChange, rows)


class Part(Struct, frozen=True):
    """A batch of a change's leads."""

    part: int
    lead_ids: list[UUID]


async def next_part(work: Work, change_id: UUID) -> Part | None:
    """The first batch that is not done. None: all are."""
    row = await work.fetchrow(
        """select part, lead_ids from bulk_change_parts
           where org_id = $1 and bulk_change_id = $2 and touched is null order by part limit 1""",
        work.org_id, change_id,
    )  # fmt: skip
    return None if row is None else record(Part, row)


async def keep(work: Work, change_id: UUID, part: Part, touched: Sequence[UUID]) -> None:
    """A batch is done, and these of its leads were not so already."""
    await work.execute(
        """with kept as (
               update bulk_change_parts set touched = $4, lead_ids = '{}'
               where org_id = $1 and bulk_change_id = $2 and part = $3)
           update bulk_changes set done = done + $5, touched = touched + $6, seen_at = $7
           where org_id = $1 and id = $2""",
        work.org_id, change_id, part.part, list(touched), len(part.lead_ids), len(touched), work.now,
    )  # fmt: skip


async def touched(work: Work, change_id: UUID) -> list[list[UUID]]:
    """Whom it has touched, by batch."""
    rows = await work.fetch(
        """select touched from bulk_change_parts
           where org_id = $1 and bulk_change_id = $2 and cardinality(touched) > 0 order by part""",
        work.org_id, change_id,
    )  # fmt: skip
    return [row["touched"] for row in rows]


async def finish(work: Work, change_id: UUID, problem: str | None) -> None:
    """It is over; `problem` where that is before all were done."""
    await work.execute(
        """update bulk_changes set finished_at = $3, problem = $4
           where org_id = $1 and id = $2 and finished_at is null""",
        work.org_id, change_id, work.now, problem,
    )  # fmt: skip
