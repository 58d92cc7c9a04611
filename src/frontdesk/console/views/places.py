"""Countries and time zones by the names people know, for pickers. The names are those of the IANA time zone data."""

from functools import cache
from importlib.resources import files

from msgspec import Struct
from phonenumbers import SUPPORTED_REGIONS


class Choice(Struct, frozen=True):
    """One line of a picker."""

    value: str
    label: str


class Group(Struct, frozen=True):
    """Lines of a picker under a heading."""

    name: str
    choices: list[Choice]


@cache
def countries() -> list[Choice]:
    """Every country whose phone numbers can be read, by name."""
    named = {row[0]: row[1] for row in _rows("iso3166.tab")}
    known = [Choice(code, named.get(code, code)) for code in SUPPORTED_REGIONS]
    return sorted(known, key=lambda choice: choice.label)


@cache
def time_zones() -> list[Group]:
    """The zones that people live in, under the part of the world that their name begins with, and UTC."""
    by_area: dict[str, list[Choice]] = {}
    for row in _rows("zone.tab"):
        area, _, place = row[2].partition("/")
        by_area.setdefault(area, []).append(Choice(row[2], place.replace("_", " ").replace("/", ": ")))
    groups = [Group(area, sorted(found, key=lambda choice: choice.label)) for area, found in sorted(by_area.items())]
    return [*groups, Group("Everywhere", [Choice("UTC", "UTC")])]


def time_zones_with(current: str) -> list[Group]:
    """The same with `current` among them, though it may be an older name."""
    groups = time_zones()
    if any(choice.value == current for group in groups for choice in group.choices):
        return groups
    return [Group("Now set", [Choice(current, current)]), *groups]


def main_zone(country: str) -> str:
    """The zone that most people of a country live in, as far as the data's order tells; UTC for no country."""
    return next((row[2] for row in _rows("zone.tab") if row[0] == country), "UTC")


def _rows(name: str) -> list[list[str]]:
    text = (files("tzdata.zoneinfo") / name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
