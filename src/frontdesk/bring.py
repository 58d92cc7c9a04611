"""`frontdesk import`: a CSV file into a dataset, from the command line. Says what it sees, does, and did.

It does its work itself, beside an `up` that runs or without one.
"""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

from msgspec import Struct
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from frontdesk.domain.campaigns.service import campaigns
from frontdesk.domain.leads.model import RowNote, UploadColumn
from frontdesk.domain.leads.service import datasets, imports, noted
from frontdesk.domain.organizations.service import organizations
from frontdesk.kernel.access import Actor, system_actor
from frontdesk.kernel.errors import Invalid
from frontdesk.platform.context import Context
from frontdesk.platform.settings import Settings
from frontdesk.runtime import open_runtime

_SHOWN = 10
"""Reasons that are printed; all are in the file of refused rows."""
_CHUNK = 256 * 1024


class Wanted(Struct, frozen=True):
    """What was asked for on the command line."""

    file: Path
    org: str | None
    email: str | None
    dataset: str
    maps: list[str]
    """Each `field=Column`; without a column the field is left out."""
    dry_run: bool
    refused: Path | None
    """Where to write the rows that did not come in."""


async def run(settings: Settings, wanted: Wanted, out: Console) -> None:
    """Import, or with `dry_run` say what an import would do. Raises DomainError, OSError."""
    async with open_runtime(settings) as runtime:
        await _run(runtime.context, wanted, out)


async def _run(context: Context, wanted: Wanted, out: Console) -> None:
    actor = system_actor(await _organization(context, wanted))
    with wanted.file.open("rb") as file:
        with out.status(f"Looking into {wanted.file.name} …"):
            seen = imports.look_into(file)
        mapping = _mapping(seen.columns, wanted.maps)
        out.print(_columns(seen.columns, mapping))
        for remark in seen.remarks:
            out.print(f"Note: {remark}", markup=False, soft_wrap=True)
        if wanted.dry_run:
            async with context.works.read(actor) as work:
                tried = await imports.try_out(work, file, mapping)
            for remark in tried.remarks:
                out.print(f"Note: {remark}", markup=False, soft_wrap=True)
            found = tried.found
            notes = [RowNote(*note) for note in found.notes if note[1] != "repaired"]
            out.print(f"{found.read:,} rows: {len(found.rows):,} have a number of their own. Nothing was imported.")
            await _tell(_at_once(notes), [column.name for column in seen.columns], wanted, out)
            return
    await _import(context, actor, seen.rows, mapping, wanted, out)


async def _organization(context: Context, wanted: Wanted) -> UUID:
    if wanted.org:
        return await organizations.named(context.works, wanted.org)
    if wanted.email:
        return await organizations.of_member(context.works, wanted.email)
    raise Invalid("Say whose leads they are: --org with a name or an id, or --email of a member.")


def _mapping(columns: list[UploadColumn], maps: list[str]) -> dict[str, str]:
    """Column by field: as suggested, but for what was said."""
    mapping = {column.suggested_mapping: column.name for column in columns if column.suggested_mapping}
    fields = {field.value for field in imports.Field}
    for said in maps:
        field, _, column = said.partition("=")
        if field not in fields:
            raise Invalid(f"--map {said}: there is no field {field}. There are: {', '.join(sorted(fields))}.")
        if column and column not in {known.name for known in columns}:
            raise Invalid(f"--map {said}: the file has no column “{column}”.")
        mapping[field] = column
    if not mapping.get("phone_number"):
        raise Invalid("No column looks like phone numbers. Say which it is: --map phone_number=Column.")
    return {field: column for field, column in mapping.items() if column}


def _columns(columns: list[UploadColumn], mapping: dict[str, str]) -> Table:
    holds = {column: field for field, column in mapping.items()}
    table = Table("Column", "First value", "Read as", box=None, pad_edge=False)
    for column in columns:
        first = column.sample_values[0] if column.sample_values else ""
        # As Text, in which nothing is markup.
        table.add_row(*map(Text, (column.name, first, holds.get(column.name, "left out"))))
    return table


async def _import(
    context: Context, actor: Actor, rows: int, mapping: dict[str, str], wanted: Wanted, out: Console
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        with wanted.file.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk

    upload = await imports.upload(context, actor, wanted.file.name, chunks())
    dataset_id = await _dataset(context, actor, wanted.dataset)
    bar = Progress(
        TextColumn("Importing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=out, transient=True
    )
    with bar:
        task = bar.add_task("", total=rows)
        outcome = await campaigns.import_leads(
            context, actor, upload.id, dataset_id, mapping, follow=lambda read: bar.update(task, completed=read)
        )
    result, preflight = outcome.result, outcome.preflight
    for remark in result.remarks[len(upload.remarks) :]:
        out.print(f"Note: {remark}", markup=False, soft_wrap=True)
    out.print(
        f"{result.total_rows:,} rows: {result.successful:,} imported into “{wanted.dataset}”, "
        f"{result.duplicates:,} there already, {result.failed:,} refused.",
        markup=False,
    )
    out.print(f"{preflight.eligible:,} leads of it can be texted now, {preflight.skipped:,} cannot.")
    await _tell(noted.every(context, actor, result.id, ("refused", "duplicate")), result.columns, wanted, out)


async def _dataset(context: Context, actor: Actor, name: str) -> UUID:
    """The dataset of this name, made where there is none. Raises Invalid where there are several."""
    async with context.works.begin(actor) as work:
        found = [one.id for one in await datasets.list_all(work) if one.name == name.strip()]
        if len(found) > 1:
            raise Invalid(f"There are {len(found)} datasets named “{name}”. Rename one in the console.")
        return found[0] if found else (await datasets.create(work, name)).id


async def _at_once(notes: list[RowNote]) -> AsyncIterator[list[RowNote]]:
    yield notes


async def _tell(notes: AsyncIterator[list[RowNote]], columns: list[str], wanted: Wanted, out: Console) -> None:
    """Say which rows did not come in, the first refused ones before any duplicates, and write all to the file."""
    first: dict[str, list[RowNote]] = {"refused": [], "duplicate": []}
    count = 0
    file = None if wanted.refused is None else wanted.refused.open("w", encoding="utf-8-sig", newline="")
    with file or contextlib.nullcontext():
        if file is not None:
            file.write(noted.head(columns))
        async for some in notes:
            if file is not None:
                file.write(noted.lines(some))
            count += len(some)
            for kind, kept in first.items():
                kept += [note for note in some if note.kind == kind][: _SHOWN - len(kept)]
    shown = [*first["refused"], *first["duplicate"]][:_SHOWN]
    for note in shown:
        out.print(f"  row {note.row:,}: {note.reason}", markup=False, soft_wrap=True)
    if count > len(shown):
        out.print(f"  and {count - len(shown):,} more" + ("" if wanted.refused else "; --refused FILE has them all"))
    if wanted.refused is not None:
        out.print(f"{count:,} rows that did not come in are in {wanted.refused}.", markup=False, soft_wrap=True)
