"""What befalls calls over a real socket: lines that break in mid-word, disks that are full, providers that hang."""

import asyncio
import errno
import tempfile
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.fixtures.waiting import until
from tests.voice.conftest import SPEECH, Humming, MakeExchange, Scripted, voice

from frontdesk.domain.calls import service as calls
from frontdesk.domain.calls import store
from frontdesk.domain.calls.model import CallStatus, CarrierCall, EndedReason
from frontdesk.voice import server
from frontdesk.voice.speech import Providers


async def test_a_line_that_breaks_in_mid_word_ends_truthfully_and_keeps_what_there_was(exchange: MakeExchange) -> None:
    line = await exchange()
    handset, step = await line.ring()
    await line.say(handset, "My boiler is leaking.")
    assert await handset.my_turn(30)
    heard = len(handset.said)
    speaking = asyncio.create_task(handset.say(voice(SPEECH) * 3))
    await until(lambda: len(handset.said) > heard + 8_000)
    await handset.drop()
    await speaking
    await until(lambda: not line.socket.calls_under_way)
    call = await line.call(step)
    assert (call.status, call.leg_started_at) == (CallStatus.IN_PROGRESS, None)  # they may come back
    told = CarrierCall(
        carrier=call.carrier, provider_call_id=call.provider_call_id, called=call.to_number, sender=call.from_number
    )
    for _ in range(2):
        await calls.record_status(line.context, told, "completed")  # they do not: the carrier says that they are gone
    call = await line.call(step)
    assert (call.status, call.ended_reason, call.trouble) == (CallStatus.COMPLETED, EndedReason.CALLER_HUNG_UP, [])
    assert any("boiler" in turn.text for turn in await line.turns(step))
    async with line.works.begin(line.org.actor) as work:
        assert len(await store.recordings(work, call.id)) == 1


@pytest.mark.parametrize("where", ["aside", "store"])
async def test_a_full_disk_costs_the_recording_and_not_the_call(
    exchange: MakeExchange, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    line = await exchange()

    def full(**_: Any) -> Any:
        return open("/dev/full", "w+b", buffering=0)

    async def refuses(key: str, chunks: AsyncIterator[bytes], *, limit: int) -> int:
        async for _ in chunks:
            raise OSError(errno.ENOSPC, "No space left on device")
        return 0

    if where == "aside":
        monkeypatch.setattr(tempfile, "TemporaryFile", full)
    else:
        monkeypatch.setattr(line.context.files, "write", refuses)
    handset, step = await line.ring()
    await line.say(handset, "My boiler is leaking.")
    await line.say(handset, "Goodbye.")
    call = await line.over(step)
    assert (call.status, call.ended_reason) == (CallStatus.COMPLETED, EndedReason.AGENT_ENDED)
    assert call.trouble == ["There is no recording: the disk is full."]
    async with line.works.begin(line.org.actor) as work:
        assert await store.recordings(work, call.id) == []


async def test_the_end_of_what_is_said_is_marked_however_long_it_pauses(exchange: MakeExchange) -> None:
    mouth = Humming(takes=0.8)
    line = await exchange(mouth)
    handset, step = await line.ring()
    assert await handset.my_turn(20)
    greeting = list(mouth.said)
    assert greeting[-1] == "How can I help you?"
    line.ears.next.append("My boiler is leaking.")
    await handset.say(voice(SPEECH) + bytes(16_000))  # and a second of silence
    assert await handset.my_turn(20)
    assert len(mouth.said) > len(greeting)
    assert not handset.hears
    await handset.hang_up()
    await line.over(step)


async def test_who_is_not_ready_in_time_does_not_keep_the_process_from_answering() -> None:
    class Hangs(Scripted):
        async def warm(self) -> None:
            await asyncio.Event().wait()

    async with server.warmed(Providers([Hangs(), Scripted()], [Humming()]), within=3600):
        pass  # who hears is there, though another hangs
    async with server.warmed(Providers([Hangs()], [Humming()]), within=0.05):
        pass  # nobody hears: callers are told so, which is better than dead air
