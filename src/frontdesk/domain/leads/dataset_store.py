"""The SQL of datasets, uploads and imports."""

from uuid import UUID

from msgspec import Struct

from frontdesk.domain.leads.errors import DatasetNotFound, ImportNotFound, UploadNotFound
from frontdesk.domain.leads.model import (
    CampaignStatus,
    ContactStatus,
    Dataset,
    DatasetSort,
    ImportResult,
    RowNote,
    Upload,
    UploadColumn,
)
from frontdesk.domain.leads.store import allowed, seen
from frontdesk.kernel.paging import Page
from frontdesk.platform.database import Row, Work, record, records

_COLUMNS = """d.id, d.name, d.description, d.source, d.upload_id, d.created_by, d.campaign_status,
    d.campaign_start_date, d.campaign_end_date, d.created_at, d.updated_at,
    coalesce((select jsonb_object_agg(contact_status, n) from (
        select c.contact_status, sum(c.change) as n from lead_counts c
        where c.org_id = d.org_id and c.dataset_id = d.id group by c.contact_status having sum(c.change) > 0) counted),
        '{}') as counts"""

_ORDERS = {
    DatasetSort.CREATED: "d.created_at {d}, d.id {d}",
    DatasetSort.NAME: "lower(d.name) {d}, d.id {d}",
    DatasetSort.LEADS_COUNT: """(select coalesce(sum(c.change), 0) from lead_counts c
        where c.org_id = d.org_id and c.dataset_id = d.id) {d}, d.created_at {d}""",
}


def _dataset(row: Row) -> Dataset:
    return record(Dataset, row)


async def list_all(work: Work, status: CampaignStatus | None, sort: DatasetSort, descending: bool) -> list[Dataset]:
    """The organisation's datasets that the actor may see."""
    rows = await work.fetch(
        f"""select {_COLUMNS} from datasets d
            where d.org_id = $1 and ($2::text is null or d.campaign_status = $2)
              and ($3::uuid[] is null or d.id = any($3))
            order by {_ORDERS[sort].format(d="desc" if descending else "asc")}""",
        work.org_id,
        status,
        allowed(work),
    )
    return [_dataset(row) for row in rows]


async def get(work: Work, dataset_id: UUID, *, lock: bool = False) -> Dataset:
    """The dataset. Raises DatasetNotFound."""
    row = await work.fetchrow(
        f"""select {_COLUMNS} from datasets d
            where d.org_id = $1 and d.id = $2 and ($3::uuid[] is null or d.id = any($3))
            {"for no key update" if lock else ""}""",
        work.org_id,
        dataset_id,
        allowed(work),
    )
    if row is None:
        raise DatasetNotFound
    return _dataset(row)


async def campaign_status(work: Work, dataset_id: UUID) -> str | None:
    """How its campaign stands, which cannot change until this work ends. None: there is no such dataset. "paused" also
    where somebody is changing it at this moment: a claim looks again, and must not wait for a long import."""
    row = await work.fetchrow(
        """select campaign_status from datasets where org_id = $1 and id = $2 for share skip locked""",
        work.org_id,
        dataset_id,
    )
    if row is not None:
        return row["campaign_status"]
    known = await work.fetchval("select true from datasets where org_id = $1 and id = $2", work.org_id, dataset_id)
    return "paused" if known else None


async def insert(work: Work, dataset: Dataset) -> None:
    """A new dataset."""
    await work.execute(
        """insert into datasets (org_id, id, name, description, source, created_by, campaign_status,
                                 campaign_start_date, campaign_end_date, created_at, updated_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)""",
        work.org_id, dataset.id, dataset.name, dataset.description, dataset.source, dataset.created_by,
        dataset.campaign_status, dataset.campaign_start_date, dataset.campaign_end_date, work.now,
    )  # fmt: skip


async def save(work: Work, dataset: Dataset) -> None:
    """Write what of a dataset can change."""
    await work.execute(
        """update datasets set name = $3, description = $4, source = $5, upload_id = $6, campaign_status = $7,
               campaign_start_date = $8, campaign_end_date = $9, updated_at = $10
           where org_id = $1 and id = $2""",
        work.org_id, dataset.id, dataset.name, dataset.description, dataset.source, dataset.upload_id,
        dataset.campaign_status, dataset.campaign_start_date, dataset.campaign_end_date, work.now,
    )  # fmt: skip


