"""Bringing leads in from CSV files: store an upload and look into it, then import it by a mapping of its columns.

Files are streamed and never held in memory as a whole; rows are read in a thread, for reading is work. Taking an
import back is in undoing.py.
"""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import PurePath
from typing import BinaryIO
from uuid import UUID

from msgspec import Struct, convert, structs

from frontdesk.domain.leads import import_store as store
from frontdesk.domain.leads import merge_store
from frontdesk.domain.leads.errors import ImportUnderWay
from frontdesk.domain.leads.events import LeadsImported
from frontdesk.domain.leads.importing.column_names import Field as Field
from frontdesk.domain.leads.importing.errors import TooManyRows
from frontdesk.domain.leads.importing.mapping import columns
from frontdesk.domain.leads.importing.rows import ImportMapping, check_mapping
from frontdesk.domain.leads.importing.table import (
    MAX_COLUMNS,
    MAX_ROWS,
    SAMPLE_BYTES,
    open_table,
    read_header,
    read_rows,
)
from frontdesk.domain.leads.importing.values import csv_safe as csv_safe
from frontdesk.domain.leads.importing.values import one_line
from frontdesk.domain.leads.merge_store import Slice
from frontdesk.domain.leads.model import Dataset, ImportResult, ImportState, RowNote, Upload, UploadColumn
from frontdesk.domain.leads.service import datasets
from frontdesk.domain.leads.slices import Source
from frontdesk.domain.leads.tasks import IMPORT, ImportDue
from frontdesk.kernel.access import Actor, Permission, system_actor
from frontdesk.kernel.errors import DomainError, Invalid, TooLarge
from frontdesk.kernel.ids import new_id
from frontdesk.kernel.paging import Page
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.platform.queue import enqueue, unfinished

LARGEST_UPLOAD = 256 * 1024 * 1024
"""Bytes of a file."""

REFUSED_ANSWERED = 1_000
"""Refused rows that stand in the answer to an import; all are kept."""

FORGOTTEN = timedelta(minutes=2)
"""After this long without a sign of life, an import that no job stands for is done by nobody."""
_MANY = 2_000
"""Leads that join a dataset at once and change how it is best read."""
_ROWS_LOOKED_AT = 200
_CELL_LOOKED_AT = 500
"""Characters of a cell that samples and suggestions are made from."""
_SHOWS_LIFE_EVERY = 0.5
"""Wall seconds between two notes of how far an import is."""


async def upload(
    context: Context, actor: Actor, filename: str, chunks: AsyncIterator[bytes], dataset_id: UUID | None = None
) -> Upload:
    """Store a CSV file and say what is in it: rows, columns, samples, and the fields they look like.

    Raises Invalid for what is not a CSV file (by name and by content), TooLarge, DatasetNotFound.
    """
    path = PurePath(PurePath(filename.replace("\\", "/")).name or "upload.csv")
    filename = (one_line(path.stem, 190) or "upload") + path.suffix
    async with context.works.read(actor) as work:
        work.require(Permission.IMPORT_LEADS)
        if dataset_id is not None:
            await datasets.get(work, dataset_id)
        org_id = work.org_id
    if path.suffix.lower() not in (".csv", ".tsv", ".txt"):
        raise Invalid("Only CSV files are taken: save the sheet as CSV and upload that.", field="file")
    with tempfile.TemporaryFile() as spool:
        size, digest = await _spool(chunks, spool)
        seen = await asyncio.to_thread(look_into, spool)
        upload_id = new_id()
        key = f"{org_id}/uploads/{upload_id}.csv"
        await context.files.write(key, _chunks(spool), limit=LARGEST_UPLOAD)
    async with context.works.begin(actor) as work:
        stored = Upload(
            id=upload_id, dataset_id=dataset_id, filename=filename, file_key=key, size=size, rows_detected=seen.rows,
            columns=seen.columns, created_at=work.now, remarks=seen.remarks,
        )  # fmt: skip
        await store.insert_upload(work, store.StoredUpload(upload=stored, sha256=digest))
    return stored


