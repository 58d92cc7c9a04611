"""Phone numbers: from what people and spreadsheets write to E.164, and what a number says of its country and zones.

Spellings of one number belong here, and the ranges set aside for fiction. Whether a number may be contacted does not.
The rules are those of `phonenumbers`; spellings that nearly all rows of an export use take a regular expression made
from its metadata, about thirty times as fast, which must agree with the library wherever it answers.
"""

import re
import unicodedata
from enum import StrEnum
from functools import cache, lru_cache
from typing import NamedTuple, NewType

import phonenumbers
from phonenumbers import CountryCodeSource, NumberParseException, PhoneNumber, ValidationResult
from phonenumbers.timezone import time_zones_for_geographical_number, time_zones_for_number
from phonenumbers.tzdata import TIMEZONE_DATA

from frontdesk.kernel.errors import Invalid

E164 = NewType("E164", str)
"""A number as `+` and digits. Made only by `parse_phone`, and by code that reads back what it made."""


class PhoneProblem(StrEnum):
    """Why a text is not taken as a phone number."""

    EMPTY = "empty"
    LETTERS = "letters"
    LOST_DIGITS = "lost_digits"
    SEVERAL = "several"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    NO_AREA_CODE = "no_area_code"
    NOT_IN_USE = "not_in_use"
    NO_COUNTRY = "no_country"


class PhoneRefused(Invalid):
    """A text that is no phone number. `reason` is a sentence for people and never repeats the number."""

    def __init__(self, problem: PhoneProblem, reason: str) -> None:
        super().__init__(reason, field="phone_number", problem=problem.value)
        self.problem = problem
        self.reason = reason


def parse_phone(text: str, country: str) -> E164:
    """The number written in `text`, as dialled within `country` (ISO 3166, two letters). Raises PhoneRefused.

    Repairs what can be repaired without guessing; `parse_phone_noting` tells which repair was made.
    """
    return parse_phone_noting(text, country)[0]


def parse_phone_noting(text: str, country: str) -> tuple[E164, str | None]:
    """As `parse_phone`, and the repair that was needed, in words for people, or None where the spelling was regular."""
    return _regular(text, country) or _any(text, country)


_FICTIONAL = re.compile(r"\+(?:447700900\d{3}|442079460\d{3}|1[2-9]\d{2}55501\d{2})", re.ASCII)


def is_fictional(number: E164) -> bool:
    """Whether `number` lies in a range set aside for fiction: UK 07700 900xxx and 020 7946 0xxx, +1 … 555-01xx.

    Such numbers are accepted although the library calls some of them invalid.
    """
    return _FICTIONAL.fullmatch(number) is not None


@lru_cache(1 << 16)
def country_of(number: E164) -> str | None:
    """The country of `number` (ISO 3166), or None where its code belongs to none, as +800 does.

    A number of unknown range is counted to the chief country of its calling code: fictional UK mobiles are GB.
    """
    parsed = _read(number)
    region = phonenumbers.region_code_for_number(parsed) or phonenumbers.region_code_for_country_code(
        parsed.country_code or 0
    )
    return None if region in ("001", "ZZ") else region


def time_zones_of(number: E164) -> list[str]:
    """The zones (IANA names) in which the owner of `number` may be, sorted; empty where nothing is known.

    A number that is tied to no place, a UK mobile for one, may be in any zone of its country.
    """
    if number.startswith("+44") and _gb_mobile().fullmatch(number, 3):
        return list(_zones(E164("+447400123456")))
    if number.startswith("+1") and _nanp_geographic().fullmatch(number, 2):
        return list(_zones_by_prefix(number[: _nanp_zone_prefix()]))
    return list(_zones(number))


# --- regular spellings ------------------------------------------------------------------------------------------------

_SEPARATORS = (" ", "-", ".", "(", ")", "\N{NO-BREAK SPACE}")
_DECIMAL = re.compile(r"(\+?\d{6,15})[.,]0{1,2}")
_LOST_ZERO = "restored the leading 0 that a spreadsheet had dropped"
_ADDED_PLUS = "read as international, with the + that was missing"


class _Plan(NamedTuple):
    code: str
    trunk: str
    """What is dialled before a national number. Only 0 is lost by spreadsheets; the 1 of North America is optional."""
    doubled_zero: bool
    """Whether 00 is how the country dials abroad."""
    regions: tuple[str, ...]
    fictional: str = ""


