"""Both sides of a call as a WAV file: the caller on the left, we on the right. Written aside while it lasts."""

import asyncio
import tempfile
import wave
from collections.abc import AsyncIterator
from typing import Any

_CHUNK = 64 * 1024
CONTENT_TYPE = "audio/wav"


class Recorder:
    """Takes what the line records, and gives it back as a file."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._file = tempfile.TemporaryFile(prefix="fd-call-")  # noqa: SIM115 - closed by `close`
        self._frames = 0
        self.began_at: float | None = None
        """When the first sound was taken, by the loop's clock."""
        self._full = False
        self._writer: wave.Wave_write = wave.open(self._file, "wb")  # noqa: SIM115
        self._writer.setnchannels(2)
        self._writer.setsampwidth(2)
        self._writer.setframerate(rate)

    @property
    def seconds(self) -> float:
        """How much there is."""
        return self._frames / self._rate

    @property
    def full(self) -> bool:
        """Whether some of it could not be written."""
        return self._full

    async def begin(self, _: Any) -> None:
        """Recording has begun."""
        self.began_at = asyncio.get_running_loop().time()

    async def take(self, _: Any, audio: bytes, rate: int, channels: int) -> None:
        """Another stretch of both sides. A full disk ends the recording, not the call."""
        assert rate == self._rate
        assert channels == 2
        if self._full:
            return
        try:
            self._writer.writeframesraw(audio)
        except OSError:
            self._full = True
            return
        self._frames += len(audio) // 4

    async def chunks(self) -> AsyncIterator[bytes]:
        """The file, from its beginning; nothing is taken any more. Raises OSError."""
        self._writer.close()
        self._file.seek(0)
        while chunk := self._file.read(_CHUNK):
            yield chunk

    def close(self) -> None:
        """Let go of the file."""
        try:
            self._writer.close()
        except OSError:
            self._full = True
        self._file.close()
