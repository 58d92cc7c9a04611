"""From what a thumb typed to plain words: case, punctuation, emoji, slang, typos and idioms.

Nothing here knows what a message is about; `vocabulary` holds the tables.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

from msgspec import Struct

from frontdesk.adapters.offline import vocabulary

LONGEST = 6000
"""Characters of a run of messages that are read; a text message has at most 1,600."""

_CHARACTERS = str.maketrans(
    {
        "‘": "'", "’": "'", "‛": "'", "`": "'", "´": "'", "ʼ": "'", "“": '"', "”": '"', "‐": "-", "‑": "-", "–": "-",
        "—": " - ", "−": "-", "…": "... ", "\r": "\n", "\u2028": "\n", "\u2029": "\n", "\t": " ", "_": " ",
        "\u200b": "", "\u200c": "", "\u200d": "", "\ufeff": "", "\ufe0f": "", "\u20e3": "", "\u2060": "", "\u00ad": "",
    }
)  # fmt: skip
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_LONG_RUN = re.compile(r"([a-z])\1{2,}")
_MERIDIEM = re.compile(r"(\d)\s*([ap])(?:\.\s?m\b\.?|\s?m\b)")
_MASKED_CURSE = re.compile(r"\bf(?=[a-z]?[*@#$%^])[*@#$%^u]{1,3}c?k?|\bf[-. ]?(?=off\b)")
_SPACES = re.compile(r"[^\S\n]+")
_CLAUSE = re.compile(
    r"\n+|(?<!\d)[.!;]+(?=\s|$)|(?<=\d)[.!;]+(?=\s|$)|(?<=\?)\s+|\bbut\b|\bhowever\b|\balthough\b|\bexcept that\b"
)
_CONTRAST = re.compile(
    r"\b(?:but|however|although|actually|on second thoughts?|scrap that|ignore that|oh wait|meant|i mean)\b"
)


class Clause(Struct, frozen=True):
    """A stretch of plain words that is judged by itself."""

    text: str
    overruled: bool
    """Something said later, after a "but" or an "actually", weighs more."""


class Said(Struct, frozen=True):
    """A run of messages in plain words. `text` keeps its line breaks: one line a message or line of it."""

    text: str
    clauses: tuple[Clause, ...]

    @property
    def flat(self) -> str:
        """The text on one line, without the punctuation that splits it."""
        return " ".join(re.sub(r"[.!;\n]+(?=\s|$)", " ", self.text).split())


def plain(messages: list[str], names: Mapping[str, str] | None = None) -> Said:
    """What `messages`, oldest first, say in plain lower-case words; `names` in them become the words they stand for.

    Never raises, whatever they hold.
    """
    raw = "\n".join(messages)
    if len(raw) > LONGEST:
        raw = raw[: LONGEST // 2] + "\n" + raw[-LONGEST // 2 :]
    text = unicodedata.normalize("NFKC", raw.translate(_CHARACTERS)).translate(_CHARACTERS).lower()[: 2 * LONGEST]
    text = "\n".join(_whole(line) for line in text.split("\n"))
    for name, word in (names or {}).items():
        text = _named(text, name.strip().lower(), word)
    text = _emoji(text)
    text = _MASKED_CURSE.sub("fuck", text)
    text = _MERIDIEM.sub(r"\1\2m", text)
    text = _TOKEN.sub(lambda found: _spelled(found[0]), text)
    for pattern, words in _idioms():
        text = pattern.sub(words, text)
    text = "\n".join(line.strip() for line in _SPACES.sub(" ", text).split("\n"))
    return Said(text=text.strip(), clauses=tuple(_clauses(text)))


def _named(text: str, name: str, word: str) -> str:
    """`word` for `name`; a name that is a word of its own ("will", "may") only where a name is likely."""
    if len(name) < 2 or len(name) > 60 or not re.search(r"[^\W\d_]", name):
        return text
    lead = (
        r"(?<=\bnot )|(?<=\bno )|(?<=\bwrong )|(?<=\bcalled )|(?<=\bnamed )|(?<=\bis )"
        if name in vocabulary.WORDY_NAMES
        else ""
    )
    text = re.sub(rf"(?:{lead})(?<!\w){re.escape(name)}'?s(?!\w)", f"{word}'s", text)
    return re.sub(rf"(?:{lead})(?<!\w){re.escape(name)}(?!\w)", word, text)


def _whole(line: str) -> str:
    return vocabulary.WHOLE.get(line.strip(" .!,"), line)


def _emoji(text: str) -> str:
    """Emoji as words; those without a meaning here as `emoji`. Modifiers of skin and style vanish."""
    if text.isascii():
        return text
    out: list[str] = []
    for character in text:
        if character.isascii() or character.isalnum():
            out.append(character)
        elif word := vocabulary.EMOJI.get(character):
            out.append(f" {word} ")
        elif unicodedata.category(character) in ("So", "Cs", "Co"):
            out.append(" emoji ")
        elif unicodedata.category(character) in ("Sk", "Mn", "Cf", "Cc", "Cn"):
            continue
        else:
            out.append(character)
    return "".join(out)


def _spelled(token: str) -> str:
    if token.isdigit():
        return token
    if (known := _table().get(token)) is not None:
        return known
    if _LONG_RUN.search(token):
        doubled = _LONG_RUN.sub(r"\1\1", token)
        token = doubled if doubled in vocabulary.DOUBLED or doubled in _table() else _LONG_RUN.sub(r"\1", token)
        if (known := _table().get(token)) is not None:
            return known
    if "'" in token:
        return _table().get(token.replace("'", "")) or _contracted(token)
    if len(token) >= 6 and token.isascii() and token not in vocabulary.NOT_MENDED:
        return _mended(token)
    return token


def _contracted(token: str) -> str:
    """ "wed'll" as "wednesday will"; a word that is no contraction as it is."""
    base, _, ending = token.rpartition("'")
    meant = {"ll": "will", "ve": "have", "re": "are", "d": "would"}.get(ending)
    return f"{_table().get(base, base)} {meant}" if base and meant else token


def _mended(token: str) -> str:
    """The word of `MENDED` that `token` misses by one letter added, dropped, changed, or two swapped; else itself."""
    index = _deletions()
    if token in index and token in vocabulary.MENDED:
        return token
    for form in (token, *_without_one(token)):
        for word in index.get(form, ()):
            if abs(len(word) - len(token)) <= 1 and word[0] == token[0] and _near(word, token):
                return word
    return token


def _near(a: str, b: str) -> bool:
    """Whether one edit (or one swap of neighbours) turns `a` into `b`."""
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    left, right = a[start:], b[start:]
    return (
        left[1:] == right[1:]
        or left[1:] == right
        or left == right[1:]
        or (left[:2] == right[:2][::-1] and left[2:] == right[2:])
    )


def _without_one(word: str) -> list[str]:
    return [word[:at] + word[at + 1 :] for at in range(len(word))]


def _clauses(text: str) -> list[Clause]:
    marks = [found.start() for found in _CONTRAST.finditer(text)]
    turning = marks[-1] if marks else -1
    clauses: list[Clause] = []
    start = 0
    bounds = [*((found.start(), found.end()) for found in _CLAUSE.finditer(text)), (len(text), len(text))]
    for end, after in bounds:
        words = _SPACES.sub(" ", text[start:end].replace("\n", " ")).strip(" ,-\"'")
        if words:
            clauses.append(Clause(text=words, overruled=end <= turning))
        start = after
    return clauses


@cache
def _table() -> dict[str, str]:
    table = dict(vocabulary.SPELLINGS)
    for written, meant in vocabulary.CONTRACTIONS.items():
        table[written] = meant
        table.setdefault(written.replace("'", ""), meant)
    table.update(vocabulary.APOSTROPHE_ONLY)
    return table


@cache
def _deletions() -> dict[str, tuple[str, ...]]:
    index: dict[str, set[str]] = {}
    for word in vocabulary.MENDED:
        if len(word) >= 6:
            for form in (word, *_without_one(word)):
                index.setdefault(form, set()).add(word)
    return {form: tuple(sorted(words)) for form, words in index.items()}


@cache
def _idioms() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), words) for pattern, words in vocabulary.IDIOMS)
