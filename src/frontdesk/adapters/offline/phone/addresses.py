"""E-mail addresses as callers say them, and as speech recognition writes them down."""

import re

from frontdesk.adapters.offline.phone.spelling import Heard

FIGURES = {"zero": "0", "oh": "0", "o": "0", "nought": "0", "one": "1", "two": "2", "three": "3", "four": "4",
           "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9"}  # fmt: skip
_SIGNS = {"dot": ".", "point": ".", "underscore": "_", "dash": "-", "hyphen": "-", "minus": "-", "plus": "+"}
_TOP = "com|co|org|net|uk|io|info|biz|eu|de|fr|us|ca|au|nz|ie|me"

_WRITTEN = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_DOT = rf"(?: dot |\.|\. (?=(?:{_TOP})\b))"
_DOMAIN = rf"(?:[a-z0-9-]+(?: [a-z0-9-]+)?(?: dot [a-z0-9-]+)+|[a-z0-9-]+(?:{_DOT}[a-z0-9-]+)*{_DOT}[a-z]{{2,}}(?!\w))"
_SPOKEN = re.compile(rf"(?:\s+at\s+|\s*@\s*)({_DOMAIN})", re.I)
_ALONE = re.compile(rf"\b[a-z0-9-]+(?:(?: dot |\.)[a-z0-9-]+)*(?: dot |\.)(?:{_TOP})\b", re.I)
_TWICE = re.compile(rf"\b(double|triple|treble) ([a-z\d]|{'|'.join(FIGURES)})\b")
_WORD = re.compile(r"[\w+-]+(?:\.[\w+-]+)*")
_INTRODUCED = re.compile(
    r"(?:e-?mail(?: address)?(?: is|'s)?|address is|it(?:'s| is)|that(?:'s| is)|yes|sure|no|sorry)\W+$", re.I
)
_MOST_WORDS = 3
"""So many may make up the part before the @ where it is clear that nothing else is told."""


def email_in(text: str, *, asked: bool) -> tuple[str, str]:
    """The address in `text` and the text without it; empty where there is none. `asked`: it was asked for, so that what
    is said first belongs to it."""
    if found := _WRITTEN.search(text):
        return found[0].strip(".").lower(), text.replace(found[0], " ")
    for found in _SPOKEN.finditer(text):
        local, begins = _before(text[: found.start()], asked=asked)
        if local:
            return f"{local}@{_joined(found[1])}", text[:begins] + " " + text[found.end() :]
    return "", text


def mended(known: str, heard: Heard, text: str) -> tuple[str, str]:
    """The `known` address with the part that a caller says anew, where they say one part alone: "no, S A R A", "it's
    example dot org". Empty where they do not."""
    local, _, domain = known.partition("@")
    if heard.words:
        return f"{heard.words[-1].lower()}@{domain}", text.replace(heard.words[-1], " ")
    found = _ALONE.search(text)
    return (f"{local}@{_joined(found[0])}", text.replace(found[0], " ")) if found else ("", text)


def mangled(text: str) -> bool:
    """Whether `text` tells an address that cannot be made out: "my e-mail is Danedexamples.com"."""
    return re.search(r"\be-?mail\b", text, re.I) is not None and _ALONE.search(text) is not None


def _before(said: str, *, asked: bool) -> tuple[str, int]:
    """The part before the @, at the end of what was `said` before it, and where it begins."""
    words = list(_WORD.finditer(said))
    if not words:
        return "", 0
    first = len(words) - 1
    while first and (_joins(words[first][0]) or words[first - 1][0].lower() in _SIGNS):
        first -= 1
    for more in range(first, max(first - _MOST_WORDS, -1), -1):
        before = said[: words[more].start()]
        if _INTRODUCED.search(before) or (asked and not before.strip()):
            first = more
            break
    return _joined(" ".join(word[0] for word in words[first:])), words[first].start()


def _joins(word: str) -> bool:
    """Whether it goes with the word before it."""
    return word.lower() in _SIGNS or word.lower() in FIGURES or word.isdigit()


def _joined(words: str) -> str:
    """Spoken words as they are written in an address."""
    said = _TWICE.sub(lambda found: " ".join([found[2]] * (2 if found[1] == "double" else 3)), words.lower())
    parts = [_SIGNS.get(word, FIGURES.get(word, word)) for word in said.split()]
    return "".join(parts).strip(".")
