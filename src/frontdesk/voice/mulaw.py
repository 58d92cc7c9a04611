"""The 8-bit code of telephone lines (G.711 μ-law), to and from 16-bit samples. Pure."""

from array import array
from functools import cache

SILENCE = b"\xff"
_BIAS = 0x84
_CLIP = 32_635


def _decoded(code: int) -> int:
    code = ~code & 0xFF
    magnitude = (((code & 0x0F) << 3) + _BIAS) << ((code & 0x70) >> 4)
    return _BIAS - magnitude if code & 0x80 else magnitude - _BIAS


def _encoded(sample: int) -> int:
    sign = 0x80 if sample < 0 else 0
    magnitude = min(abs(sample), _CLIP) + _BIAS
    exponent = magnitude.bit_length() - 8
    return ~(sign | exponent << 4 | (magnitude >> (exponent + 3)) & 0x0F) & 0xFF


_DECODE = [_decoded(code) for code in range(256)]


@cache
def _codes() -> bytes:
    """The code of each sample, by the sample as an unsigned number."""
    return bytes(_encoded(at if at < 32_768 else at - 65_536) for at in range(65_536))


def decode(codes: bytes) -> bytes:
    """Samples of 16 bit, as this machine orders bytes."""
    return array("h", [_DECODE[code] for code in codes]).tobytes()


def encode(samples: bytes) -> bytes:
    """Codes of 16-bit samples, as this machine orders bytes."""
    table = _codes()
    return bytes(table[sample] for sample in array("H", samples))