_NANP = _Plan("1", "1", False, ("US", "CA"), r"[2-9]\d{2}55501\d{2}")
_PLANS = {
    "GB": _Plan("44", "0", True, ("GB",), r"7700900\d{3}|2079460\d{3}"),
    "US": _NANP,
    "CA": _NANP,
    "IE": _Plan("353", "0", True, ("IE",)),
    "AU": _Plan("61", "0", False, ("AU",)),
    "NZ": _Plan("64", "0", True, ("NZ",)),
    "ZA": _Plan("27", "0", True, ("ZA",)),
}


def _pattern(region: str, *kinds: str) -> str:
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    assert metadata is not None
    patterns = dict.fromkeys(getattr(metadata, kind).national_number_pattern for kind in kinds)
    # The library's validity is a match of the general pattern and of one kind's.
    assert metadata.general_desc is not None
    return f"(?={metadata.general_desc.national_number_pattern})(?:{'|'.join(patterns)})"


@cache
def _national(plan: _Plan) -> str:
    patterns = [_pattern(region, "mobile", "fixed_line") for region in plan.regions]
    return "|".join([plan.fictional, *patterns] if plan.fictional else patterns)


@cache
def _international_spelling() -> re.Pattern[str]:
    plans = {plan.code: plan for plan in _PLANS.values()}.values()
    return re.compile(
        "|".join(rf"\+({p.code}){'0?' if p.trunk == '0' else ''}({_national(p)})" for p in plans), re.ASCII
    )


@cache
def _national_spelling(plan: _Plan) -> re.Pattern[str]:
    before = [f"00{plan.code}{plan.trunk}?"] if plan.doubled_zero else []
    before += [plan.trunk, plan.code, ""] if plan.trunk != plan.code else [plan.trunk, ""]
    return re.compile(f"({'|'.join(before)})({_national(plan)})", re.ASCII)


def _regular(text: str, country: str) -> tuple[E164, str | None] | None:
    """The number, where `text` is one of the usual spellings; None says nothing about it."""
    digits = text
    if not text.isalnum():
        if "." in text and _DECIMAL.fullmatch(text.strip()):
            return None
        for separator in _SEPARATORS:  # quicker than str.translate, which is slow at leaving out
            digits = digits.replace(separator, "")
    if digits[:1] == "+":
        found = _international_spelling().fullmatch(digits)
        if found is None or found.lastindex is None:
            return None
        return E164(f"+{found[found.lastindex - 1]}{found[found.lastindex]}"), None
    plan = _PLANS.get(country)
    if plan is None:
        return None
    found = _national_spelling(plan).fullmatch(digits)
    if found is None:
        return None
    before, national = found[1], found[2]
    note = None
    if plan.trunk == "0":
        note = _LOST_ZERO if before == "" else _ADDED_PLUS if before == plan.code else None
    return E164(f"+{plan.code}{national}"), note


# --- every other spelling ---------------------------------------------------------------------------------------------

_SCHEME = re.compile(r"(?:tel|sms|callto|whatsapp|p):\s*", re.IGNORECASE)  # "p:" is how Facebook's lead forms export
_WORD = r"mobile|mob|cellular|cell|telephone|tel|phone|ph|home|work|office|landline|direct|main|whatsapp|call|text"
_LABEL_BEFORE = re.compile(
    rf"(?:(?:{_WORD})\b(?:\s+(?:phone|number|no))?|[mthwpc](?=[.:]))\s*[.:\-–#]*\s*", re.IGNORECASE
)
_LABEL_AFTER = re.compile(rf"\s*[\(\[\-–]?\s*(?:{_WORD}|[mhwo](?=[\)\]]))\s*[\)\]]?$", re.IGNORECASE)
_EXTENSION = re.compile(r"(?:;ext=|[\s,;(]*(?:extension|extn|ext|x|#)[\s.:#]*)(\d{1,7})\)?$", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"\+?(\d)(?:[.,](\d+))?[eE]\+?(\d{1,2})")
_THOUSANDS = re.compile(r"(\d{1,3}(?:,\d{3})+)(?:\.0{1,2})?")
_BETWEEN = re.compile(r"\s*(?::::|[,;/|\n\r&]|\bor\b|\band\b)\s*", re.IGNORECASE)
_LONGEST_TEXT = 200
_OTHER_NAMES = {"UK": "GB", "EL": "GR"}

