"""The providers of speech as one call uses them: where one fails or goes quiet the next takes over, and it is noted."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import numpy
import soxr
import structlog

from frontdesk.ports.speech import SpeechFailed, Synthesizer, Transcriber, Voiced

log = structlog.get_logger(__name__)

HEARS_WITHIN = 12.0
"""Seconds in which the words of an utterance have to be there, the wait for a turn included."""

SPEAKS_WITHIN = 6.0
"""Seconds in which each piece of audio has to be there."""

Note = Callable[[str], None]
"""Told what went wrong, in a sentence for the record of the call."""


FAILURES = 2
"""So often running, over all calls, a provider fails before the next calls begin without it."""
RESTS = 60.0
"""Seconds for which they do."""

Provider = TypeVar("Provider", Transcriber, Synthesizer)


class Standing:
    """Who has failed lately, over all calls of this process."""

    def __init__(self) -> None:
        self._failed: dict[object, tuple[int, float]] = {}

    def failed(self, provider: object) -> None:
        """It has, just now."""
        times, _ = self._failed.get(provider, (0, 0.0))
        self._failed[provider] = (times + 1, _now())

    def worked(self, provider: object) -> None:
        """It has: what was before is forgotten."""
        self._failed.pop(provider, None)

    def fit(self, providers: Sequence[Provider], note: Note) -> list[Provider]:
        """Those to begin a call with. The last is one of them, whatever it did."""
        kept: list[Provider] = []
        for provider in providers:
            times, last = self._failed.get(provider, (0, 0.0))
            if provider is not providers[-1] and times >= FAILURES and _now() - last < RESTS:
                note(f"{provider.name} was not asked: it had just failed on other calls")
            else:
                kept.append(provider)
        return kept


@dataclass(frozen=True)
class Providers:
    """Who hears and who speaks, in the order in which they are asked."""

    transcribers: Sequence[Transcriber]
    synthesizers: Sequence[Synthesizer]
    hears_within: float = HEARS_WITHIN
    speaks_within: float = SPEAKS_WITHIN
    standing: Standing = field(default_factory=Standing)

    async def close(self) -> None:
        """Let go of all of them."""
        for provider in (*self.transcribers, *self.synthesizers):
            await provider.close()


class Ears:
    """Hears for one call. A provider that failed is not asked again on that call."""

    def __init__(self, providers: Providers, note: Note) -> None:
        self._standing, self._note = providers.standing, note
        self._left = self._standing.fit(providers.transcribers, note)
        self._seconds = providers.hears_within

    async def hear(self, audio: bytes) -> str:
        """The words in `audio`. Raises SpeechFailed where nobody is left to ask; the last provider is asked again each
        time."""
        while True:
            provider = self._left[0]
            try:
                async with asyncio.timeout(self._seconds):
                    words = await provider.transcribe(audio)
            except (SpeechFailed, TimeoutError) as error:
                _tell(self._note, provider.name, "did not hear", error)
                self._standing.failed(provider)
                if len(self._left) == 1:
                    raise SpeechFailed("nobody could hear") from error
                self._left.pop(0)
            else:
                self._standing.worked(provider)
                return words


class Mouth:
    """Speaks for one call. A provider that failed is not asked again on that call."""

    voice = ""
    """The voice that the organisation has chosen, for providers that have several."""

    def __init__(self, providers: Providers, note: Note) -> None:
        self._standing, self._note = providers.standing, note
        self._left = self._standing.fit(providers.synthesizers, note)
        self._seconds = providers.speaks_within

    async def speak(self, text: str, rate: int) -> AsyncGenerator[bytes]:
        """`text` as pieces of audio of `rate` samples a second. What fails after the first piece is said again from its
        beginning by the next provider: it may have been the time of a booking. Raises SpeechFailed where nobody is left
        to ask and nothing was said."""
        while True:
            provider = self._left[0]
            fits = _Fitting(provider.rate, rate)
            begun = False
            try:
                async with _closing(self._pieces(provider, text)) as pieces:
                    while (piece := await self._next(pieces)) is not None:
                        begun = True
                        yield fits.take(piece)
            except (SpeechFailed, TimeoutError) as error:
                _tell(self._note, provider.name, "broke off" if begun else "did not speak", error)
                self._standing.failed(provider)
                yield fits.rest()
                if len(self._left) == 1 and not begun:
                    raise SpeechFailed("nobody could speak") from error
                if len(self._left) == 1:
                    return
                self._left.pop(0)
            else:
                self._standing.worked(provider)
                yield fits.rest()
                return

    async def _next(self, pieces: AsyncIterator[bytes]) -> bytes | None:
        async with asyncio.timeout(self._seconds):
            return await anext(pieces, None)

    def _pieces(self, provider: Synthesizer, text: str) -> AsyncIterator[bytes]:
        return provider.speak_as(text, self.voice) if isinstance(provider, Voiced) else provider.speak(text)


class _Fitting:
    """Audio of one rate made into audio of another, across its pieces."""

    def __init__(self, given: int, wanted: int) -> None:
        self._stream = None if given == wanted else soxr.ResampleStream(given, wanted, 1, dtype="int16")

    def take(self, piece: bytes) -> bytes:
        """The next piece, as far as it can be made yet."""
        return piece if self._stream is None else self._made(piece)

    def rest(self) -> bytes:
        """What is left at the end."""
        return b"" if self._stream is None else self._made(b"", last=True)

    def _made(self, piece: bytes, *, last: bool = False) -> bytes:
        assert self._stream is not None
        return self._stream.resample_chunk(numpy.frombuffer(piece, dtype="<i2"), last=last).tobytes()


@asynccontextmanager
async def _closing(pieces: AsyncIterator[bytes]) -> AsyncGenerator[AsyncIterator[bytes]]:
    """Has a generator let go of its connection at once when it is left."""
    try:
        yield pieces
    finally:
        if isinstance(pieces, AsyncGenerator):
            await pieces.aclose()


def _tell(note: Note, provider: str, what: str, error: Exception) -> None:
    why = str(error) or "it took too long"
    log.warning("speech_failed", provider=provider, why=why)
    note(f"{provider} {what}: {why}")


def _now() -> float:
    return asyncio.get_running_loop().time()
