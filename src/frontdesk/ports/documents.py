"""Reading the text out of documents that people upload."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from msgspec import Struct

from frontdesk.kernel.errors import Invalid

Progress = Callable[[int, int], Awaitable[None]]
"""Told now and then: pages (or what the kind has for pages) read so far, of how many."""


class Section(Struct, frozen=True):
    """A part of a document under one heading, or a page of it. Paragraphs of `text` are set apart by empty lines."""

    heading: str
    text: str


class Unreadable(Invalid):
    """The document has no text that can be had. The message says why, for whoever uploaded it."""


class DocumentReader(Protocol):
    """Reads documents of the kinds txt, md, csv, pdf and docx."""

    async def read(self, kind: str, data: bytes, progress: Progress) -> list[Section]:
        """The text of a document, in its order. Raises Unreadable: broken, encrypted, without text, or beyond the
        limits of size, pages and time. Whatever the document holds, the program outlives it."""
        ...
