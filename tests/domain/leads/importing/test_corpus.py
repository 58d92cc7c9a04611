"""Exports as real programs write them, each with what must come of every row (corpus/*.expected.json)."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from frontdesk.domain.leads.importing.mapping import suggest
from frontdesk.domain.leads.importing.rows import Duplicate, ImportMapping, ImportRow, RefusedRow, clean_rows
from frontdesk.domain.leads.importing.table import open_table, read_header, read_rows

CORPUS = Path(__file__).parent / "corpus"


class Expected(msgspec.Struct, forbid_unknown_fields=True):
    country: str
    encoding: str
    delimiter: str
    mapping: dict[str, str]
    rows: list[dict[str, Any]]


def told(outcome: ImportRow | RefusedRow | Duplicate) -> dict[str, Any]:
    if isinstance(outcome, RefusedRow):
        return {"row": outcome.row, "refused": outcome.reason}
    if isinstance(outcome, Duplicate):
        return {"row": outcome.row, "same_as": outcome.first_row}
    shown = msgspec.to_builtins(outcome).items()
    return {name: value for name, value in shown if name != "values" and value not in (None, [])}


@pytest.mark.parametrize("file", sorted(CORPUS.glob("*.csv")), ids=lambda file: file.stem)
def test_every_row_of_an_export_comes_out_as_it_should(file: Path):
    expected = msgspec.json.decode(file.with_suffix(".expected.json").read_bytes(), type=Expected)
    data = file.read_bytes()

    dialect = open_table(data)
    assert (dialect.encoding, dialect.delimiter) == (expected.encoding, expected.delimiter)

    numbered = read_rows([data], dialect)
    header = read_header(numbered).names
    rows = list(numbered)
    suggestion = suggest(header, [cells for _, cells in rows])
    assert {field.value: column for column, field in suggestion.items()} == expected.mapping

    mapping = msgspec.convert(expected.mapping, ImportMapping)
    assert [told(outcome) for outcome in clean_rows(rows, header, mapping, expected.country)] == expected.rows
