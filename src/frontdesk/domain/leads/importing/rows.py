"""From rows to leads: every row of a file becomes one clean lead, a refusal with its reason, or a stated duplicate.

Nothing is guessed in silence: what was repaired or left out stands in `repairs`. Whether a lead is already in the
database is not known here.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import chain, islice

from msgspec import Struct

from frontdesk.domain.leads.importing.column_names import holds_whole_names
from frontdesk.domain.leads.importing.dates import DateOrder, date_order, read_date
from frontdesk.domain.leads.importing.errors import MappingRefused
from frontdesk.domain.leads.importing.table import Swallowed
from frontdesk.domain.leads.importing.values import (
    MAX_LINE,
    MAX_NOTES,
    email_address,
    first_name,
    is_blank,
    last_name,
    one_line,
    paragraphs,
    postcode,
    split_name,
)
from frontdesk.kernel.phone import E164, PhoneRefused, parse_phone_noting

Rows = Iterable[tuple[int, list[str]]]
"""Row numbers, the header being row 1, and cells: what `table.read_rows` gives once the header is taken."""

_DECIDING_ROWS = 5_000
_SWALLOWED = "A quotation mark is not closed, so that rows below this one stand in one of its cells."


class ImportMapping(Struct, frozen=True, kw_only=True):
    """Which column, by its name, holds what. Only the phone number must be there."""

    phone_number: str
    first_name: str | None = None
    last_name: str | None = None
    full_name: str | None = None
    """Used where first and last name are blank or not mapped."""
    email: str | None = None
    postcode: str | None = None
    inquiry_date: str | None = None
    notes: str | None = None
    company: str | None = None
    job_title: str | None = None
    service_interest: str | None = None
    source: str | None = None


class ImportRow(Struct):
    """A lead out of a file, clean. Blank values are None, a blank first name is the empty string."""

    row: int
    phone: E164
    first_name: str
    last_name: str | None
    email: str | None
    postcode: str | None
    inquiry_date: date | None
    notes: str | None
    company: str | None
    job_title: str | None
    service_interest: str | None
    source: str | None
    repairs: list[str]
    """What was changed or left out, as "field: what", for people."""
    values: list[str]
    """Its cells as written."""


class RefusedRow(Struct):
    """A row that is no lead, and why; `values` are its cells as written (see `values.csv_safe`)."""

    row: int
    reason: str
    values: list[str]


class Duplicate(Struct):
    """A row with the phone number of an earlier one, which was taken. This one is not."""

    row: int
    first_row: int
    phone: E164
    values: list[str]

    @property
    def reason(self) -> str:
        """The refusal in a sentence."""
        return f"The phone number is the same as in row {self.first_row}."


def check_mapping(mapping: ImportMapping, header: Sequence[str]) -> None:
    """Raises MappingRefused if the mapping names a column that the file does not have."""
    for field in ImportMapping.__struct_fields__:
        column = getattr(mapping, field)
        if column is None and field == "phone_number":
            raise MappingRefused("A column must be chosen for the phone number.", field)
        if column is not None and column not in header:
            raise MappingRefused(f"The file has no column “{column}”.", field)


def dates_of(rows: Rows, header: Sequence[str], mapping: ImportMapping, country: str) -> DateOrder:
    """How the mapped date column writes its dates, asked of all `rows`, which are used up: a first pass over a file."""
    if mapping.inquiry_date is None:
        return date_order((), country)
    place = header.index(mapping.inquiry_date)
    return date_order((cells[place] for _, cells in rows if place < len(cells)), country)


def clean_rows(
    rows: Rows, header: Sequence[str], mapping: ImportMapping, country: str, dates: DateOrder | None = None
) -> Iterator[ImportRow | RefusedRow | Duplicate]:
    """One answer for each row, in order. Raises MappingRefused before the first.

    `country` (ISO 3166) is where numbers without a country code belong. `dates` is what `dates_of` said of the
    whole file; without it, the first 5,000 rows decide how figures like 03/04/2024 are read.
    """
    check_mapping(mapping, header)
    return _cleaned(rows, header, mapping, country, dates)


def _cleaned(
    rows: Rows, header: Sequence[str], mapping: ImportMapping, country: str, dates: DateOrder | None
) -> Iterator[ImportRow | RefusedRow | Duplicate]:
    if dates is None:
        rows = iter(rows)
        first = list(islice(rows, _DECIDING_ROWS)) if mapping.inquiry_date else []
        dates, rows = dates_of(first, header, mapping, country), chain(first, rows)
    width = len(header)
    # A cell that is not mapped is read from beyond the row's end, where an empty one is put.
    phone_at, email_at, postcode_at, date_at, notes_at, company_at, title_at, service_at, source_at = (
        width if column is None else header.index(column)
        for column in (
            mapping.phone_number, mapping.email, mapping.postcode, mapping.inquiry_date, mapping.notes,
            mapping.company, mapping.job_title, mapping.service_interest, mapping.source,
        )
    )  # fmt: skip
    names = _Names(mapping, header)
    first_row_of: dict[E164, int] = {}
    for row, cells in rows:
        if isinstance(cells, Swallowed):
            yield RefusedRow(row, _SWALLOWED, cells)
            continue
        if len(cells) != width:
            if any(map(str.strip, cells[width:])):
                yield RefusedRow(row, _too_wide(cells, width), cells)
                continue
            padded = cells[:width] + [""] * (max(width - len(cells), 0) + 1)
        else:
            padded = [*cells, ""]
        text = padded[phone_at]
        try:
            phone, note = parse_phone_noting(text, country)
        except PhoneRefused as refused:
            yield RefusedRow(row, "There is no phone number." if is_blank(text) else refused.reason, cells)
            continue
        if (earlier := first_row_of.setdefault(phone, row)) != row:
            yield Duplicate(row, earlier, phone, cells)
            continue

        repairs = [f"phone_number: {note}"] if note else []
        first, last = names.of(padded, repairs)
        email, note = email_address(padded[email_at])
        if note:
            repairs.append(f"email: {note}")
        code, note = postcode(padded[postcode_at], "US" if phone[:2] == "+1" else country)
        if note:
            repairs.append(f"postcode: {note}")
        day, note = read_date(padded[date_at], dates)
        if note:
            repairs.append(f"inquiry_date: {note}")
        if (
            len(padded[notes_at]) > MAX_NOTES or len(padded[company_at]) > MAX_LINE or len(padded[title_at]) > MAX_LINE
            or len(padded[service_at]) > MAX_LINE or len(padded[source_at]) > MAX_LINE
        ):  # fmt: skip
            _tell_of_cuts(padded, mapping, header, repairs)
        yield ImportRow(
            row, phone, first, last or None, email or None, code or None, day,
            paragraphs(padded[notes_at]) or None, one_line(padded[company_at]) or None,
            one_line(padded[title_at]) or None, one_line(padded[service_at]) or None,
            one_line(padded[source_at]) or None, repairs, cells,
        )  # fmt: skip


def _tell_of_cuts(cells: list[str], mapping: ImportMapping, header: Sequence[str], repairs: list[str]) -> None:
    """Note which texts are kept in part."""
    if mapping.notes and len(paragraphs(text := cells[header.index(mapping.notes)], len(text))) > MAX_NOTES:
        repairs.append(f"notes: only the first {MAX_NOTES:,} characters were kept")
    for field in ("company", "job_title", "service_interest", "source"):
        column = getattr(mapping, field)
        if column and len(one_line(text := cells[header.index(column)], len(text))) > MAX_LINE:
            repairs.append(f"{field}: only the first {MAX_LINE} characters were kept")


def _too_wide(cells: list[str], width: int) -> str:
    cause = (
        "a quotation mark may not be closed" if any("\n" in cell for cell in cells) else "a cell may lack its quotes"
    )
    return f"The row has {len(cells)} cells where the header has {width}; {cause}."


class _Names:
    """First and last name out of the columns that hold them."""

    def __init__(self, mapping: ImportMapping, header: Sequence[str]) -> None:
        first, last, full = mapping.first_name, mapping.last_name, mapping.full_name
        if first and full is None and (first == last or (last is None and holds_whole_names(first))):
            # The published mapping has no full name: "Name" is mapped as first name, and must not greet with both.
            first, last, full = None, None, first
        beyond = len(header)
        self._first, self._last, self._full = (beyond if c is None else header.index(c) for c in (first, last, full))

    def of(self, cells: list[str], repairs: list[str]) -> tuple[str, str]:
        first, note = first_name(cells[self._first])
        if note:
            repairs.append(f"first_name: {note}")
        last, note = last_name(cells[self._last])
        if note:
            repairs.append(f"last_name: {note}")
        if not first and not last and cells[self._full]:
            first, last, note = split_name(cells[self._full])
            if note:
                repairs.append(f"full_name: {note}")
        elif last and len(first) > len(last) and first.lower().endswith(f" {last.lower()}"):
            first = first[: -len(last)].rstrip()
        return first, last
