"""All rows of an import that were refused, duplicates or repaired: to go through, and as a file that people mend in a
spreadsheet and bring in again. Single pages of them are in imports.py."""

from collections.abc import AsyncIterator, Iterable, Sequence
from uuid import UUID

from frontdesk.domain.leads import import_store as store
from frontdesk.domain.leads.importing.values import csv_lines
from frontdesk.domain.leads.model import RowNote
from frontdesk.kernel.access import Actor, Permission
from frontdesk.platform.context import Context

KINDS = ("refused", "duplicate", "repaired")
_AT_ONCE = 250
"""Rows that are held in memory; each may be long."""


async def every(
    context: Context, actor: Actor, import_id: UUID, kinds: Sequence[str] = KINDS
) -> AsyncIterator[list[RowNote]]:
    """The noted rows of these kinds, by row, some at a time. Raises ImportNotFound."""
    after = (0, "")
    while True:
        async with context.works.read(actor) as work:
            work.require(Permission.VIEW)
            await store.get(work, import_id)
            found = await store.notes_after(work, import_id, kinds, after, _AT_ONCE)
        if found:
            yield found
        if len(found) < _AT_ONCE:
            return
        after = (found[-1].row, found[-1].kind)


def head(columns: Sequence[str], names: Sequence[str] = ("Line", "What happened", "Reason")) -> str:
    """The first line of their file: after `names` of what is told of each row come the `columns` of the imported
    file."""
    return csv_lines([[*names, *columns]])


def lines(notes: Iterable[RowNote]) -> str:
    """Noted rows as lines of that file, safe to open in a spreadsheet."""
    return csv_lines([str(note.row), note.kind, note.reason, *note.cells] for note in notes)
