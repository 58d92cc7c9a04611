"""Phone numbers: what is read, what is repaired and said, what is refused; and that the quick path is the library's."""

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from phonenumbers.timezone import time_zones_for_geographical_number, time_zones_for_number

from frontdesk.kernel import phone
from frontdesk.kernel.phone import (
    E164,
    PhoneProblem,
    PhoneRefused,
    country_of,
    is_fictional,
    parse_phone,
    parse_phone_noting,
    time_zones_of,
)

UK = "+447700900123"


@pytest.mark.parametrize(
    "text",
    [
        "+447700900123",
        "07700 900123",
        "07700-900 123",
        "07700 900 123",
        "07700\N{NO-BREAK SPACE}900\N{NO-BREAK SPACE}123",
        "07700\N{NON-BREAKING HYPHEN}900\N{EN DASH}123",
        "\N{LEFT-TO-RIGHT EMBEDDING}+44 7700 900123\N{POP DIRECTIONAL FORMATTING}",
        "\N{ZERO WIDTH NO-BREAK SPACE}07700900123",
        "+44 (0)7700 900123",
        "+44(0)7700900123",
        "+44 07700 900123",
        "(+44) 7700 900123",
        "0044 7700 900123",
        "00 44 (0) 7700 900123",
        "(07700) 900-123",
        "07700.900.123",
        "tel:+447700900123",
        "tel:+44-7700-900123",
        "TEL: 07700 900123",
        "p:+447700900123",
        "whatsapp:+447700900123",
        "'07700900123",
        '="07700900123"',
        "=+447700900123",
        "  07700900123\t",
        "07700900123\r\n",
        "\N{FULLWIDTH PLUS SIGN}44 7700 900123",
        "٠٧٧٠٠٩٠٠١٢٣",
        "+447700٩٠٠١٢٣",
        "tel:7700900123;phone-context=+44",
    ],
)
def test_spellings_of_one_number_need_no_repair(text: str):
    assert parse_phone_noting(text, "GB") == (UK, None)


@pytest.mark.parametrize(
    ("text", "country", "number", "repair"),
    [
        ("7700900123", "GB", UK, "leading 0"),
        ("7700 900123", "GB", UK, "leading 0"),
        ("447700900123", "GB", UK, "+ that was missing"),
        ("447700900123.0", "GB", UK, "decimals"),
        ("7700900123.0", "GB", UK, "decimals that a spreadsheet had added; restored the leading 0"),
        ("447700900123,00", "GB", UK, "decimals"),
        ("4.47700900123E+11", "GB", UK, "scientific"),
        ("4,47700900123E+11", "GB", UK, "scientific"),
        ("4.47700900123e11", "GB", UK, "scientific"),
        ("7.700900123E+09", "GB", UK, "scientific notation; restored the leading 0"),
        ("447,700,900,123", "GB", UK, "commas"),
        ("07700 900123 ext 5", "GB", UK, "extension"),
        ("07700 900123 x5", "GB", UK, "extension"),
        ("07700 900123 (ext. 5)", "GB", UK, "extension"),
        ("tel:+447700900123;ext=5", "GB", UK, "extension"),
        ("Mob: 07700 900123", "GB", UK, "words"),
        ("07700 900123 (mobile)", "GB", UK, "words"),
        ("07700 900123 (m)", "GB", UK, "words"),
        ("07700 900123 / 020 7946 0000", "GB", UK, "first of 2 numbers"),
        ("+44 7700 900123 ::: +44 20 7946 0000", "GB", UK, "first of 2 numbers"),
        ("7700900123; 7700900124", "GB", UK, "first of 2 numbers in the cell; restored the leading 0"),
        ("07700 900123 or 07700 900124", "GB", UK, "first of 2 numbers"),
        ("0044 7700 900123", "US", UK, "read 00 as +"),
        ("2125550123.0", "US", "+12125550123", "decimals"),
        ("412345678", "AU", "+61412345678", "leading 0"),
        ("15112345678", "DE", "+4915112345678", "leading 0"),
    ],
)
def test_what_can_be_repaired_is_repaired_and_said(text: str, country: str, number: str, repair: str):
    read, note = parse_phone_noting(text, country)
    assert read == number
    assert note is not None
    assert repair in note


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("(212) 555-0123", "US", "+12125550123"),
        ("212.555.0123", "US", "+12125550123"),
        ("212/555-0123", "US", "+12125550123"),
        ("1-212-555-0123", "US", "+12125550123"),
        ("12125550123", "US", "+12125550123"),
        ("011 44 7700 900123", "US", UK),
        ("+44 7700 900123", "US", UK),
        ("416-555-0123", "CA", "+14165550123"),
        ("555-555-0123", "US", "+15555550123"),
        ("020 7946 0000", "GB", "+442079460000"),
        ("0207946.0000", "GB", "+442079460000"),
        ("+1 (212) 555-0123", "GB", "+12125550123"),
        ("085 123 4567", "IE", "+353851234567"),
        ("0412 345 678", "AU", "+61412345678"),
        ("+33 6 12 34 56 78", "GB", "+33612345678"),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("+39 06 698 12345", "GB", "+390669812345"),
        ("+39 (0)6 698 12345", "GB", "+390669812345"),
        ("07700 900123", "UK", UK),
        ("07700 900123", "gb", UK),
    ],
)
def test_regular_spellings_of_several_countries(text: str, country: str, number: str):
    assert parse_phone_noting(text, country) == (number, None)


