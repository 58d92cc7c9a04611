"""Bringing leads in from CSV files: store an upload and look into it, then import it by a mapping of its columns.

Files are streamed and never held in memory as a whole; rows are read in a thread, for reading is work.
"""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import PurePath
from typing import BinaryIO
from uuid import UUID

import msgspec

from frontdesk.domain.leads import dataset_store as store
from frontdesk.domain.leads import import_store
from frontdesk.domain.leads.events import LeadsImported
from frontdesk.domain.leads.importing.column_names import Field as Field
from frontdesk.domain.leads.importing.mapping import columns
from frontdesk.domain.leads.importing.rows import ImportMapping, check_mapping, clean_rows, dates_of
from frontdesk.domain.leads.importing.table import SAMPLE_BYTES, Dialect, open_table, read_header, read_rows
from frontdesk.domain.leads.importing.values import csv_safe as csv_safe
from frontdesk.domain.leads.model import Dataset, ImportResult, RowNote, Upload, UploadColumn
from frontdesk.domain.leads.service import datasets
from frontdesk.kernel.access import Actor, Permission
from frontdesk.kernel.errors import Invalid, TooLarge
from frontdesk.kernel.ids import new_id
from frontdesk.kernel.paging import Page
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work

LARGEST_UPLOAD = 256 * 1024 * 1024
"""Bytes of a file."""

NOTES_ANSWERED = 1_000
"""Notes that stand in the answer to an import; all are kept."""

_ROWS_LOOKED_AT = 200
_BATCH = 2_000