_TOO_LONG = "The phone number is too long."
_REASONS = {
    ValidationResult.TOO_SHORT: (PhoneProblem.TOO_SHORT, "The phone number is too short."),
    ValidationResult.TOO_LONG: (PhoneProblem.TOO_LONG, _TOO_LONG),
    ValidationResult.INVALID_LENGTH: (PhoneProblem.TOO_SHORT, "The phone number has too few or too many digits."),
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: (PhoneProblem.NO_AREA_CODE, "The phone number lacks its area code."),
}


def _any(text: str, country: str) -> tuple[E164, str | None]:
    country = _OTHER_NAMES.get(country.upper(), country.upper())
    notes: list[str] = []
    bare = _spreadsheet_repaired(_unwrapped(text), notes)
    if len(bare) > _LONGEST_TEXT:
        raise PhoneRefused(PhoneProblem.TOO_LONG, _TOO_LONG)

    parts = [part for part in _BETWEEN.split(bare) if sum(map(str.isdigit, part)) >= 7]
    if len(parts) > 1:
        notes.append(f"used the first of {len(parts)} numbers in the cell")
        try:
            number, note = parse_phone_noting(parts[0], country)
        except PhoneRefused as refused:
            raise PhoneRefused(PhoneProblem.SEVERAL, "There are several numbers and the first is not one.") from refused
        return number, "; ".join([*notes, note] if note else notes)

    bare = _without_labels(bare, notes)
    bare, extensions = _EXTENSION.subn("", bare)
    if extensions:
        notes.append("left out the extension")
    if any(map(str.isalpha, bare)) and "phone-context=" not in bare:
        raise PhoneRefused(PhoneProblem.LETTERS, "The phone number has letters in it.")
    if not any(map(str.isdigit, bare)):
        raise PhoneRefused(PhoneProblem.EMPTY, "There is no phone number.")

    number = _by_library(bare, country, notes)
    return number, "; ".join(notes) or None


def _unwrapped(text: str) -> str:
    """`text` with plain spaces and hyphens, without marks that cannot be seen, quotes, ="…" and tel:."""
    if not text.isascii():
        kinds = [(char, unicodedata.category(char)) for char in text]
        text = "".join(
            " " if k == "Zs" else "-" if k == "Pd" or c == "\N{MINUS SIGN}" else c for c, k in kinds if k != "Cf"
        )
        text = "".join(str(unicodedata.digit(c)) if c.isdecimal() else c for c in unicodedata.normalize("NFKC", text))
    text = text.strip().removeprefix("=").strip("\"'`´‘’“” \t\r\n\0")
    if scheme := _SCHEME.match(text):
        text = text[scheme.end() :]
    return text


def _spreadsheet_repaired(text: str, notes: list[str]) -> str:
    """`text` with its digits written out, where a spreadsheet took the number for an amount."""
    if found := _SCIENTIFIC.fullmatch(text):
        whole, fraction, exponent = found[1], found[2] or "", int(found[3])
        # Fewer decimals than the exponent: rounded, or zeros at the end. Nobody can tell which, so nobody is rung.
        if len(fraction) != exponent:
            raise PhoneRefused(PhoneProblem.LOST_DIGITS, "Excel rounded this number; its last digits are lost.")
        notes.append("written out from scientific notation")
        return whole + fraction
    if found := _DECIMAL.fullmatch(text):
        notes.append("left out the decimals that a spreadsheet had added")
        return found[1]
    if found := _THOUSANDS.fullmatch(text):
        notes.append("left out the commas between thousands")
        return found[1].replace(",", "")
    return text


def _without_labels(text: str, notes: list[str]) -> str:
    before = _LABEL_BEFORE.match(text)
    bare = text[before.end() :] if before else text
    bare = _LABEL_AFTER.sub("", bare)
    if bare == text or not any(map(str.isdigit, bare)):
        return text
    notes.append("left out the words beside the number")
    return bare


