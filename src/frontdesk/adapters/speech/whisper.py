"""Speech to text by Whisper tiny.en (faster-whisper), on this machine's processors."""

import os

from frontdesk.adapters.speech.pool import Pool
from frontdesk.ports.speech import HEARD_RATE

LONGEST = 30 * HEARD_RATE * 2
"""Bytes of audio that are listened to at once; of more, the end."""

SHORTEST = HEARD_RATE // 10 * 2
"""Bytes below which there can be no word."""


class Whisper:
    """A `Transcriber` of English."""

    name = "whisper"

    def __init__(self, *, processes: int | None = None, seconds: float = 20.0) -> None:
        """`processes`: one for each two processors unless given. `seconds`: what one utterance may take."""
        cores = os.cpu_count() or 2
        size = processes or max(1, cores // 2)
        self._pool = Pool("whisper", size=size, threads=max(1, min(2, cores)), seconds=seconds)

    async def warm(self) -> None:
        """Have a process ready before anybody calls. Raises SpeechFailed."""
        await self._pool.warm()

    async def transcribe(self, audio: bytes) -> str:
        """The words in `audio`. Raises SpeechFailed."""
        if len(audio) < SHORTEST:
            return ""
        return (await self._pool.ask(audio[-LONGEST:])).decode(errors="replace").strip()

    async def close(self) -> None:
        """End its processes."""
        await self._pool.close()
