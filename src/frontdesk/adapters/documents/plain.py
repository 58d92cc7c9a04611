"""Text, Markdown and tables of values."""

import csv
import io
import re
from collections.abc import Callable

from frontdesk.adapters.documents.limits import ROWS, Trouble, counted
from frontdesk.ports.documents import Section

_MARKS = re.compile(r"(\*\*|__|`|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w))")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*(?:\s+\"[^\"]*\")?\)")


def decoded(data: bytes) -> str:
    """The text, whatever it was written as: UTF-8, UTF-16 with its mark, or Windows-1252."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", "replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    counted(0, text)
    return text


def read_text(data: bytes, tell: Callable[[int, int], None]) -> list[Section]:
    """A section for each heading: of Markdown, underlined, or a short line that stands alone."""
    sections: list[tuple[str, list[str]]] = [("", [])]
    lines = decoded(data).split("\n")
    for at, line in enumerate(lines):
        text = line.strip()
        before = lines[at - 1].strip() if at else ""
        after = lines[at + 1].strip() if at + 1 < len(lines) else ""
        if re.fullmatch(r"[=-]{3,}", text) and before:
            continue  # it underlines the line before
        if found := re.match(r"#{1,6}\s+(.+?)\s*#*$", text):
            sections.append((_plain(found[1]), []))
        elif text and (re.fullmatch(r"[=-]{3,}", after) or _stands_alone(text, before, after)):
            sections.append((_plain(text), []))
        else:
            sections[-1][1].append(_plain(text))
    tell(1, 1)
    return [Section(heading, "\n".join(body).strip()) for heading, body in sections if heading or any(body)]


def _stands_alone(text: str, before: str, after: str) -> bool:
    return not before and not after and len(text) <= 60 and text[-1].isalnum() and text[0].isupper()


def _plain(text: str) -> str:
    return _MARKS.sub("", _LINK.sub(r"\1", text))


def read_table(data: bytes, tell: Callable[[int, int], None]) -> list[Section]:
    """A section for each row, called by its first cell; every value with its column's name."""
    text = decoded(data)
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(text[:20_000], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    try:
        rows = [[" ".join(cell.split()) for cell in row] for row in csv.reader(io.StringIO(text), dialect)]
    except csv.Error as error:
        raise Trouble("The table is broken: save it as CSV anew.") from error
    rows = [row for row in rows if any(row)]
    if len(rows) > ROWS:
        raise Trouble(f"It has more than {ROWS:,} rows. Upload it in parts.")
    if len(rows) < 2:
        return [Section("", " | ".join(row)) for row in rows]
    head = rows[0]
    tell(len(rows), len(rows))
    return [Section(next(cell for cell in row if cell), _told(head, row)) for row in rows[1:]]


def _told(head: list[str], row: list[str]) -> str:
    names = [*head, *[""] * (len(row) - len(head))]
    return "; ".join(f"{name}: {cell}" if name else cell for name, cell in zip(names, row, strict=False) if cell) + "."
