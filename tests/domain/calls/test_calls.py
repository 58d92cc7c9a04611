"""Calls: taken in once, proved once, held by a lease, passed on, and always ended truthfully and once."""

import dataclasses
import itertools
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from tests.fixtures.calls import CALLER, call_now, connected, told
from tests.fixtures.organizations import Organization

from frontdesk.domain.calls import service as calls
from frontdesk.domain.calls.errors import CallNotProved
from frontdesk.domain.calls.model import (
    MOST_LEGS,
    CallSettings,
    CallStatus,
    EndedReason,
    Next,
    Resolution,
    Speaker,
    Task,
    TransferState,
    Turn,
)
from frontdesk.domain.calls.store import save_settings, turns
from frontdesk.kernel.clock import FrozenClock
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works

SOMEBODY = CallSettings(ring_numbers=["+447700900888"])


async def kept(works: Works, org: Organization, settings: CallSettings) -> None:
    async with works.begin(org.actor) as work:
        await save_settings(work, settings)


async def switch(works: Works, org: Organization, *, ai: bool) -> None:
    async with works.begin(org.actor) as work:
        await work.execute("update organizations set ai_enabled = $2 where org_id = $1", org.id, ai)


async def facts(works: Works, org: Organization) -> list[str]:
    async with works.begin(org.actor) as work:
        return [
            row["type"] for row in await work.fetch("select type from events order by id") if "call." in row["type"]
        ]


async def test_a_call_is_taken_in_once_and_answered_alike(context: Context, works: Works, org: Organization) -> None:
    first = await calls.receive(context, told(org))
    again = await calls.receive(context, told(org))
    assert first == again
    assert first.do is Next.CONNECT
    assert await facts(works, org) == ["call.started"]
    opened = await connected(works, first)
    assert opened.call.caller == CALLER
    assert opened.call.status is CallStatus.IN_PROGRESS
    assert opened.record
    assert opened.announcement
    # Once its socket is open, a webhook that is played back gets nowhere.
    assert (await calls.receive(context, told(org))).do is Next.HANG_UP


async def test_a_number_that_is_nobodys_is_refused(
    context: Context, works: Works, org: Organization, other_org
) -> None:
    nobodys = told(Organization(org.id, "", "+447700900999", org.owner_id, org.actor))
    assert (await calls.receive(context, nobodys)).do is Next.REFUSE
    assert (await calls.receive(context, told(org), only=other_org.id)).do is Next.REFUSE
    assert await facts(works, org) == []


async def test_a_proof_opens_one_socket_of_one_call(context: Context, works: Works, org: Organization) -> None:
    step = await calls.receive(context, told(org))
    other = await calls.receive(context, told(org, "CA2"))
    assert step.call_id
    assert other.call_id
    for call_id, proof in (
        (step.call_id, other.proof),
        (step.call_id, "forged"),
        (new_id(), step.proof),
        (step.call_id, ""),
    ):
        with pytest.raises(CallNotProved):
            await calls.answer(works, call_id, proof)
    opened = await connected(works, step)
    with pytest.raises(CallNotProved):
        await connected(works, step)
    await calls.complete(works, org.id, opened.call.id, EndedReason.CONNECTION_LOST)
    with pytest.raises(CallNotProved):
        await connected(works, step)


