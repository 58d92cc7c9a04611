"""Any file at all: every row comes in or has its line and reason, and what cannot be read is refused with a reason."""

import asyncio
import codecs
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fixtures.business import MakeDataset
from tests.fixtures.organizations import Organization

from frontdesk.domain.leads.importing.errors import TableRefused
from frontdesk.domain.leads.importing.rows import ImportMapping
from frontdesk.domain.leads.importing.table import MAX_COLUMNS
from frontdesk.domain.leads.merge_store import Slice
from frontdesk.domain.leads.model import ImportResult, RowNote
from frontdesk.domain.leads.service import imports, noted
from frontdesk.domain.leads.slices import Source
from frontdesk.kernel.errors import DomainError
from frontdesk.platform.context import Context

CORPUS = sorted((Path(__file__).parent / "importing" / "corpus").glob("*.csv"))

CELLS = st.one_of(
    st.sampled_from(
        ["", "07700 900123", "+44 7700 900124", "7700900123", "4.477E+11", "Ann", "03/04/2024", "13/04/2024", '"', "\n"]
    ),
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12),
)
FILES = st.one_of(
    st.binary(max_size=400),
    st.builds(
        lambda rows, delimiter, quote, encoding, mark: (
            mark
            + "\r\n".join(
                [f"Name{delimiter}Phone{delimiter}Date"]
                + [delimiter.join(f'"{cell}"' if quote else cell for cell in row) for row in rows]
            ).encode(encoding, "replace")
        ),
        st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=12),
        st.sampled_from([",", ";", "\t"]),
        st.booleans(),
        st.sampled_from(["utf-8", "cp1252", "utf-16-le"]),
        st.sampled_from([b"", codecs.BOM_UTF8, codecs.BOM_UTF16_LE]),
    ),
)


async def all_of(source: Source) -> list[Slice]:
    return [part async for part in source.slices()]


@given(FILES)
def test_every_row_of_any_file_comes_in_or_has_its_line_and_reason(data: bytes):
    try:
        seen = imports.look_into(io.BytesIO(data))
    except TableRefused:
        return
    names = [column.name for column in seen.columns]
    date = names[2] if len(names) > 2 else None
    mapping = ImportMapping(phone_number=names[min(1, len(names) - 1)], first_name=names[0], inquiry_date=date)
    parts = asyncio.run(all_of(Source(io.BytesIO(data), mapping, "GB")))
    assert sum(part.read for part in parts) == seen.rows
    taken = [row[0] for part in parts for row in part.rows]
    left = [note for part in parts for note in part.notes if note[1] != "repaired"]
    assert len(taken) + len(left) == seen.rows
    assert len({*taken, *(note[0] for note in left)}) == seen.rows
    assert all(row > 1 and len(reason) > 10 for row, _, reason, _ in left)
    phones = [row[2] for part in parts for row in part.rows]
    assert len(phones) == len(set(phones))
    stored = [text for part in parts for row in part.rows for text in row if isinstance(text, str)]
    assert not any("\0" in text for text in stored)


@pytest.mark.parametrize("file", CORPUS, ids=lambda file: file.stem)
async def test_an_export_is_imported_as_it_is_read_and_a_second_time_adds_nothing(
    context: Context, org: Organization, a_dataset: MakeDataset, file: Path
):
    expected = json.loads(file.with_suffix(".expected.json").read_bytes())
    dataset = await a_dataset()
    async with context.works.begin(org.actor) as work:
        await work.execute("update organizations set country = $2 where org_id = $1", org.id, expected["country"])

    async def chunks() -> AsyncIterator[bytes]:
        yield file.read_bytes()

    async def noted_of(result: ImportResult) -> list[RowNote]:
        return [note async for some in noted.every(context, org.actor, result.id) for note in some]

    upload = await imports.upload(context, org.actor, file.name, chunks())
    suggested = {column.suggested_mapping: column.name for column in upload.columns if column.suggested_mapping}
    assert suggested == expected["mapping"]
    first = await imports.run(context, org.actor, upload.id, dataset.id, suggested)
    refused = {row["row"]: row["refused"] for row in expected["rows"] if "refused" in row}
    duplicates = {row["row"] for row in expected["rows"] if "same_as" in row}
    repaired = {row["row"]: row["repairs"] for row in expected["rows"] if row.get("repairs")}
    assert first.total_rows == len(expected["rows"]) == first.successful + first.failed + first.duplicates
    assert {note.row: note.reason for note in first.refused} == refused
    notes = await noted_of(first)
    assert {note.row: note.reason for note in notes if note.kind == "refused"} == refused
    assert {note.row for note in notes if note.kind == "duplicate"} == duplicates
    assert {note.row: note.reason.split("; ") for note in notes if note.kind == "repaired"} == {
        row: [part for repair in repairs for part in repair.split("; ")] for row, repairs in repaired.items()
    }
    again = await imports.run(context, org.actor, upload.id, dataset.id, suggested)
    assert (again.successful, again.failed, again.duplicates) == (0, len(refused), first.successful + len(duplicates))
    assert len({note.row for note in await noted_of(again) if note.kind != "repaired"}) == first.total_rows


# --- bad files --------------------------------------------------------------------------------------------------------


BAD = {
    "empty": (b"", "empty"),
    "only blanks": (b"\r\n \r\n", "empty"),
    "binary": (bytes(range(256)) * 8, "not_csv"),
    "zero bytes": (b"Name,Phone\nA\0nn,07700900102\n", "not_csv"),
    "workbook": (b"PK\x03\x04\x14\x00" + b"x" * 100, "not_csv"),
    "no header": (b"Ann,07700900101\nBob,07700900102\n", "no_header"),
    "many columns": (",".join(f"c{n}" for n in range(10_000)).encode() + b"\n" + b"," * 9_999, "too_many_columns"),
    "unclosed quote": (b'Name,Phone\n"Ann,07700900101\nBob,07700900102\n', "unclosed_quote"),
    "endless line": (b"Name,Phone\n" + b"x" * (5 * 1024 * 1024), "field_too_long"),
}


@pytest.mark.parametrize("kind", BAD)
async def test_a_bad_file_is_refused_with_its_reason(context: Context, org: Organization, kind: str):
    data, problem = BAD[kind]

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(data), 65536):
            yield data[start : start + 65536]

    with pytest.raises(DomainError) as refused:
        await imports.upload(context, org.actor, "leads.csv", chunks())
    assert refused.value.fields["problem"] == problem
    assert MAX_COLUMNS < 10_000
    msgspec.json.encode(refused.value.fields)


async def test_files_that_are_odd_but_can_be_read_are_read(context: Context, org: Organization, a_dataset: MakeDataset):
    """No rows under the header; names that come twice; bytes of another encoding in the middle."""
    dataset = await a_dataset()

    async def counted(data: bytes) -> tuple[int, int, int]:
        async def chunks() -> AsyncIterator[bytes]:
            yield data

        upload = await imports.upload(context, org.actor, "leads.csv", chunks())
        done = await imports.run(
            context, org.actor, upload.id, dataset.id, {"phone_number": "Phone", "first_name": "Name"}
        )
        return done.total_rows, done.successful, done.failed

    assert await counted(b"Name,Phone\n") == (0, 0, 0)
    assert await counted(b"Name,Phone,Phone\nAnn,07700900101,\n") == (1, 1, 0)
    assert await counted("Name,Phone\nZoë,07700900103\n".encode() + "Siân,07700900104\n".encode("cp1252")) == (2, 2, 0)
