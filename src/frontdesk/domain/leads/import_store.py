"""The SQL of uploads, and of imports as records: how far they are, what was noted, what undoing them takes away."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from frontdesk.domain.leads.errors import ImportNotFound, UploadNotFound
from frontdesk.domain.leads.model import ImportResult, ImportState, RowNote, Upload, UploadColumn
from frontdesk.domain.leads.store import allowed
from frontdesk.kernel.paging import Page
from frontdesk.platform.database import Work, record, records


class StoredUpload(Struct, frozen=True, kw_only=True):
    """An upload as it is stored."""

    upload: Upload
    sha256: bytes


async def insert_upload(work: Work, stored: StoredUpload) -> None:
    """A new upload."""
    upload = stored.upload
    await work.execute(
        """insert into uploads (org_id, id, dataset_id, filename, file_key, size, sha256, rows_detected, columns,
                                remarks, created_by, created_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)""",
        work.org_id, upload.id, upload.dataset_id, upload.filename, upload.file_key, upload.size, stored.sha256,
        upload.rows_detected, [_plain(column) for column in upload.columns], upload.remarks, work.actor.id, work.now,
    )  # fmt: skip


def _plain(column: UploadColumn) -> dict[str, object]:
    return {
        "name": column.name,
        "sample_values": column.sample_values,
        "suggested_mapping": column.suggested_mapping,
    }


async def get_upload(work: Work, upload_id: UUID) -> Upload:
    """The upload. Raises UploadNotFound, also for somebody else's where the actor may not see its dataset."""
    row = await work.fetchrow(
        """select id, dataset_id, filename, file_key, size, rows_detected, columns, remarks, created_at
           from uploads where org_id = $1 and id = $2
             and ($3::uuid[] is null or dataset_id = any($3) or created_by = $4)""",
        work.org_id, upload_id, allowed(work), work.actor.id,
    )  # fmt: skip
    if row is None:
        raise UploadNotFound
    return record(Upload, row)


async def country(work: Work) -> str:
    """Where numbers without a country code belong, ISO 3166."""
    return str(await work.fetchval("select country from organizations where org_id = $1", work.org_id))


# --- imports ----------------------------------------------------------------------------------------------------------

_RESULT = """id, dataset_id, upload_id, state, total_rows, successful, failed, duplicates, columns, remarks, rows_read,
    problem, created_by, created_at, seen_at, finished_at, undone_at, members_removed, leads_removed"""


async def insert(work: Work, result: ImportResult, mapping: dict[str, str]) -> None:
    """A new import, of which nothing is done yet."""
    await work.execute(
        """insert into imports (org_id, id, dataset_id, upload_id, column_mapping, state, total_rows, successful,
                                failed, duplicates, columns, remarks, created_by, created_at)
           values ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0, $8, $9, $10, $11)""",
        work.org_id, result.id, result.dataset_id, result.upload_id, mapping, result.state.value, result.total_rows,
        result.columns, result.remarks, result.created_by, result.created_at,
    )  # fmt: skip


async def get(work: Work, import_id: UUID, *, lock: bool = False) -> ImportResult:
    """The record of an import, without its notes. Raises ImportNotFound, also where the dataset may not be seen."""
    row = await work.fetchrow(
        f"""select {_RESULT} from imports
            where org_id = $1 and id = $2 and ($3::uuid[] is null or dataset_id = any($3))
            {"for no key update" if lock else ""}""",
        work.org_id, import_id, allowed(work),
    )  # fmt: skip
    if row is None:
        raise ImportNotFound
    return record(ImportResult, row)


async def mapping(work: Work, import_id: UUID) -> dict[str, str]:
    """Column by field, as chosen for an import that is there."""
    chosen = await work.fetchval(
        "select column_mapping from imports where org_id = $1 and id = $2", work.org_id, import_id
    )
    return msgspec.convert(chosen, dict[str, str])


async def list_of(work: Work, dataset_id: UUID) -> list[ImportResult]:
    """The imports into a dataset, newest first, without their notes."""
    rows = await work.fetch(
        f"select {_RESULT} from imports where org_id = $1 and dataset_id = $2 order by id desc", work.org_id, dataset_id
    )
    return records(ImportResult, rows)


async def filenames(work: Work, dataset_id: UUID) -> dict[UUID, str]:
    """What the files imported into a dataset are called, by their upload."""
    rows = await work.fetch(
        """select u.id, u.filename from uploads u
           where u.org_id = $1
             and u.id in (select i.upload_id from imports i where i.org_id = $1 and i.dataset_id = $2)""",
        work.org_id, dataset_id,
    )  # fmt: skip
    return {row["id"]: row["filename"] for row in rows}


async def show_life(work: Work, import_id: UUID, rows_read: int) -> None:
    """Say how far a running import is. In a unit of work of its own, so that others see it."""
    await work.execute(
        "update imports set state = 'running', rows_read = $3, seen_at = $4, problem = null "
        "where org_id = $1 and id = $2 and state <> 'done'",
        work.org_id, import_id, rows_read, work.now,
    )  # fmt: skip


async def wait_again(work: Work, import_id: UUID) -> None:
    """Put an import that failed or was interrupted back to where it waits."""
    await work.execute(
        "update imports set state = 'waiting', rows_read = 0, problem = null where org_id = $1 and id = $2",
        work.org_id, import_id,
    )  # fmt: skip


