"""The phone of a `frontdesk up` that answers: rung by its own command, its voice process killed in mid-call."""

import contextlib
import json
import os
import re
import signal
import wave
from collections.abc import AsyncIterator
from itertools import groupby
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import aiohttp
import pytest
from tests.end_to_end.business import Business, business
from tests.end_to_end.installation import Installation
from tests.fixtures.processes import start_python
from tests.fixtures.waiting import until
from tests.voice.conftest import voice

from frontdesk.adapters.signatures import Signatures
from frontdesk.voice.handset import RATE, Handset

pytestmark = [pytest.mark.process, pytest.mark.xdist_group("speech")]

VOICE = "/hekax/api/voice"
_QUICK_VOICE = Path(__file__).parents[1] / "voice" / "quick_process.py"
SLOW = 180.0
"""Seconds for what speech may take on a machine that has other things to do."""


@pytest.fixture(scope="module")
async def answering(migrated: Path) -> AsyncIterator[tuple[Installation, Business]]:
    """An installation that answers the phone, and a business in it."""
    here = Installation(migrated, VOICE="on")
    try:
        up = await here.serve("up")
        async with business(here.url, "Harbour Kitchens") as us:
            await until(lambda: bool(processes(here)), SLOW)
            yield here, us
        await up.stop()  # and its voice process with it, which has a session of its own
    finally:
        await here.close()


def processes(here: Installation) -> list[int]:
    """The voice processes that say that they answer."""
    return [int(each.stem) for each in (here.data_dir / "voice").glob("*.port")]


def wav(path: Path, words: str) -> str:
    """A file with a caller's words."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(voice(words) + bytes(RATE))
    return str(path)


async def test_the_command_that_rings_takes_its_turns_and_tells_what_came_of_it(
    answering: tuple[Installation, Business], tmp_path: Path
) -> None:
    here, _ = answering
    said = [
        wav(tmp_path / f"{place}.wav", words)
        for place, words in enumerate(
            ["My name is Sarah Jones. My boiler is leaking.", "No that's all thank you goodbye."]
        )
    ]
    heard = tmp_path / "heard.wav"
    ringing = await here.start(
        "call", "--wav", said[0], "--wav", said[1], "--org", "Harbour Kitchens", "--from", "+447700900555", "--save",
        str(heard),
    )  # fmt: skip
    status, told = await ringing.ended(SLOW), ringing.said
    assert status == 0, told
    lines = re.findall(r"^ *[\d.]+ s  (\w+): (.*)", told, re.M)
    # A side may pause, and what it says after that stands by itself; nobody speaks out of turn for it.
    assert [who for who, _ in groupby(lines, lambda line: line[0])] == ["Sam", "Caller", "Sam", "Caller", "Sam"], told
    assert "boiler" in next(words for who, words in lines if who == "Caller")
    assert "Name: Sarah Jones; number: +447700900555" in told
    assert "The call is completed: agent ended" in told
    with wave.open(str(heard)) as file:
        assert file.getnframes() > 5 * RATE


class Carrier:
    """Twilio's side of one call, as the sandbox would sign it."""

    def __init__(self, here: Installation, us: Business, sid: str) -> None:
        self._here, self.sid, self._us = here, sid, us
        secrets = json.loads((here.data_dir / "secrets.json").read_text())
        self._account, self._signs = secrets["sandbox_account_sid"], Signatures(secrets["sandbox_auth_token"])
        self.handset = Handset()

    async def told(self, path: str, status: str) -> ElementTree.Element:
        """Post what has become of the call to `path`; what is to be done."""
        form = {
            "CallSid": self.sid, "AccountSid": self._account, "From": "+447700900556", "To": self._us.number,
            "CallStatus": status, "Direction": "inbound",
        }  # fmt: skip
        url = self._here.url + path
        headers = {"X-Twilio-Signature": self._signs.of(url, form)}
        async with aiohttp.ClientSession() as http, http.post(url, data=form, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            return ElementTree.fromstring((await answer.text()).encode())

    async def connect(self, twiml: ElementTree.Element) -> str:
        """Open the media socket that is asked for, and say where to ask when it is closed."""
        connect = twiml.find("Connect")
        assert connect is not None, ElementTree.tostring(twiml)
        [stream] = connect
        parameters = {each.attrib["name"]: each.attrib["value"] for each in stream}
        self.handset = Handset()
        await self.handset.connect(stream.attrib["url"], self.sid, parameters, {})
        return connect.attrib["action"].removeprefix(self._here.url)


@contextlib.asynccontextmanager
async def quick_voice(here: Installation) -> AsyncIterator[int]:
    """A voice process beside that of `up`, whose speech is by stand-ins that need no start; its process id."""
    voice_process = await start_python(_QUICK_VOICE, str(here.data_dir), str(here.port))
    try:
        await until(lambda: voice_process.pid in processes(here), SLOW)
        yield voice_process.pid
    finally:
        voice_process.terminate()
        await voice_process.wait()


async def test_a_caller_is_taken_up_again_when_the_voice_process_is_killed(
    answering: tuple[Installation, Business],
) -> None:
    here, us = answering
    carrier = Carrier(here, us, "CA" + "5" * 32)
    action = await carrier.connect(await carrier.told(f"{VOICE}/incoming", "ringing"))
    await until(lambda: carrier.handset.seconds_heard > 1, SLOW)
    [killed] = processes(here)

    async def record() -> Any:
        async with here.database() as connection:
            return await connection.fetchrow("select * from calls where provider_call_id = $1", carrier.sid)

    async def was_told() -> bool:
        call = await record()
        async with here.database() as connection:
            await connection.execute("set role frontdesk_app")
            await connection.execute("select set_config('app.org_id', $1, false)", str(call["org_id"]))
            said = await connection.fetch("select text from call_turns where call_id = $1", call["id"])
        return any(row["text"].startswith("Sorry, we were cut off.") for row in said)

    async def ended() -> bool:
        return (await record())["ended_at"] is not None

    # Another is there before, so that it does not matter here how long this machine takes to start one.
    async with quick_voice(here) as other:
        os.kill(killed, signal.SIGKILL)
        await until(carrier.handset.closed.is_set, 30)
        again = await carrier.told(action, "in-progress")
        assert [each.tag for each in again] == ["Say", "Connect"]
        await carrier.connect(again)
        assert await carrier.handset.my_turn(SLOW)
        await until(was_told, SLOW)
        await carrier.handset.hang_up()
        await until(ended, SLOW)
        await until(lambda: bool(set(processes(here)) - {killed, other}), SLOW)  # it has been started again
        assert killed not in processes(here)
    call = await record()
    assert (call["status"], call["ended_reason"], call["leg"]) == ("completed", "caller_hung_up", 2)
    assert call["trouble"] == ["The line to the caller broke, and they were connected again."]
