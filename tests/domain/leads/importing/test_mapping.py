"""Which column holds what, by its name and by what stands in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.domain.leads.importing.column_names import Field, holds_whole_names
from frontdesk.domain.leads.importing.mapping import columns, suggest

VALUES = {
    Field.FIRST_NAME: ["Ann", "Bob"],
    Field.LAST_NAME: ["Lee", "Fox"],
    Field.FULL_NAME: ["Ann Lee", "Bob Fox"],
    Field.PHONE_NUMBER: ["07700 900001", "+447700900002"],
    Field.EMAIL: ["ann@example.com", "bob@example.com"],
    Field.POSTCODE: ["SW1A 1AA", "M1 1AE"],
    Field.INQUIRY_DATE: ["2024-03-12 10:00", "2024-03-13 10:00"],
    Field.NOTES: ["Rang twice, no answer.", "Wants a quote for June"],
    Field.COMPANY: ["Lee & Sons", "Fox Ltd"],
    Field.JOB_TITLE: ["Director", "Owner"],
    Field.SERVICE_INTEREST: ["Boiler service", "New boiler"],
    Field.SOURCE: ["Facebook", "Web"],
}


@pytest.mark.parametrize(
    ("field", "names"),
    [
        (
            Field.FIRST_NAME,
            "First Name|first_name|FirstName|FIRST NAME|Given name|Forename|fname|Contact First Name|Name (First)",
        ),
        (Field.LAST_NAME, "Last Name|lastname|Surname|Family Name|LNAME|Contact: Last Name|Name (Last)"),
        (
            Field.FULL_NAME,
            "Name|Full Name|full_name|Contact Name|Customer|Client name|Lead Name|Person - Name|Your name",
        ),
        (
            Field.PHONE_NUMBER,
            "Phone|Phone Number|phone_number|Mobile|Mobile Phone Number|Cell|Cell Phone|Tel|Tel No."
            "|Telephone|Contact Number|Primary Phone|Person - Phone - Mobile|Phone 1 - Value|MobilePhone"
            "|WhatsApp number|Home Phone|properties.phone|Billing Phone|Number",
        ),
        (
            Field.EMAIL,
            "Email|E-mail|Email Address|email_address|EmailAddress|Person - Email - Work|E-mail 1 - Value"
            "|Primary Email|Mail|Email ID",
        ),
        (
            Field.POSTCODE,
            "Postcode|Post Code|Postal Code|ZIP|Zip Code|Zip/Postal Code|Billing Zip|PCODE|postal_code"
            "|Mailing Zip/Postal Code",
        ),
        (
            Field.INQUIRY_DATE,
            "Inquiry Date|Enquiry Date|Date of enquiry|Enquiry|Create Date|Created|Created Time|created_at"
            "|CreatedAt|Date Created|Date Added|Submitted On|Submission Date|Timestamp|Lead Created"
            "|Deal - Deal created|Date|Sign-up date|Entry Date",
        ),
        (Field.NOTES, "Notes|Note|Comments|Message|Description|Additional information|Lead Notes|Enquiry|Your message"),
        (
            Field.COMPANY,
            "Company|Company Name|Company / Account|Organization - Name|Organisation|Business Name"
            "|Account Name|Employer",
        ),
        (Field.JOB_TITLE, "Job Title|JobTitle|Title|Position|Role|Occupation|Job"),
        (
            Field.SERVICE_INTEREST,
            "Service Interest|Service|Interested in|Treatment|Product Interest|Enquiry Type|Service required",
        ),
        (Field.SOURCE, "Lead Source|Source|Original Source|utm_source|How did you hear about us?|Channel"),
    ],
)
def test_columns_as_programs_name_them(field: Field, names: str):
    for name in names.split("|"):
        rows = [[value] for value in VALUES[field]]
        assert suggest([name], rows) == {name: field}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Record ID", ["24601", "24602"]),
        ("Contact Id", ["12345678901", "12345678902"]),
        ("Contact owner", ["Sam Patel", "Ana Lopez"]),
        ("Phone Type", ["Mobile", "Home"]),
        ("Mobile opt in", ["yes", "no"]),
        ("Email Opt Out", ["false", "true"]),
        ("Email status", ["valid", "bounced"]),
        ("Last Activity Date", ["2024-03-12", "2024-03-13"]),
        ("Date of birth", ["12/03/1980", "13/04/1979"]),
        ("Modified Time", ["2024-03-12", "2024-03-13"]),
        ("Original Source Drill-Down 1", ["google", "bing"]),
        ("Lead Status", ["NEW", "OPEN"]),
        ("Company size", ["10", "50"]),
        ("Campaign Name", ["", ""]),
        ("Number", ["12", "14"]),
        ("Title", ["Mr", "Mrs"]),
        ("Mobile", ["yes", "no"]),
        ("Fax", ["020 7946 0001", "020 7946 0002"]),
    ],
)
def test_columns_that_only_look_the_part(name: str, values: list[str]):
    rows = [[value] for value in values]
    assert suggest([name], rows) in ({}, {name: Field.SOURCE} if name == "Campaign Name" else {})


def test_a_mobile_column_wins_over_a_landline():
    rows = [["020 7946 0001", "07700 900001", "020 7946 0009"], ["020 7946 0002", "07700 900002", ""]]
    assert suggest(["Phone", "Mobile", "Work phone"], rows) == {"Mobile": Field.PHONE_NUMBER}
    assert suggest(["Mobile", "Phone", "Home phone"], [[row[1], row[0], row[2]] for row in rows]) == {
        "Mobile": Field.PHONE_NUMBER
    }


def test_a_mobile_column_that_is_empty_loses_to_a_phone_column_that_is_full():
    assert suggest(["Phone", "Mobile"], [["020 7946 0001", ""], ["07700 900002", ""]]) == {"Phone": Field.PHONE_NUMBER}


def test_values_tell_what_names_do_not():
    rows = [["ann@example.com", "07700 900001", "SW1A 1AA"], ["bob@example.com", "7.700900123E+9", "M1 1AE"]]
    assert suggest(["Column 1", "Column 2", "Column 3"], rows) == {
        "Column 1": Field.EMAIL,
        "Column 2": Field.PHONE_NUMBER,
        "Column 3": Field.POSTCODE,
    }


def test_a_header_alone_is_enough():
    assert suggest(["First Name", "Phone", "Notes"], []) == {
        "First Name": Field.FIRST_NAME,
        "Phone": Field.PHONE_NUMBER,
        "Notes": Field.NOTES,
    }


def test_columns_show_three_values_that_are_not_blank():
    rows = [["", "n/a"], ["Ann", ""], ["Bob", ""], ["Ann\nLee"], ["Cid", ""], ["Dan", "x" * 500]]
    name, notes = columns(["First name", "Notes"], rows)
    assert (name.sample_values, name.suggestion) == (["Ann", "Bob", "Ann Lee"], Field.FIRST_NAME)
    assert len(notes.sample_values[0]) == 120


def test_which_columns_hold_whole_names():
    assert all(map(holds_whole_names, ["Name", "Full Name", "Contact name", "Customer", "Lead name"]))
    assert not any(map(holds_whole_names, ["First Name", "Forename", "Company name", "name_first", "Nickname", "x"]))


@given(
    st.lists(
        st.sampled_from([*map(str, Field), "Mobile", "Phone", "Tel", "Date", "x", "Name"]), unique=True, max_size=8
    ),
    st.lists(
        st.lists(st.sampled_from(["", "07700 900001", "a@b.co", "Ann", "2024-01-01", "12"]), max_size=8), max_size=4
    ),
)
def test_each_field_and_each_column_is_suggested_once(header: list[str], rows: list[list[str]]):
    suggested = suggest(header, rows)
    assert set(suggested) <= set(header)
    assert len(set(suggested.values())) == len(suggested)
    assert [column.suggestion for column in columns(header, rows)] == [suggested.get(name) for name in header]


def test_samples_hold_nothing_that_steers_a_terminal():
    assert columns(["Note"], [["\x1b[2Jgone\x07 \u202eback"]])[0].sample_values == ["[2Jgone back"]
