"""What an agent knows and is told. Pure; no I/O."""

from datetime import datetime
from enum import StrEnum
from pathlib import PurePath
from uuid import UUID

from msgspec import Struct

from frontdesk.domain.organizations.model import Hours
from frontdesk.kernel.errors import Invalid


class KnowledgeItem(Struct, frozen=True, kw_only=True):
    """A piece of the organisation's knowledge."""

    id: UUID
    title: str
    body: str
    created_at: datetime
    updated_at: datetime


class FileKind(StrEnum):
    """What a document is, by its name and its content."""

    TXT = "txt"
    MD = "md"
    PDF = "pdf"
    DOCX = "docx"
    CSV = "csv"


class FileStatus(StrEnum):
    """How far a document has been read."""

    WAITING = "waiting"
    READING = "reading"
    READY = "ready"
    FAILED = "failed"


class KnowledgeFile(Struct, frozen=True, kw_only=True):
    """A document that the assistant answers from."""

    id: UUID
    name: str
    kind: FileKind
    size: int
    """Bytes."""
    file_key: str
    generation: int
    status: FileStatus
    done: int
    """Pages read so far, of `pages`."""
    pages: int | None
    problem: str | None
    """Why it could not be read. What was read of the version before is still there."""
    passages: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class Found(Struct, frozen=True, kw_only=True):
    """A piece of knowledge that may answer a question: a fact, or a passage of a document."""

    id: UUID
    title: str
    body: str
    file_id: UUID | None = None
    file_name: str | None = None


_KIND_OF = {".txt": FileKind.TXT, ".md": FileKind.MD, ".markdown": FileKind.MD, ".pdf": FileKind.PDF,
            ".docx": FileKind.DOCX, ".csv": FileKind.CSV}  # fmt: skip
_TAKEN = "txt, md, pdf, docx and csv"


def kind_of(name: str, begins: bytes) -> FileKind:
    """What a document is, by its name and its first bytes, which must agree. Raises Invalid."""
    kind = _KIND_OF.get(PurePath(name).suffix.lower())
    if kind is None:
        raise Invalid(f"Documents of the kinds {_TAKEN} are taken.", field="file")
    if not begins:
        raise Invalid("The file is empty.", field="file")
    looks_right = {
        FileKind.PDF: b"%PDF-" in begins[:1024],
        FileKind.DOCX: begins.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")),  # the second: encrypted, told so later
    }.get(kind, _is_text(begins))
    if not looks_right:
        raise Invalid(f"The file is called .{kind} and is something else.", field="file")
    return kind


def _is_text(begins: bytes) -> bool:
    if begins.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return b"\0" not in begins and not begins.startswith(
        (b"%PDF-", b"PK\x03\x04", b"\x1f\x8b", b"GIF8", b"\xff\xd8\xff")
    )


class AgentProfile(Struct, frozen=True, kw_only=True):
    """The organisation as its agent presents it."""

    name: str
    agent_name: str
    time_zone: str
    ai_enabled: bool
    ai_daily_cap: int
    """Answers by AI that a lead may cause in a day; then a person takes over."""
    business_hours: dict[str, Hours | None]
    phone: str | None
    email: str | None
    greeting: str | None = None
    """What callers hear first. None: made of the names."""
    voice_id: str = "nova"
    system_prompt: str | None = None
    max_call_seconds: int = 600
    max_turns: int = 20
    ai_temperature: float | None = None
    """0 to 2. None: the model's own."""
