"""What is spelled letter by letter: put together where callers do it, taken apart where we read it back to them."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from msgspec import Struct

_CODE_WORDS = {
    word[0]: word
    for word in (
        "alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet", "kilo", "lima",
        "mike", "november", "oscar", "papa", "quebec", "romeo", "sierra", "tango", "uniform", "victor", "whiskey",
        "xray", "yankee", "zulu",
    )
}  # fmt: skip
_LETTERS = {
    **{word: letter for letter, word in _CODE_WORDS.items()},
    "alfa": "a", "juliett": "j", "whisky": "w", "x-ray": "x", "double-u": "w", "double u": "w", "zed": "z", "zee": "z",
}  # fmt: skip
_TIMES = {"double": 2, "triple": 3, "treble": 3}

_LETTER = rf"(?:{'|'.join(sorted(_LETTERS, key=len, reverse=True))}|[a-z])(?![\w'’])"
_LIKE = r"(?:\s*,?\s+(?:as in|is for|for|like|as)\s+(?:an? )?[a-z]+(?![\w'’]))"
_TOKEN = rf"(?<![\w'’])(?:(double|triple|treble)[\s-]+(?!u\b))?({_LETTER})({_LIKE})?"
_BETWEEN = r"(?:\s*[-.,…]\s*|\s+)(?:and\s+)?"
_ONE = re.compile(_TOKEN, re.I)
_RUN = re.compile(rf"(?<!@){_TOKEN}(?:{_BETWEEN}{_TOKEN})+(?:[-.,](?=\s*@|\s+at\b))?", re.I)
_FEWEST = 3
"""Letters that count as spelled; two, where one is told by a word."""


class Heard(Struct, frozen=True):
    """What was said, with what was spelled in it put together."""

    text: str
    words: Sequence[str]
    """Those that were spelled, in order, as names are written."""


def put_together(text: str) -> Heard:
    """ "S M I T H", "S-M-I-T-H", "S as in sugar, M, I, double T" and "Sierra Mike India" in `text` as words."""
    words: list[str] = []

    def word_of(found: re.Match[str]) -> str:
        tokens = list(_ONE.finditer(found[0]))
        letters = "".join(_letter(token[2]) * _TIMES.get((token[1] or "").lower(), 1) for token in tokens)
        likened = any(token[3] for token in tokens)
        told_by_code = all(len(token[2]) > 1 for token in tokens)
        if len(letters) < (2 if likened else _FEWEST) or (told_by_code and len(tokens) < _FEWEST):
            return found[0]
        words.append(letters.capitalize())
        return words[-1]

    return Heard(_RUN.sub(word_of, text), words)


def _letter(told: str) -> str:
    told = " ".join(told.lower().split())
    return _LETTERS.get(told, told[:1])


def sounds_like_part(name: str, part: str) -> bool:
    """Whether `part` may be meant for a word of `name`."""
    return max(_alike(name, part), default=0.0) >= 0.5


def corrected(name: str, part: str) -> str:
    """`name` with `part` in place of the word of it that is most like it."""
    words, alike = name.split(), _alike(name, part)
    words[alike.index(max(alike))] = part
    return " ".join(words)


def _alike(name: str, part: str) -> list[float]:
    return [SequenceMatcher(None, word.lower(), part.lower()).ratio() for word in name.split()]


# --- taken apart ------------------------------------------------------------------------------------------------------

_SIGNS = {".": "dot", "-": "dash", "_": "underscore", "+": "plus"}
_SAID_AS_WORDS = frozenset({
    "gmail", "googlemail", "outlook", "hotmail", "yahoo", "icloud", "live", "protonmail", "proton", "example", "com",
    "org", "net", "info", "biz", "co", "me",
})  # fmt: skip
"""Labels of domains that nobody mistakes."""


def letters(word: str) -> str:
    """ "S, M, I, T, H"."""
    return ", ".join(_SIGNS.get(each, each.upper()) for each in word if not each.isspace())


def address(email: str) -> str:
    """An e-mail address as it is read back: "S, A, R, A, H, at gmail dot com"."""
    local, _, domain = email.partition("@")
    labels = [label if label in _SAID_AS_WORDS else letters(label) for label in domain.lower().split(".")]
    return f"{letters(local)}, at {' dot '.join(labels)}"


def grouped(number: str) -> str:
    """A telephone number in groups as people say it: "07700 900 123", "212 555 0100"."""
    figures = "".join(each for each in number if each.isdigit())
    sizes = {11: (5, 3, 3), 10: (3, 3, 4)}.get(len(figures))
    if number.startswith("+") or sizes is None:
        return number
    groups: list[str] = []
    for size in sizes:
        groups.append(figures[:size])
        figures = figures[size:]
    return " ".join(groups)
