"""Both sides of a call as a WAV file: the caller on the left, we on the right. Written aside while it lasts."""

import asyncio
import errno
import struct
import tempfile
from collections.abc import AsyncIterator
from typing import Any, BinaryIO

import structlog

log = structlog.get_logger(__name__)

_CHUNK = 64 * 1024
_FRAME = 4
"""Bytes of an instant: two sides of 16 bits."""
CONTENT_TYPE = "audio/wav"


class Recorder:
    """Takes what the line records, and gives it back as a file. What cannot be written raises nothing, and is told by
    `trouble`: the call goes on."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._size = 0
        self._file: BinaryIO | None = None
        self.began_at: float | None = None
        """When the first sound was taken, by the loop's clock."""
        self.trouble: OSError | None = None
        """Why there is no more of it than there is."""
        try:
            # Unbuffered: what is counted is on the disk.
            self._file = tempfile.TemporaryFile(prefix="fd-call-", buffering=0)  # noqa: SIM115 - closed by `close`
        except OSError as error:
            self._give_up(error)

    @property
    def seconds(self) -> float:
        """How much there is."""
        return self._size // _FRAME / self._rate

    async def begin(self, _: Any) -> None:
        """Recording has begun."""
        self.began_at = asyncio.get_running_loop().time()

    async def take(self, _: Any, audio: bytes, rate: int, channels: int) -> None:
        """Another stretch of both sides. A full disk ends the recording, not the call."""
        assert rate == self._rate
        assert channels == 2
        if self._file is None or self.trouble is not None:
            return
        try:
            while audio:
                written = self._file.write(audio)
                self._size += written
                audio = audio[written:]
        except OSError as error:
            self._give_up(error)

    async def chunks(self) -> AsyncIterator[bytes]:
        """The file, from its beginning; nothing is taken any more. Raises OSError."""
        left = self._size // _FRAME * _FRAME
        yield _header(self._rate, left)
        if self._file is None:
            return
        self._file.seek(0)
        while chunk := self._file.read(min(_CHUNK, left)):
            left -= len(chunk)
            yield chunk

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()

    def _give_up(self, error: OSError) -> None:
        self.trouble = error
        log.error("call_not_recorded", why=why(error))


def why(error: Exception) -> str:
    """In words for the record of a call, why a recording could not be written or kept."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full"
    return (isinstance(error, OSError) and error.strerror) or type(error).__name__


def _header(rate: int, size: int) -> bytes:
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + size, b"WAVE", b"fmt ", 16, 1, 2, rate, rate * _FRAME, _FRAME, 16, b"data",
        size,
    )  # fmt: skip