async def _spool(chunks: AsyncIterator[bytes], spool: BinaryIO) -> tuple[int, bytes]:
    size, digest = 0, hashlib.sha256()
    async for chunk in chunks:
        size += len(chunk)
        if size > LARGEST_UPLOAD:
            raise TooLarge(f"A file may have {LARGEST_UPLOAD // 1024 // 1024} MB at most.", field="file")
        digest.update(chunk)
        await asyncio.to_thread(spool.write, chunk)
    spool.seek(0)
    return size, digest.digest()


async def _chunks(spool: BinaryIO) -> AsyncIterator[bytes]:
    spool.seek(0)
    while chunk := await asyncio.to_thread(spool.read, 1024 * 1024):
        yield chunk


class Seen(Struct):
    """What is in a file."""

    rows: int
    columns: list[UploadColumn]
    remarks: list[str]


def look_into(spool: BinaryIO) -> Seen:
    """What is in the file, which is read from its beginning. Takes long for a long one: call it in a thread. Raises
    TableRefused."""
    spool.seek(0)
    dialect = open_table(spool.read(SAMPLE_BYTES))
    spool.seek(0)
    rows = read_rows(spool, dialect)
    header = read_header(rows)
    sample: list[list[str]] = []
    count = 0
    for _, cells in rows:
        count += 1
        if len(sample) < _ROWS_LOOKED_AT:
            sample.append([cell[:_CELL_LOOKED_AT] for cell in cells[:MAX_COLUMNS]])
        if count > MAX_ROWS:
            raise TooManyRows(f"The file has more than {MAX_ROWS:,} rows. Split it, and import one part after another.")
    found = [
        UploadColumn(column.name, column.sample_values, column.suggestion.value if column.suggestion else None)
        for column in columns(header.names, sample)
    ]
    return Seen(count, found, [*filter(None, [dialect.told()]), *header.notes])


class Tried(Struct):
    """What an import would make of a file."""

    found: Slice
    """`rows` has those that would become leads or join as known ones, `notes` all that is to say of single rows."""
    remarks: list[str]
    """How its dates would be read, where that is not plain."""


async def try_out(work: Work, file: BinaryIO, mapping: dict[str, str]) -> Tried:
    """What an import of `file` would make of its rows, without keeping any of it. Held in memory as a whole. Raises
    Invalid."""
    country = await store.country(work)
    chosen = _mapping(mapping)
    file.seek(0)
    check_mapping(chosen, [column.name for column in (await asyncio.to_thread(look_into, file)).columns])
    source = await asyncio.to_thread(Source, file, chosen, country)
    found = Slice(rows=[], cells={}, notes=[], read=0)
    async for part in source.slices():
        found.rows += part.rows
        found.notes += part.notes
        found.read += part.read
    return Tried(found, source.remarks)


async def get_upload(work: Work, upload_id: UUID) -> Upload:
    """The upload. Raises UploadNotFound, also for one into a dataset that the actor may not see."""
    work.require(Permission.VIEW)
    return await store.get_upload(work, upload_id)


# --- importing --------------------------------------------------------------------------------------------------------


async def begin(work: Work, upload_id: UUID, dataset_id: UUID, mapping: dict[str, str]) -> ImportResult:
    """Put an import down as waiting; `perform` does it. Raises DatasetNotFound, UploadNotFound, MappingRefused."""
    work.require(Permission.IMPORT_LEADS)
    chosen = _mapping(mapping)
    await datasets.get(work, dataset_id)
    stored = await store.get_upload(work, upload_id)
    names = [column.name for column in stored.columns]
    check_mapping(chosen, names)
    begun = ImportResult(
        id=new_id(), dataset_id=dataset_id, upload_id=upload_id, state=ImportState.WAITING,
        total_rows=stored.rows_detected, successful=0, failed=0, duplicates=0, columns=names, remarks=stored.remarks,
        rows_read=0, problem=None, created_by=work.actor.id, created_at=work.now, seen_at=None, finished_at=None,
        undone_at=None, members_removed=0, leads_removed=0,
    )  # fmt: skip
    await store.insert(work, begun, mapping)
    return begun


