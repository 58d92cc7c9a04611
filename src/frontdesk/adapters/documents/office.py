"""DOCX: a packed set of XML, of which the main part is read. No macro runs, nothing outside is fetched."""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from frontdesk.adapters.documents.limits import UNPACKED, Trouble, counted
from frontdesk.ports.documents import Section

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_MAIN = "word/document.xml"
_HEADING = re.compile(r"heading|title|überschrift|titre", re.IGNORECASE)


def read(data: bytes, tell: Callable[[int, int], None]) -> list[Section]:
    """A section for each heading. Raises Trouble."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Trouble("It is protected by a password, or of an old format. Save it as .docx without one.")
    body = _body(_unpacked(data))
    headings: list[tuple[str, list[str]]] = [("", [])]
    size = 0
    parts = list(body)
    for number, part in enumerate(parts, 1):
        for text, heading in _blocks(part):
            size = counted(size, text)
            if heading:
                headings.append((text, []))
            elif text:
                headings[-1][1].append(text)
        if number % 50 == 0:
            tell(number, len(parts))
    return [Section(heading, "\n\n".join(texts)) for heading, texts in headings if texts or heading]


def _unpacked(data: bytes) -> bytes:
    """The main part. What it says of its size is not believed."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as packed:
            if _MAIN not in packed.namelist():
                raise Trouble("It is not a Word document.")
            if packed.getinfo(_MAIN).flag_bits & 0x1:
                raise Trouble("It is protected by a password. Save it without one and upload that.")
            with packed.open(_MAIN) as file:
                found = file.read(UNPACKED + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise Trouble("The Word document is broken: save it anew and upload that.") from error
    if len(found) > UNPACKED:
        raise Trouble("It unpacks to more than can be taken.")
    return found


def _body(xml: bytes) -> Any:
    try:
        root = fromstring(xml, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise Trouble("The Word document is broken: save it anew and upload that.") from error
    for space in (_W, _STRICT):
        if (body := root.find(f"{space}body")) is not None:
            return body
    raise Trouble("It is not a Word document.")


def _blocks(part: Any) -> Iterator[tuple[str, bool]]:
    """The texts of a paragraph, a table (a row each) or what holds some of them, and whether each is a heading."""
    name = part.tag.rpartition("}")[2]
    if name == "p":
        yield _text(part), _is_heading(part)
    elif name == "tbl":
        for row in _children(part, "tr"):
            cells = [" ".join(text for text, _ in _of(cell) if text) for cell in _children(row, "tc")]
            yield " | ".join(cell for cell in cells if cell), False
    elif name in ("sdt", "sdtContent", "ins", "customXml", "smartTag"):
        yield from _of(part)


def _of(part: Any) -> Iterator[tuple[str, bool]]:
    for child in part:
        yield from _blocks(child)


def _children(part: Any, name: str) -> list[Any]:
    return [child for child in part if child.tag.rpartition("}")[2] == name]


def _text(paragraph: Any) -> str:
    said: list[str] = []
    for part in paragraph.iter():
        match part.tag.rpartition("}")[2]:
            case "t":
                said.append(part.text or "")
            case "tab" | "br" | "cr":
                said.append(" ")
            case _:
                pass
    return " ".join("".join(said).split())


def _is_heading(paragraph: Any) -> bool:
    for part in paragraph.iter():
        if part.tag.rpartition("}")[2] == "pStyle":
            style = next((value for name, value in part.attrib.items() if name.rpartition("}")[2] == "val"), "")
            return bool(_HEADING.search(style)) and bool(_text(paragraph))
    return False
