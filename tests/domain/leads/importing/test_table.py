"""Bytes to rows: a table reads back the same whatever it is written in; what is no table is refused with its reason."""

import csv
import io
import re
from collections.abc import Iterator

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from frontdesk.domain.leads.importing.errors import (
    EmptyFile,
    FieldTooLong,
    NoHeader,
    NotText,
    TableRefused,
    TooManyColumns,
    UnclosedQuote,
)
from frontdesk.domain.leads.importing.table import Dialect, Swallowed, open_table, read_header, read_rows

HEADERS = ["First Name", "Last Name", "Phone", "E-mail", "Notes", "Größe", "Créé le", "Post Code"]


def rows_of(data: bytes) -> list[tuple[int, list[str]]]:
    return list(read_rows(io.BytesIO(data), open_table(data)))


@st.composite
def tables(draw: st.DrawFn, alphabet: st.SearchStrategy[str]) -> list[list[str]]:
    header = draw(st.lists(st.sampled_from(HEADERS), min_size=2, max_size=6, unique=True))
    cell = st.text(alphabet, max_size=12)
    rows = draw(st.lists(st.lists(cell, min_size=len(header), max_size=len(header)), max_size=8))
    return [header, *(row for row in rows if "".join(row).strip())]


def written(table: list[list[str]], delimiter: str, line_end: str, quoting: int) -> str:
    if line_end == "\n":  # the writer of the standard library quotes only the line ends that it uses itself
        table = [[cell.replace("\r", "\n") for cell in row] for row in table]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=line_end, quoting=quoting).writerows(table)
    return out.getvalue()


ANY = st.characters(exclude_categories=["Cs"], exclude_characters="\0") | st.sampled_from(",;\t|\"\n\r'= éÄ")
WINDOWS = st.sampled_from([chr(c) for c in range(32, 127)] + list("éÄß£€“”’—ñ\n\r"))
ASCII = st.sampled_from([chr(c) for c in range(32, 127)] + ["\n", "\t"])
STYLE = st.tuples(
    st.sampled_from(",;\t|"), st.sampled_from(["\r\n", "\n"]), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
)


@given(
    tables(ANY), STYLE, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le-marked", "utf-16-be-marked"]),
    st.integers(1, 50),
)  # fmt: skip
def test_any_table_reads_back_in_any_unicode(
    table: list[list[str]], style: tuple[str, str, int], encoding: str, chunk: int
):
    text = written(table, *style)
    if encoding.endswith("-marked"):
        data = ("\ufeff" + text).encode(encoding.removesuffix("-marked"))
    else:
        data = text.encode(encoding)
    assert_reads_back(table, style, data, chunk)


@given(tables(WINDOWS), STYLE, st.integers(1, 50))
def test_any_table_reads_back_in_windows_1252(table: list[list[str]], style: tuple[str, str, int], chunk: int):
    data = written(table, *style).encode("cp1252")
    assume(not re.search(rb"[\xc2-\xf4][\x80-\xbf]", data))  # bytes that are good UTF-8 too are read as that
    assert_reads_back(table, style, data, chunk)


@given(tables(ASCII), STYLE, st.sampled_from(["utf-16-le", "utf-16-be"]), st.integers(1, 50))
def test_plain_text_reads_back_in_utf_16_without_a_mark(
    table: list[list[str]], style: tuple[str, str, int], encoding: str, chunk: int
):
    assert_reads_back(table, style, written(table, *style).encode(encoding), chunk)


def assert_reads_back(table: list[list[str]], style: tuple[str, str, int], data: bytes, chunk: int) -> None:
    if style[1] == "\n":
        table = [[cell.replace("\r", "\n") for cell in row] for row in table]
    chunks = (data[at : at + chunk] for at in range(0, len(data), chunk))
    read = list(read_rows(chunks, open_table(data)))
    assert read == list(enumerate(table, start=1))


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system(line_end: str):
    data = line_end.join(["Name,Phone", "Ann,07700900001", "", "Bob,07700900002"]).encode()
    assert rows_of(data) == [(1, ["Name", "Phone"]), (2, ["Ann", "07700900001"]), (4, ["Bob", "07700900002"])]


def test_blank_rows_are_counted_as_a_spreadsheet_counts_them_and_left_out():
    data = b"\n\n  ,\nName,Phone\n,,\n  , \nAnn,1\n"
    assert rows_of(data) == [(1, ["Name", "Phone"]), (4, ["Ann", "1"])]


