"""Calls over a real socket, with a caller's real voice and providers of speech that take no time."""

import asyncio
import wave
from io import BytesIO
from itertools import groupby

import aiohttp
import numpy
import pytest
from tests.fixtures.waiting import until
from tests.voice.conftest import SPEECH, Humming, MakeExchange, Scripted, voice

from frontdesk.domain.calls import service as calls
from frontdesk.domain.calls import store
from frontdesk.domain.calls.model import (
    CallSettings,
    CallStatus,
    CarrierCall,
    EndedReason,
    Next,
    Speaker,
    Step,
    TransferState,
)
from frontdesk.domain.leads.service import leads
from frontdesk.domain.scheduling import store as scheduling
from frontdesk.voice.handset import RATE
from frontdesk.voice.line import Manner


async def test_a_call_books_a_time(exchange: MakeExchange) -> None:
    line = await exchange()
    handset, step = await line.ring()
    for words in (
        "Hello, my name is Sarah Jones. My boiler is leaking and I would like to book a visit.",
        "The second one please.",
        "No that's all, thank you. Goodbye.",
    ):
        await line.say(handset, words)
    call = await line.over(step)
    assert (call.status, call.ended_reason) == (CallStatus.COMPLETED, EndedReason.AGENT_ENDED)
    announcement, *turns = await line.turns(step)
    assert announcement.text == "This call is recorded."
    # Where the machine is slow to make the next sentence, what we say at a stretch is two turns.
    sides = [(speaker, list(said)) for speaker, said in groupby(turns, key=lambda turn: turn.speaker)]
    assert [speaker for speaker, _ in sides] == [Speaker.ASSISTANT, Speaker.CALLER] * 3 + [Speaker.ASSISTANT]
    assert turns[0].text.startswith("Thank you for calling Acme Kitchens.")
    assert all(said[0].latency_ms is not None for _, said in sides[2::2])
    assert call.lead_id
    async with line.works.begin(line.org.actor) as work:
        lead = await leads.get(work, call.lead_id)
        assert lead.booking_id
        booking = await scheduling.get(work, lead.booking_id)
    assert (lead.name, lead.phone, lead.service_interest) == ("Sarah Jones", "+447700900777", "My boiler is leaking")
    assert booking.starts_at.isoformat() == "2026-03-11T09:00:00+00:00"
    assert "Wednesday 11 March at 9am" in " ".join(turn.text for turn in sides[4][1])


async def test_both_sides_are_recorded_after_the_announcement(exchange: MakeExchange) -> None:
    line = await exchange()
    handset, step = await line.ring()
    await line.say(handset, "My boiler is leaking.")
    assert await handset.listen()
    await handset.hang_up()
    call = await line.over(step)
    assert (call.ended_reason, call.resolution) == (EndedReason.CALLER_HUNG_UP, "pending")
    async with line.works.begin(line.org.actor) as work:
        (recording,) = await store.recordings(work, call.id)
    assert recording.announced
    assert recording.content_type == "audio/wav"
    data = b"".join([chunk async for chunk in line.context.files.read(recording.file_key)])
    with wave.open(BytesIO(data)) as file:
        assert (file.getnchannels(), file.getframerate()) == (2, RATE)
        assert file.getnframes() / RATE == pytest.approx(recording.seconds, abs=0.01)
        both = numpy.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, 2)
    caller, ours = (numpy.abs(side.astype(int)) > 1500 for side in both.T)
    assert caller.sum() > RATE * 0.3
    assert ours.sum() > RATE * 0.1
    assert recording.started_ms >= (await line.turns(step))[0].ended_ms - 100  # the announcement is not in it