async def delete(work: Work, dataset_id: UUID) -> int:
    """Remove the dataset, its memberships, and those of its leads that are nowhere else and were never written to or
    heard from. Returns how many leads went."""
    # Locked before it is looked who is left alone: a first text to one of them may be on its way at this moment.
    await work.execute(
        """select from leads l join dataset_leads d on d.org_id = l.org_id and d.lead_id = l.id
           where d.org_id = $1 and d.dataset_id = $2 order by l.id for update of l""",
        work.org_id, dataset_id,
    )  # fmt: skip
    members = [
        row["lead_id"]
        for row in await work.fetch(
            "delete from dataset_leads where org_id = $1 and dataset_id = $2 returning lead_id", work.org_id, dataset_id
        )
    ]
    gone = await work.execute(
        """delete from leads l
           where l.org_id = $1 and l.id = any($2)
             and not exists (select from dataset_leads o where o.org_id = l.org_id and o.lead_id = l.id)
             and not exists (select from conversations c where c.org_id = l.org_id and c.lead_id = l.id)
             and not exists (select from bookings b where b.org_id = l.org_id and b.lead_id = l.id)""",
        work.org_id, members,
    )  # fmt: skip
    await work.execute("delete from datasets where org_id = $1 and id = $2", work.org_id, dataset_id)
    await work.execute("delete from lead_counts where org_id = $1 and dataset_id = $2", work.org_id, dataset_id)
    return gone


class StoredUpload(Struct, frozen=True, kw_only=True):
    """An upload as it is stored."""

    upload: Upload
    sha256: bytes


async def insert_upload(work: Work, stored: StoredUpload) -> None:
    """A new upload."""
    upload = stored.upload
    await work.execute(
        """insert into uploads (org_id, id, dataset_id, filename, file_key, size, sha256, rows_detected, columns,
                                created_by, created_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)""",
        work.org_id, upload.id, upload.dataset_id, upload.filename, upload.file_key, upload.size, stored.sha256,
        upload.rows_detected, [_plain(column) for column in upload.columns], work.actor.id, work.now,
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
        """select id, dataset_id, filename, file_key, size, rows_detected, columns, created_at
           from uploads where org_id = $1 and id = $2
             and ($3::uuid[] is null or dataset_id = any($3) or created_by = $4)""",
        work.org_id, upload_id, allowed(work), work.actor.id,
    )  # fmt: skip
    if row is None:
        raise UploadNotFound
    return record(Upload, row)


async def insert_import(work: Work, result: ImportResult, upload_id: UUID, mapping: dict[str, str]) -> None:
    """The record of an import. Its notes are copied in by the import itself."""
    await work.execute(
        """insert into imports (org_id, id, dataset_id, upload_id, column_mapping, total_rows, successful, failed,
                                duplicates, created_by, created_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)""",
        work.org_id, result.id, result.dataset_id, upload_id, mapping, result.total_rows, result.successful,
        result.failed, result.duplicates, work.actor.id, work.now,
    )  # fmt: skip


_RESULT = "id, dataset_id, total_rows, successful, failed, duplicates, '[]'::jsonb as notes"


async def get_import(work: Work, import_id: UUID) -> ImportResult:
    """The record of an import, without its notes. Raises ImportNotFound, also where the dataset may not be seen."""
    row = await work.fetchrow(
        f"""select {_RESULT} from imports
            where org_id = $1 and id = $2 and ($3::uuid[] is null or dataset_id = any($3))""",
        work.org_id, import_id, allowed(work),
    )  # fmt: skip
    if row is None:
        raise ImportNotFound
    return record(ImportResult, row)


async def list_imports(work: Work, dataset_id: UUID) -> list[ImportResult]:
    """The imports into a dataset, newest first, without their notes."""
    rows = await work.fetch(
        f"select {_RESULT} from imports where org_id = $1 and dataset_id = $2 order by id desc", work.org_id, dataset_id
    )
    return records(ImportResult, rows)


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


async def counts(work: Work) -> dict[ContactStatus, int]:
    """All leads of the organisation by contact status; those that the actor may see."""
    if work.actor.allowed_datasets is None:
        sql, args = _COUNTS, [work.org_id]
    else:
        sql, args = _COUNTS_SEEN, [work.org_id, allowed(work)]
    rows = await work.fetch(sql, *args)
    return {ContactStatus(row["contact_status"]): row["n"] for row in rows}


_COUNTS = """select contact_status, sum(change)::bigint as n from lead_counts
    where org_id = $1 and dataset_id is null group by contact_status having sum(change) > 0"""
_COUNTS_SEEN = f"""select contact_status, count(*) as n from leads l
    where l.org_id = $1 and {seen("l.id", 2)} group by contact_status"""


async def roll_up_counts(work: Work) -> None:
    """Fold the appended count changes of all organisations into one row a status. Runs as the system role."""
    await work.execute(
        """with gone as (delete from lead_counts c using (
               select org_id, dataset_id, contact_status from lead_counts
               group by 1, 2, 3 having count(*) > 8 limit 1000) many
               where c.org_id = many.org_id and c.dataset_id is not distinct from many.dataset_id
                 and c.contact_status = many.contact_status
               returning c.org_id, c.dataset_id, c.contact_status, c.change)
           insert into lead_counts select org_id, dataset_id, contact_status, sum(change) from gone
           group by 1, 2, 3 having sum(change) <> 0"""
    )
