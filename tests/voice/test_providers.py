"""Several providers of speech in one call, one after the other; outside ones at a fake, on calls over a real socket."""

import contextlib
from collections.abc import AsyncIterator

import numpy
import pytest
from tests.fixtures.speech import fake_vendors
from tests.fixtures.waiting import until
from tests.voice.conftest import Humming, MakeExchange, Scripted

from frontdesk.domain.calls.model import EndedReason, Speaker
from frontdesk.ports.speech import SpeechFailed
from frontdesk.voice.line import Manner
from frontdesk.voice.speech import FAILURES, Ears, Mouth, Providers


class Breaking(Humming):
    """A `Synthesizer` that breaks off after half a second of sound."""

    rate = 24_000

    async def speak(self, text: str) -> AsyncIterator[bytes]:
        self.said.append(text)
        yield bytes(self.rate)
        raise SpeechFailed("it broke off")


class Measured(Humming):
    """A `Synthesizer` that says everything in two seconds, in pieces of all sizes."""

    rate = 22_050

    async def speak(self, text: str) -> AsyncIterator[bytes]:
        self.said.append(text)
        audio = numpy.full(2 * self.rate, 9000, dtype="<i2").tobytes()
        for at in range(0, len(audio), 3002):
            yield audio[at : at + 3002]


async def seconds_of(mouth: Mouth, text: str) -> float:
    return sum([len(piece) async for piece in mouth.speak(text, 8_000)]) / 16_000


async def test_a_sentence_that_breaks_off_is_said_again_by_the_next_voice_at_the_rate_of_the_line() -> None:
    notes: list[str] = []
    breaking, measured = Breaking("first"), Measured("second")
    mouth = Mouth(Providers([], [breaking, measured]), notes.append)
    assert await seconds_of(mouth, "At nine.") == pytest.approx(2.5, abs=0.02)
    assert await seconds_of(mouth, "Goodbye.") == pytest.approx(2.0, abs=0.001)  # to the last sample
    assert (breaking.said, measured.said) == (["At nine."], ["At nine.", "Goodbye."])
    assert notes == ["first broke off: it broke off"]


async def test_where_the_last_voice_breaks_off_it_is_not_begun_again() -> None:
    mouth = Mouth(Providers([], [Breaking()]), [].append)
    assert await seconds_of(mouth, "At nine.") == pytest.approx(0.5, abs=0.02)


async def test_who_fails_on_call_after_call_is_passed_over_until_it_has_rested(monkeypatch: pytest.MonkeyPatch) -> None:
    first, last = Scripted(*["fails"] * (FAILURES + 1)), Scripted()
    first.name = "first"
    providers = Providers([first, last], [])
    for _ in range(FAILURES):
        await Ears(providers, [].append).hear(b"")
    notes: list[str] = []
    await Ears(providers, notes.append).hear(b"")
    assert notes == ["first was not asked: it had just failed on other calls"]
    assert len(first.trouble) == 1
    monkeypatch.setattr("frontdesk.voice.speech.RESTS", 0.0)
    await Ears(providers, [].append).hear(b"")  # fails once more
    first.next.append("Hello.")
    assert await Ears(providers, [].append).hear(b"") == "Hello."
    monkeypatch.undo()
    first.next.append("Hello again.")
    assert await Ears(providers, [].append).hear(b"") == "Hello again."  # what worked is forgiven


REFUSED = "it refuses the key (401, INVALID_AUTH)"
FAULTS = {
    "down": ("did not hear: it broke off", "did not speak: it broke off"),
    "401": (f"did not hear: {REFUSED}", f"did not speak: {REFUSED}"),
    "429": ("did not hear: it is asked too much (429)", "did not speak: it is asked too much (429)"),
    "slow": ("did not hear: it took too long", "did not speak: it took too long"),
    "quiet": ("did not hear: it took too long", "broke off: it went quiet in mid-sentence"),
    "noise": ("did not hear: its answer makes no sense", "did not speak: what it gave is no audio"),
}
"""What the record of a call says of each that befalls a provider, in either leg."""


async def test_a_call_goes_on_whatever_befalls_providers_in_the_middle_of_it(exchange: MakeExchange) -> None:
    """Six providers, each with a trouble of its own, fail one after the other within one turn."""
    async with contextlib.AsyncExitStack() as stack:
        ears, mouths, fakes = [], [], {}
        for fault in FAULTS:
            vendors = await stack.enter_async_context(fake_vendors())
            # A second is short for a busy machine; where it is too short, the record says the same.
            ears.append(vendors.hearing("deepgram", **({"patience": 1.0} if fault in ("slow", "quiet") else {})))
            hasty = {"slow": {"patience": 1.0}, "quiet": {"quiet_for": 1.0}}.get(fault, {})
            mouths.append(vendors.speaking("deepgram", **hasty))
            fakes[fault] = vendors.fake
        hums = Humming()
        line = await exchange(*mouths, hums, ears=[*ears, Scripted()], manner=Manner(turn_ends=0.3, idle=45.0))
        handset, step = await line.ring()
        assert await handset.listen()
        first, *others = fakes.values()
        assert (len(first.said), hums.said, [fake.said for fake in others]) == (4, [], [[]] * 5)
        for fault, fake in fakes.items():
            fake.fault = fault
        await line.say(handset, "My oven is broken.")  # what this machine hears, when it is asked
        await until(lambda: "name" in " ".join(hums.said), 30)
        await line.say(handset, "Goodbye.")
        call = await line.over(step, 60)
        turns = await line.turns(step)
    assert call.trouble == [f"deepgram {each[leg]}" for leg in (0, 1) for each in FAULTS.values()]
    assert call.ended_reason is EndedReason.AGENT_ENDED
    heard = " ".join(turn.text for turn in turns if turn.speaker is Speaker.CALLER)
    assert "My oven is broken." in heard
    assert heard.endswith("Goodbye.")
    assert hums.said[0].startswith("Thank you")  # the sentence that one of them broke off, from its beginning
    assert all(turn.text for turn in turns)