def test_excels_own_line_declares_the_delimiter():
    assert rows_of(b'sep=;\r\nName;Note\r\n"a,b";c,d\r\n') == [(1, ["Name", "Note"]), (2, ["a,b", "c,d"])]


def test_spaces_between_delimiter_and_quote_are_no_part_of_the_cell():
    assert rows_of(b'"Name", "Note", "Phone"\n"Ann", "a, b", "1"\n')[1] == (2, ["Ann", "a, b", "1"])


def test_quotes_within_a_cell_that_is_not_quoted_stay():
    assert rows_of(b'Name,Size\nAnn,5" pipe\n"Big" Jo,x\n')[1:] == [(2, ["Ann", '5" pipe']), (3, ["Big Jo", "x"])]


def test_one_column_needs_no_delimiter():
    assert rows_of(b"Phone\n07700900001\n")[1] == (2, ["07700900001"])


def test_the_delimiter_is_not_taken_from_texts():
    data = b'Name;Note\nAnn;"a, b, c, d"\nBob;e, f, g\n'
    assert open_table(data).delimiter == ";"


def test_windows_letters_are_read_where_they_first_come_after_the_sample():
    data = b"Name,Phone\n" + b"Ann,1\n" * 50 + "José,2\n“Zoë”,3\n".encode("cp1252")
    rows = list(read_rows([data], open_table(data[:100])))
    assert [cells[0] for _, cells in rows[-2:]] == ["José", "“Zoë”"]


def test_a_broken_byte_in_utf_8_spoils_only_itself():
    data = "Name,Town\nZoë,Zürich\nJos".encode() + b"\xe9" + ",Málaga\n".encode()
    assert rows_of(data)[1:] == [(2, ["Zoë", "Zürich"]), (3, ["José", "Málaga"])]


def test_zero_bytes_are_dropped_because_no_database_takes_them():
    data = b"Name,Phone\n" + b"Ann,1\n" * 50 + b"B\0ob,2\n"
    assert list(read_rows([data], open_table(data[:100])))[-1] == (52, ["Bob", "2"])


def test_reading_holds_a_row_and_not_the_file():
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        yield b"Name,Phone\n"
        while True:
            taken += 1
            yield b"Ann,07700900001\n" * 1000

    rows = read_rows(endless(), Dialect("utf-8", ","))
    for _ in range(10_000):
        next(rows)
    assert taken < 40


def test_the_callers_file_stays_open():
    file = io.BytesIO(b"Name,Phone\nAnn,1\n")
    list(read_rows(file, Dialect("utf-8", ",")))
    assert not file.closed


