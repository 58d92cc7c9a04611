"""Identifiers. UUIDv7, made here and not in the database, so that they sort by time and any PostgreSQL 15+ will do."""

import os
import time
from uuid import UUID

_last = 0


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562, 5.7): 48 bits of Unix milliseconds, then randomness. Never goes backwards in one process."""
    global _last
    millis = max(time.time_ns() // 1_000_000, _last)
    _last = millis
    value = (millis << 80) | int.from_bytes(os.urandom(10))
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return UUID(int=value)


def parse_id(text: str) -> UUID | None:
    """The UUID written in `text`, in its canonical hyphenated form, or None. An id that cannot be one names nothing."""
    if len(text) != 36:
        return None
    try:
        return UUID(text)
    except ValueError:
        return None
