"""From the bytes of an export to its rows: encoding, delimiter, quotes, header. What the columns mean is in mapping.py.

Rows are read as a stream: at most one row and some buffers are held, whatever the size of the file.
"""

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from msgspec import Struct

from frontdesk.domain.leads.importing.errors import (
    EmptyFile,
    FieldTooLong,
    NoHeader,
    NotText,
    TooManyColumns,
    UnclosedQuote,
)
from frontdesk.domain.leads.importing.values import as_written

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

SAMPLE_BYTES = 256 * 1024
"""How much of the beginning of a file `open_table` should be shown."""
MAX_COLUMNS = 500
MAX_ROWS = 1_000_000
MAX_FIELD = 1024 * 1024
"""Characters in one cell."""
_MAX_ROW = 4 * MAX_FIELD
_MAX_NAME = 200
_BLOCK = 64 * 1024
_DELIMITERS = ",;\t|"


class Dialect(Struct, frozen=True):
    """How a file is written."""

    encoding: str
    """A Python codec; the byte order mark, if any, is the codec's business."""
    delimiter: str
    declared: bool = False
    """The first line is Excel's `sep=;`, and is no row."""
    spaced: bool = False
    """A space stands between delimiter and quotation mark, as in `"Ann", "Lee"`."""

    def told(self) -> str | None:
        """For people: the encoding, where it is a guess that letters can show to be wrong."""
        if self.encoding == "cp1252":
            return "The file is not in UTF-8. It was read as Windows-1252: look whether accents and £ signs are right."
        return None


class Swallowed(list[str]):
    """The cells of a row that is really several: a quotation mark was not closed where it should be."""


class Header(Struct, frozen=True):
    """The columns of a file, each name once, and what was done to make them so."""

    names: list[str]
    notes: list[str] = []


def open_table(sample: bytes) -> Dialect:
    """How the file that begins with `sample` is written. Raises EmptyFile, NotText or NoHeader.

    `sample` should hold SAMPLE_BYTES, or the whole of a shorter file.
    """
    _refuse_other_formats(sample)
    encoding = _encoding(sample)
    text = codecs.getincrementaldecoder(encoding)(_errors_for(encoding)).decode(sample)
    if not text.strip("\0\ufeff").strip():
        raise EmptyFile("The file is empty.")
    if declared := re.match(r'"?sep=([,;\t|])"?(?:\r|\n)', text, re.IGNORECASE):
        return Dialect(encoding, declared[1], declared=True)
    delimiter = _delimiter(text)
    before_quotes = re.findall(rf'{re.escape(delimiter)}( *)"', re.split(r"[\r\n]", text.lstrip(), maxsplit=1)[0])
    return Dialect(encoding, delimiter, spaced=bool(before_quotes) and all(before_quotes))