async def begin_later(work: Work, upload_id: UUID, dataset_id: UUID, mapping: dict[str, str]) -> ImportResult:
    """As `begin`, and have a worker do it once this work has committed."""
    begun = await begin(work, upload_id, dataset_id, mapping)
    await enqueue(work, IMPORT, ImportDue(work.org_id, begun.id))
    return begun


async def again(work: Work, import_id: UUID) -> None:
    """Have a worker do an import that failed or was interrupted; nothing happens to others. Raises ImportNotFound."""
    work.require(Permission.IMPORT_LEADS)
    found = await store.get(work, import_id, lock=True)
    if found.state is ImportState.FAILED or found.interrupted(work.now):
        await store.wait_again(work, import_id)
        await enqueue(work, IMPORT, ImportDue(work.org_id, import_id))


async def fail_forgotten(context: Context) -> int:
    """Fail imports that nobody is at and that no job will take up: their process died, or their job was given up or
    lost. They can be run again. Returns how many."""
    async with context.works.across_tenants("forgotten imports") as work:
        # In this order: one that is put down in between is not among the first.
        found = await store.silent(work, work.now - FORGOTTEN)
        due = {job.import_id for job in await unfinished(work, IMPORT, ImportDue)}
    forgotten = [(org_id, import_id) for org_id, import_id in found if import_id not in due]
    for org_id, import_id in forgotten:
        async with context.works.begin(system_actor(org_id)) as work:
            await store.fail(work, import_id, "The program stopped before it was done.")
    return len(forgotten)


async def run(
    context: Context,
    actor: Actor,
    upload_id: UUID,
    dataset_id: UUID,
    mapping: dict[str, str],
    *,
    also: Callable[[Work, Dataset, ImportResult], Awaitable[None]] | None = None,
    follow: Callable[[int], None] | None = None,
) -> ImportResult:
    """`begin` and `perform`. Raises what they raise."""
    async with context.works.begin(actor) as work:
        begun = await begin(work, upload_id, dataset_id, mapping)
    try:
        return await perform(context, actor, begun.id, also=also, follow=follow)
    except ImportUnderWay as problem:
        async with context.works.begin(actor) as work:
            await store.fail(work, begun.id, problem.message)
        raise


async def perform(
    context: Context,
    actor: Actor,
    import_id: UUID,
    *,
    also: Callable[[Work, Dataset, ImportResult], Awaitable[None]] | None = None,
    follow: Callable[[int], None] | None = None,
) -> ImportResult:
    """Do an import that was begun, all of it or nothing; one that is done already is left as it is.

    A row becomes a new lead; a number that the organisation knows joins the dataset as the lead it is; one that is in
    the dataset already, or came earlier in the file, is a duplicate. Every row that was refused, repaired or a
    duplicate is kept with its reason. `also` is done in the same transaction, with the dataset locked; `follow` is told
    how many rows are in. Raises ImportNotFound, DatasetNotFound, and ImportUnderWay, after which it goes on waiting.
    Emits lead.imported.
    """
    async with context.works.begin(actor) as work:
        work.require(Permission.IMPORT_LEADS)
        begun = await store.get(work, import_id)
        chosen = _mapping(await store.mapping(work, import_id))
        file_key = (await store.get_upload(work, begun.upload_id)).file_key
        country = await store.country(work)
        await store.show_life(work, import_id, 0)
    try:
        with tempfile.TemporaryFile() as spool:
            await _spool(context.files.read(file_key), spool)
            source = await asyncio.to_thread(Source, spool, chosen, country)
            await _show_life(context, actor, import_id, 0)
            async with context.works.begin(actor) as work:
                await _merge(context, work, begun, source, also, follow or (lambda _: None))
    except ImportUnderWay:
        async with context.works.begin(actor) as work:
            await store.wait_again(work, import_id)
        raise
    except DomainError as problem:
        async with context.works.begin(actor) as work:
            await store.fail(work, import_id, problem.message)
        raise
    async with context.works.read(actor) as work:
        done = await result(work, import_id)
        refused = await store.first_refused(work, import_id, REFUSED_ANSWERED) if done.failed else []
        return structs.replace(done, refused=refused)


