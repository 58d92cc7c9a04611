"""What stands in cells, made fit to keep: names, e-mail addresses, postcodes, texts. Dates are in dates.py.

Each function takes a cell as written and answers with the clean value, and where something was changed or left out that
a person may want to know of, with a note in words. A value that cannot be read is left out; it never refuses the row.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BLANKS = _words(
    "n/a n.a. na nan #n/a #na null <null> (null) nil none (none) undefined unknown blank (blank) (empty) tbc tba "
    "#value! #ref! #name?"
) | {"not provided", "[not provided]", "not given", "not set", "not available", "not applicable", "no value", "no data"}
_LONGEST_BLANK = max(map(len, _BLANKS))
MAX_NAME, MAX_LINE, MAX_NOTES, MAX_POSTCODE = 100, 200, 10_000, 20
"""Characters kept of a name, of any other one-line value, of notes, and of a postcode."""


def is_blank(text: str) -> bool:
    """Whether a cell says nothing: empty, only marks, or a program's or person's word for nothing."""
    bare = text.strip(" \t\r\n\"'.-–—_?*\u00a0\u200b\ufeff")
    if len(bare) > _LONGEST_BLANK:
        return False
    return not bare or bare.lower() in _BLANKS or text.strip().lower() in _BLANKS


def one_line(text: str, limit: int = MAX_LINE) -> str:
    """`text` as one line: no line breaks, no invisible or control characters, single spaces, at most `limit` long."""
    if not text:
        return ""
    text = as_written(text)
    if not text.isascii() or not text.isprintable():
        text = _visible(text)
    text = " ".join(text.split())
    return "" if is_blank(text) else text[:limit].rstrip()


def paragraphs(text: str, limit: int = MAX_NOTES) -> str:
    """`text` with its line breaks, without control characters and blanks at the ends, at most `limit` long."""
    if not text:
        return ""
    text = as_written(text)
    if not text.isascii() or not text.isprintable():
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        text = "\n".join(_visible(line).rstrip() for line in lines)
    text = text.strip()
    return "" if is_blank(text) else text[:limit]


def csv_safe(text: str) -> str:
    """`text` for a cell of a CSV that people open in a spreadsheet: nothing in it can run as a formula.

    What begins like a formula gets an apostrophe before it, which reading such a file again takes away.
    """
    return "'" + text if text[:1] in _FORMULA and text else text


def csv_lines(rows: Iterable[Iterable[str]]) -> str:
    """`rows` as lines of a CSV, every cell safe."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([csv_safe(cell) for cell in row] for row in rows)
    return out.getvalue()


def as_written(cell: str) -> str:
    """`cell` without the apostrophe, or the ="…", by which a spreadsheet was told that it is text."""
    if cell[:1] == "'" and cell[1:2] in _FORMULA:
        return cell[1:]
    if cell[:2] == '="' and cell[-1:] == '"' and len(cell) > 2:
        return cell[2:-1]
    return cell


_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")  # not a string: the empty string is in every string


_JOINERS = "\u200c\u200d"


