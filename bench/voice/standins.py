"""Providers of speech that take no time, so that what is measured is the engine. Alike for all engines."""

import math
from array import array
from collections.abc import AsyncIterator

HEARD = "What are your opening hours on Saturday?"
"""What is heard, whatever is said."""
WORDS_A_SECOND = 5
"""Quicker than anybody speaks: a run is long enough."""
_PIECE = 1_600
"""Bytes handed over at once: a tenth of a second."""


class Knows:
    """A `Transcriber` that knows at once what was said."""

    name = "stand-in"

    async def transcribe(self, audio: bytes) -> str:
        """Always the same."""
        return HEARD if audio else ""

    async def warm(self) -> None:
        """It is."""

    async def close(self) -> None:
        """Nothing to let go of."""


class Hums:
    """A `Synthesizer` that hums the longer the more words there are, and has the sound ready."""

    name = "stand-in"
    rate = 8_000

    def __init__(self) -> None:
        second = [round(8_000 * math.sin(at * 440 * 2 * math.pi / self.rate)) for at in range(self.rate)]
        self._hum = array("h", second).tobytes() * 60

    async def speak(self, text: str) -> AsyncIterator[bytes]:
        """So many words of it."""
        length = int(len(text.split()) / WORDS_A_SECOND * self.rate) * 2
        for at in range(0, min(length, len(self._hum)), _PIECE):
            yield self._hum[at : min(at + _PIECE, length)]

    async def warm(self) -> None:
        """It is."""

    async def close(self) -> None:
        """Nothing to let go of."""
