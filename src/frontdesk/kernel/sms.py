"""How carriers count the length of a text: GSM 03.38, or UCS-2 where that alphabet lacks a character. The one counter.

Here: the alphabet and the arithmetic of segments. Not here: what a segment costs (`kernel.money`, the organisation's
price), how long a text may be (the features that send).
"""

import re
from enum import StrEnum
from itertools import pairwise

from msgspec import Struct

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = "\f^{}\\[~]|€"
"""Reached by an escape: two septets each."""

_SAYABLE = re.compile(f"[{re.escape(_BASIC + _EXTENSION)}]*")
_NOT_SAYABLE = re.compile(f"[^{re.escape(_BASIC + _EXTENSION)}]")
_ESCAPED = re.compile(f"[{re.escape(_EXTENSION)}]")
_ASTRAL = re.compile(r"[^\x00-\uffff]")


class Encoding(StrEnum):
    """How a text travels."""

    GSM_7 = "GSM-7"
    UCS_2 = "UCS-2"


_ALONE = {Encoding.GSM_7: 160, Encoding.UCS_2: 70}
_JOINED = {Encoding.GSM_7: 153, Encoding.UCS_2: 67}
"""What a segment holds: in a text of one, and in a text of several, each of which starts with a header."""


class Size(Struct, frozen=True):
    """The length of a text as carriers bill it. `units`: septets of GSM-7, or 16-bit units of UCS-2."""

    encoding: Encoding
    units: int
    segments: int


def size_of(text: str) -> Size:
    """What `text` takes. No character is split between two segments, neither an escape pair nor a surrogate pair, so
    that a segment may end one unit early. An empty text is one segment: a carrier bills what it is given."""
    if _SAYABLE.fullmatch(text):
        return _size(text, Encoding.GSM_7, _ESCAPED)
    return _size(text, Encoding.UCS_2, _ASTRAL)


def segments_of(text: str) -> int:
    """How many segments `text` is billed as."""
    return size_of(text).segments


def beyond_gsm(text: str) -> list[str]:
    """The characters for which `text` has to go as UCS-2, each once, in the order in which they come."""
    return list(dict.fromkeys(_NOT_SAYABLE.findall(text)))


def _size(text: str, encoding: Encoding, double: re.Pattern[str]) -> Size:
    """`double` finds the characters that take two units; all others take one."""
    doubles = [match.start() for match in double.finditer(text)]
    units = len(text) + len(doubles)
    if units <= _ALONE[encoding]:
        return Size(encoding, units, 1)
    room = _JOINED[encoding]
    if not doubles:
        return Size(encoding, units, -(-units // room))
    # Units are filled run by run: a run of single characters can be cut anywhere, a double one cannot.
    segments, used = 1, 0
    for start, end in pairwise([-1, *doubles, len(text)]):
        filled = used + end - start - 1
        segments, used = segments + max(0, -(-filled // room) - 1), (filled - 1) % room + 1 if filled else 0
        if end < len(text):
            if used + 2 > room:
                segments, used = segments + 1, 0
            used += 2
    return Size(encoding, units, segments)
