"""The providers of speech as one call uses them: where one fails or goes quiet the next takes over, and it is noted."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

import structlog

from frontdesk.ports.speech import SpeechFailed, Synthesizer, Transcriber

log = structlog.get_logger(__name__)

HEARS_WITHIN = 12.0
"""Seconds in which the words of an utterance have to be there, the wait for a turn included."""

SPEAKS_WITHIN = 6.0
"""Seconds in which each piece of audio has to be there."""

Note = Callable[[str], None]
"""Told what went wrong, in a sentence for the record of the call."""


@dataclass(frozen=True)
class Providers:
    """Who hears and who speaks, in the order in which they are asked."""

    transcribers: Sequence[Transcriber]
    synthesizers: Sequence[Synthesizer]
    hears_within: float = HEARS_WITHIN
    speaks_within: float = SPEAKS_WITHIN

    async def close(self) -> None:
        """Let go of all of them."""
        for provider in (*self.transcribers, *self.synthesizers):
            await provider.close()


class Ears:
    """Hears for one call. A provider that failed is not asked again on that call."""

    def __init__(self, providers: Providers, note: Note) -> None:
        self._left = list(providers.transcribers)
        self._seconds, self._note = providers.hears_within, note

    async def hear(self, audio: bytes) -> str:
        """The words in `audio`. Raises SpeechFailed where nobody is left to ask; the last provider is asked again each
        time."""
        while True:
            provider = self._left[0]
            try:
                async with asyncio.timeout(self._seconds):
                    return await provider.transcribe(audio)
            except (SpeechFailed, TimeoutError) as error:
                _tell(self._note, provider.name, "did not hear", error)
                if len(self._left) == 1:
                    raise SpeechFailed("nobody could hear") from error
                self._left.pop(0)


class Mouth:
    """Speaks for one call. A provider that failed is not asked again on that call."""

    def __init__(self, providers: Providers, note: Note) -> None:
        self._left = list(providers.synthesizers)
        self._seconds, self._note = providers.speaks_within, note

    async def speak(self, text: str) -> AsyncIterator[tuple[bytes, int]]:
        """`text` as pieces of audio, each with its rate. What fails after the first piece is broken off: nobody says a
        sentence twice. Raises SpeechFailed where nobody is left to ask."""
        while True:
            provider = self._left[0]
            begun = False
            pieces = provider.speak(text)
            try:
                while True:
                    async with asyncio.timeout(self._seconds):
                        piece = await anext(pieces)
                    begun = True
                    yield piece, provider.rate
            except StopAsyncIteration:
                return
            except (SpeechFailed, TimeoutError) as error:
                _tell(self._note, provider.name, "did not speak", error)
                if len(self._left) > 1:
                    self._left.pop(0)
                elif not begun:
                    raise SpeechFailed("nobody could speak") from error
                if begun:
                    return


def _tell(note: Note, provider: str, what: str, error: Exception) -> None:
    why = str(error) or "it took too long"
    log.warning("speech_failed", provider=provider, why=why)
    note(f"{provider} {what}: {why}")