@pytest.mark.parametrize(
    ("text", "country", "problem"),
    [
        ("", "GB", PhoneProblem.EMPTY),
        ("  ", "GB", PhoneProblem.EMPTY),
        ("-", "GB", PhoneProblem.EMPTY),
        ("+", "GB", PhoneProblem.EMPTY),
        ("n/a", "GB", PhoneProblem.LETTERS),
        ("0800 FLOWERS", "GB", PhoneProblem.LETTERS),
        ("O7700 900123", "GB", PhoneProblem.LETTERS),
        ("ask Jane 07700 900123", "GB", PhoneProblem.LETTERS),
        ("jane@example.com", "GB", PhoneProblem.LETTERS),
        ("4.47911E+11", "GB", PhoneProblem.LOST_DIGITS),
        ("4.4770090012E+11", "GB", PhoneProblem.LOST_DIGITS),
        ("4E+11", "GB", PhoneProblem.LOST_DIGITS),
        ("123", "GB", PhoneProblem.TOO_SHORT),
        ("999", "GB", PhoneProblem.TOO_SHORT),
        ("07700 9001234", "GB", PhoneProblem.TOO_LONG),
        ("1" * 500, "GB", PhoneProblem.TOO_LONG),
        ("555-0123", "US", PhoneProblem.NO_AREA_CODE),
        ("07700 901000", "GB", PhoneProblem.NOT_IN_USE),
        ("0000000000", "GB", PhoneProblem.NOT_IN_USE),
        ("+999 7700 900123", "GB", PhoneProblem.NOT_IN_USE),
        ("123-456-7890", "US", PhoneProblem.NOT_IN_USE),
        ("447700900123", "US", PhoneProblem.TOO_LONG),
        ("07700 90012 / 07700 900124", "GB", PhoneProblem.SEVERAL),
        ("07700 900123", "", PhoneProblem.NO_COUNTRY),
        ("07700 900123", "XX", PhoneProblem.NO_COUNTRY),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(text: str, country: str, problem: PhoneProblem):
    with pytest.raises(PhoneRefused) as refused:
        parse_phone(text, country)
    assert refused.value.problem is problem
    assert refused.value.reason.endswith(".")
    assert not any(char.isdigit() for char in refused.value.reason.replace("+999", ""))


def test_the_reason_of_a_rounded_number_says_that_digits_are_lost():
    with pytest.raises(PhoneRefused, match="Excel rounded this number; its last digits are lost"):
        parse_phone("4.47911E+11", "GB")


def test_the_ranges_of_fiction():
    for number in ("+447700900000", "+447700900999", "+442079460000", "+442079460999", "+18085550100", "+14165550199"):
        assert is_fictional(E164(number))
        assert parse_phone(number, "GB") == number
    for number in ("+447700901000", "+447911123456", "+442079461000", "+18085550200", "+18085550099", "+11115550100"):
        assert not is_fictional(E164(number))


@pytest.mark.parametrize(
    ("number", "country"),
    [
        (UK, "GB"),
        ("+442079460000", "GB"),
        ("+12125550123", "US"),
        ("+14165550123", "CA"),
        ("+16715550123", "GU"),
        ("+15555550123", "US"),
        ("+353851234567", "IE"),
        ("+80012345678", None),
    ],
)
def test_country(number: str, country: str | None):
    assert country_of(E164(number)) == country


@pytest.mark.parametrize(
    ("number", "zones"),
    [
        ("+18085550123", ["Pacific/Honolulu"]),
        ("+16715550123", ["Pacific/Guam"]),
        ("+12125550123", ["America/New_York"]),
        ("+14165550123", ["America/Toronto"]),
        ("+442079460123", ["Europe/London"]),
        ("+33612345678", ["Europe/Paris"]),
    ],
)
def test_zones_of_numbers_tied_to_a_place(number: str, zones: list[str]):
    assert time_zones_of(E164(number)) == zones


def test_zones_of_numbers_tied_to_no_place_are_all_that_may_be():
    assert "Europe/London" in time_zones_of(E164(UK))
    assert "Europe/London" in time_zones_of(E164("+447911123456"))
    tollfree = time_zones_of(E164("+18005550123"))
    assert {"Pacific/Honolulu", "America/St_Johns", "Pacific/Guam"} <= set(tollfree)
    assert {"Pacific/Honolulu", "America/New_York"} <= set(time_zones_of(E164("+15555550123")))
    assert "Etc/Unknown" not in time_zones_of(E164("+80012345678"))


def test_the_answer_is_the_callers_own():
    time_zones_of(E164("+18085550123")).append("Europe/London")
    assert time_zones_of(E164("+18085550123")) == ["Pacific/Honolulu"]


# --- agreement of the quick path with the library --------------------------------------------------------------------

QUICK = ["GB", "US", "CA", "IE", "AU", "NZ", "ZA"]
KINDS = ["fixed_line", "mobile", "toll_free", "premium_rate", "voip", "uan", "personal_number"]


@st.composite
def national_numbers(draw: st.DrawFn, region: str) -> str:
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    assert metadata is not None
    patterns = [getattr(metadata, kind) for kind in KINDS]
    known = [p.national_number_pattern for p in patterns if p is not None and p.national_number_pattern]
    return draw(
        st.one_of(
            [st.from_regex(pattern, fullmatch=True, alphabet="0123456789") for pattern in known]
            + [
                st.text("0123456789", min_size=5, max_size=12),
                st.from_regex(r"7700900[0-9]{3}|[2-9][0-9]{2}55501[0-9]{2}", fullmatch=True),
            ]
        )
    )


@st.composite
def written(draw: st.DrawFn) -> tuple[str, str]:
    """A number of one of the countries, in some country's spelling, with separators anywhere."""
    region, country = draw(st.sampled_from(QUICK)), draw(st.sampled_from([*QUICK, "DE", "FR"]))
    code = phonenumbers.country_code_for_region(region)
    before = draw(
        st.sampled_from(["", "0", "1", f"+{code}", f"+{code}0", f"00{code}", f"00{code}0", f"011{code}", f"{code}"])
    )
    digits = before + draw(national_numbers(region))
    gaps = draw(
        st.lists(
            st.sampled_from(["", "", "", " ", "-", ".", "(", ")", "\N{NO-BREAK SPACE}"]),
            min_size=len(digits),
            max_size=len(digits),
        )
    )
    end = draw(st.sampled_from(["", "", "", ".0", ".00", ")", " "]))
    return "".join(gap + digit for gap, digit in zip(gaps, digits, strict=True)) + end, country


@settings(max_examples=150)
@given(written())
@example(("212555012.0", "US"))
@example(("169773000.0", "GB"))
@example(("1 1 212 555 0123", "US"))
def test_the_quick_path_reads_as_the_whole_path_does(case: tuple[str, str]):
    text, country = case
    quick = phone._regular(text, country)
    if quick is not None:
        assert quick == phone._any(text, country)


@settings(max_examples=150)
@given(written())
def test_whatever_is_read_is_what_the_library_reads(case: tuple[str, str]):
    text, country = case
    try:
        number, note = parse_phone_noting(text, country)
    except PhoneRefused:
        return
    parsed = phonenumbers.parse(number, None)
    assert phonenumbers.is_valid_number(parsed) or is_fictional(number)
    if note is None:
        library = phonenumbers.parse(text, country)
        assert phonenumbers.format_number(library, phonenumbers.PhoneNumberFormat.E164) == number
    assert parse_phone_noting(number, country) == (number, None)


@settings(max_examples=150)
@given(written())
def test_zones_are_the_librarys(case: tuple[str, str]):
    try:
        number = parse_phone(*case)
    except PhoneRefused:
        return
    parsed = phonenumbers.parse(number, None)
    expected = time_zones_for_number(parsed)
    if expected == ("Etc/Unknown",):
        expected = time_zones_for_geographical_number(parsed)
    assert time_zones_of(number) == [zone for zone in expected if zone != "Etc/Unknown"]


@settings(max_examples=150)
@given(
    st.text(max_size=40) | st.text("+0123456789()-. eExX#/,;:'\"=", max_size=30),
    st.sampled_from([*QUICK, "IT", "", "zz"]),
)
def test_no_text_breaks_it(text: str, country: str):
    try:
        number = parse_phone(text, country)
    except PhoneRefused:
        return
    assert number[0] == "+"
    assert number[1:].isascii()
    assert number[1:].isdigit()


@pytest.mark.parametrize("region", QUICK)
def test_the_usual_spelling_of_a_country_takes_the_quick_path(region: str):
    for kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE):
        example_number = phonenumbers.example_number_for_type(region, kind)
        assert example_number is not None
        for form in (phonenumbers.PhoneNumberFormat.NATIONAL, phonenumbers.PhoneNumberFormat.INTERNATIONAL):
            assert phone._regular(phonenumbers.format_number(example_number, form), region) is not None