async def test_an_end_is_told_once_whoever_tells_it(
    context: Context, works: Works, org: Organization, clock: FrozenClock
) -> None:
    opened = await connected(works, await calls.receive(context, told(org)))
    clock.move(timedelta(seconds=42))
    done = await calls.complete(works, org.id, opened.call.id, EndedReason.AGENT_ENDED, confidence=0.8)
    assert (done.status, done.duration, done.ai_seconds) == (CallStatus.COMPLETED, 42, 42)
    clock.move(timedelta(seconds=5))
    for status in ("completed", "completed", "ringing", "failed"):
        assert await calls.record_status(context, told(org), status)
    await calls.complete(works, org.id, opened.call.id, EndedReason.CALLER_HUNG_UP)
    now = await call_now(works, org, opened.call)
    assert (now.status, now.ended_reason, now.duration) == (CallStatus.COMPLETED, EndedReason.AGENT_ENDED, 42)
    assert (await calls.next_step(context, told(org), caller_is_there=True)).do is Next.HANG_UP
    assert await facts(works, org) == ["call.started", "call.completed"]
    assert not await calls.record_status(context, told(org, "CA-unknown"), "completed")


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("completed", "missed"),
        ("no-answer", "missed"),
        ("canceled", "canceled"),
        ("failed", "failed"),
        ("ringing", "ringing"),
    ],
)
async def test_a_call_that_nobody_talked_on(
    context: Context, works: Works, org: Organization, word: str, status: str
) -> None:
    step = await calls.receive(context, told(org))
    await calls.record_status(context, told(org), word)
    async with works.begin(org.actor) as work:
        row = await work.fetchrow("select status, duration from calls where id = $1", step.call_id)
    assert tuple(row) == (status, 0)


async def test_turns_stand_in_order_and_are_cut_to_what_was_heard(
    context: Context, works: Works, org: Organization
) -> None:
    opened = await connected(works, await calls.receive(context, told(org)))
    whole = Turn(position=1, speaker=Speaker.ASSISTANT, text="We open at nine. And", started_ms=900, ended_ms=2900)
    heard = Turn(position=1, speaker=Speaker.ASSISTANT, text="We open", started_ms=900, ended_ms=1500, interrupted=True)
    asked = Turn(position=0, speaker=Speaker.CALLER, text="When do you open?\0", started_ms=0, ended_ms=800)
    blank = Turn(position=2, speaker=Speaker.CALLER, text=" ", started_ms=0, ended_ms=800)
    for turn in (whole, asked, heard, blank):
        await calls.add_turn(works, org.id, opened.call.id, turn)
    async with works.begin(org.actor) as work:
        said = await turns(work, opened.call.id)
    assert [(turn.text, turn.interrupted) for turn in said] == [("When do you open?", False), ("We open", True)]


async def test_more_calls_than_may_be_hear_that_lines_are_busy(
    context: Context, works: Works, org: Organization
) -> None:
    await kept(works, org, CallSettings(concurrent_calls=2))
    one = await connected(works, await calls.receive(context, told(org, "CA1")))
    await calls.receive(context, told(org, "CA2"))
    third = await calls.receive(context, told(org, "CA3"))
    assert third.do is Next.SAY
    assert "Acme Kitchens" in third.says
    assert await calls.receive(context, told(org, "CA3")) == third
    await calls.complete(works, org.id, one.call.id, EndedReason.CALLER_HUNG_UP)
    assert (await calls.receive(context, told(org, "CA4"))).do is Next.CONNECT
    async with works.begin(org.actor) as work:
        assert await work.fetchval("select status from calls where provider_call_id = 'CA3'") == "busy"


async def test_more_calls_than_the_machine_has_room_for_hear_that_lines_are_busy(
    context: Context, works: Works, org: Organization, other_org: Organization
) -> None:
    small = dataclasses.replace(context, calls_at_once=1)
    one = await connected(works, await calls.receive(small, told(org, "CA1")))
    second = await calls.receive(small, told(other_org, "CA2"))
    assert (second.do, "Borough Baths" in second.says) == (Next.SAY, True)
    async with works.begin(other_org.actor) as work:
        row = await work.fetchrow("select status, ended_reason from calls where provider_call_id = 'CA2'")
    assert tuple(row) == ("busy", "all_busy")
    await kept(works, other_org, SOMEBODY)
    await switch(works, other_org, ai=False)
    assert (await calls.receive(small, told(other_org, "CA3"))).do is Next.DIAL  # people have room of their own
    await calls.complete(works, org.id, one.call.id, EndedReason.CALLER_HUNG_UP)
    assert (await calls.receive(small, told(org, "CA4"))).do is Next.CONNECT