@pytest.mark.parametrize(
    ("data", "error", "says"),
    [
        (b"", EmptyFile, "empty"),
        (b"\xef\xbb\xbf\r\n \r\n", EmptyFile, "empty"),
        (b"PK\x03\x04\x14\x00\x06\x00", NotText, "save it as CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, NotText, r"\.xls"),
        (b"%PDF-1.7\n", NotText, "PDF"),
        (b"<html><table><tr><td>Name</td></tr></table>", NotText, "web page"),
        (b'[{"name": "Ann"}]', NotText, "JSON"),
        (bytes(range(256)), NotText, "not a text file"),
        (b"Leads of March\n\nName,Phone,Town\nAnn,1,Bath\nBob,2,Hove\n", NoHeader, "Remove the lines above"),
    ],
)
def test_what_is_no_table_is_refused_at_once(data: bytes, error: type[TableRefused], says: str):
    with pytest.raises(error, match=says):
        open_table(data)


@pytest.mark.parametrize("first", ["Ann,07700 900001,Bath", "Ann,ann@example.com,Bath", "Ann,+1 (212) 555-0123,NY"])
def test_a_first_row_of_data_is_no_header(first: str):
    data = f"{first}\nBob,07700 900002,Hove\n".encode()
    with pytest.raises(NoHeader, match="names the columns"):
        read_header(read_rows([data], open_table(data)))


def test_columns_named_twice_or_not_at_all_are_told_apart_and_it_is_said():
    header = read_header(iter([(1, ["Phone", " Phone ", "", "Phone (2)", "Sent\non\ufeff"])]))
    assert header.names == ["Phone", "Phone (3)", "Column 3", "Phone (2)", "Sent on"]
    assert len(header.notes) == 2
    assert read_header(iter([(1, ["a", "b"])])).notes == []


def test_names_of_columns_are_short_and_plain():
    header = read_header(iter([(1, ["x" * 1_000_000, "\x1b[31mRed\x07", '="Phone"', "'=1+1"])]))
    assert [len(name) for name in header.names] == [200, 7, 5, 4]
    assert header.names[1:4] == ["[31mRed", "Phone", "=1+1"]


def test_many_columns_without_a_name_are_told_together():
    header = read_header(iter([(1, ["Phone", *[""] * 400, *["Tag"] * 5])]))
    assert len(set(header.names)) == 406
    assert header.notes[3:4] == ["397 more columns have no name; they are shown in the same way."]
    assert len(header.notes) == 8


@given(st.lists(st.sampled_from(["a", "b", "a (2)", "a (3)", "", "Column 2"]), min_size=1, max_size=12))
def test_names_of_columns_are_always_unique(cells: list[str]):
    names = read_header(iter([(1, cells)])).names
    assert len(set(names)) == len(names) == len(cells)


def test_more_than_500_columns_are_refused():
    assert len(read_header(iter([(1, [f"c{n}" for n in range(500)])])).names) == 500
    with pytest.raises(TooManyColumns, match="501"):
        read_header(iter([(1, [f"c{n}" for n in range(501)])]))


def test_a_quote_never_closed_is_refused_with_its_line():
    data = b'Name,Note\nAnn,"two\nlines"\nBob,"oops\nCid,x\nDan,y\n'
    with pytest.raises(UnclosedQuote) as refused:
        rows_of(data)
    assert refused.value.line == 4
    assert refused.value.fields["line"] == 4
    assert "row 3" in refused.value.message


@pytest.mark.parametrize(
    "lines",
    [
        'Ann,1,"oops\nBob,2,"x"\n',  # in the last column
        '"Ann,1,a\n"Bob",2,b\n',  # in the first
        'Ann,"1,a\nBob,"2",b\n',  # between
        'Ann,1,"oops\nBob,2,""\nCid,3,"x"\n',  # past an empty cell
        'Ann,1,"oops\r\nBob,2,c\r\nCid,3,"x"\r\n',
    ],
)
def test_rows_that_a_quote_never_closed_has_joined_are_known_for_it(lines: str):
    rows = rows_of(f"Name,Phone,Note\n{lines}Dan,4,d\n".encode())
    assert [type(cells) for _, cells in rows] == [list, Swallowed, list]
    assert len(rows[1][1]) == 3
    assert rows[2] == (3, ["Dan", "4", "d"])


@pytest.mark.parametrize(
    "lines",
    [
        'Ann,1,"two\nlines, with ""quotes"", and commas, many"\n',
        '"Big" Jo,1,"two\nlines"\n',
        '"Ann" ,1,"a, b\nc, d" \n',
        'Ann,1,"said:\n"yes" and left"\n',
    ],
)
def test_texts_of_several_lines_are_not_taken_for_such_rows(lines: str):
    assert [type(cells) for _, cells in rows_of(f"Name,Phone,Note\n{lines}Dan,4,d\n".encode())] == [list] * 3


def test_a_quote_opened_by_the_last_sign_is_refused():
    with pytest.raises(UnclosedQuote):
        rows_of(b'Name,Note\nAnn,"')


def test_a_cell_of_a_mebibyte_is_read_and_a_longer_one_refused_with_its_line():
    size = 1024 * 1024
    assert len(rows_of(b"Name,Note\nAnn," + b"x" * size)[1][1][1]) == size
    for filler in (b"x" * (size + 1), b'"' + b"x\n" * size):
        with pytest.raises(FieldTooLong) as refused:
            list(read_rows([b"Name,Note\nAnn,y\nBob,", filler], Dialect("utf-8", ",")))
        assert refused.value.line == 3


def test_a_row_of_many_long_cells_is_refused_before_it_fills_the_memory():
    def endless() -> Iterator[bytes]:
        yield b"Name,Note\n"
        while True:
            yield b'"' + b"x\n" * 32_000 + b'",'

    rows = read_rows(endless(), Dialect("utf-8", ","))
    assert next(rows) == (1, ["Name", "Note"])
    with pytest.raises(FieldTooLong, match="The row that ends in line"):
        next(rows)


def test_a_file_without_line_ends_is_refused_before_it_fills_the_memory():
    def endless() -> Iterator[bytes]:
        while True:
            yield b"," * 65536

    with pytest.raises(FieldTooLong):
        next(read_rows(endless(), Dialect("utf-8", ";")))


@given(st.binary(max_size=200))
def test_no_bytes_break_it(data: bytes):
    try:
        rows = read_rows([data], open_table(data))
        header = read_header(rows)
        for number, cells in rows:
            assert number > 1
            assert cells
    except TableRefused:
        return
    assert header.names
