"""Speech as the phone line sees it: what a caller said, as words, and words as audio."""

from collections.abc import AsyncIterator
from typing import Protocol, runtime_checkable

HEARD_RATE = 16_000
"""Samples a second of what a `Transcriber` is given."""


class SpeechFailed(Exception):
    """A provider of speech did not do its work in time, or at all. The message is for the operator."""


class Transcriber(Protocol):
    """Speech to text. Any number of calls may ask at once; they are served in turn."""

    name: str

    async def transcribe(self, audio: bytes) -> str:
        """The words in `audio` (mono, 16 bit, little-endian, `HEARD_RATE`); empty where there are none.

        Raises SpeechFailed.
        """
        ...

    async def warm(self) -> None:
        """Be ready before anybody calls. Raises SpeechFailed."""
        ...

    async def close(self) -> None:
        """Let go of what it runs."""
        ...


class Synthesizer(Protocol):
    """Text to speech. Any number of calls may ask at once; they are served in turn."""

    name: str
    rate: int
    """Samples a second of what it gives."""

    def speak(self, text: str) -> AsyncIterator[bytes]:
        """`text`, a sentence or two in plain words, as audio (mono, 16 bit, little-endian), in pieces as they are
        made. Raises SpeechFailed, which may be after the first piece."""
        ...

    async def warm(self) -> None:
        """Be ready before anybody calls. Raises SpeechFailed."""
        ...

    async def close(self) -> None:
        """Let go of what it runs."""
        ...


@runtime_checkable
class Voiced(Protocol):
    """A `Synthesizer` that has several voices."""

    def speak_as(self, text: str, voice: str) -> AsyncIterator[bytes]:
        """As `speak`, in the voice nearest to the one that organisations know as `voice`; empty for the usual one."""
        ...