def _visible(text: str) -> str:
    """`text` composed, without control and format characters; joiners stay, which scripts and emoji need."""
    kept = (
        " " if char.isspace() else char
        for char in unicodedata.normalize("NFC", text)
        if char.isspace() or char in _JOINERS or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    return "".join(kept)


# --- names ------------------------------------------------------------------------------------------------------------

_TITLES = _words("mr mrs ms miss mx dr prof professor mister messrs mme mlle herr frau señor señora")
_TITLES_OR_NAMES = _words("sir lord lady dame rev reverend doctor madam capt captain fr sr")
"""Titles only where a name follows."""
_SUFFIXES = _words("jr jnr junior sr snr ii iii iv esq phd md mba bsc ba ma obe mbe cbe cpa dds rn")
_NAMES_LIKE_BLANKS = frozenset(["Null", "Na", "Nan", "Nil", "Blank"])
"""So written they are people; programs write null, NA, NaN."""
_NO_NAMES = _TITLES | _TITLES_OR_NAMES | (_BLANKS - {name.lower() for name in _NAMES_LIKE_BLANKS})
_PARTICLES = frozenset(
    [
        "van",
        "von",
        "der",
        "den",
        "de",
        "del",
        "della",
        "di",
        "da",
        "dos",
        "du",
        "la",
        "le",
        "ten",
        "ter",
        "bin",
        "ibn",
        "al",
        "el",
    ]
)
_LONGEST_NAME_CELL = 1_000
"""What is looked at of a cell: the caches keep what they are asked, and must not keep long texts."""
_INITIALS = frozenset(["AJ", "EJ", "OJ", "AC", "AD"])
_REGULAR_NAME = re.compile(r"[A-Z][a-z]{2,30}")
_ASIDE = re.compile(r"\s*[(\[{][^)\]}]*[)\]}]?|\s+[\"“”][^\"“”]*[\"“”]?")
_AROUND = "\"'*_~.,;:!?#|/\\<>=- ‘’“”"
_COUPLE = re.compile(r"\s+(?:&|and|\+)\s+", re.IGNORECASE)


def first_name(text: str) -> tuple[str, str | None]:
    """A first name fit for a greeting, without title, aside or emoji, and a note where it was left out."""
    return _first_name(text[:_LONGEST_NAME_CELL])


def last_name(text: str) -> tuple[str, str | None]:
    """A last name, and a note where it was left out. Null and Na are people's names, NULL and NA are not."""
    return _last_name(text[:_LONGEST_NAME_CELL])


def split_name(text: str) -> tuple[str, str, str | None]:
    """First and last name out of a whole one, and a note where it was left out.

    Knows "SMITH, John", titles, suffixes, asides and couples; one word alone is the first name, after a
    title the last.
    """
    return _split_name(text[:_LONGEST_NAME_CELL])


@lru_cache(1 << 14)
def _first_name(text: str) -> tuple[str, str | None]:
    if _REGULAR_NAME.fullmatch(text) and text.lower() not in _NO_NAMES:
        return text, None
    bare, note = _name_only(text)
    return _cased(" ".join(_without_titles(bare.split())), initials=True), note


@lru_cache(1 << 15)
def _last_name(text: str) -> tuple[str, str | None]:
    if _REGULAR_NAME.fullmatch(text) and text.lower() not in _NO_NAMES:
        return text, None
    bare, note = _name_only(text)
    return _cased(" ".join(_without_titles(bare.split()))), note


@lru_cache(1 << 14)
def _split_name(text: str) -> tuple[str, str, str | None]:
    bare, note = _name_only(text)
    if "," in bare:
        before, after = (part.split() for part in bare.split(",", 1))
        rest = [word.strip(",") for word in after]
        if not rest or all(word.lower().strip(".") in _SUFFIXES for word in rest):
            words = before
        else:
            given = _without_titles([word for word in rest if word.lower().strip(".") not in _SUFFIXES])
            return _cased(" ".join(given), initials=True), _cased(" ".join(_without_titles(before))), note
    else:
        words = bare.split()
    if len(words) > 2 and words[-1].lower().strip(".") in _SUFFIXES:
        words = words[:-1]
    couple = _COUPLE.split(" ".join(words), maxsplit=1)
    if len(couple) == 2:
        firsts, others = _without_titles(couple[0].split()), _without_titles(couple[1].split())
        if len(firsts) <= 1 and len(others) == 2:  # "John and Jane Smith", "Mr J & Mrs A Smith"
            return _cased(" & ".join([*firsts, others[0]])), _cased(others[1]), note
        if not firsts:  # "Mr & Mrs Smith"
            return "", _cased(" ".join(others)), note
        words = firsts
    names = _without_titles(words)
    if len(names) == 1 and len(words) > 1:
        return "", _cased(names[0]), note
    return _cased(" ".join(names[:1]), initials=True), _cased(" ".join(names[1:])), note


def _name_only(text: str) -> tuple[str, str | None]:
    """`text` as a name in one line, or nothing and the reason, if it is something else."""
    stripped = as_written(text.strip())
    if stripped not in _NAMES_LIKE_BLANKS and is_blank(stripped):
        return "", None
    if not stripped.isascii() or not stripped.isprintable():
        composed = unicodedata.normalize("NFKC", _visible(stripped))
        words = "".join(" " if _pictured(char) else char for char in composed).split()
        stripped = " ".join(filter(None, (word.strip(_JOINERS) for word in words)))
    bare = " ".join(stripped.split()).strip(_AROUND)
    if "@" in bare:
        return "", "an e-mail address stood in place of the name"
    without = _ASIDE.sub(" ", bare).strip()
    bare = " ".join((without or bare.strip('()[]{}"“”')).split()).strip(_AROUND)
    if any(map(str.isdigit, bare)) and not any(map(str.isalpha, bare)):
        return "", "a number stood in place of the name"
    if len(bare) > MAX_NAME:
        return bare[:MAX_NAME].rstrip(), f"only the first {MAX_NAME} characters of the name were kept"
    return bare, None


def _pictured(char: str) -> bool:
    """Emoji and other signs, with what colours them."""
    return unicodedata.category(char) in ("So", "Sk") or char in "\ufe0f\ufe0e\u20e3"


def _without_titles(words: list[str]) -> list[str]:
    for place, word in enumerate(words):
        bare = word.lower().strip(".,")
        if bare not in _TITLES and not (bare in _TITLES_OR_NAMES and place + 1 < len(words)):
            return words[place:]
    return []


def _cased(name: str, initials: bool = False) -> str:
    """`name`, with capitals only where it was all in capitals or all in small letters: people who mix know why."""
    if not (name.isupper() or name.islower()):
        return name
    if initials and len(name) == 2 and name.isupper() and (name in _INITIALS or not set(name) & set("AEIOUY")):
        return name  # JJ, DJ
    words = name.lower().split(" ")
    return " ".join(word if place and word in _PARTICLES else _capital(word) for place, word in enumerate(words))


def _capital(word: str) -> str:
    if word in ("ii", "iii", "iv"):
        return word.upper()
    parts = re.split(r"([-'’.])", word)
    # "o'brien", "anne-marie", "j.p."; but the s of "king's" stays small
    parts = [part.capitalize() if part != "s" or place == 0 else part for place, part in enumerate(parts)]
    word = "".join(parts)
    if len(word) > 4 and word.startswith("Mc") and word[2:3].isalpha():
        return "Mc" + word[2:].capitalize()
    return word


# --- e-mail -----------------------------------------------------------------------------------------------------------

_LONGEST_EMAIL_CELL = 1_000
_REGULAR_EMAIL = re.compile(r"[A-Za-z0-9_.+\-]{1,64}@(?:[a-z0-9](?:[a-z0-9\-]*[a-z0-9])?\.)+[a-z]{2,24}")
_EMAIL = re.compile(r"[^\s@<>()\[\]\",;:\\]{1,64}@(?:[^\W_](?:[\w\-]*[^\W_])?\.)+[^\W\d_][\w\-]*[^\W_]")
_LEFT_OUT_EMAIL = "left out what is no e-mail address"


def email_address(text: str) -> tuple[str, str | None]:
    """The address in a cell, its domain in small letters, or nothing.

    The check is light: only its receiver knows whether it is real.
    """
    if _REGULAR_EMAIL.fullmatch(text) and len(text) <= 254 and ".." not in text:
        return text, None
    if is_blank(text):
        return "", None
    if len(text) > _LONGEST_EMAIL_CELL:  # looking for what parts addresses takes the square of the length
        return "", _LEFT_OUT_EMAIL
    parts = [_address(part) for part in re.split(r"\s*[;,|]\s*|\s+(?:or|and|/)\s+|:::|\n", text) if part.strip()]
    found = [part for part in parts if part]
    if not found:
        return "", _LEFT_OUT_EMAIL
    return found[0], None if len(parts) == 1 else "kept the first of several e-mail addresses"


def _address(text: str) -> str:
    text = as_written(_visible(text).strip())
    if "<" in text and ">" in text:
        text = text[text.rindex("<") + 1 :].split(">")[0]
    text = re.sub(r"^mailto:\s*", "", text.strip(" .'\"‘’“”"), flags=re.IGNORECASE)
    if _EMAIL.fullmatch(text) is None or len(text) > 254 or ".." in text:
        return ""
    local, _, domain = text.rpartition("@")
    return f"{local}@{domain.lower()}"


# --- postcodes --------------------------------------------------------------------------------------------------------

_GB = re.compile(r"(GIR0AA|[A-Z]{1,2}\d[A-Z\d]?)(\d[A-Z]{2})")
_GB_REGULAR = re.compile(r"[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}")
_CA = re.compile(r"([ABCEGHJ-NPRSTVXY]\d[A-Z])(\d[A-Z]\d)")
_US = re.compile(r"(\d{5})(?:-?(\d{4}))?")


def postcode(text: str, country: str) -> tuple[str, str | None]:
    """A postcode in its usual form: "SW1A 1AA", "K1A 0B1", "02139-1234"; others as written, in capitals. One that is
    longer than any, a whole address for one, is left out.

    `country` (ISO 3166) is where the lead is; a US code gets the zeros back that a spreadsheet dropped, and says so.
    """
    if not text or _GB_REGULAR.fullmatch(text):
        return text, None
    bare = one_line(text).upper()
    if len(bare) > MAX_POSTCODE:
        return "", "left out what is too long for a postcode"
    if bare.startswith("Z:"):  # Facebook's lead forms
        bare = bare[2:].strip()
    packed = re.sub(r"[\s.\-]", "", bare)
    if found := _GB.fullmatch(packed):
        return f"{found[1]} {found[2]}", None
    if found := _CA.fullmatch(packed):
        return f"{found[1]} {found[2]}", None
    if country in ("US", "PR", "VI", "GU", "AS", "MP"):
        digits = re.sub(r"\.0$", "", bare).replace(" ", "")
        if found := _US.fullmatch(digits):
            return f"{found[1]}-{found[2]}" if found[2] else found[1], None
        if re.fullmatch(r"\d{3,4}", digits):
            return digits.zfill(5), "restored the leading 0 of the ZIP code"
    return bare, None
