"""Deepgram, OpenAI, ElevenLabs and Cartesia on a real socket: what each does, and what each fault of theirs becomes."""

import asyncio

import numpy
import pytest
from tests.adapters.speech.suites import Hearer, HearingSuite, SpeakingSuite
from tests.fakes.speech import FAULTS, KEY
from tests.fixtures.speech import HEARING, SPEAKING, Vendors

from frontdesk import doctor
from frontdesk.adapters.speech import chosen
from frontdesk.adapters.speech.outside import Speaking
from frontdesk.domain.organizations.model import VOICES
from frontdesk.platform.settings import load_settings
from frontdesk.ports.speech import HEARD_RATE, SpeechFailed, Voiced

SOUND = (numpy.sin(numpy.arange(HEARD_RATE) / 20) * 9000).astype("<i2").tobytes()
HASTY = {"patience": 0.2, "quiet_for": 0.2}


@pytest.mark.parametrize("vendor", HEARING)
class TestHearing(HearingSuite):
    """The suite, at each vendor."""

    @pytest.fixture
    def hearer(self, vendors: Vendors, vendor: str) -> Hearer:
        return Hearer(vendors.hearing(vendor), SOUND, "boiler")

    async def test_the_whole_of_the_speech_is_sent(self, vendors: Vendors, hearer: Hearer) -> None:
        await hearer.provider.transcribe(SOUND)
        assert vendors.fake.seconds_heard == [1.0]

    async def test_a_connection_that_was_closed_while_idle_costs_nothing(self, vendors: Vendors, vendor: str) -> None:
        hearing = vendors.hearing(vendor)
        await hearing.transcribe(SOUND)
        assert hearing._api._session is not None
        assert hearing._api._session.connector is not None
        for kept in [protocol for each in hearing._api._session.connector._conns.values() for protocol, _ in each]:
            kept.transport.abort()
            kept.is_connected = lambda: True  # the closing is still on its way
        assert await hearing.transcribe(SOUND) == vendors.fake.hears


@pytest.mark.parametrize("vendor", SPEAKING)
class TestSpeaking(SpeakingSuite):
    """The suite, at each vendor."""

    @pytest.fixture
    def speaker(self, vendors: Vendors, vendor: str) -> Speaking:
        return vendors.speaking(vendor)


@pytest.mark.parametrize("vendor", ["openai", "deepgram"])
async def test_organisations_have_the_voice_that_they_chose(vendors: Vendors, vendor: str) -> None:
    speaking = vendors.speaking(vendor)
    assert isinstance(speaking, Voiced)
    for voice in VOICES:
        async for _ in speaking.speak_as("Good day.", voice):
            pass
    had = [voice for _, voice, _ in vendors.fake.said]
    assert len(set(had)) == len(VOICES)
    if vendor == "openai":
        assert had == list(VOICES)


EXPECTED = {
    "down": "it broke off", "401": "it refuses the key (401, ", "402": "no credit is left there (4",
    "429": "it is asked too much (429)", "500": "it answers 500", "slow": "it took too long",
    "breaks": "it broke off", "a page": "",
}  # fmt: skip
"""What the record of a call says of a fault, in either leg."""
EXPECTED_HEARING = EXPECTED | {
    "quiet": "it took too long", "noise": "its answer makes no sense", "silence": "its answer makes no sense",
    "another file": "its answer makes no sense", "a page": "its answer makes no sense",
    "nonsense": "its answer makes no sense", "nothing": "its answer makes no sense", "endless": "its answer has no end",
}  # fmt: skip
EXPECTED_SPEAKING = EXPECTED | {
    "quiet": "it went quiet in mid-sentence", "noise": "what it gave is no audio", "silence": "it gave silence",
    "another file": "what it gave is no audio", "a page": "what it gave is no audio",
    "nonsense": "what it gave is no audio", "nothing": "it gave no audio", "endless": "it does not stop",
}  # fmt: skip


@pytest.mark.parametrize("vendor", HEARING)
@pytest.mark.parametrize("fault", FAULTS)
async def test_who_does_not_hear_says_why(vendors: Vendors, vendor: str, fault: str) -> None:
    vendors.fake.fault = fault
    hearing = vendors.hearing(vendor, **(HASTY if fault in ("slow", "quiet") else {}))
    with pytest.raises(SpeechFailed) as failed:
        await hearing.transcribe(SOUND)
    assert str(failed.value).startswith(EXPECTED_HEARING[fault])
    assert KEY not in str(failed.value)
    vendors.fake.fault = None
    assert await vendors.hearing(vendor).transcribe(SOUND) == vendors.fake.hears