def _by_library(text: str, country: str, notes: list[str]) -> E164:
    if country not in phonenumbers.SUPPORTED_REGIONS:
        country = ""
    digits = "".join(filter(str.isdigit, text))
    abroad = text.lstrip(" (-.")[:1] == "+"
    if not abroad and digits.startswith("00"):
        # Everywhere but where zeros begin numbers of the country itself, and there no number begins with two.
        text, abroad = "+" + digits[2:], True
        metadata = phonenumbers.PhoneMetadata.metadata_for_region(country) if country else None
        if metadata is None or not re.match(metadata.international_prefix or "$", "00"):
            notes.append("read 00 as +")
    if not abroad and not country:
        raise PhoneRefused(PhoneProblem.NO_COUNTRY, "The phone number has no country code, and no country is set.")
    try:
        parsed = phonenumbers.parse(text, country or None, keep_raw_input=True)
    except NumberParseException as error:
        if error.error_type == NumberParseException.TOO_LONG:
            raise PhoneRefused(PhoneProblem.TOO_LONG, _TOO_LONG) from error
        if error.error_type == NumberParseException.INVALID_COUNTRY_CODE:
            raise PhoneRefused(PhoneProblem.NOT_IN_USE, "The phone number has a country code nobody has.") from error
        raise PhoneRefused(PhoneProblem.TOO_SHORT, "The phone number is too short.") from error
    number = E164(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
    if not phonenumbers.is_valid_number(parsed) and not is_fictional(number):
        problem, reason = _REASONS.get(
            phonenumbers.is_possible_number_with_reason(parsed),
            (PhoneProblem.NOT_IN_USE, f"There is no such phone number {_where(parsed, abroad)}."),
        )
        if problem is PhoneProblem.NO_AREA_CODE and digits[0] == "0":
            problem, reason = _REASONS[ValidationResult.TOO_SHORT]
        unsure = problem in (PhoneProblem.TOO_LONG, PhoneProblem.NOT_IN_USE) and not abroad and digits[0] != "0"
        raise PhoneRefused(problem, f"{reason} {_HINT}" if unsure else reason)
    if note := _understood(parsed, country, digits):
        notes.append(note)
    return number


_HINT = "A number of another country needs + and its country code."


def _where(parsed: PhoneNumber, abroad: bool) -> str:
    return f"under +{parsed.country_code}" if abroad else "in the organisation's country"


def _understood(parsed: PhoneNumber, country: str, digits: str) -> str | None:
    """What had to be added to a number written without its beginning, if anything."""
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(country) if country else None
    if metadata is None or metadata.national_prefix == str(metadata.country_code):
        return None  # North America: the 1 may stand or not, and nothing was lost
    if parsed.country_code_source == CountryCodeSource.FROM_NUMBER_WITHOUT_PLUS_SIGN:
        return _ADDED_PLUS
    from_country = parsed.country_code_source == CountryCodeSource.FROM_DEFAULT_COUNTRY
    if from_country and metadata.national_prefix == "0" and not digits.startswith("0"):
        return _LOST_ZERO
    return None


# --- zones ------------------------------------------------------------------------------------------------------------

_UNKNOWN_ZONE = "Etc/Unknown"


def _read(number: E164) -> PhoneNumber:
    return phonenumbers.parse(number, None)


@cache
def _gb_mobile() -> re.Pattern[str]:
    return re.compile(_pattern("GB", "mobile"))


@cache
def _nanp_geographic() -> re.Pattern[str]:
    # Kinds overlap nowhere with these two, whose numbers are fixed and mobile at once and so tied to a place.
    return re.compile("|".join(_pattern(region, "mobile", "fixed_line") for region in _NANP.regions))


@cache
def _nanp_zone_prefix() -> int:
    """How many characters of +1… decide its zones in the library's table."""
    return 1 + max(len(prefix) for prefix in TIMEZONE_DATA if prefix.startswith("1"))


@lru_cache(1 << 14)
def _zones_by_prefix(prefix: str) -> tuple[str, ...]:
    number = PhoneNumber(country_code=1, national_number=int(prefix[2:]))
    return _known(time_zones_for_geographical_number(number))


@lru_cache(1 << 16)
def _zones(number: E164) -> tuple[str, ...]:
    parsed = _read(number)
    return _known(time_zones_for_number(parsed)) or _known(time_zones_for_geographical_number(parsed))


def _known(zones: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(zone for zone in zones if zone != _UNKNOWN_ZONE)
