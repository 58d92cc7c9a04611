"""Rows to leads: one answer for each row, nothing silent, nothing twice."""

from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.domain.leads.importing.dates import DateOrder
from frontdesk.domain.leads.importing.errors import MappingRefused
from frontdesk.domain.leads.importing.rows import (
    Duplicate,
    ImportMapping,
    ImportRow,
    RefusedRow,
    clean_rows,
    dates_of,
)

HEADER = ["Name", "First", "Last", "Phone", "Email", "Date", "Postcode", "Notes"]
MAPPING = ImportMapping(
    phone_number="Phone", first_name="First", last_name="Last", full_name="Name", email="Email", inquiry_date="Date",
    postcode="Postcode", notes="Notes",
)  # fmt: skip


def row(**cells: str) -> list[str]:
    return [cells.get(name.lower(), "") for name in HEADER]


def cleaned(
    *rows: list[str], mapping: ImportMapping = MAPPING, country: str = "GB", dates: DateOrder | None = None
) -> list[ImportRow | RefusedRow | Duplicate]:
    return list(clean_rows(enumerate(rows, start=2), HEADER, mapping, country, dates))


def lead(*rows: list[str], mapping: ImportMapping = MAPPING, country: str = "GB") -> ImportRow:
    outcome = cleaned(*rows, mapping=mapping, country=country)[0]
    assert isinstance(outcome, ImportRow)
    return outcome


def test_a_row_becomes_a_lead():
    cells = row(
        first="EMMA", last="thompson", phone="07700 900123", email="Emma@Example.com", date="03/04/2024",
        postcode="sw1a1aa", notes=" Rang\r\ntwice ",
    )  # fmt: skip
    read = lead(cells)
    assert read == ImportRow(
        row=2, phone="+447700900123", first_name="Emma", last_name="Thompson", email="Emma@example.com",
        postcode="SW1A 1AA", inquiry_date=date(2024, 4, 3), notes="Rang\ntwice", company=None, job_title=None,
        service_interest=None, source=None, repairs=[], values=cells,
    )  # fmt: skip


def test_every_repair_is_told_with_its_field():
    read = lead(row(first="a@b.com", phone="7700900123", email="x", date="45363", postcode="2139"), country="GB")
    assert read.first_name == ""
    assert [repair.partition(":")[0] for repair in read.repairs] == [
        "phone_number",
        "first_name",
        "email",
        "inquiry_date",
    ]


def test_a_text_that_is_kept_in_part_is_told():
    long = lead(row(phone="07700 900123", notes="y" * 10_001))
    assert (len(long.notes or ""), long.repairs) == (10_000, ["notes: only the first 10,000 characters were kept"])
    assert lead(row(phone="07700 900123", notes="y" * 10_000)).repairs == []
    mapping = ImportMapping(phone_number="Phone", company="Name")
    assert lead(row(phone="07700 900123", name="z" * 201, notes="y" * 20_000), mapping=mapping).repairs == [
        "company: only the first 200 characters were kept"
    ]


def test_the_phone_number_tells_where_a_postcode_is():
    assert lead(row(phone="+1 617 555 0123", postcode="2139")).postcode == "02139"
    assert lead(row(phone="07700 900123", postcode="2139"), country="GB").postcode == "2139"


def test_a_lead_without_a_name_is_a_lead():
    read = lead(row(phone="07700 900123"))
    assert (read.first_name, read.last_name) == ("", None)
    only_phone = lead(row(phone="07700 900123", name="Emma"), mapping=ImportMapping(phone_number="Phone"))
    assert (only_phone.first_name, only_phone.last_name) == ("", None)


def test_the_whole_name_serves_where_its_parts_are_blank():
    assert lead(row(phone="07700 900123", name="SMITH, John")).first_name == "John"
    read = lead(row(phone="07700 900123", name="SMITH, John", first="Jack"))
    assert (read.first_name, read.last_name) == ("Jack", None)


@pytest.mark.parametrize(
    "mapping",
    [
        ImportMapping(phone_number="Phone", first_name="Name"),
        ImportMapping(phone_number="Phone", first_name="Name", last_name="Name"),
        ImportMapping(phone_number="Phone", full_name="Name"),
    ],
)
def test_a_column_of_whole_names_is_split_however_it_is_mapped(mapping: ImportMapping):
    read = lead(row(phone="07700 900123", name="Emma Thompson"), mapping=mapping)
    assert (read.first_name, read.last_name) == ("Emma", "Thompson")


def test_a_first_name_that_repeats_the_last_is_cut():
    assert lead(row(phone="07700 900123", first="Emma Thompson", last="Thompson")).first_name == "Emma"
    assert lead(row(phone="07700 900123", first="Mary Ann", last="Lee")).first_name == "Mary Ann"


