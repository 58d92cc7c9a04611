"""From a file on disk to slices of rows that are ready for the database, each made in a thread while the one before it
is merged: reading and merging go on side by side."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import BinaryIO
from uuid import UUID

from frontdesk.domain.leads.importing.rows import (
    Duplicate,
    ImportMapping,
    ImportRow,
    RefusedRow,
    clean_rows,
    dates_of,
)
from frontdesk.domain.leads.importing.table import SAMPLE_BYTES, open_table, read_header, read_rows
from frontdesk.domain.leads.merge_store import Slice, note
from frontdesk.kernel.ids import new_ids

_FIRST, _ROWS, _CHARACTERS = 1_000, 5_000, 8 * 1024 * 1024
"""A slice ends at either, so that files of long texts, or of very many cells, take no more memory than others. The
first is a small one: merging begins when it is read."""


class Source:
    """A file that is to be imported by a mapping. Making one reads the whole file for the order of its dates, so it is
    made in a thread. `country` (ISO 3166) is where numbers without a country code belong."""

    def __init__(self, file: BinaryIO, mapping: ImportMapping, country: str) -> None:
        self._file, self._most = file, _FIRST
        file.seek(0)
        self._dialect = open_table(file.read(SAMPLE_BYTES))
        rows = self._rows()
        self.header = read_header(rows)
        dates = dates_of(rows, self.header.names, mapping, country)
        told = dates.told(mapping.inquiry_date) if mapping.inquiry_date else None
        self.remarks = [told] if told else []
        """What was decided in reading it, for people."""
        rows = self._rows()
        read_header(rows)
        self._outcomes = clean_rows(rows, self.header.names, mapping, country, dates)

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        self._file.seek(0)
        return read_rows(self._file, self._dialect)

    async def slices(self) -> AsyncIterator[Slice]:
        """All rows, once."""
        coming = asyncio.create_task(asyncio.to_thread(self._next))
        try:
            while (part := await coming).read:
                coming = asyncio.create_task(asyncio.to_thread(self._next))
                yield part
        finally:
            await asyncio.wait({coming})  # the thread reads from a file that the caller is about to close

    def _next(self) -> Slice:
        part = Slice(rows=[], cells={}, notes=[], read=0)
        most, self._most = self._most, _ROWS
        ids = iter(new_ids(most))
        size = 0
        for outcome in self._outcomes:
            part.read += 1
            size += len(outcome.values) + sum(map(len, outcome.values))
            _add(part, outcome, ids)
            if part.read >= most or size >= _CHARACTERS:
                break
        return part


def _add(part: Slice, outcome: ImportRow | RefusedRow | Duplicate, ids: Iterator[UUID]) -> None:
    if isinstance(outcome, ImportRow):
        part.rows.append(
            (
                outcome.row, next(ids), outcome.phone, outcome.first_name, outcome.last_name, outcome.email,
                outcome.postcode, outcome.inquiry_date, outcome.notes, outcome.company, outcome.job_title,
                outcome.service_interest, outcome.source,
            )
        )  # fmt: skip
        part.cells[outcome.row] = outcome.values
        if outcome.repairs:
            part.notes.append(note(outcome.row, "repaired", "; ".join(outcome.repairs), outcome.values))
    else:
        kind = "refused" if isinstance(outcome, RefusedRow) else "duplicate"
        part.notes.append(note(outcome.row, kind, outcome.reason, outcome.values))
