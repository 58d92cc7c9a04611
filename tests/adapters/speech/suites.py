"""What every provider of speech must do, here or outside. Tests subclass the suites and say which is tried."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass

import numpy

from frontdesk.ports.speech import HEARD_RATE, Synthesizer, Transcriber


@dataclass
class Hearer:
    """A transcriber under test, and something to hear."""

    provider: Transcriber
    audio: bytes
    words: str
    """Of what is said in `audio`, some that cannot be missed."""


class HearingSuite:
    """The behaviour of `ports.speech.Transcriber`."""

    async def test_it_hears_what_is_said_also_from_several_at_once(self, hearer: Hearer) -> None:
        await hearer.provider.warm()
        heard = await asyncio.gather(*(hearer.provider.transcribe(hearer.audio) for _ in range(3)))
        assert all(hearer.words in words.lower() for words in heard), heard

    async def test_nothing_is_heard_where_nothing_can_be(self, hearer: Hearer) -> None:
        assert await hearer.provider.transcribe(b"") == ""
        assert await hearer.provider.transcribe(bytes(HEARD_RATE // 20 * 2)) == ""


class SpeakingSuite:
    """The behaviour of `ports.speech.Synthesizer`."""

    async def test_it_speaks_in_whole_samples(self, speaker: Synthesizer) -> None:
        await speaker.warm()
        pieces = [piece async for piece in speaker.speak("Thank you for calling.\nHow can I help?")]
        assert all(len(piece) % 2 == 0 for piece in pieces)
        samples = numpy.frombuffer(b"".join(pieces), dtype="<i2")
        assert 0.3 < len(samples) / speaker.rate < 6
        assert 500 < numpy.abs(samples.astype(int)).mean() < 12_000

    async def test_no_words_are_no_sound(self, speaker: Synthesizer) -> None:
        assert [piece async for piece in speaker.speak(" \n")] == []

    async def test_several_are_spoken_to_at_once_and_one_interrupts(self, speaker: Synthesizer) -> None:
        async def length(text: str) -> int:
            return sum([len(piece) async for piece in speaker.speak(text)])

        async def interrupts() -> None:
            async with aclosing(speaker.speak("I have a great deal to say about that.")) as pieces:  # pyright: ignore
                await anext(pieces)

        short, long, _ = await asyncio.gather(
            length("No."), length("We open at nine every day of the week."), interrupts()
        )
        assert short < long
        assert await length("Goodbye.")
