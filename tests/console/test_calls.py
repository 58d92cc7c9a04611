"""Calls in the console: the list and its filters, a call with its words, lead and audio, and whose they are."""

import struct
import wave
from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO
from math import sin

import pytest
from tests.console.conftest import Browser, BrowserFor, words
from tests.fixtures.calls import MakeCall
from tests.fixtures.organizations import Organization

from frontdesk.console.views.calls import MOOD_WORDS, REASON_WORDS, STATUS_WORDS, TASK_WORDS, peaks_of
from frontdesk.domain.calls import service as calls
from frontdesk.domain.calls.model import CallSentiment, CallStatus, EndedReason, Opened, Task
from frontdesk.domain.calls.service import analyzing
from frontdesk.kernel.clock import FrozenClock
from frontdesk.platform.context import Context


def sound(seconds: float = 4.0, rate: int = 8000) -> bytes:
    """A WAV of both sides: the caller speaks in the first half, we in the second."""
    frames = int(seconds * rate)
    file = BytesIO()
    with wave.open(file, "wb") as to:
        to.setnchannels(2)
        to.setsampwidth(2)
        to.setframerate(rate)
        for at in range(frames):
            loud = int(20_000 * sin(at / 7))
            to.writeframesraw(struct.pack("<hh", loud if at < frames / 2 else 0, 0 if at < frames / 2 else loud))
    return file.getvalue()


@pytest.fixture
async def call(context: Context, org: Organization, a_call: MakeCall, clock: FrozenClock) -> Opened:
    """A call that is over, recorded and read."""
    opened = await a_call("My name is Dana Fox and my <tap> leaks, it is urgent.", "I will see to that.")

    async def chunks() -> AsyncIterator[bytes]:
        yield sound()

    await calls.keep_recording(
        context, org.id, opened.call, chunks(), content_type="audio/wav", seconds=4, started_ms=0, announced=True
    )
    clock.move(timedelta(seconds=65))
    await calls.complete(context.works, org.id, opened.call.id, EndedReason.CALLER_HUNG_UP)
    await analyzing.analyze(context, org.id, opened.call.id)
    return opened


async def test_an_empty_list_says_how_calls_come(owner: Browser) -> None:
    shown = words(await owner.get("/calls"))
    assert "No calls yet" in shown
    assert "+44 7700 900001." in shown


async def test_calls_are_listed_and_filtered(owner: Browser, call: Opened, a_call: MakeCall) -> None:
    await a_call(sender="anonymous")
    shown = words(await owner.get("/calls"))
    assert "2 calls" in shown
    assert "Dana Fox called" in shown
    assert "Number withheld" in shown
    for query, count in (("status=completed", 1), ("status=in_progress", 1), ("q=tap", 1), ("q=dana", 1),
                         ("by=ai", 2), ("by=people", 0), ("direction=outbound", 0), ("status=none", 2)):  # fmt: skip
        found = words(await owner.get(f"/calls?{query}"))
        assert (f"{count} call" in found) if count else ("No such call" in found), query


async def test_a_call_shows_what_was_said_and_what_came_of_it(owner: Browser, call: Opened) -> None:
    page = await owner.get(f"/calls/{call.call.id}")
    shown = words(page)
    for told in (
        "my <tap> leaks",
        "after 0.7 s",
        "Dana Fox",
        "1:05",
        "The caller hung up",
        "Read by the offline rules",
    ):
        assert told in shown, told
    assert f'src="/console/calls/{call.call.id}/audio?leg=1"' in page.text
    assert "<tap>" not in page.text


async def test_its_audio_plays_in_parts_and_is_drawn(owner: Browser, call: Opened) -> None:
    whole = await owner.get(f"/calls/{call.call.id}/audio")
    assert whole.content == sound()
    part = await owner.get(f"/calls/{call.call.id}/audio", headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.content) == (206, sound()[4:8])
    caller, ours = (await owner.get(f"/calls/{call.call.id}/waveform")).json()
    assert len(caller) == len(ours) == 400
    assert (max(caller[:199]) > 0.5, max(caller[201:])) == (True, 0)
    assert (max(ours[:199]), max(ours[201:]) > 0.5) == (0, True)


