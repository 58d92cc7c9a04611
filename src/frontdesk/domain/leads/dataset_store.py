"""The SQL of datasets. That of uploads and imports is in import_store.py."""

from uuid import UUID

from frontdesk.domain.leads.errors import DatasetNotFound
from frontdesk.domain.leads.model import (
    CampaignStatus,
    ContactStatus,
    Dataset,
    DatasetSort,
)
from frontdesk.domain.leads.store import allowed, seen
from frontdesk.platform.database import Row, Work, record

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


async def has_member(work: Work, dataset_id: UUID, lead_id: UUID) -> bool:
    """Whether the lead is in the dataset."""
    return bool(
        await work.fetchval(
            "select true from dataset_leads where org_id = $1 and dataset_id = $2 and lead_id = $3",
            work.org_id, dataset_id, lead_id,
        )
    )  # fmt: skip


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
             and not exists (select from calls r where r.org_id = l.org_id and r.lead_id = l.id)
             and not exists (select from bookings b where b.org_id = l.org_id and b.lead_id = l.id)""",
        work.org_id, members,
    )  # fmt: skip
    await work.execute("delete from datasets where org_id = $1 and id = $2", work.org_id, dataset_id)
    for counts_of in ("lead_counts", "lead_days", "lead_blocks", "campaign_counts"):
        await work.execute(f"delete from {counts_of} where org_id = $1 and dataset_id = $2", work.org_id, dataset_id)
    return gone


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
    """Fold the appended changes of counts and places of all organisations into few rows. Runs as the system role.

    A block of places is counted into once or twice and then rests: only those are folded that leads have left.
    """
    for table, key, many in (
        ("lead_counts", "contact_status", "having count(*) > 8"),
        ("lead_days", "day", "having count(*) > 8"),
        ("lead_blocks", "created_at, last_id", "having min(change) < 0"),
    ):
        same = " and ".join(f"c.{column} = many.{column}" for column in key.split(", "))
        where = "where change < 0" if table == "lead_blocks" else ""
        await work.execute(
            f"""with gone as (delete from {table} c using (
                   select org_id, dataset_id, {key} from {table} {where} group by org_id, dataset_id, {key} {many}
                   limit 1000) many
                   where c.org_id = many.org_id and c.dataset_id is not distinct from many.dataset_id and {same}
                   returning c.*)
               insert into {table} select org_id, dataset_id, {key}, sum(change) from gone
               group by org_id, dataset_id, {key} having sum(change) <> 0"""
        )