def test_the_same_number_in_another_spelling_is_a_duplicate_of_the_row_that_was_taken():
    outcomes = cleaned(
        row(phone="07700"), row(phone="07700 900123"), row(phone="+44 (0)7700 900123"), row(phone="447700900123")
    )
    assert isinstance(outcomes[0], RefusedRow)
    assert isinstance(outcomes[1], ImportRow)
    assert outcomes[2:] == [
        Duplicate(4, 3, outcomes[1].phone, row(phone="+44 (0)7700 900123")),
        Duplicate(5, 3, outcomes[1].phone, row(phone="447700900123")),
    ]
    assert isinstance(outcomes[2], Duplicate)
    assert outcomes[2].reason == "The phone number is the same as in row 3."


@pytest.mark.parametrize(
    ("phone", "reason"),
    [
        ("", "There is no phone number."),
        ("n/a", "There is no phone number."),
        ("4.47911E+11", "Excel rounded this number; its last digits are lost."),
        ("ask Ann", "The phone number has letters in it."),
        ("07700", "The phone number is too short."),
    ],
)
def test_a_row_without_a_number_is_refused_with_its_cells(phone: str, reason: str):
    assert cleaned(row(first="Ann", phone=phone)) == [RefusedRow(2, reason, row(first="Ann", phone=phone))]


def test_rows_of_other_widths():
    whole = row(first="Ann", phone="07700 900123")
    short, longer, too_long = whole[:4], [*whole, "", " "], [*whole, "x"]
    assert isinstance(cleaned(short)[0], ImportRow)
    assert isinstance(cleaned(longer)[0], ImportRow)
    assert cleaned(whole[:2]) == [RefusedRow(2, "There is no phone number.", whole[:2])]
    refused = cleaned(too_long)[0]
    assert isinstance(refused, RefusedRow)
    assert refused.reason == "The row has 9 cells where the header has 8; a cell may lack its quotes."
    swallowed = cleaned([*whole, "x\ny"])[0]
    assert isinstance(swallowed, RefusedRow)
    assert "quotation mark" in swallowed.reason


def test_the_column_of_dates_decides_for_the_rows_before():
    outcomes = cleaned(
        row(phone="07700 900001", date="03/04/2024"), row(phone="07700 900002", date="04/25/2024"), country="GB"
    )
    assert [outcome.inquiry_date for outcome in outcomes if isinstance(outcome, ImportRow)] == [
        date(2024, 3, 4),
        date(2024, 4, 25),
    ]


def test_a_first_pass_over_the_whole_file_decides_better():
    rows = [row(phone=f"07700 90{n:04}", date="03/04/2024") for n in range(900)]
    late = [*[row(date="03/04/2024")] * 6000, row(date="04/25/2024")]
    order = dates_of(enumerate([*rows, *late], start=2), HEADER, MAPPING, "GB")
    assert order == DateOrder(day_first=False, decided_by_column=True, example="03/04/2024")
    first = cleaned(rows[0], dates=order)[0]
    assert isinstance(first, ImportRow)
    assert first.inquiry_date == date(2024, 3, 4)


def test_rows_are_cleaned_as_they_come():
    def endless() -> Iterator[tuple[int, list[str]]]:
        number = 1
        while True:
            number += 1
            yield number, row(phone=f"+447700{900000 + number % 1000}")

    outcomes = clean_rows(endless(), HEADER, MAPPING, "GB")
    assert isinstance(next(outcomes), ImportRow)


@pytest.mark.parametrize(
    ("mapping", "field"),
    [
        (ImportMapping(phone_number="Mobile"), "column_mapping.phone_number"),
        (ImportMapping(phone_number="Phone", notes="notes"), "column_mapping.notes"),
    ],
)
def test_a_mapping_to_no_column_is_refused_before_any_row(mapping: ImportMapping, field: str):
    with pytest.raises(MappingRefused) as refused:
        clean_rows(iter(()), HEADER, mapping, "GB")
    assert refused.value.fields["field"] == field


CELL = st.sampled_from(["", "07700 900123", "7700900124", "+447700900125", "x", "n/a", "=1+1", "03/04/2024", "a@b.co"])


@given(st.lists(st.lists(CELL | st.text(max_size=8), max_size=10), max_size=12))
def test_every_row_has_one_answer_and_no_number_comes_twice(rows: list[list[str]]):
    outcomes = cleaned(*rows)
    assert [outcome.row for outcome in outcomes] == list(range(2, len(rows) + 2))
    taken = [outcome.phone for outcome in outcomes if isinstance(outcome, ImportRow)]
    assert len(set(taken)) == len(taken)
    for outcome in outcomes:
        if isinstance(outcome, Duplicate):
            first = outcomes[outcome.first_row - 2]
            assert isinstance(first, ImportRow)
            assert first.phone == outcome.phone
