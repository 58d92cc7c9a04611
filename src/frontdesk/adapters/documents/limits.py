"""How much of a document is taken. Beyond it, it is refused and not cut short: half a price list is a wrong one."""

PAGES = 500
CHARACTERS = 2_000_000
ROWS = 10_000
UNPACKED = 64 * 1024 * 1024
"""Bytes that the parts of a packed document may unpack to."""


class Trouble(Exception):
    """Why a document cannot be taken, in a sentence for people."""


def counted(so_far: int, text: str) -> int:
    """Characters including `text`. Raises Trouble where they are too many."""
    so_far += len(text)
    if so_far > CHARACTERS:
        raise Trouble(f"It holds more text than can be taken: {CHARACTERS:,} characters.")
    return so_far
