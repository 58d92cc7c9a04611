"""Mail out."""

from typing import Protocol
from uuid import UUID

from msgspec import Struct


class Mail(Struct, frozen=True):
    """One mail, in plain text and, where it has links or form, in HTML beside it."""

    to: str
    subject: str
    text: str
    html: str = ""
    org_id: UUID | None = None
    """The organisation it concerns, which may read it where mail is captured. None: its recipient alone."""
    id: UUID | None = None
    """Known where it may be sent a second time, so that whoever gets it twice can tell."""


class Mailer(Protocol):
    """Sends mail, or keeps it where the console shows it."""

    async def send(self, mail: Mail) -> None:
        """Deliver `mail`. Raises `kernel.errors.Upstream` when the server does not take it."""
        ...
