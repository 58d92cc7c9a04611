"""The SQL by which rows of a file become leads: copied into a temporary table and merged from there, slice by slice.

All slices belong to the import's one transaction. COPY is refused on tables with row-level security, hence the
temporary tables, which the commit drops.
"""

import asyncio
from typing import Any
from uuid import UUID

from msgspec import Struct

from frontdesk.domain.leads.errors import ImportUnderWay
from frontdesk.domain.leads.importing.table import MAX_COLUMNS
from frontdesk.platform.database import Work

PATIENCE = 20.0
"""Seconds to wait for another import of the organisation: shorter than the silence that says that an import is dead."""

ROW = (
    "row", "id", "phone", "first_name", "last_name", "email", "postcode", "inquiry_date", "notes", "company",
    "job_title", "service_interest", "source",
)  # fmt: skip
"""Columns of a copied row, in order."""
_NOTE = ("row", "kind", "reason", "cells")
Note = tuple[int, str, str, list[str]]
"""Row, kind, reason and cells. Made by `note`."""

MOST_KEPT = 64 * 1024
"""Characters that are kept of a noted row."""


class Slice(Struct):
    """Some rows of a file, ready to be copied."""

    rows: list[tuple[Any, ...]]
    """As ROW names them: what may become leads, no phone number twice."""
    cells: dict[int, list[str]]
    """Of those rows as the file has them, by row."""
    notes: list[Note]
    """What is refused, a duplicate within the file, or repaired."""
    read: int
    """Rows of the file, refused ones and duplicates included."""


async def prepare(work: Work) -> None:
    """Let one import of the organisation merge at a time, and make the temporary tables. Raises ImportUnderWay."""
    await hold(work)
    # Statistics know nothing of what this transaction adds: a plan kept from when a table was small, those of foreign
    # keys included, would read all of it for each row.
    await work.execute("discard plans")
    await work.execute("set local enable_seqscan = off")
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
    known = await _known(work, [row[2] for row in part.rows])
    rows: list[tuple[Any, ...]] = part.rows
    columns = ROW
    if known:
        columns = (*ROW, "known")
        rows = [(number, known.get(phone, id_), phone, *rest, phone in known) for number, id_, phone, *rest in rows]
    there = await _members(work, dataset_id, list(known.values()))
    await work.connection.copy_records_to_table("import_rows", records=rows, columns=columns)
    await _insert_new(work, import_id)
    joined = await work.execute(
        """insert into dataset_leads (org_id, dataset_id, lead_id, import_id, created_at)
           select $1, $2, r.id, $3, $4 from import_rows r
           on conflict do nothing""",
        work.org_id, dataset_id, import_id, work.now,
    )  # fmt: skip
    notes = list(part.notes)
    for number, lead_id, *_ in rows if known else ():
        if lead_id in there:
            notes.append(note(number, "duplicate", "This number is in the dataset already.", part.cells[number]))
        else:
            there.add(lead_id)  # two numbers in a file may be those of one known lead
    if notes:
        await work.connection.copy_records_to_table("import_notes", records=notes, columns=_NOTE)
        await work.execute(
            """insert into import_refusals (org_id, import_id, "row", kind, reason, cells)
               select $1, $2, "row", kind, reason, cells from import_notes on conflict do nothing""",
            work.org_id, import_id,
        )  # fmt: skip
    return joined


async def tell_planner(work: Work) -> None:
    """Have what was merged known to the planner. Until it is, the tables pass for as small as they were, and it reads
    all leads of the organisation for each member of the dataset."""
    await work.analyze("leads", "lead_identities", "dataset_leads")


def note(number: int, kind: str, reason: str, cells: list[str]) -> Note:
    """What is kept of a noted row: its cells as they were sent. Where they are more than a file may have columns, the
    rest is left out; where they are too long together, the longest are cut; and the reason says so."""
    kept = [cell.replace("\0", "") for cell in cells[:MAX_COLUMNS]]
    cut = any(cells[MAX_COLUMNS:])
    if sum(map(len, kept)) > MOST_KEPT:
        cut, longest, room = True, 0, MOST_KEPT
        lengths = sorted(map(len, kept))
        for place, length in enumerate(lengths):
            longest = room // (len(lengths) - place)  # of what the shorter ones leave, as much for each
            if length > longest:
                break
            room -= length
        kept = [cell[:longest] for cell in kept]
    if cut:
        reason = f"{reason.rstrip('.')}. The row is too long to be kept whole: what stands here of it is cut."
    return number, kind, reason, kept


async def _known(work: Work, phones: list[str]) -> dict[str, UUID]:
    """The leads whose numbers are among `phones`."""
    found = await work.fetch(
        "select value, lead_id from lead_identities where org_id = $1 and kind = 'phone' and value = any($2)",
        work.org_id, phones,
    )  # fmt: skip
    return {row["value"]: row["lead_id"] for row in found}


async def _members(work: Work, dataset_id: UUID, lead_ids: list[UUID]) -> set[UUID]:
    """Which of the leads are in the dataset."""
    if not lead_ids:
        return set()
    found = await work.fetch(
        "select lead_id from dataset_leads where org_id = $1 and dataset_id = $2 and lead_id = any($3)",
        work.org_id, dataset_id, lead_ids,
    )  # fmt: skip
    return {row["lead_id"] for row in found}


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
    if identified < made:  # somebody else's transaction has just made leads of the same numbers: theirs they are
        await _yield_to_others(work)
    await work.execute(
        """insert into lead_identities (org_id, kind, value, lead_id, created_at)
           select $1, 'email', r.email, r.id, $2 from import_rows r where r.email is not null
           on conflict do nothing""",
        work.org_id, work.now,
    )  # fmt: skip


async def _yield_to_others(work: Work) -> None:
    ours = {row["phone"]: row["id"] for row in await work.fetch("select phone, id from import_rows where not known")}
    theirs = {phone: id_ for phone, id_ in (await _known(work, list(ours))).items() if id_ != ours[phone]}
    await work.execute(
        """update import_rows r set id = t.id, known = true
           from unnest($1::text[], $2::uuid[]) t (phone, id) where r.phone = t.phone""",
        list(theirs), list(theirs.values()),
    )  # fmt: skip
    await work.execute(
        "delete from leads where org_id = $1 and id = any($2)", work.org_id, [ours[phone] for phone in theirs]
    )
