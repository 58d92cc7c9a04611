"""Which column holds what: a suggestion made from the names of the columns and what stands in them.

People decide; this only proposes, each field and each column once. The names that are known are in column_names.py.
"""

import re
from collections.abc import Sequence

from msgspec import Struct

from frontdesk.domain.leads.importing.column_names import Field, weigh_name
from frontdesk.domain.leads.importing.dates import DateOrder, read_date
from frontdesk.domain.leads.importing.values import as_written, is_blank, one_line


class Column(Struct, frozen=True):
    """A column as a person should see it to say what it holds."""

    name: str
    sample_values: list[str]
    """The first three that are not blank, cut where they are long."""
    suggestion: Field | None


_SAMPLES, _SAMPLE_LENGTH = 3, 120
_ROWS_LOOKED_AT = 200


def columns(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Column]:
    """The columns of a file, from its header and its first rows, with samples and suggestions."""
    suggested = suggest(header, rows)
    return [
        Column(name, [_cut(value) for value in _values(rows, place)[:_SAMPLES]], suggested.get(name))
        for place, name in enumerate(header)
    ]


def suggest(header: Sequence[str], sample_rows: Sequence[Sequence[str]]) -> dict[str, Field]:
    """The fields that the columns seem to hold, by column name. A column that seems to hold none is left out."""
    scores: list[tuple[float, int, Field]] = []
    for place, name in enumerate(header):
        kinds = _Kinds.of(_values(sample_rows, place), len(sample_rows))
        scores += [(score, -place, field) for field in Field if (score := _score(field, name, kinds)) > 0]
    suggested: dict[str, Field] = {}
    for _, place, field in sorted(scores, reverse=True):
        if header[-place] not in suggested and field not in suggested.values():
            suggested[header[-place]] = field
    return dict(sorted(suggested.items(), key=lambda item: header.index(item[0])))


# --- by values --------------------------------------------------------------------------------------------------------

_EMAIL = re.compile(r"(?:mailto:)?[^\s@]+@[^\s@]+\.[^\s@]{2,}")
_PHONE = re.compile(
    r"(?:p:|tel:)?[+(\d][\d\s().\-/\u00a0]{6,}(?:\s*(?:ext?\.?|#)\s*\d+)?|\d[.,]\d+E\+?\d\d", re.IGNORECASE
)
_UK_POSTCODE = re.compile(r"[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}", re.IGNORECASE)
_SALUTATION = re.compile(r"(?:mr|mrs|ms|miss|mx|dr|prof|sir|rev)\.?", re.IGNORECASE)
_EITHER_ORDER = DateOrder(day_first=True, decided_by_column=False)
_UNWEIGHED = frozenset({Field.NOTES, Field.SERVICE_INTEREST, Field.SOURCE, Field.POSTCODE})


class _Kinds(Struct, frozen=True):
    """What shares of a column's values look like what; 0 to 1."""

    filled: float
    emails: float
    phones: float
    dates: float
    uk_postcodes: float
    salutations: float
    figures: float
    """Without any letter."""

    @classmethod
    def of(cls, values: list[str], rows: int) -> "_Kinds":
        if not values:
            return cls(0, 0, 0, 0, 0, 0, 0)
        emails = sum(1 for value in values if _EMAIL.fullmatch(value))
        dates = [read_date(value, _EITHER_ORDER)[0] is not None for value in values]
        phones = sum(1 for value, is_date in zip(values, dates, strict=True) if _is_phone(value, is_date))
        codes = sum(1 for value in values if _UK_POSTCODE.fullmatch(value))
        salutations = sum(1 for value in values if _SALUTATION.fullmatch(value))
        figures = sum(1 for value in values if not any(map(str.isalpha, value)))
        counts = (emails, phones, sum(dates), codes, salutations, figures)
        return cls(len(values) / max(rows, 1), *(count / len(values) for count in counts))


def _is_phone(value: str, is_date: bool) -> bool:
    if not _PHONE.fullmatch(value):
        return False
    if "E" in value.upper() and "+" in value[2:]:
        return True
    digits = sum(map(str.isdigit, value))
    return 9 <= digits <= 17 and not (is_date and not value.isdigit())


def _score(field: Field, column: str, kinds: _Kinds) -> float:
    named = weigh_name(field, column)
    if named < 0:
        return 0
    if field in (Field.PHONE_NUMBER, Field.EMAIL, Field.INQUIRY_DATE):
        share = {Field.PHONE_NUMBER: kinds.phones, Field.EMAIL: kinds.emails, Field.INQUIRY_DATE: kinds.dates}[field]
        if not kinds.filled:
            return named * 0.3
        if not named:
            return 0 if field is Field.INQUIRY_DATE or share < 0.8 else 30 * share * kinds.filled
        # A mobile column that is mostly empty is worth less than a phone column that is full.
        return named * (0.5 + 0.5 * kinds.filled) * min(1, 0.4 + share) if share >= 0.2 else 0
    if field is Field.POSTCODE and not named:
        return 30 if kinds.uk_postcodes >= 0.8 else 0
    if field is Field.JOB_TITLE and kinds.salutations >= 0.5:
        return 0
    if kinds.emails >= 0.5 or (kinds.phones >= 0.5 and field is not Field.NOTES):
        return 0
    if field not in _UNWEIGHED and kinds.figures >= 0.5:
        return 0
    if field is Field.NOTES and kinds.dates >= 0.5:
        return 0
    return named * (0.8 + 0.2 * kinds.filled if kinds.filled else 0.5)


def _values(rows: Sequence[Sequence[str]], place: int) -> list[str]:
    cells = (as_written(row[place].strip()) for row in rows[:_ROWS_LOOKED_AT] if place < len(row))
    return [cell for cell in cells if not is_blank(cell)]


def _cut(value: str) -> str:
    value = one_line(value, _SAMPLE_LENGTH + 1)  # which leaves out what would steer a terminal
    return value if len(value) <= _SAMPLE_LENGTH else value[: _SAMPLE_LENGTH - 1] + "…"