async def test_a_call_is_nobody_elses(
    stranger: Browser, viewer: Browser, browser_for: BrowserFor, call: Opened
) -> None:
    nobody = await browser_for()
    for path in ("", "/audio", "/waveform"):
        assert (await stranger.get(f"/calls/{call.call.id}{path}")).status_code == 404
        assert (await nobody.get(f"/calls/{call.call.id}{path}")).status_code == 303
        assert (await viewer.get(f"/calls/{call.call.id}{path}")).status_code == 200
    assert "No calls yet" in words(await stranger.get("/calls"))


@pytest.mark.parametrize(
    "broken", [b"", b"RIFF", b"RIFF1234WAVE", b"RIFF1234WAVEfmt \x10\0\0\0", sound()[:60], b"\0" * 99]
)
def test_a_recording_that_is_no_wav_is_not_drawn(broken: bytes) -> None:
    assert all(isinstance(channel, list) for channel in peaks_of(broken))


FORM = {
    "recording": "on", "announcement": "We record this.", "ring_numbers": "07700 900888\r\n+44 7700 900889\r\n",
    "ring_seconds": "25", "concurrent_calls": "3",
}  # fmt: skip


async def test_how_calls_are_taken_is_changed(owner: Browser, org: Organization) -> None:
    shown = await owner.get("/settings/calls")
    assert 'value="This call is recorded."' in shown.text
    answer = await owner.post("/settings/calls", ring_members=str(org.owner_id), **FORM)
    assert "It holds from the next call on." in await owner.page(answer)
    kept = (await owner.get("/settings/calls")).text
    for told in (
        "+447700900888\n+447700900889",
        'value="We record this."',
        'value="25"',
        f'value="{org.owner_id}" checked',
    ):
        assert told in kept
    assert "I am sorry to have missed you" in kept
    assert 'value="usual" selected' in kept
    for machine, words_of_ours, value in (
        ("own", "Ring us back.", "own"),
        ("nothing", "", "nothing"),
        ("usual", "", "usual"),
    ):
        await owner.post("/settings/calls", **FORM, machine=machine, voicemail=words_of_ours)
        kept = (await owner.get("/settings/calls")).text
        assert f'value="{value}" selected' in kept
        assert (">Ring us back.</textarea>" in kept) is (machine == "own")
    silent = await owner.post("/settings/calls", **{**FORM, "announcement": "", "recording": ""})
    assert silent.status_code == 303
    kept = (await owner.get("/settings/calls")).text
    assert 'name="recording" value="on">' in kept


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("ring_numbers", "07700 9", "too short"),
        ("ring_numbers", "\n".join(f"07700 9000{number}" for number in range(10, 21)), "At most 10 are rung at once"),
        ("ring_seconds", "2", "It rings for 5 to 120 seconds."),
        ("ring_seconds", "soon", "This is a whole number."),
        ("concurrent_calls", "0", "From 1 to 1000 calls may be taken at once."),
        ("announcement", "x" * 501, "at most 500 characters"),
        ("voicemail", " ", "Write what is said, or choose another way."),
    ],
)
async def test_what_is_wrong_with_it_stands_at_its_field(owner: Browser, field: str, value: str, said: str) -> None:
    answer = await owner.post("/settings/calls", **{**FORM, "machine": "own", "voicemail": "Bye.", field: value})
    assert answer.status_code == 400
    assert said in answer.text.partition(f'id="f-{field}-says"')[2].partition("</div>")[0]


async def test_who_may_only_look_changes_nothing(viewer: Browser) -> None:
    assert "Owners and admins change it" in words(await viewer.get("/settings/calls"))
    assert (await viewer.post("/settings/calls", **FORM)).status_code == 403


def test_every_state_of_a_call_has_its_words() -> None:
    assert set(STATUS_WORDS) == set(CallStatus)
    assert set(REASON_WORDS) == set(EndedReason)
    assert set(TASK_WORDS) == set(Task)
    assert set(MOOD_WORDS) == set(CallSentiment)
