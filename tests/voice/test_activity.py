"""When a caller counts as speaking: soon after they begin, and not at a cough."""

import numpy
import pytest
from pipecat.audio.vad.vad_analyzer import VADState
from tests.voice.conftest import voice

from frontdesk.voice.activity import VoiceActivity
from frontdesk.voice.handset import RATE
from frontdesk.voice.line import Manner

_FRAME = RATE // 50


async def changes(sound: numpy.ndarray, noise: float = 0) -> list[tuple[float, VADState]]:
    """What is made of a sound after two seconds of a quiet line: each change, and the seconds since the sound began."""
    chance = numpy.random.default_rng(1)
    line = numpy.concatenate([numpy.zeros(2 * RATE), sound, numpy.zeros(RATE)])
    samples = (line + chance.normal(0, noise, len(line))).clip(-32767, 32767).astype("<i2")
    activity = VoiceActivity(RATE, Manner().speech_begins, Manner().speech_ends)
    state, found = VADState.QUIET, list[tuple[float, VADState]]()
    for at in range(0, len(samples) - _FRAME, _FRAME):
        new = await activity.analyze_audio(samples[at : at + _FRAME].tobytes())
        if new is not state:
            found.append(((at + _FRAME) / RATE - 2, new))
        state = new
    await activity.cleanup()
    return found


def said(words: str) -> numpy.ndarray:
    """A caller's voice, from its first sound to its last."""
    samples = numpy.frombuffer(voice(words), dtype="<i2").astype(float)
    loud = numpy.flatnonzero(abs(samples) > 200)
    return samples[loud[0] : loud[-1] + 1]


def cough(seconds: float, seed: int) -> numpy.ndarray:
    """A burst of noise that rings in a throat, and a moan at its end."""
    length = int(seconds * RATE)
    spectrum = numpy.fft.rfft(numpy.random.default_rng(seed).normal(0, 1, length))
    at = numpy.fft.rfftfreq(length, 1 / RATE)
    spectrum *= 1 / (1 + ((at - 600) / 250) ** 2) + 0.8 / (1 + ((at - 1600) / 300) ** 2)
    burst = numpy.fft.irfft(spectrum, length) * numpy.exp(-numpy.arange(length) / RATE / (seconds / 3))
    moan = said("Ah.")[1000 : 1000 + RATE // 12]
    return numpy.concatenate([burst / abs(burst).max() * 12_000, moan * (6_000 / abs(moan).max())])


@pytest.mark.parametrize("noise", [0, 18])
async def test_speech_is_noticed_soon_and_its_end_too(noise: float) -> None:
    for words in ("I would like to book a visit please", "My name is Sarah Jones.", "Can I speak to a person please?"):
        sound = said(words)
        (began, first), *_, (ended, last) = await changes(sound, noise)
        assert (first, last) == (VADState.SPEAKING, VADState.QUIET)
        assert began < 0.27
        assert ended - len(sound) / RATE < 0.26


async def test_a_cough_is_no_speech() -> None:
    for seed, seconds in enumerate((0.15, 0.25, 0.4)):
        assert await changes(cough(seconds, seed), noise=18) == []


async def test_a_voice_from_the_next_room_is_no_speech() -> None:
    assert await changes(said("I would like to book a visit please") * 0.003) == []
