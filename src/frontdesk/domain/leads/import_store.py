"""The SQL of an import: rows are copied into a temporary table and merged from there, in the import's transaction.

COPY is refused on tables with row-level security, hence the temporary table, which the commit drops.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from frontdesk.domain.leads.importing.rows import Duplicate, ImportRow, RefusedRow
from frontdesk.domain.leads.model import ImportResult
from frontdesk.kernel.ids import new_id
from frontdesk.platform.database import Work

Outcome = ImportRow | RefusedRow | Duplicate

_ROW = (
    "row", "id", "phone", "first_name", "last_name", "email", "postcode", "inquiry_date", "notes", "company",
    "job_title", "service_interest", "source",
)  # fmt: skip
_NOTE = ("row", "kind", "reason", "cells")


@dataclass
class Counted:
    """What was seen of a file while it was copied."""

    total: int = 0
    refused: int = 0
    duplicates: int = 0


async def country(work: Work) -> str:
    """Where numbers without a country code belong, ISO 3166."""
    return str(await work.fetchval("select country from organizations where org_id = $1", work.org_id))


async def prepare(work: Work) -> None:
    """Make the temporary tables, and let one import of the organisation merge at a time."""
    await work.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", f"import:{work.org_id}")
    await work.execute("drop table if exists pg_temp.import_rows, pg_temp.import_notes")
    await work.execute(
        """create temp table import_rows (
               "row" bigint, id uuid, phone text, first_name text, last_name text, email text, postcode text,
               inquiry_date date, notes text, company text, job_title text, service_interest text, source text
           ) on commit drop"""
    )
    await work.execute(
        """create temp table import_notes ("row" bigint, kind text, reason text, cells text[]) on commit drop"""
    )


async def copy_rows(work: Work, batches: AsyncIterator[list[Outcome]], counted: Counted) -> None:
    """Copy the outcomes of all rows into the temporary tables, and count them."""
    async for batch in batches:
        rows: list[tuple[Any, ...]] = []
        notes: list[tuple[Any, ...]] = []
        for outcome in batch:
            if isinstance(outcome, ImportRow):
                rows.append(
                    (
                        outcome.row, new_id(), outcome.phone, outcome.first_name, outcome.last_name, outcome.email,
                        outcome.postcode, outcome.inquiry_date, outcome.notes, outcome.company, outcome.job_title,
                        outcome.service_interest, outcome.source,
                    )
                )  # fmt: skip
                if outcome.repairs:
                    notes.append((outcome.row, "repaired", "; ".join(outcome.repairs), []))
            elif isinstance(outcome, RefusedRow):
                counted.refused += 1
                notes.append((outcome.row, "refused", outcome.reason, _stored(outcome.values)))
            else:
                counted.duplicates += 1
                notes.append((outcome.row, "duplicate", outcome.reason, _stored(outcome.values)))
        counted.total += len(batch)
        await work.connection.copy_records_to_table("import_rows", records=rows, columns=_ROW)
        if notes:
            await work.connection.copy_records_to_table("import_notes", records=notes, columns=_NOTE)


def _stored(cells: list[str]) -> list[str]:
    return [cell.replace("\0", "")[:1000] for cell in cells[:100]]


async def merge(work: Work, import_id: UUID, dataset_id: UUID, counted: Counted) -> ImportResult:
    """Make leads of the copied rows, and members of the dataset of them and of those that were known."""
    await work.execute("analyze import_rows")
    await work.execute(
        """with known as (
               select r.id, i.lead_id from import_rows r
               join lead_identities i on i.org_id = $1 and i.kind = 'phone' and i.value = r.phone)
           update import_rows r set id = known.lead_id from known where r.id = known.id""",
        work.org_id,
    )
    await work.execute(
        """insert into leads (org_id, id, phone, first_name, last_name, email, postcode, inquiry_date, notes, company,
                              job_title, service_interest, source, created_at, updated_at)
           select $1, r.id, r.phone, r.first_name, r.last_name, r.email, r.postcode, r.inquiry_date, r.notes,
                  r.company, r.job_title, r.service_interest, r.source, $2, $2
           from import_rows r
           where not exists (select from leads l where l.org_id = $1 and l.id = r.id)
           order by r."row" """,
        work.org_id, work.now,
    )  # fmt: skip
    await work.execute(
        """insert into lead_identities (org_id, kind, value, lead_id, created_at)
           select $1, 'phone', r.phone, r.id, $2 from import_rows r
           on conflict do nothing""",
        work.org_id, work.now,
    )  # fmt: skip
    await work.execute(
        """insert into lead_identities (org_id, kind, value, lead_id, created_at)
           select $1, 'email', r.email, r.id, $2 from import_rows r where r.email is not null order by r."row"
           on conflict do nothing""",
        work.org_id, work.now,
    )  # fmt: skip
    await work.execute(
        """insert into import_notes
           select r."row", 'duplicate', 'This number is in the dataset already.', array[r.phone]
           from import_rows r join dataset_leads d on d.org_id = $1 and d.dataset_id = $2 and d.lead_id = r.id""",
        work.org_id, dataset_id,
    )  # fmt: skip
    joined = await work.execute(
        """insert into dataset_leads (org_id, dataset_id, lead_id, import_id, created_at)
           select $1, $2, r.id, $3, $4 from import_rows r
           on conflict do nothing""",
        work.org_id, dataset_id, import_id, work.now,
    )  # fmt: skip
    return ImportResult(
        id=import_id,
        dataset_id=dataset_id,
        total_rows=counted.total,
        successful=joined,
        failed=counted.refused,
        duplicates=counted.total - counted.refused - joined,
        notes=[],
    )


async def keep_notes(work: Work, import_id: UUID) -> None:
    """Keep the notes on rows with the import."""
    await work.execute(
        """insert into import_refusals (org_id, import_id, "row", kind, reason, cells)
           select $1, $2, "row", kind, reason, cells from import_notes on conflict do nothing""",
        work.org_id, import_id,
    )  # fmt: skip