async def test_a_caller_who_interrupts_is_listened_to_at_once(exchange: MakeExchange) -> None:
    line = await exchange(Humming(seconds_a_word=0.5))
    handset, step = await line.ring()
    await until(lambda: handset.seconds_heard > 5)  # the announcement is over, and the greeting has begun
    line.ears.next.append("Sorry, can I speak to a person please?")
    without_silence = voice(SPEECH)[RATE // 20 * 2 : RATE * 33 // 20 * 2]
    async with asyncio.timeout(15):
        while not handset.clears:  # they speak on, without a pause at which they might be noticed
            await handset.say(without_silence)

    async def is_heard() -> bool:
        return any("speak to a person" in turn.text for turn in await line.turns(step))

    await until(is_heard)
    greeting = next(turn for turn in await line.turns(step) if turn.interrupted)
    assert greeting.text in "Thank you for calling Acme Kitchens. This is Sam, the automated assistant."


async def test_words_of_who_interrupts_an_answer_are_kept_once(exchange: MakeExchange) -> None:
    line = await exchange(Humming(seconds_a_word=0.2))
    handset, step = await line.ring()
    first, second = "How much does a visit cost?", "When do you open on Saturdays?"
    await line.say(handset, first)
    heard = handset.seconds_heard
    await until(lambda: handset.seconds_heard > heard + 0.5)  # the answer has begun
    line.ears.next.append(second)
    await handset.say(voice(SPEECH))
    heard_then = handset.seconds_heard
    await until(lambda: handset.seconds_heard > heard_then + 0.5)
    await handset.hang_up()
    await line.over(step)
    turns = await line.turns(step)
    assert [turn.text for turn in turns if turn.speaker is Speaker.CALLER] == [first, second]
    assert any(turn.interrupted for turn in turns)


async def test_a_caller_may_speak_into_what_is_still_being_made(exchange: MakeExchange) -> None:
    mouth = Humming(seconds_a_word=0.2, takes=0.8)
    line = await exchange(mouth)
    handset, step = await line.ring()
    await until(lambda: len(mouth.said) >= 2)  # the greeting is being made
    for words in ("My boiler is leaking.", "It is Tom Baker."):
        made = len(mouth.said)
        line.ears.next.append(words)
        await handset.say(voice(SPEECH))
        await until(lambda made=made: len(mouth.said) > made)  # the answer is being made
    await line.say(handset, "Goodbye.")
    call = await line.over(step)
    assert call.ended_reason is EndedReason.AGENT_ENDED
    assert call.trouble == []


async def test_who_says_nothing_is_asked_twice_and_then_let_go(exchange: MakeExchange) -> None:
    line = await exchange(manner=Manner(idle=0.5))
    _, step = await line.ring()
    call = await line.over(step)
    assert (call.status, call.ended_reason) == (CallStatus.COMPLETED, EndedReason.SILENCE)
    said = [turn.text for turn in await line.turns(step)]
    assert len(said) == 5
    assert said[2] == "Are you still there?"
    assert said[4].endswith("Goodbye.")
    assert call.lead_id is None


async def test_who_asks_for_a_person_is_put_through(exchange: MakeExchange) -> None:
    line = await exchange()
    async with line.works.begin(line.org.actor) as work:
        await store.save_settings(work, CallSettings(ring_numbers=["+447700900888"]))
    handset, step = await line.ring()
    await line.say(handset, "Can I speak to a person, please?")
    await until(handset.closed.is_set)
    call = await line.call(step)
    assert (call.status, call.transfer) == (CallStatus.IN_PROGRESS, TransferState.ASKED)
    told = CarrierCall(
        carrier=call.carrier, provider_call_id=call.provider_call_id, called=call.to_number, sender=call.from_number
    )
    dial = await calls.next_step(line.context, told, caller_is_there=True)
    assert (dial.do, dial.numbers) == (Next.DIAL, ["+447700900888"])


async def test_where_nobody_can_be_rung_a_message_is_taken(exchange: MakeExchange) -> None:
    line = await exchange()
    handset, step = await line.ring()
    await line.say(handset, "Can I speak to a person, please?")
    await line.say(handset, "This is Tom Baker, tell them that my oven is broken.")
    call = await line.over(step)
    assert (call.ended_reason, call.resolution) == (EndedReason.AGENT_ENDED, "escalated")
    assert call.lead_id
    async with line.works.begin(line.org.actor) as work:
        lead = await leads.get(work, call.lead_id)
    assert "my oven is broken" in (lead.notes or "")
    assert lead.name == "Tom Baker"


async def test_a_wrong_number_leaves_no_lead(exchange: MakeExchange) -> None:
    line = await exchange()
    handset, step = await line.ring()
    await line.say(handset, "Sorry, I think I have the wrong number.")
    call = await line.over(step)
    assert (call.ended_reason, call.lead_id) == (EndedReason.AGENT_ENDED, None)


async def test_what_nobody_can_understand_goes_to_a_person(exchange: MakeExchange) -> None:
    line = await exchange()
    handset, step = await line.ring()
    for _ in range(3):
        await line.say(handset, "")
    assert await handset.listen()
    assert (await line.call(step)).transfer is TransferState.UNANSWERED
    said = [turn.text for turn in await line.turns(step)]
    assert "Sorry, I didn't catch that. Could you say it again?" in said


async def test_a_call_has_its_bounds(exchange: MakeExchange) -> None:
    line = await exchange()
    async with line.works.begin(line.org.actor) as work:
        await work.execute("update organizations set max_turns = 1 where org_id = $1", line.org.id)
    handset, step = await line.ring()
    await line.say(handset, "My boiler is leaking.")
    assert (await line.over(step)).ended_reason is EndedReason.TURN_LIMIT
    async with line.works.begin(line.org.actor) as work:
        await work.execute(
            "update organizations set max_turns = 9, max_call_seconds = 3 where org_id = $1", line.org.id
        )
    _, step = await line.ring()
    assert (await line.over(step)).ended_reason is EndedReason.TIME_LIMIT


async def test_the_organisations_own_greeting_is_said(exchange: MakeExchange) -> None:
    mouth = Humming()
    line = await exchange(mouth)
    async with line.works.begin(line.org.actor) as work:
        await work.execute("update organizations set greeting = 'Acme here, good day.' where org_id = $1", line.org.id)
    handset, step = await line.ring()
    assert await handset.listen()
    assert mouth.said == ["This call is recorded.", "Acme here, good day."]
    await handset.hang_up()
    await line.over(step)


async def test_two_callers_at_once(exchange: MakeExchange) -> None:
    line = await exchange()
    (one, first), (two, second) = await line.ring("+447700900771"), await line.ring("+447700900772")
    assert await one.listen()
    assert await two.listen()
    line.ears.next += ["Goodbye.", "Goodbye."]
    await asyncio.gather(one.say(voice(SPEECH)), two.say(voice(SPEECH)))
    for step in (first, second):
        assert (await line.over(step)).ended_reason is EndedReason.AGENT_ENDED


async def test_a_caller_who_is_cut_off_is_taken_up_again(exchange: MakeExchange) -> None:
    line = await exchange()
    handset, step = await line.ring()
    assert await handset.listen()
    await handset.drop()
    await until(lambda: not line.socket.calls_under_way)
    call = await line.call(step)
    assert call.status is CallStatus.IN_PROGRESS
    told = CarrierCall(
        carrier=call.carrier, provider_call_id=call.provider_call_id, called=call.to_number, sender=call.from_number
    )
    again = await calls.next_step(line.context, told, caller_is_there=True)
    handset = await line.connect(again)
    await line.say(handset, "Goodbye.")
    assert (await line.over(step)).leg == 2
    assert any("we were cut off" in turn.text for turn in await line.turns(step))


async def test_a_socket_without_a_signed_call_is_closed(exchange: MakeExchange) -> None:
    line = await exchange()
    _, step = await line.ring()
    for forged in (Step(do=Next.CONNECT, call_id=step.call_id, proof="forged"), Step(do=Next.CONNECT), step):
        handset = await line.connect(forged)  # the last: its proof has been used
        await until(handset.closed.is_set)
    async with aiohttp.ClientSession() as http, http.ws_connect(line.url) as socket:
        await socket.send_str('{"event": "media", "media": 7}')
        await socket.send_str("\x00")
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE


async def test_garbage_on_the_line_harms_nothing(exchange: MakeExchange) -> None:
    line = await exchange()
    handset, step = await line.ring()
    assert await handset.listen()
    for message in (
        "", "null", "[]", "{", "7", '{"event": 7}', '{"event": "media"}', '{"event": "media", "media": {"payload": 7}}',
        '{"event": "media", "media": {"payload": "***"}}', '{"event": "media", "media": {"payload": "AAA"}}',
        '{"event": "dtmf", "dtmf": {"digit": "?"}}', '{"event": "start", "start": {}}', "[" * 3000, "x" * 70_000,
        "y" * 2_000_000,
        '{"event": "mark", "mark": null}',
    ):  # fmt: skip
        await handset.send(message)
    line.ears.next.append("Goodbye.")
    await handset.say(voice(SPEECH))
    assert (await line.over(step)).ended_reason is EndedReason.AGENT_ENDED


@pytest.mark.parametrize("trouble", ["fails", "hangs"])
async def test_who_does_not_hear_is_replaced_and_the_record_says_so(exchange: MakeExchange, trouble: str) -> None:
    line = await exchange(ears=[Scripted(trouble), Scripted()], hears_within=0.5)
    handset, step = await line.ring()
    await line.say(handset, "Goodbye.")
    call = await line.over(step)
    assert call.ended_reason is EndedReason.AGENT_ENDED
    assert len(call.trouble) == 1
    assert call.trouble[0].startswith("scripted did not hear")


async def test_who_does_not_speak_is_replaced_and_the_record_says_so(exchange: MakeExchange) -> None:
    line = await exchange(Humming("mumbling", hangs=True), Humming(), speaks_within=0.3)
    handset, step = await line.ring()
    await line.say(handset, "Goodbye.")
    call = await line.over(step)
    assert call.ended_reason is EndedReason.AGENT_ENDED
    assert call.trouble == ["mumbling did not speak: it took too long"]


async def test_where_nobody_hears_or_speaks_the_call_ends_truthfully(exchange: MakeExchange) -> None:
    deaf = await exchange(ears=[Scripted("fails", "fails")])
    handset, step = await deaf.ring()
    assert await handset.listen()
    await handset.say(voice(SPEECH))
    assert (await deaf.over(step)).ended_reason is EndedReason.SPEECH_FAILED
    mute = await exchange(Humming(hangs=True), speaks_within=0.2)
    _, step = await mute.ring()
    call = await mute.over(step)
    assert (call.ended_reason, call.status) == (EndedReason.SPEECH_FAILED, CallStatus.FAILED)
