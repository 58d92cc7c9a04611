"""Zones of postcodes: spellings, borders, and what is no postcode."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontdesk.kernel import postcodes
from frontdesk.kernel.postcodes import zones_of_postcode

LONDON, GUERNSEY = ("Europe/London",), ("Europe/Guernsey",)
NEW_YORK, CHICAGO, DENVER = "America/New_York", "America/Chicago", "America/Denver"


@pytest.mark.parametrize(
    ("postcode", "zones"),
    [
        ("SW1A 1AA", LONDON), ("sw1a1aa", LONDON), (" M1 1AE ", LONDON), ("EC1A-1BB", LONDON), ("B33 8TH", LONDON),
        ("ZE1 0AA", LONDON), ("BT1 5GS", LONDON), ("GY1 1AA", GUERNSEY), ("JE2 3NF", ("Europe/Jersey",)),
        ("IM1 3LZ", ("Europe/Isle_of_Man",)), ("GX11 1AA", ("Europe/Gibraltar",)),
        ("FIQQ 1ZZ", ("Atlantic/Stanley",)), ("ZZ1 1AA", ()), ("QQ9 9QQ", ()), ("BFPO 58", ()),
        ("M5V 2T6", ("America/Toronto",)), ("m5v2t6", ("America/Toronto",)), ("V6B 1A1", ("America/Vancouver",)),
        ("S4P 3Y2", ("America/Regina",)), ("Y1A 1A1", ("America/Whitehorse",)), ("D1A 1A1", ()),
        ("", ()), ("n/a", ()), ("-", ()), ("London", ()), ("12", ()), ("SW1A 1AA, London", ()), ("Ⅻ", ()),
        ("٩٠٢١٠", ()),
    ],
)  # fmt: skip
def test_the_spelling_says_it(postcode: str, zones: tuple[str, ...]):
    assert zones_of_postcode(postcode) == zones


@pytest.mark.parametrize(
    ("zip_code", "zones"),
    [
        ("10001", {NEW_YORK}), ("10001-1234", {NEW_YORK}), ("60601", {CHICAGO}), ("80202", {DENVER}),
        ("90210", {"America/Los_Angeles"}), ("85001", {"America/Phoenix"}), ("86515", {"America/Phoenix", DENVER}),
        ("96813", {"Pacific/Honolulu"}), ("96799", {"Pacific/Pago_Pago"}), ("96910", {"Pacific/Guam"}),
        ("99501", {"America/Anchorage"}), ("99546", {"America/Adak"}), ("00901", {"America/Puerto_Rico"}),
        ("32501", {CHICAGO}), ("32401", {NEW_YORK, CHICAGO}), ("37402", {NEW_YORK}), ("37201", {CHICAGO}),
        ("46401", {CHICAGO}), ("46201", {NEW_YORK}), ("79901", {DENVER}), ("57701", {DENVER}), ("09012", set()),
        ("00000", set()),
    ],
)  # fmt: skip
def test_zip_codes_count_where_they_are_used(zip_code: str, zones: set[str]):
    assert set(zones_of_postcode(zip_code, {"US"})) == zones
    assert zones_of_postcode(zip_code, {"DE"}) == ()
    assert zones_of_postcode(zip_code) == ()


def test_first_halves_count_where_one_country_has_them():
    assert zones_of_postcode("SW1A", {"GB"}) == LONDON
    assert zones_of_postcode("M1", {"GB"}) == LONDON
    assert zones_of_postcode("M5V", {"CA"}) == ("America/Toronto",)
    assert zones_of_postcode("M4W", {"GB", "CA"}) == (), "Manchester or Toronto"
    assert zones_of_postcode("SW1A") == zones_of_postcode("M5V") == ()


def test_every_zone_is_one():
    named = {
        zone
        for table in (postcodes._US, postcodes._CANADA, postcodes._ELSEWHERE)  # pyright: ignore[reportPrivateUsage]
        for zones in table.values()
        for zone in zones
    }
    assert all(ZoneInfo(zone).key == zone for zone in named)
    assert len(postcodes._AREAS) == 121  # pyright: ignore[reportPrivateUsage]


@given(st.text(max_size=30), st.sets(st.sampled_from(["GB", "US", "CA", "DE"])))
def test_any_text_is_read_without_fail(text: str, home: set[str]):
    zones_of_postcode(text, home)