async def test_whatever_order_a_carrier_tells_things_in_a_call_ends_once(
    context: Context, works: Works, org: Organization
) -> None:
    orders = set(itertools.permutations(["completed", "completed", "next", "ours"]))
    for n, order in enumerate(sorted(orders)):
        sid = f"CA{n}"
        opened = await connected(works, await calls.receive(context, told(org, sid)))
        for what in order:
            if what == "ours":
                await calls.complete(works, org.id, opened.call.id, EndedReason.CALLER_HUNG_UP)
            elif what == "next":
                await calls.next_step(context, told(org, sid), caller_is_there=False)
            else:
                await calls.record_status(context, told(org, sid), what)
        now = await call_now(works, org, opened.call)
        assert (now.status, now.ended_reason) == (CallStatus.COMPLETED, EndedReason.CALLER_HUNG_UP), order
    assert sorted(await facts(works, org)) == ["call.completed"] * len(orders) + ["call.started"] * len(orders)


async def test_an_end_that_is_told_before_the_call_leaves_no_call_open(
    context: Context, works: Works, org: Organization, clock: FrozenClock
) -> None:
    assert not await calls.record_status(context, told(org), "completed")
    step = await calls.receive(context, told(org))
    clock.move(timedelta(minutes=1))
    assert await calls.sweep(context) == 1
    async with works.begin(org.actor) as work:
        row = await work.fetchrow("select status, ended_reason from calls where id = $1", step.call_id)
    assert tuple(row) == ("missed", "not_connected")


async def test_without_the_assistant_the_team_is_rung_by_day_and_a_message_taken_by_night(
    context: Context, works: Works, org: Organization, clock: FrozenClock
) -> None:
    await switch(works, org, ai=False)
    alone = await connected(works, await calls.receive(context, told(org, "CA0")))
    assert (alone.task, alone.record) == (Task.TAKE_MESSAGE, True)
    assert "message" in alone.says
    await kept(works, org, SOMEBODY)
    rung = await calls.receive(context, told(org, "CA1"))
    assert (rung.do, rung.numbers) == (Next.DIAL, ["+447700900888"])
    clock.move(timedelta(seconds=90))
    taken = await calls.record_dial(context, told(org, "CA1"), answered=True, seconds=60, caller_is_there=True)
    assert taken.do is Next.HANG_UP
    async with works.begin(org.actor) as work:
        row = await work.fetchrow(
            "select status, ended_reason, duration, ai_seconds, handled_by_ai from calls where provider_call_id = 'CA1'"
        )
    assert tuple(row) == ("completed", "transferred", 60, 0, False)
    clock.move(timedelta(hours=12))
    night = await connected(works, await calls.receive(context, told(org, "CA2")))
    assert night.task is Task.TAKE_MESSAGE
    await calls.complete(works, org.id, night.call.id, EndedReason.CALLER_HUNG_UP)
    now = await call_now(works, org, night.call)
    assert (now.ended_reason, now.resolution) == (EndedReason.MESSAGE_TAKEN, Resolution.ESCALATED)


async def test_a_caller_is_passed_to_a_person_and_else_leaves_a_message(
    context: Context, works: Works, org: Organization, clock: FrozenClock
) -> None:
    await kept(works, org, SOMEBODY)
    opened = await connected(works, await calls.receive(context, told(org)))
    call = opened.call
    clock.move(timedelta(seconds=30))
    assert await calls.transfer(works, org.id, call.id, "asked for a person")
    assert await calls.transfer(works, org.id, call.id, "asked for a person")
    waiting = await calls.complete(works, org.id, call.id, EndedReason.TRANSFERRED)
    assert (waiting.status, waiting.ai_seconds) == (CallStatus.IN_PROGRESS, 30)
    dial = await calls.next_step(context, told(org), caller_is_there=True)
    assert (dial.do, dial.numbers, dial.caller_id) == (Next.DIAL, ["+447700900888"], org.number)
    assert await calls.next_step(context, told(org), caller_is_there=True) == dial
    clock.move(timedelta(seconds=20))
    nobody = await calls.record_dial(context, told(org), answered=False, seconds=0, caller_is_there=True)
    assert nobody.do is Next.CONNECT
    message = await connected(works, nobody)
    assert (message.task, message.call.leg, message.call.transfer) == (Task.TAKE_MESSAGE, 2, TransferState.UNANSWERED)
    assert "none of my colleagues" in message.says
    clock.move(timedelta(seconds=10))
    done = await calls.complete(works, org.id, call.id, EndedReason.SILENCE)
    assert (done.ended_reason, done.duration, done.ai_seconds) == (EndedReason.MESSAGE_TAKEN, 60, 30)
    assert await facts(works, org) == ["call.started", "call.transferred", "call.completed"]


