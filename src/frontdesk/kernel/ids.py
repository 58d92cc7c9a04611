"""Identifiers. UUIDv7, made here and not in the database, so that they sort by time and any PostgreSQL 15+ will do."""

import os
import time
from itertools import accumulate
from struct import unpack
from uuid import UUID

_last = 0


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562, 5.7): 48 bits of Unix milliseconds, then randomness.

    Each is greater than the one before it in the same process: within a millisecond the random part counts up by a
    random step (method 2 of RFC 9562, 6.2).
    """
    global _last
    value = _packed(time.time_ns() // 1_000_000, int.from_bytes(os.urandom(10)) >> 6)
    if value <= _last:
        value = _last + 1 + int.from_bytes(os.urandom(4))
    _last = value
    return UUID(int=_spread(value))


def new_ids(count: int) -> list[UUID]:
    """As many of `new_id`, in order, at less cost each."""
    global _last
    steps = unpack(f"{count}I", os.urandom(4 * count))
    first = max(_packed(time.time_ns() // 1_000_000, int.from_bytes(os.urandom(10)) >> 6), _last)
    *values, _last = accumulate(steps, lambda value, step: value + 1 + step, initial=first)
    return [UUID(int=_spread(value)) for value in [*values, _last][1:]]


def _packed(millis: int, randomness: int) -> int:
    """Milliseconds and 74 random bits as one number of 122 bits. The highest random bit is left free to count into."""
    return (millis << 74) | (randomness & ((1 << 73) - 1))


def _spread(value: int) -> int:
    """The 122 bits with version and variant put between them."""
    high, middle, low = value >> 74, (value >> 62) & 0xFFF, value & ((1 << 62) - 1)
    return (high << 80) | (0x7 << 76) | (middle << 64) | (0x2 << 62) | low


def parse_id(text: str) -> UUID | None:
    """The UUID written in `text`, in its canonical hyphenated form, or None. An id that cannot be one names nothing."""
    if len(text) != 36:
        return None
    try:
        return UUID(text)
    except ValueError:
        return None