@pytest.mark.parametrize("vendor", SPEAKING)
@pytest.mark.parametrize("fault", FAULTS)
async def test_who_does_not_speak_says_why(vendors: Vendors, vendor: str, fault: str) -> None:
    vendors.fake.fault = fault
    speaking = vendors.speaking(vendor, **(HASTY if fault in ("slow", "quiet") else {}))
    given: list[bytes] = []

    async def listen() -> None:
        async for piece in speaking.speak("Your visit is on Wednesday 11 March at nine."):
            given.append(piece)

    with pytest.raises(SpeechFailed) as failed:
        await listen()
    assert str(failed.value).startswith(EXPECTED_SPEAKING[fault])
    assert KEY not in str(failed.value)
    assert bool(given) == (fault in ("quiet", "breaks", "endless", "silence"))
    vendors.fake.fault = None
    assert [piece async for piece in vendors.speaking(vendor).speak("Goodbye.")]


async def test_who_is_not_there_is_told_of(vendors: Vendors) -> None:
    settings = load_settings({
        "HOME": "/", "FRONTDESK_DEEPGRAM_API_KEY": KEY, "FRONTDESK_DEEPGRAM_BASE_URL": "http://127.0.0.1:1",
    })  # fmt: skip
    (hearing,), (speaking,) = chosen.hearing(settings), chosen.speaking(settings)
    for trying in (hearing.warm(), speaking.warm()):
        with pytest.raises(SpeechFailed, match="it cannot be reached"):
            await trying
    await asyncio.gather(hearing.close(), speaking.close())


async def test_a_wrong_key_is_told_of_before_anybody_calls(vendors: Vendors) -> None:
    for speaking in (SPEAKING[vendor](vendors.account(vendor, key="wrong")) for vendor in ("elevenlabs", "cartesia")):
        with pytest.raises(SpeechFailed, match=r"^it refuses the key \(401, invalid_api_key\)$"):
            await speaking.warm()
        await speaking.close()


async def test_the_doctor_tries_each_leg(vendors: Vendors) -> None:
    env = {
        "HOME": "/", "FRONTDESK_DEEPGRAM_API_KEY": KEY, "FRONTDESK_DEEPGRAM_BASE_URL": vendors.base_url("deepgram"),
        "FRONTDESK_ELEVENLABS_API_KEY": "wrong", "FRONTDESK_ELEVENLABS_BASE_URL": vendors.base_url("elevenlabs"),
    }  # fmt: skip
    told = [(each.name, each.ok, each.says) async for each in doctor._speech(load_settings(env))]
    assert told == [
        ("hearing", True, "deepgram works; Whisper on this machine takes over where it does not"),
        (
            "speaking",
            False,
            "elevenlabs: it refuses the key (401, invalid_api_key); Piper on this machine does it meanwhile",
        ),
    ]
    told = [(each.name, each.says) async for each in doctor._speech(load_settings({"HOME": "/"}))]
    assert told == [("hearing", "Whisper on this machine"), ("speaking", "Piper on this machine")]


async def test_settings_choose_who_is_asked_for_what(vendors: Vendors) -> None:
    env = {
        "HOME": "/", "FRONTDESK_HEARING": "cartesia:ink-2,deepgram",
        "FRONTDESK_SPEAKING": "cartesia,elevenlabs:eleven_v3",
        "FRONTDESK_ELEVENLABS_VOICE": "ours", "FRONTDESK_SPEECH_TIMEOUT": "30",
    }  # fmt: skip
    for vendor in ("deepgram", "elevenlabs", "cartesia"):
        env |= {
            f"FRONTDESK_{vendor.upper()}_API_KEY": KEY,
            f"FRONTDESK_{vendor.upper()}_BASE_URL": vendors.base_url(vendor),
        }
    settings = load_settings(env)
    hearing, speaking = chosen.hearing(settings), chosen.speaking(settings)
    assert [each.name for each in hearing] == ["cartesia", "deepgram"]
    assert [each.name for each in speaking] == ["cartesia", "elevenlabs"]
    for each in (*hearing, *speaking):
        await each.warm()
        await each.close()
    assert [(vendor, voice) for vendor, voice, _ in vendors.fake.said][1] == ("elevenlabs", "ours")
