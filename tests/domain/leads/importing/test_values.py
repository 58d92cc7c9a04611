"""Names, e-mail addresses, postcodes and texts, as they stand in exports and as they are kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.domain.leads.importing.values import (
    as_written,
    csv_safe,
    email_address,
    first_name,
    is_blank,
    last_name,
    one_line,
    paragraphs,
    postcode,
    split_name,
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "-",
        "--",
        "—",
        ".",
        "n/a",
        "N/A",
        "#N/A",
        "na",
        "NULL",
        "null",
        "None",
        "nan",
        "undefined",
        "Unknown",
        "?",
        "(blank)",
        "Not Provided",
    ],
)
def test_words_for_nothing(text: str):
    assert is_blank(text)
    assert one_line(text) == ""
    assert paragraphs(text) == ""
    assert email_address(text) == ("", None)


@pytest.mark.parametrize("text", ["0", "no", "Ann", "none of these", "x", "n"])
def test_words_for_something(text: str):
    assert not is_blank(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Emma", "Emma"),
        ("  Emma ", "Emma"),
        ("EMMA", "Emma"),
        ("emma", "Emma"),
        ("deShawn", "deShawn"),
        ("MARY-ANNE", "Mary-Anne"),
        ("jean paul", "Jean Paul"),
        ("D'ANGELO", "D'Angelo"),
        ("SIÂN", "Siân"),
        ("Zoe\u0308", "Zoë"),
        ("JJ", "JJ"),
        ("AJ", "AJ"),
        ("JO", "Jo"),
        ("j", "J"),
        ("Mr", ""),
        ("Mrs. Emma", "Emma"),
        ("Dr", ""),
        ("Sir Ian", "Ian"),
        ("Lady", "Lady"),
        ("Emma 🎉", "Emma"),
        ("👨\u200d👩\u200d👧 Emma", "Emma"),
        ("Emma\u200b", "Emma"),
        ("𝓔𝓶𝓶𝓪", "Emma"),
        ("Robert (Bob)", "Robert"),
        ('William "Bill"', "William"),
        ("(Bob)", "Bob"),
        ("'Emma'", "Emma"),
        ("Emma,", "Emma"),
        ("NULL", ""),
        ("null", ""),
        ("NA", ""),
        ("nan", ""),
        ("Nan", "Nan"),
        ("李", "李"),
        ("ЕЛЕНА", "Елена"),
    ],
)
def test_first_names(text: str, name: str):
    assert first_name(text) == (name, None)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("O'BRIEN", "O'Brien"),
        ("MCDONALD", "McDonald"),
        ("mcdonald", "McDonald"),
        ("VAN DER BERG", "Van der Berg"),
        ("van der Berg", "van der Berg"),
        ("SMITH-JONES", "Smith-Jones"),
        ("KING'S", "King's"),
        ("NG", "Ng"),
        ("Null", "Null"),
        ("NULL", ""),
        ("Smith III", "Smith III"),
        ("SMITH III", "Smith III"),
    ],
)
def test_last_names(text: str, name: str):
    assert last_name(text) == (name, None)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Emma Thompson", "Emma", "Thompson"),
        ("EMMA THOMPSON", "Emma", "Thompson"),
        ("SMITH, John", "John", "Smith"),
        ("Smith, John, Jr.", "John", "Smith"),
        ("Smith, Mr John", "John", "Smith"),
        ("John Smith, MBA", "John", "Smith"),
        ("John SMITH", "John", "Smith"),
        ("Mr John Smith", "John", "Smith"),
        ("Mr Smith", "", "Smith"),
        ("Mr & Mrs Smith", "", "Smith"),
        ("John and Jane Smith", "John & Jane", "Smith"),
        ("Mr J & Mrs A Smith", "J & A", "Smith"),
        ("John Smith and Jane Doe", "John", "Smith"),
        ("Dr. Sarah O'BRIEN", "Sarah", "O'Brien"),
        ("Ludwig van Beethoven", "Ludwig", "van Beethoven"),
        ("María José García López", "María", "José García López"),
        ("Sammy Davis Jr.", "Sammy", "Davis"),
        ("William \"Bill\" Gates", "William", "Gates"),
        ("Cher", "Cher", ""),
        ("n/a", "", ""),
        ("", "", ""),
    ],
)  # fmt: skip
def test_whole_names(text: str, first: str, last: str):
    assert split_name(text) == (first, last, None)


def test_what_is_no_name_is_left_out_and_said():
    assert first_name("emma@example.com") == ("", "an e-mail address stood in place of the name")
    assert last_name("07700 900123") == ("", "a number stood in place of the name")
    assert split_name("emma@example.com")[:2] == ("", "")
    long, note = first_name("x" * 300)
    assert len(long) == 100
    assert note is not None


def test_an_endless_cell_is_no_address_and_takes_no_time():
    assert email_address("a" + " " * 1_000_000 + "b") == ("", "left out what is no e-mail address")


def test_of_endless_names_only_the_beginning_is_looked_at():
    for name in (first_name, last_name):
        kept, note = name("Ann" + "x" * 1_000_000)
        assert (kept, note) == ("Ann" + "x" * 97, "only the first 100 characters of the name were kept")
    assert split_name(" " * 200 + "Ann Lee")[:2] == ("Ann", "Lee")


@given(st.text(st.sampled_from("abcdeéñoszABCDEÉÑOSZ-' .🎉"), max_size=20))
def test_a_clean_name_stays_as_it_is(text: str):
    name, _ = first_name(text)
    assert first_name(name)[0] == name


@given(st.text(max_size=200))
def test_a_name_is_one_short_line(text: str):
    for name in (first_name(text)[0], last_name(text)[0], *split_name(text)[:2]):
        assert name == " ".join(name.split())
        assert len(name) <= 100
        assert name.isprintable() or "\u200c" in name or "\u200d" in name


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("emma@example.com", "emma@example.com"),
        ("Emma.Thompson+x@Example.COM", "Emma.Thompson+x@example.com"),
        (" emma@example.com ", "emma@example.com"),
        ("mailto:emma@example.com", "emma@example.com"),
        ("Emma Thompson <emma@example.com>", "emma@example.com"),
        ("<emma@example.com>;", "emma@example.com"),
        ("emma@example.com.", "emma@example.com"),
        ("o'connor@example.co.uk", "o'connor@example.co.uk"),
        ("emma@bücher.example", "emma@bücher.example"),
        ("emma\u200b@example.com", "emma@example.com"),
        ("emma@sub.example.travel", "emma@sub.example.travel"),
    ],
)
def test_addresses(text: str, address: str):
    assert email_address(text) == (address, None)


def test_the_first_of_several_addresses_is_kept_and_it_is_said():
    assert email_address("a@example.com; b@example.com") == (
        "a@example.com",
        "kept the first of several e-mail addresses",
    )


@pytest.mark.parametrize(
    "text",
    [
        "emma",
        "emma@",
        "@example.com",
        "emma@example",
        "emma example.com",
        "a@b@c.com",
        "a..b@example.com",
        "emma@-x.com",
        "emma@exa mple.com",
        "x" * 300 + "@example.com",
        "07700 900123",
        "emma @example.com",
        "a@example.com b@example.com",
    ],
)
def test_what_is_no_address_is_left_out_and_said(text: str):
    assert email_address(text) == ("", "left out what is no e-mail address")


@pytest.mark.parametrize(
    ("text", "country", "code", "noted"),
    [
        ("SW1A 1AA", "GB", "SW1A 1AA", False),
        ("sw1a1aa", "GB", "SW1A 1AA", False),
        (" m1  1ae ", "GB", "M1 1AE", False),
        ("EC1A-1BB", "GB", "EC1A 1BB", False),
        ("GIR 0AA", "GB", "GIR 0AA", False),
        ("SW1A", "GB", "SW1A", False),
        ("z:BN1 1AA", "GB", "BN1 1AA", False),
        ("02139", "US", "02139", False),
        ("2139", "US", "02139", True),
        ("501", "US", "00501", True),
        ("90210.0", "US", "90210", False),
        ("021391234", "US", "02139-1234", False),
        ("02139-1234", "US", "02139-1234", False),
        ("2139", "AU", "2139", False),
        ("m5v3l9", "CA", "M5V 3L9", False),
        ("M5V 3L9", "US", "M5V 3L9", False),
        ("D02 X285", "IE", "D02 X285", False),
        ("n/a", "GB", "", False),
        ("", "GB", "", False),
        ("12 High Street, London SW1A 1AA", "GB", "", True),
        ("12345678901234567890 1", "GB", "", True),
    ],
)
def test_postcodes(text: str, country: str, code: str, noted: bool):
    read, note = postcode(text, country)
    assert read == code
    assert (note is not None) is noted


def test_texts_keep_their_lines_and_lose_what_cannot_be_seen():
    assert paragraphs(" Two things:\r\n1. price\x07\r2. date\u200b \n") == "Two things:\n1. price\n2. date"
    assert one_line(" Lee &\n Sons\t Ltd\x00") == "Lee & Sons Ltd"
    assert one_line("x" * 500) == "x" * 200
    assert len(paragraphs("y" * 20_000)) == 10_000


def test_formulas_are_kept_as_they_are_and_made_harmless_on_the_way_out():
    assert paragraphs('=HYPERLINK("http://example.com")') == '=HYPERLINK("http://example.com")'
    assert csv_safe('=HYPERLINK("http://example.com")') == '\'=HYPERLINK("http://example.com")'
    for dangerous in ("=1", "+1", "-1", "@x", "\t=1", "\r=1", "＝1"):
        assert csv_safe(dangerous) == "'" + dangerous
    for harmless in ("", "Ann", "a=b", "'x", "1-2"):
        assert csv_safe(harmless) == harmless


@given(st.text(max_size=20))
def test_reading_takes_away_what_writing_put_before_a_formula(text: str):
    if not (text[:1] == "'" or text.startswith('="')):
        assert as_written(csv_safe(text)) == text
    assert csv_safe(text)[:1] not in set("=+-@\t\r\n＝＋－＠")
