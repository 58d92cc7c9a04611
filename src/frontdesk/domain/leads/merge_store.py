"""The SQL by which rows of a file become leads: copied into a temporary table and merged from there, slice by slice.

All slices belong to the import's one transaction. COPY is refused on tables with row-level security, hence the
temporary tables, which the commit drops.
"""

import asyncio
from typing import Any
from uuid import UUID

from msgspec import Struct

from frontdesk.domain.leads.errors import ImportUnderWay
from frontdesk.platform.database import Work

PATIENCE = 30.0
"""Seconds to wait for another import of the organisation."""

ROW = (
    "row", "id", "phone", "first_name", "last_name", "email", "postcode", "inquiry_date", "notes", "company",
    "job_title", "service_interest", "source",
)  # fmt: skip
"""Columns of a copied row, in order."""
_NOTE = ("row", "kind", "reason", "cells")


class Slice(Struct):
    """Some rows of a file, ready to be copied."""

    rows: list[tuple[Any, ...]]
    """As ROW names them: what may become leads, no phone number twice."""
    cells: dict[int, list[str]]
    """Of those rows as the file has them, by row."""
    notes: list[tuple[int, str, str, list[str]]]
    """Row, kind, reason and cells of what is refused, a duplicate within the file, or repaired."""
    read: int
    """Rows of the file, refused ones and duplicates included."""


async def prepare(work: Work) -> None:
    """Let one import of the organisation merge at a time, and make the temporary tables. Raises ImportUnderWay."""
    await hold(work)
    await work.execute("drop table if exists pg_temp.import_rows, pg_temp.import_notes")
    await work.execute(
        """create temp table import_rows (
               "row" bigint, id uuid, phone text, first_name text, last_name text, email text, postcode text,
               inquiry_date date, notes text, company text, job_title text, service_interest text, source text,
               known boolean not null default false
           ) on commit drop"""
    )
    await work.execute(
        """create temp table import_notes ("row" bigint, kind text, reason text, cells text[]) on commit drop"""
    )


async def hold(work: Work) -> None:
    """Keep imports of the organisation, and what undoes them, apart until the work ends. Raises ImportUnderWay."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE
    # Asked again and again: a statement that waits would be cut off by the pool's time limit.
    while not await work.fetchval("select pg_try_advisory_xact_lock(hashtextextended($1, 0))", f"import:{work.org_id}"):
        if loop.time() > deadline:
            raise ImportUnderWay
        await asyncio.sleep(0.1)


async def take(work: Work, import_id: UUID, dataset_id: UUID, part: Slice) -> int:
    """Make leads of the slice, and members of the dataset of them and of those that were known. Keeps the notes.
    Returns how many joined the dataset; the others of its rows were in it."""
    await work.execute("truncate pg_temp.import_rows, pg_temp.import_notes")
    await work.connection.copy_records_to_table("import_rows", records=part.rows, columns=ROW)
    await _find_known(work)
    await _insert_new(work, import_id)
    members = await work.fetch(
        # Two numbers in a file may be those of one known lead.
        """select "row" from (
               select r."row", row_number() over (partition by r.id order by r."row") as nth,
                      (select true from dataset_leads d
                       where d.org_id = $1 and d.dataset_id = $2 and d.lead_id = r.id) as member
               from import_rows r where r.known) seen
           where member or nth > 1""",
        work.org_id, dataset_id,
    )  # fmt: skip
    joined = await work.execute(
        """insert into dataset_leads (org_id, dataset_id, lead_id, import_id, created_at)
           select $1, $2, r.id, $3, $4 from import_rows r
           on conflict do nothing""",
        work.org_id, dataset_id, import_id, work.now,
    )  # fmt: skip
    there = "This number is in the dataset already."
    notes = part.notes + [(row, "duplicate", there, stored(part.cells[row])) for (row,) in members]
    if notes:
        await work.connection.copy_records_to_table("import_notes", records=notes, columns=_NOTE)
        await work.execute(
            """insert into import_refusals (org_id, import_id, "row", kind, reason, cells)
               select $1, $2, "row", kind, reason, cells from import_notes on conflict do nothing""",
            work.org_id, import_id,
        )  # fmt: skip
    return joined


def stored(cells: list[str]) -> list[str]:
    """The cells of a row, cut to what is kept of them."""
    return [cell.replace("\0", "")[:1000] for cell in cells[:100]]


async def _find_known(work: Work) -> int:
    # A look-up by key for each row: joins are planned by statistics, which a table that fills up does not have.
    return await work.execute(
        """with found as materialized (
               select r.id, (select i.lead_id from lead_identities i
                             where i.org_id = $1 and i.kind = 'phone' and i.value = r.phone) as lead_id
               from import_rows r where not r.known)
           update import_rows r set id = found.lead_id, known = true
           from found where r.id = found.id and found.lead_id is not null""",
        work.org_id,
    )


async def _insert_new(work: Work, import_id: UUID) -> None:
    made = await work.execute(
        """insert into leads (org_id, id, phone, first_name, last_name, email, postcode, inquiry_date, notes, company,
                              job_title, service_interest, source, import_id, created_at, updated_at)
           select $1, r.id, r.phone, r.first_name, r.last_name, r.email, r.postcode, r.inquiry_date, r.notes,
                  r.company, r.job_title, r.service_interest, r.source, $2, $3, $3
           from import_rows r where not r.known""",
        work.org_id, import_id, work.now,
    )  # fmt: skip
    identified = await work.execute(
        """insert into lead_identities (org_id, kind, value, lead_id, created_at)
           select $1, 'phone', r.phone, r.id, $2 from import_rows r where not r.known
           on conflict do nothing""",
        work.org_id, work.now,
    )  # fmt: skip
    if identified < made:  # somebody else's transaction has just made a lead of the same number: theirs it is
        ours = await work.fetch("select id from import_rows where not known")
        await _find_known_by_others(work)
        await work.execute(
            """delete from leads l where l.org_id = $1 and l.id = any($2)
                 and not exists (select from import_rows r where r.id = l.id)""",
            work.org_id, [row["id"] for row in ours],
        )  # fmt: skip
    await work.execute(
        """insert into lead_identities (org_id, kind, value, lead_id, created_at)
           select $1, 'email', r.email, r.id, $2 from import_rows r where r.email is not null
           on conflict do nothing""",
        work.org_id, work.now,
    )  # fmt: skip


async def _find_known_by_others(work: Work) -> None:
    await work.execute(
        """update import_rows r set id = i.lead_id, known = true from lead_identities i
           where i.org_id = $1 and i.kind = 'phone' and i.value = r.phone and i.lead_id <> r.id and not r.known""",
        work.org_id,
    )
