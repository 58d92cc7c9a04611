"""PDF, page by page. What is a picture of text has none."""

import re
from collections.abc import Callable
from io import BytesIO

from pypdf import PdfReader
from pypdf.errors import DependencyError, PdfReadError, PyPdfError

from frontdesk.adapters.documents.limits import PAGES, Trouble, counted
from frontdesk.ports.documents import Section

_ENDS = re.compile(r"[.!?:;)\]]$")


def read(data: bytes, tell: Callable[[int, int], None]) -> list[Section]:
    """A section a page. Raises Trouble."""
    try:
        found = PdfReader(BytesIO(data), strict=False)
        # Without a password for reading, only with one for changing, it opens by the empty one.
        if found.is_encrypted and not found.decrypt(""):
            raise Trouble("It is protected by a password. Save it without one and upload that.")
        count = len(found.pages)
    except DependencyError as error:
        raise Trouble("It is encrypted in a way that cannot be opened here. Save it without a password.") from error
    except (PyPdfError, PdfReadError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise Trouble("The PDF is broken: save it anew and upload that.") from error
    if count > PAGES:
        raise Trouble(f"It has {count:,} pages; {PAGES} are the most. Upload it in parts.")
    sections: list[Section] = []
    size = 0
    for number, page in enumerate(found.pages, 1):
        text = _paragraphs(page.extract_text() or "")
        size = counted(size, text)
        sections.append(Section(f"page {number}", text))
        tell(number, count)
    if not any(section.text for section in sections):
        raise Trouble("There is no text in it: its pages are pictures. Upload a version with text.")
    return sections


def _paragraphs(text: str) -> str:
    """Lines put together again to paragraphs, words that were cut at a line's end made whole."""
    text = re.sub(r"(\w)-\n(?=[a-z])", r"\1", text.replace("\r\n", "\n").replace("\xad", ""))
    lines = [" ".join(line.split()) for line in text.split("\n")]
    longest = max((len(line) for line in lines), default=0)
    made: list[str] = []
    for line in lines:
        before = made[-1] if made else ""
        # A line goes on the one before, unless that was the end of something: short, or closed by a full stop.
        if line and before and not (_ENDS.search(before) and len(before) < longest * 0.8) and _runs_on(before, line):
            made[-1] = f"{before} {line}"
        elif line:
            made.append(line)
        elif before:
            made.append("")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(made)).strip()


def _runs_on(before: str, line: str) -> bool:
    return line[:1].islower() or before[-1:] in ",;-" or (len(before) > 60 and not _ENDS.search(before))
