"""Text to speech by Pico (py-nanotts): small, quick, under a free licence, and plainly a machine."""

from collections.abc import AsyncIterator

from frontdesk.adapters.speech.pool import Pool

_AT_ONCE = 16_000
"""Bytes of audio handed over at once: half a second."""


class Pico:
    """A `Synthesizer` of English."""

    name = "pico"
    rate = 16_000

    def __init__(self, *, seconds: float = 10.0) -> None:
        """`seconds`: what one sentence may take."""
        self._pool = Pool("pico", size=1, threads=1, seconds=seconds)

    async def warm(self) -> None:
        """Have a process ready before anybody calls. Raises SpeechFailed."""
        await self._pool.warm()

    async def speak(self, text: str) -> AsyncIterator[bytes]:
        """`text` as audio. Raises SpeechFailed."""
        audio = await self._pool.ask(text.encode())
        for at in range(0, len(audio), _AT_ONCE):
            yield audio[at : at + _AT_ONCE]

    async def close(self) -> None:
        """End its process."""
        await self._pool.close()