async def test_nobody_is_rung_out_of_hours_or_where_there_is_nobody(
    context: Context, works: Works, org: Organization, clock: FrozenClock
) -> None:
    opened = await connected(works, await calls.receive(context, told(org, "CA1")))
    assert not await calls.transfer(works, org.id, opened.call.id, "asked for a person")
    await kept(works, org, SOMEBODY)
    clock.move(timedelta(hours=12))
    night = await connected(works, await calls.receive(context, told(org, "CA2")))
    assert not await calls.transfer(works, org.id, night.call.id, "asked for a person")
    done = await calls.complete(works, org.id, night.call.id, EndedReason.AGENT_ENDED)
    assert done.resolution is Resolution.ESCALATED


async def test_a_caller_whose_line_to_us_broke_is_taken_up_again(
    context: Context, works: Works, org: Organization
) -> None:
    opened = await connected(works, await calls.receive(context, told(org)))
    turn = Turn(position=0, speaker=Speaker.CALLER, text="Hello", started_ms=0, ended_ms=800)
    await calls.add_turn(works, org.id, opened.call.id, turn)
    for leg in range(2, MOST_LEGS + 1):  # the process was killed: nobody said how it ended
        step = await calls.next_step(context, told(org), caller_is_there=True)
        assert step.do is Next.CONNECT
        anew = await connected(works, step)
        assert (anew.call.leg, anew.first_position) == (leg, 1)
        assert not await calls.renew(works, org.id, opened.call)
        assert await calls.renew(works, org.id, anew.call)
    enough = await calls.next_step(context, told(org), caller_is_there=True)
    assert enough.do is Next.SAY
    now = await call_now(works, org, opened.call)
    assert now.status is CallStatus.FAILED
    assert now.trouble == ["The line to the caller broke, and they were connected again."] * (MOST_LEGS - 1)


async def test_calls_that_nobody_holds_are_ended_when_they_were_last_seen(
    context: Context, works: Works, org: Organization, clock: FrozenClock
) -> None:
    held = await connected(works, await calls.receive(context, told(org, "CA1")))
    lost = await connected(works, await calls.receive(context, told(org, "CA2")))
    never = await calls.receive(context, told(org, "CA3"))
    clock.move(timedelta(seconds=25))
    assert await calls.renew(works, org.id, lost.call)
    for _ in range(4):
        assert await calls.renew(works, org.id, held.call)
        clock.move(timedelta(seconds=10))
        await calls.sweep(context)
    now = await call_now(works, org, lost.call)
    assert (now.status, now.ended_reason, now.duration) == (CallStatus.FAILED, EndedReason.CONNECTION_LOST, 25)
    assert now.ended_at == lost.call.started_at + timedelta(seconds=25)
    assert (await call_now(works, org, held.call)).status is CallStatus.IN_PROGRESS
    async with works.begin(org.actor) as work:
        row = await work.fetchrow("select status, ended_reason from calls where id = $1", never.call_id)
    assert tuple(row) == ("missed", "not_connected")
    assert await calls.sweep(context) == 0


async def test_a_recording_is_kept_after_the_end(context: Context, works: Works, org: Organization) -> None:
    opened = await connected(works, await calls.receive(context, told(org)))
    await calls.complete(works, org.id, opened.call.id, EndedReason.CALLER_HUNG_UP)

    async def sound() -> AsyncIterator[bytes]:
        yield b"RIFF"

    made = await calls.keep_recording(
        context, org.id, opened.call, sound(), content_type="audio/wav", seconds=1.5, started_ms=300, announced=True
    )
    assert made.bytes == 4
    assert made.file_key.startswith(f"{org.id}/calls/")
