"""Documents, split into passages that a question can be answered from. Pure; no I/O.

A passage is short enough to be told whole and long enough to say something; its title has the document's name and the
heading that it stands under, for that is often what a question is put in the words of.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from msgspec import Struct

from frontdesk.ports.documents import Section

LONGEST = 900
"""Characters of a passage."""
MOST = 5_000
"""Passages of one document."""

_SENTENCE = re.compile(r"(?<=[.!?])\s+")


class Passage(Struct, frozen=True):
    """A piece of a document."""

    title: str
    body: str


def split(name: str, sections: Iterable[Section]) -> list[Passage]:
    """The passages of the document called `name`, in its order."""
    called = re.sub(r"[_\s]+", " ", PurePath(name).stem).strip() or "Document"
    made: list[Passage] = []
    for section in sections:
        heading = " ".join(section.heading.split())
        title = (f"{called}: {heading}" if heading else called)[:200]
        made += [Passage(title, body) for body in _pieces(section.text)]
    return made


def _pieces(text: str) -> Iterator[str]:
    """Paragraphs put together up to `LONGEST` characters; one that is longer is cut between sentences."""
    piece = ""
    for part, joint in _parts(text):
        if piece and len(piece) + len(joint) + len(part) > LONGEST:
            yield piece
            piece = part
        else:
            piece = f"{piece}{joint}{part}" if piece else part
    if piece:
        yield piece


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """Paragraphs, sentences of long ones, pieces of long sentences: each with what joins it to the one before."""
    for paragraph in text.split("\n"):
        said = " ".join(paragraph.split())
        if not said:
            continue
        joint = "\n"
        for sentence in [said] if len(said) <= LONGEST else _SENTENCE.split(said):
            for start in range(0, len(sentence), LONGEST):
                yield sentence[start : start + LONGEST], joint
                joint = " "