async def fail(work: Work, import_id: UUID, problem: str) -> None:
    """Say why an import came to nothing."""
    await work.execute(
        "update imports set state = 'failed', rows_read = 0, problem = $3 "
        "where org_id = $1 and id = $2 and state <> 'done'",
        work.org_id, import_id, problem,
    )  # fmt: skip


async def silent(work: Work, since: datetime) -> list[tuple[UUID, UUID]]:
    """Organisation and import, of those not done that were begun and last heard of before `since`. `work` spans
    tenants."""
    rows = await work.fetch(
        """select org_id, id from imports
           where state in ('waiting', 'running') and created_at < $1 and coalesce(seen_at, created_at) < $1""",
        since,
    )
    return [(row["org_id"], row["id"]) for row in rows]


async def finish(work: Work, result: ImportResult) -> None:
    """Write the figures of an import that is done."""
    await work.execute(
        """update imports set state = $3, total_rows = $4, rows_read = $4, successful = $5, failed = $6,
                              duplicates = $7, columns = $8, remarks = $9, finished_at = $10, problem = null
           where org_id = $1 and id = $2""",
        work.org_id, result.id, ImportState.DONE.value, result.total_rows, result.successful, result.failed,
        result.duplicates, result.columns, result.remarks, result.finished_at,
    )  # fmt: skip


async def notes(work: Work, import_id: UUID, kind: str | None, page: int, limit: int) -> Page[RowNote]:
    """Rows of an import that were refused, duplicates, or repaired, by row."""
    where = "org_id = $1 and import_id = $2 and ($3::text is null or kind = $3)"
    rows = await work.fetch(
        f"""select "row", kind, reason, cells from import_refusals where {where}
            order by "row", kind limit $4 offset $5""",
        work.org_id, import_id, kind, limit, (page - 1) * limit,
    )  # fmt: skip
    total = await work.fetchval(f"select count(*) from import_refusals where {where}", work.org_id, import_id, kind)
    return Page(items=records(RowNote, rows), total=total)


async def notes_after(
    work: Work, import_id: UUID, kinds: Sequence[str], after: tuple[int, str], limit: int
) -> list[RowNote]:
    """Noted rows of these kinds, by row, from the one after that row and kind on."""
    rows = await work.fetch(
        """select "row", kind, reason, cells from import_refusals
           where org_id = $1 and import_id = $2 and kind = any($3) and ("row", kind) > ($4, $5)
           order by "row", kind limit $6""",
        work.org_id, import_id, kinds, *after, limit,
    )  # fmt: skip
    return records(RowNote, rows)


async def first_refused(work: Work, import_id: UUID, limit: int) -> list[RowNote]:
    """The first refused rows of an import, without their cells."""
    rows = await work.fetch(
        """select "row", kind, reason from import_refusals
           where org_id = $1 and import_id = $2 and kind = 'refused' order by "row" limit $3""",
        work.org_id, import_id, limit,
    )  # fmt: skip
    return records(RowNote, rows)


# --- undoing ----------------------------------------------------------------------------------------------------------


async def members(work: Work, import_id: UUID, limit: int) -> list[UUID]:
    """Up to `limit` leads that are in the import's dataset by it, locked."""
    return [
        row["lead_id"]
        for row in await work.fetch(
            # Locked before it is looked who is left alone: a first text to one of them may be on its way.
            """select d.lead_id from dataset_leads d join leads l on l.org_id = d.org_id and l.id = d.lead_id
               where d.org_id = $1 and d.import_id = $2 order by l.id limit $3 for update of l""",
            work.org_id, import_id, limit,
        )
    ]  # fmt: skip


async def leave(work: Work, import_id: UUID, members: list[UUID]) -> tuple[int, int]:
    """Take these members of the import, locked, out of its dataset, and delete those that an import had made, that are
    in no other dataset, and that nobody has written to, heard from, booked, or changed. Returns how many left and how
    many of them are gone."""
    left = await work.execute(
        "delete from dataset_leads where org_id = $1 and import_id = $2 and lead_id = any($3)",
        work.org_id, import_id, members,
    )  # fmt: skip
    gone = await work.execute(
        """delete from leads l
           where l.org_id = $1 and l.id = any($2) and l.import_id is not null and l.updated_at = l.created_at
             and not exists (select from dataset_leads o where o.org_id = l.org_id and o.lead_id = l.id)
             and not exists (select from conversations c where c.org_id = l.org_id and c.lead_id = l.id)
             and not exists (select from calls r where r.org_id = l.org_id and r.lead_id = l.id)
             and not exists (select from bookings b where b.org_id = l.org_id and b.lead_id = l.id)""",
        work.org_id, members,
    )  # fmt: skip
    return left, gone


async def undo(work: Work, result: ImportResult) -> None:
    """Write that an import was undone."""
    await work.execute(
        """update imports set undone_at = $3, undone_by = $4, members_removed = $5, leads_removed = $6
           where org_id = $1 and id = $2""",
        work.org_id, result.id, result.undone_at, work.actor.id, result.members_removed, result.leads_removed,
    )  # fmt: skip
