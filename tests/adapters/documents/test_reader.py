"""Text out of documents, good, broken and hostile, through the process that reads them."""

import pytest
from tests.fixtures import documents as made

from frontdesk.adapters.documents.limits import PAGES, UNPACKED
from frontdesk.adapters.documents.plain import read_table, read_text
from frontdesk.adapters.documents.reader import ProcessReader
from frontdesk.ports.documents import Section, Unreadable


async def read(kind: str, data: bytes, seconds: float = 60) -> list[Section]:
    async def progress(done: int, of: int) -> None:
        assert 0 <= done <= of

    return await ProcessReader(seconds).read(kind, data, progress)


def nothing(done: int, of: int) -> None:
    """Nobody is told."""


async def test_a_pdf_is_read_page_by_page() -> None:
    pages = "We fit kitchens.\nA deposit of 20% is asked,\nwhich is paid back for seven days.", "Page two."
    assert await read("pdf", made.pdf(*pages)) == [
        Section("page 1", "We fit kitchens.\nA deposit of 20% is asked, which is paid back for seven days."),
        Section("page 2", "Page two."),
    ]


async def test_a_word_document_is_read_by_its_headings_and_tables() -> None:
    document = made.docx(
        "Welcome.", ("Heading1", "Prices"), "From £900.", [["Door", "£300"], ["Window", "£200"]], ("Title", "Hours")
    )
    assert await read("docx", document) == [
        Section("", "Welcome."), Section("Prices", "From £900.\n\nDoor | £300\n\nWindow | £200"), Section("Hours", ""),
    ]  # fmt: skip


def test_markdown_and_text_are_read_by_their_headings() -> None:
    text = (
        b"Intro\nmore\n# Our *prices*\nFrom **900** pounds, [see](http://x).\n\n"
        b"Opening hours\n\nMonday.\nUnder\n-----\nIt."
    )
    assert read_text(text, nothing) == [
        Section("", "Intro\nmore"), Section("Our prices", "From 900 pounds, see."), Section("Opening hours", "Monday."),
        Section("Under", "It."),
    ]  # fmt: skip


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_tables_are_read_by_their_columns_whatever_they_are_written_as(coding: str) -> None:
    assert read_table("Service;Price\nCafé tiling;£40\n;\nDoors;£300\n".encode(coding), nothing) == [
        Section("Café tiling", "Service: Café tiling; Price: £40."), Section("Doors", "Service: Doors; Price: £300."),
    ]  # fmt: skip


async def test_a_pdf_that_only_must_not_be_changed_is_read() -> None:
    assert (await read("pdf", made.pdf("Free to read.", owner="secret")))[0].text == "Free to read."


BOMB = b"<w:document xmlns:w='x'>" + b" " * (UNPACKED + 1)
ENTITIES = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><d>&b;</d>'


@pytest.mark.parametrize(
    ("kind", "data", "why"),
    [
        ("pdf", made.pdf("Secret.", password="open"), "password"),
        ("pdf", made.pdf(""), "pictures"),
        ("pdf", b"%PDF-1.7 and then nothing", "broken"),
        ("pdf", made.pdf("Whole.")[:300], "broken"),
        ("pdf", made.pdf(*["x"] * (PAGES + 1)), "pages"),
        ("docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "password"),
        ("docx", made.packed({"other.xml": "<x/>"}), "not a Word document"),
        ("docx", made.docx("Whole.")[:-40], "broken"),
        ("docx", made.packed({"word/document.xml": BOMB}), "unpacks"),
        ("docx", made.packed({"word/document.xml": ENTITIES}), "broken"),
        ("docx", made.packed({"word/document.xml": "<w:document"}), "broken"),
        ("txt", b" \n ", "no text"),
    ],
    ids=[
        "locked", "scanned", "no pdf", "cut pdf", "long", "locked word", "no word", "cut word", "bomb", "entities",
        "bad xml", "empty",
    ],
)  # fmt: skip
async def test_what_cannot_be_read_says_why(kind: str, data: bytes, why: str) -> None:
    with pytest.raises(Unreadable) as refused:
        await read(kind, data)
    assert why in refused.value.message


async def test_one_that_takes_too_long_is_given_up_and_its_process_ended() -> None:
    with pytest.raises(Unreadable, match="longer than"):
        await read("txt", b"word", seconds=0.001)
