"""Captured mail as the console shows it: a name for each mail, its text with links, its HTML made safe to frame."""

import hashlib
import re
from collections.abc import Sequence

from msgspec import Struct

from frontdesk.ports.simulator import CapturedMail

_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
_HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)
_TARGET = '<base target="_blank">'

BODY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
"""The policy that a mail's HTML is served under: no scripts, no forms, nothing fetched; links open beside it."""


class Piece(Struct, frozen=True):
    """A run of text, which is a link where `href` is set."""

    text: str
    href: str = ""


def mail_key(mail: CapturedMail) -> str:
    """What a mail is called in a path. The same mail has the same name for good."""
    told = "\0".join((mail.to, mail.subject, mail.sent_at.isoformat(), mail.text))
    return hashlib.sha256(told.encode()).hexdigest()[:20]


def find_mail(mails: Sequence[CapturedMail], key: str) -> CapturedMail | None:
    """The mail that `key` names, if it is among `mails`."""
    return next((mail for mail in mails if mail_key(mail) == key), None)


def linked(text: str) -> list[Piece]:
    """`text` in pieces, its web addresses as links."""
    pieces: list[Piece] = []
    end = 0
    for found in _LINK.finditer(text):
        if found.start() > end:
            pieces.append(Piece(text[end : found.start()]))
        pieces.append(Piece(found[0], found[0]))
        end = found.end()
    if end < len(text):
        pieces.append(Piece(text[end:]))
    return pieces


def frameable(html: str) -> str:
    """A mail's HTML with its links opening in tabs of their own. It is to be served under `BODY_POLICY`."""
    if _HEAD.search(html):
        return _HEAD.sub(lambda found: found[0] + _TARGET, html, count=1)
    return _TARGET + html