async def _merge(
    context: Context,
    work: Work,
    begun: ImportResult,
    source: Source,
    also: Callable[[Work, Dataset, ImportResult], Awaitable[None]] | None,
    follow: Callable[[int], None],
) -> None:
    await merge_store.prepare(work)
    if (await store.get(work, begun.id)).state is ImportState.DONE:  # by another process, while this one waited
        return
    # Locked, so that the dataset cannot go away.
    dataset = await datasets.locked(work, begun.dataset_id)
    loop = asyncio.get_running_loop()
    shown, total, joined, refused = loop.time(), 0, 0, 0
    await _show_life(context, work.actor, begun.id, 0)
    async for part in source.slices():
        joined += await merge_store.take(work, begun.id, begun.dataset_id, part)
        refused += sum(1 for note in part.notes if note[1] == "refused")
        total += part.read
        follow(total)
        if loop.time() - shown > _SHOWS_LIFE_EVERY:
            shown = loop.time()
            await _show_life(context, work.actor, begun.id, total)
    await _show_life(context, work.actor, begun.id, total)
    done = structs.replace(
        begun, total_rows=total, successful=joined, failed=refused, duplicates=total - refused - joined,
        columns=source.header.names, remarks=[*begun.remarks, *source.remarks], finished_at=work.now,
    )  # fmt: skip
    await store.finish(work, done)
    if joined >= _MANY:
        await merge_store.tell_planner(work)
    uploaded = await store.get_upload(work, begun.upload_id)
    await datasets.keep(work, structs.replace(dataset, upload_id=uploaded.id, source=uploaded.filename))
    work.emit(
        LeadsImported(
            subject_id=done.id, dataset_id=done.dataset_id, successful=done.successful, failed=done.failed,
            duplicates=done.duplicates,
        )
    )  # fmt: skip
    if also is not None:
        await also(work, dataset, done)


async def _show_life(context: Context, actor: Actor, import_id: UUID, rows_read: int) -> None:
    async with context.works.begin(actor) as work:  # of its own, so that others see it
        await store.show_life(work, import_id, rows_read)


def _mapping(mapping: dict[str, str]) -> ImportMapping:
    known = set(ImportMapping.__struct_fields__)
    given = {field: column for field, column in mapping.items() if field in known and column}
    if "phone_number" not in given:
        raise Invalid("A column must be chosen for the phone number.", field="column_mapping.phone_number")
    return convert(given, ImportMapping)


# --- what was done ----------------------------------------------------------------------------------------------------


async def result(work: Work, import_id: UUID) -> ImportResult:
    """What an import did. Raises ImportNotFound."""
    work.require(Permission.VIEW)
    return await store.get(work, import_id)


async def notes(work: Work, import_id: UUID, kind: str | None = None, page: int = 1, limit: int = 100) -> Page[RowNote]:
    """Rows of an import that were refused, duplicates or repaired, by row. Raises ImportNotFound."""
    work.require(Permission.VIEW)
    await store.get(work, import_id)
    return await store.notes(work, import_id, kind, page, limit)


async def list_imports(work: Work, dataset_id: UUID) -> list[ImportResult]:
    """The imports into a dataset, newest first, without their notes. Raises DatasetNotFound."""
    await datasets.get(work, dataset_id)
    return await store.list_of(work, dataset_id)


async def filenames(work: Work, dataset_id: UUID) -> dict[UUID, str]:
    """What the files imported into a dataset are called, by their upload. Raises DatasetNotFound."""
    await datasets.get(work, dataset_id)
    return await store.filenames(work, dataset_id)
