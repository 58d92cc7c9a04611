"""Calls with real speech on both ends: the caller is Pico, Whisper hears, Piper speaks. Slow, so they are few."""

import re
from collections.abc import AsyncIterator

import numpy
import pytest
import soxr
from tests.adapters.speech.suites import Hearer, HearingSuite, SpeakingSuite
from tests.fixtures.waiting import until
from tests.voice.conftest import MakeExchange, voice

from frontdesk.adapters.speech.pico import Pico
from frontdesk.adapters.speech.piper import Piper
from frontdesk.adapters.speech.whisper import Whisper
from frontdesk.domain.calls.model import EndedReason, Speaker, TransferState
from frontdesk.domain.leads.service import leads
from frontdesk.domain.scheduling import store as scheduling
from frontdesk.ports.speech import HEARD_RATE
from frontdesk.voice.handset import RATE
from frontdesk.voice.line import Manner

pytestmark = pytest.mark.xdist_group("speech")

PATIENT = {"hears_within": 60.0, "speaks_within": 60.0}
"""A machine that has other things to do is slow, and not out of order."""
UNHURRIED = Manner(idle=45.0)


@pytest.fixture(scope="module")
async def ears() -> AsyncIterator[Whisper]:
    hears = Whisper(seconds=60)
    await hears.warm()
    yield hears
    await hears.close()


@pytest.fixture(scope="module")
async def mouth() -> AsyncIterator[Piper]:
    speaks = Piper(seconds=60)
    await speaks.warm()
    yield speaks
    await speaks.close()


class TestWhisper(HearingSuite):
    """What outside providers are held to holds here too."""

    @pytest.fixture
    def hearer(self, ears: Whisper) -> Hearer:
        return Hearer(ears, wide(voice("My boiler is leaking.")), "boiler")


class TestPiper(SpeakingSuite):
    """What outside providers are held to holds here too."""

    @pytest.fixture
    def speaker(self, mouth: Piper) -> Piper:
        return mouth


def wide(samples: bytes) -> bytes:
    """The audio of a telephone as a transcriber takes it."""
    heard = numpy.frombuffer(samples, dtype="<i2").astype(numpy.float32)
    return soxr.resample(heard, RATE, HEARD_RATE).astype("<i2").tobytes()


async def words_of(ears: Whisper, samples: bytes) -> str:
    """What is said in the audio of a telephone, twenty seconds at a time."""
    heard, most = wide(samples), 20 * HEARD_RATE * 2
    return " ".join([await ears.transcribe(heard[at : at + most]) for at in range(0, len(heard), most)])


async def test_a_caller_books_a_time_by_voice(exchange: MakeExchange, ears: Whisper, mouth: Piper) -> None:
    line = await exchange(mouth, ears=[ears], manner=UNHURRIED, **PATIENT)
    handset, step = await line.ring()
    booked_from = 0
    for said, words in (
        ("How can I help you?", "My name is Sarah Jones. My boiler is leaking and I would like to book a visit."),
        ("Which", "The second one please."),
        ("anything else", "No that's all thank you goodbye."),
    ):
        # By the record and not by ear: between two sentences a machine with other things to do is quiet for long.
        async def asked(said: str = said) -> bool:
            return any(said in turn.text for turn in await line.turns(step))

        await until(asked, 90)
        heard_before = len(handset.heard)
        await handset.say(voice(words))
        if said == "Which":
            booked_from = heard_before
    call = await line.over(step, 90)
    assert (call.ended_reason, call.trouble) == (EndedReason.AGENT_ENDED, [])
    assert call.lead_id
    async with line.works.begin(line.org.actor) as work:
        lead = await leads.get(work, call.lead_id)
        assert lead.booking_id
        booking = await scheduling.get(work, lead.booking_id)
    assert lead.name == "Sarah Jones"
    assert "boiler" in (lead.service_interest or "")
    assert booking.starts_at.isoformat() == "2026-03-11T09:00:00+00:00"
    answer = (await words_of(ears, handset.heard[booked_from:])).lower()
    assert re.search(r"wednesday.*(?:11|eleven).*\b(?:9 ?a|nine)", answer), answer


async def test_a_caller_interrupts_and_asks_for_a_person_by_voice(
    exchange: MakeExchange, ears: Whisper, mouth: Piper
) -> None:
    line = await exchange(mouth, ears=[ears], manner=UNHURRIED, **PATIENT)
    handset, step = await line.ring()
    await until(lambda: handset.seconds_heard > 3, 90)  # in the middle of the greeting
    await handset.say(voice("Sorry, can I speak to a person please?"))
    assert handset.clears, "it was not stopped while the caller spoke"
    await until(lambda: handset.seconds_heard > 0 and bool(handset.clears), 5)

    async def handed_over() -> bool:
        return (await line.call(step)).transfer is TransferState.UNANSWERED

    await until(handed_over, 90)
    assert any(turn.interrupted for turn in await line.turns(step))
    await handset.hang_up()
    await line.over(step, 60)


async def test_pico_speaks_where_piper_does_not() -> None:
    pico = Pico()
    audio = b"".join([piece async for piece in pico.speak("Thank you for calling.")])
    assert len(audio) > pico.rate
    await pico.close()


async def test_a_caller_who_says_nothing_is_asked_twice_by_voice(
    exchange: MakeExchange, ears: Whisper, mouth: Piper
) -> None:
    line = await exchange(mouth, ears=[ears], manner=Manner(idle=0.8), **PATIENT)
    async with line.works.begin(line.org.actor) as work:
        await work.execute("update organizations set greeting = 'Acme, good day.' where org_id = $1", line.org.id)
    handset, step = await line.ring()  # its microphone sends silence
    call = await line.over(step, 90)
    assert (call.ended_reason, call.trouble, call.lead_id) == (EndedReason.SILENCE, [], None)
    assert not any(turn.speaker is Speaker.CALLER for turn in await line.turns(step))
    heard = (await words_of(ears, handset.heard)).lower()
    assert heard.count("still there") == 2, heard
    assert "hang up" in heard, heard
    assert "goodbye" in heard.replace(" ", "").replace("-", ""), heard