async def upload(
    context: Context, actor: Actor, filename: str, chunks: AsyncIterator[bytes], dataset_id: UUID | None = None
) -> Upload:
    """Store a CSV file and say what is in it: rows, columns, samples, and the fields they look like.

    Raises Invalid for what is not a CSV file (by name and by content), TooLarge, DatasetNotFound.
    """
    filename = PurePath(filename.replace("\\", "/")).name[:200] or "upload.csv"
    async with context.works.read(actor) as work:
        work.require(Permission.IMPORT_LEADS)
        if dataset_id is not None:
            await datasets.get(work, dataset_id)
        org_id = work.org_id
    if PurePath(filename).suffix.lower() not in (".csv", ".tsv", ".txt"):
        raise Invalid("Only CSV files are taken: save the sheet as CSV and upload that.", field="file")
    with tempfile.TemporaryFile() as spool:
        size, digest = await _spool(chunks, spool)
        rows, seen = await asyncio.to_thread(_look_into, spool)
        upload_id = new_id()
        key = f"{org_id}/uploads/{upload_id}.csv"
        await context.files.write(key, _chunks(spool), limit=LARGEST_UPLOAD)
    async with context.works.begin(actor) as work:
        stored = Upload(
            id=upload_id, dataset_id=dataset_id, filename=filename, file_key=key, size=size, rows_detected=rows,
            columns=seen, created_at=work.now,
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


def _look_into(spool: BinaryIO) -> tuple[int, list[UploadColumn]]:
    rows = read_rows(spool, _dialect(spool))
    header = read_header(rows)
    sample: list[list[str]] = []
    count = 0
    for _, cells in rows:
        count += 1
        if len(sample) < _ROWS_LOOKED_AT:
            sample.append(cells)
    return count, [
        UploadColumn(column.name, column.sample_values, column.suggestion.value if column.suggestion else None)
        for column in columns(header.names, sample)
    ]


def _dialect(spool: BinaryIO) -> Dialect:
    spool.seek(0)
    dialect = open_table(spool.read(SAMPLE_BYTES))
    spool.seek(0)
    return dialect


async def get_upload(work: Work, upload_id: UUID) -> Upload:
    """The upload. Raises UploadNotFound, also for one into a dataset that the actor may not see."""
    work.require(Permission.VIEW)
    return await store.get_upload(work, upload_id)


async def run(
    context: Context,
    actor: Actor,
    upload_id: UUID,
    dataset_id: UUID,
    mapping: dict[str, str],
    *,
    also: Callable[[Work, Dataset], Awaitable[None]] | None = None,
) -> ImportResult:
    """Import an upload into a dataset, all of it or nothing.

    A row becomes a new lead; a number that the organisation knows joins the dataset as the lead it is; one that is in
    the dataset already, or came earlier in the file, is a duplicate. Every row that was refused, repaired or a
    duplicate is kept with its reason. `also` is done in the same transaction, with the dataset locked. Raises
    DatasetNotFound, UploadNotFound, MappingRefused. Emits lead.imported.
    """
    chosen = _mapping(mapping)
    async with context.works.read(actor) as work:
        work.require(Permission.IMPORT_LEADS)
        await datasets.get(work, dataset_id)
        stored = await store.get_upload(work, upload_id)
        country = await import_store.country(work)
        check_mapping(chosen, [column.name for column in stored.columns])
    with tempfile.TemporaryFile() as spool:
        await _spool(context.files.read(stored.file_key), spool)
        async with context.works.begin(actor) as work:
            # Locked, so that the dataset cannot go away, and two imports into it go one after the other.
            dataset = await datasets.locked(work, dataset_id)
            import_id = new_id()
            await import_store.prepare(work)
            counted = import_store.Counted()
            await import_store.copy_rows(work, _read(spool, chosen, country), counted)
            result = await import_store.merge(work, import_id, dataset_id, counted)
            await store.insert_import(work, result, upload_id, mapping)
            await import_store.keep_notes(work, import_id)
            await datasets.keep(work, msgspec.structs.replace(dataset, upload_id=upload_id, source=stored.filename))
            work.emit(
                LeadsImported(
                    subject_id=import_id, dataset_id=dataset_id, successful=result.successful, failed=result.failed,
                    duplicates=result.duplicates,
                )
            )  # fmt: skip
            if also is not None:
                await also(work, dataset)
            notes = await store.notes(work, import_id, None, 1, NOTES_ANSWERED)
    return msgspec.structs.replace(result, notes=notes.items)


def _mapping(mapping: dict[str, str]) -> ImportMapping:
    known = set(ImportMapping.__struct_fields__)
    given = {field: column for field, column in mapping.items() if field in known and column}
    if "phone_number" not in given:
        raise Invalid("A column must be chosen for the phone number.", field="column_mapping.phone_number")
    return msgspec.convert(given, ImportMapping)


async def _read(spool: BinaryIO, mapping: ImportMapping, country: str) -> AsyncIterator[list[import_store.Outcome]]:
    """The outcome of each row, in batches, read in a thread and at the pace of whoever takes them."""

    def order():
        rows = read_rows(spool, _dialect(spool))
        header = read_header(rows)
        return header, dates_of(rows, header.names, mapping, country)

    header, dates = await asyncio.to_thread(order)
    rows = read_rows(spool, _dialect(spool))
    read_header(rows)
    outcomes = clean_rows(rows, header.names, mapping, country, dates)

    def batch() -> list[import_store.Outcome]:
        return [outcome for _, outcome in zip(range(_BATCH), outcomes, strict=False)]

    while taken := await asyncio.to_thread(batch):
        yield taken


async def result(work: Work, import_id: UUID) -> ImportResult:
    """What an import did, with its first notes. Raises ImportNotFound."""
    work.require(Permission.VIEW)
    found = await store.get_import(work, import_id)
    noted = await store.notes(work, import_id, None, 1, NOTES_ANSWERED)
    return msgspec.structs.replace(found, notes=noted.items)


async def notes(work: Work, import_id: UUID, kind: str | None = None, page: int = 1, limit: int = 100) -> Page[RowNote]:
    """Rows of an import that were refused, duplicates or repaired, by row. Raises ImportNotFound."""
    work.require(Permission.VIEW)
    await store.get_import(work, import_id)
    return await store.notes(work, import_id, kind, page, limit)


async def list_imports(work: Work, dataset_id: UUID) -> list[ImportResult]:
    """The imports into a dataset, newest first, without their notes. Raises DatasetNotFound."""
    await datasets.get(work, dataset_id)
    return await store.list_imports(work, dataset_id)