def read_rows(source: BinaryIO | Iterable[bytes], dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """The rows of a file, each with its number: the header is row 1, as a spreadsheet shows it.

    A row may span several lines, where a cell has line breaks. Blank rows are counted and left out; what stands blank
    before the header is not counted. Cells are as written; those of a row that took in others are Swallowed. Raises
    FieldTooLong and UnclosedQuote when they are reached.
    """
    raw = io.BufferedReader(_Chunks(_blocks(source)), _BLOCK)
    text = io.TextIOWrapper(raw, dialect.encoding, _errors_for(dialect.encoding), newline="")
    skipped = 0
    if dialect.declared:
        text.readline(16)
        skipped = 1
    csv.field_size_limit(MAX_FIELD)
    lines: list[str] = []
    reader = csv.reader(_lines(text, skipped, lines), delimiter=dialect.delimiter, skipinitialspace=dialect.spaced)
    row, width, began = 0, 0, skipped + 1
    try:
        for cells in reader:
            if cells and cells[-1].endswith(_END):
                if cells != [_END]:
                    raise UnclosedQuote(f"A quotation mark opened in row {row + 1} is never closed.", began)
                return
            if cells and (cells[0].strip() or "".join(cells).strip()):
                row += 1
                width = width or len(cells)
                several = len(lines) > 1 and _swallowed(lines, dialect, width)
                yield row, Swallowed(cells) if several else cells
            elif row:
                row += 1
            lines.clear()
            began = skipped + reader.line_num + 1
    except csv.Error as error:
        raise FieldTooLong(
            f"A cell in row {row + 1} is longer than {MAX_FIELD:,} characters: is a quotation mark left open?", began
        ) from error


def _swallowed(lines: list[str], dialect: Dialect, width: int) -> bool:
    """Whether the `lines` of a row are several rows of that width, joined by a quotation mark that is not closed: the
    next one, which begins a cell further down, then closes it, and the cell goes on behind it."""
    text, delimiter = "".join(lines), re.escape(dialect.delimiter)
    if text.count(dialect.delimiter) < len(lines) * (width - 1):
        return False
    before = " *" if dialect.spaced else ""
    cells = re.finditer(rf'{before}(?:"([^"]*(?:""[^"]*)*)")?([^{delimiter}\r\n]*)(?:{delimiter}|[\r\n]+|\Z)', text)
    return any(found[1] and re.search(r"[\r\n]", found[1]) and found[2].strip() for found in cells)


def read_header(rows: Iterator[tuple[int, list[str]]]) -> Header:
    """The header, taken from the front of `rows`. Raises EmptyFile, NoHeader or TooManyColumns.

    Columns without a name are named by their place; a name that comes again has its count added: "Phone (2)". Names of
    more than 200 characters are cut.
    """
    first = next(rows, None)
    if first is None:
        raise EmptyFile("The file is empty.")
    cells = [_name(cell) for cell in first[1]]
    if len(cells) > MAX_COLUMNS:
        raise TooManyColumns(f"The file has {len(cells)} columns; at most {MAX_COLUMNS} can be read.")
    if any(_looks_like_data(cell) for cell in cells):
        raise NoHeader("The first row holds a person's details. Add a first row that names the columns.", 1)
    names: dict[str, None] = {}
    nameless: list[str] = []
    again: list[str] = []
    taken = set(cells)
    for place, cell in enumerate(cells, start=1):
        name, count = cell or f"Column {place}", 1
        while name in names or (count > 1 and name in taken):
            count += 1
            name = f"{cell or f'Column {place}'} ({count})"
        if not cell:
            nameless.append(f"Column {place} has no name; it is shown as “{name}”.")
        elif name != cell:
            again.append(f"The name “{cell}” stands over several columns; column {place} is shown as “{name}”.")
        names[name] = None
    return Header(list(names), [*_some(nameless, "have no name"), *_some(again, "have a name that came before")])


def _some(notes: list[str], what: str) -> list[str]:
    """The first of `notes`, each on one column, and how many more columns there are of which the same is to say."""
    more = len(notes) - _NOTES_OF_A_KIND
    if more < 2:
        return notes
    return [*notes[:_NOTES_OF_A_KIND], f"{more} more columns {what}; they are shown in the same way."]


# --- encodings --------------------------------------------------------------------------------------------------------

_MARKS = [  # the longer first: UTF-32's little mark begins with UTF-16's
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]
_FORMATS = [
    (b"PK\x03\x04", "an Excel workbook (.xlsx) or another zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a compressed file"),
    (b"{\\rtf", "a text document with formatting (.rtf)"),
]
_MARKUP = re.compile(rb"\s*(?:<!doctype|<html|<\?xml|<table|<style|<meta|[\[{]\s*[{\"\]}])", re.IGNORECASE)


def _refuse_other_formats(sample: bytes) -> None:
    what = next((name for magic, name in _FORMATS if sample.startswith(magic)), None)
    if what is None and _MARKUP.match(sample.removeprefix(codecs.BOM_UTF8)):
        what = "a web page, XML or JSON"
    if what:
        raise NotText(f"This is {what}, not CSV. Open it in the program it comes from and save it as CSV.")


def _encoding(sample: bytes) -> str:
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding
    if b"\0" in sample:
        return _unmarked_utf16(sample)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        # UTF-8 with a few broken bytes is still UTF-8: single bytes of it are then read as Windows-1252.
        text = sample.decode("utf-8", "replace")
        broken = text.count("\ufffd")
        sound = sum(not char.isascii() for char in text) - broken
        return "utf-8" if sound > broken else "cp1252"
    return "utf-8"


def _unmarked_utf16(sample: bytes) -> str:
    """UTF-16 without a mark: in text that is mostly Latin, every second byte is zero."""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    if max(even, odd) > 0.3 * len(sample) / 2 and min(even, odd) <= 0.01 * len(sample):
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(sample)
        except UnicodeDecodeError:
            text = "\0"
        if "\0" not in text:
            return encoding
    raise NotText("This is not a text file. Save the table as CSV in the program it comes from.")


def _read_as_windows(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


# A sample of plain ASCII does not tell UTF-8 from Windows-1252: the first "é" may come in row 50,000.
codecs.register_error("frontdesk.windows-1252", _read_as_windows)


def _errors_for(encoding: str) -> str:
    return "frontdesk.windows-1252" if encoding.startswith("utf-8") else "replace"


# --- delimiters -------------------------------------------------------------------------------------------------------

_ROWS_COMPARED = 100


def _delimiter(text: str) -> str:
    """The delimiter that cuts the header in several, and most rows in as many; the comma where there is one column."""
    scores = {delimiter: _score(text, delimiter) for delimiter in _DELIMITERS}
    best = max(_DELIMITERS, key=lambda delimiter: scores[delimiter][:2])
    agreeing, columns, later = scores[best]
    if columns == 1 and max(score[2] for score in scores.values()) > 1:
        raise NoHeader(
            f"The first row has one cell and the rows below have {max(later, 2)} or more. "
            "Remove the lines above the row that names the columns.",
            1,
        )
    return best if agreeing else ","


def _score(text: str, delimiter: str) -> tuple[float, int, int]:
    """Share of rows as wide as the header (0 where it is one cell), the header's width, and the usual width below."""
    lines = io.StringIO(text, newline="")
    widths: list[int] = []
    try:
        for cells in csv.reader(lines, delimiter=delimiter):
            if any(cells):
                widths.append(len(cells))
            if len(widths) > _ROWS_COMPARED:
                break
        else:
            if len(widths) > 2:
                widths.pop()  # the sample may end within it
    except csv.Error:
        pass  # an endless cell: reading the rows will tell where
    if not widths:
        return 0.0, 1, 1
    header, below = widths[0], widths[1:]
    usual = max(set(below), key=below.count) if below else header
    if header == 1:
        return 0.0, 1, usual
    # Trailing cells that are empty are left out by some programs, so a shorter row still speaks for the delimiter.
    return (
        (sum(1 if w == header else 0.5 if 1 < w < header else 0 for w in below) + 1) / (len(below) + 1),
        header,
        usual,
    )


# --- lines ------------------------------------------------------------------------------------------------------------

_END = "\0"
"""A last line of our own, which no file has: within a record, it shows that a quote was never closed."""


def _blocks(source: BinaryIO | Iterable[bytes]) -> Iterable[bytes]:
    read: Callable[[int], bytes] | None = getattr(source, "read", None)  # a file would be iterated by lines
    return iter(partial(read, _BLOCK), b"") if read else source


class _Chunks(io.RawIOBase):
    """The pieces of a file as one readable stream."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks, self._rest = iter(chunks), memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        with memoryview(buffer).cast("B") as into:
            size = min(len(into), len(self._rest))
            into[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def _lines(text: io.TextIOWrapper, skipped: int, of_row: list[str]) -> Iterator[str]:
    """The lines after those `skipped`, each of them added to `of_row`, which the reader empties after each row."""
    readline: Callable[[], str] = partial(text.readline, _MAX_ROW)
    size = 0
    for number, line in enumerate(iter(readline, ""), start=skipped + 1):
        size = size + len(line) if of_row else len(line)
        if size >= _MAX_ROW:
            where = "The row that ends in line" if of_row else "Line"
            raise FieldTooLong(f"{where} {number} is longer than {_MAX_ROW:,} characters.", number)
        line = line.replace("\0", "") if "\0" in line else line
        of_row.append(line)
        yield line
    yield _END


# --- headers ----------------------------------------------------------------------------------------------------------

_NOTES_OF_A_KIND = 3
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_NUMBER = re.compile(r"[\s\d+().\-/'\"=]+")


def _name(cell: str) -> str:
    cell = as_written(cell.strip()[: 10 * _MAX_NAME])
    shown = "".join(char for char in cell if char.isspace() or unicodedata.category(char) not in ("Cc", "Cf"))
    name = " ".join(shown.split())
    return name if len(name) <= _MAX_NAME else name[: _MAX_NAME - 1] + "…"


def _looks_like_data(cell: str) -> bool:
    """An e-mail address, or digits enough for a phone number; a date alone has eight at most."""
    if _EMAIL.fullmatch(cell):
        return True
    return _NUMBER.fullmatch(cell) is not None and sum(map(str.isdigit, cell)) >= 9
