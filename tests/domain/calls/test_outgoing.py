"""Calls that we place: let through by the gate, placed once, closed truthfully whatever comes in whatever order."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import convert, structs
from tests.fixtures.business import MakeLead, RememberingCarrier
from tests.fixtures.calls import connected
from tests.fixtures.organizations import Organization

from frontdesk.domain.calls import outgoing_store, store
from frontdesk.domain.calls import service as calls
from frontdesk.domain.calls.errors import CallUnderWay, NoMinutesLeft, NotCallable
from frontdesk.domain.calls.model import (
    AnsweredBy,
    Call,
    CallSettings,
    CallStatus,
    CallWish,
    EndedReason,
    Next,
    OutgoingState,
    OutgoingWord,
    beginning,
    end_of,
    sounds_like_machine,
)
from frontdesk.domain.calls.service import assisting
from frontdesk.domain.calls.service.ahead import Ahead
from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.leads.model import Lead, Stage
from frontdesk.domain.leads.service import leads
from frontdesk.kernel.access import PERMISSIONS_OF, Role
from frontdesk.kernel.clock import FrozenClock
from frontdesk.kernel.errors import Forbidden, Invalid
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works
from frontdesk.ports.carrier import Busy, Rejected, Uncertain

MEMBER = "+447700900888"


class Caller:
    """Asks for calls in `org`, and looks at what became of them."""

    def __init__(self, context: Context, org: Organization) -> None:
        self.context, self.org = context, org

    async def asks(self, lead: Lead, **wish: str) -> Call:
        return await calls.place_call(self.context, self.org.actor, CallWish(lead_id=lead.id, **wish))

    async def placed(self, lead: Lead, **wish: str) -> Call:
        call = await self.asks(lead, **wish)
        await calls.place(self.context, self.org.id, call.id)
        return await self.now(call)

    async def now(self, call: Call) -> Call:
        async with self.context.works.begin(self.org.actor) as work:
            return await store.get(work, call.id)

    async def state(self, call: Call) -> OutgoingState:
        async with self.context.works.begin(self.org.actor) as work:
            made = await outgoing_store.get(work, call.id)
        assert made is not None
        return made.state

    def told(self, call: Call, sid: str = "") -> OutgoingWord:
        sid = sid or f"CA{call.id.hex}"
        return OutgoingWord(carrier="sandbox", provider_call_id=sid, org_id=self.org.id, call_id=call.id)

    async def word(self, call: Call, *words: str) -> Call:
        for word in words:
            await calls.record_outgoing_status(self.context, self.told(call), word)
        return await self.now(call)

    async def facts(self) -> list[str]:
        async with self.context.works.begin(self.org.actor) as work:
            rows = await work.fetch("select type from events where type like 'call.%' order by id")
        return [row["type"] for row in rows]


@pytest.fixture
def caller(context: Context, org: Organization) -> Caller:
    return Caller(context, org)


def outcome(call: Call) -> tuple[CallStatus, EndedReason | None]:
    return call.status, call.ended_reason


async def test_the_assistant_calls_a_lead(
    caller: Caller, carrier: RememberingCarrier, a_lead: MakeLead, clock: FrozenClock, works: Works
) -> None:
    lead = await a_lead()
    call = await caller.placed(lead, purpose="your kitchen")
    (asked,) = carrier.rung
    assert (asked.to, asked.sender, asked.spots_machines) == (lead.phone, caller.org.number, True)
    assert (call.status, call.provider_call_id) == (CallStatus.QUEUED, f"CA{call.id.hex}")
    assert (await caller.word(call, "initiated", "ringing")).status is CallStatus.RINGING
    step = await calls.first_step(caller.context, caller.told(call))
    assert step.do is Next.CONNECT
    assert await calls.first_step(caller.context, caller.told(call)) == step  # asked twice, answered alike
    opened = await connected(works, step)
    assert opened.call.handled_by_ai
    words = (await assisting.opening(caller.context, caller.org.id, opened.call)).greeting
    assert words.startswith("Hello Dana. This is ")
    assert "calling from Acme Kitchens. I am calling about your kitchen." in words
    clock.move(timedelta(seconds=40))
    await calls.complete(works, caller.org.id, call.id, EndedReason.AGENT_ENDED)
    done = await caller.word(call, "completed", "ringing", "completed")
    assert (done.status, done.ended_reason, done.duration, done.ai_seconds) == (
        CallStatus.COMPLETED, EndedReason.AGENT_ENDED, 40, 40,
    )  # fmt: skip
    assert await caller.facts() == ["call.started", "call.completed"]
    await calls.place(caller.context, caller.org.id, call.id)  # a job that is run again
    assert len(carrier.rung) == 1


@pytest.mark.parametrize(
    ("word", "status", "reason"),
    [
        ("busy", CallStatus.BUSY, EndedReason.BUSY),
        ("no-answer", CallStatus.MISSED, EndedReason.NO_ANSWER),
        ("failed", CallStatus.FAILED, EndedReason.CARRIER_FAILED),
        ("canceled", CallStatus.CANCELED, EndedReason.CANCELED),
    ],
)
async def test_a_call_that_nobody_takes_up(
    caller: Caller, a_lead: MakeLead, word: str, status: CallStatus, reason: EndedReason
) -> None:
    call = await caller.placed(await a_lead())
    assert outcome(await caller.word(call, word, "ringing", "initiated", word, "completed")) == (status, reason)
    assert await caller.facts() == ["call.started", "call.completed"]
    assert (await calls.first_step(caller.context, caller.told(call))).do is Next.HANG_UP


@given(st.lists(st.sampled_from(["queued", "initiated", "ringing", "in-progress", "completed", "no-answer", "?"])))
def test_a_word_that_comes_late_moves_nothing_back(words: list[str]) -> None:
    ranks = [CallStatus.QUEUED, CallStatus.RINGING, CallStatus.IN_PROGRESS]
    call = convert(_CALL, Call)
    for word in words:
        assert (end_of(call, None, word) is not None) is (word in ("completed", "no-answer"))
        moved = beginning(call, word)
        if moved is not None:
            assert ranks.index(moved) > ranks.index(call.status)
            call = structs.replace(call, status=moved)


_AT = datetime(2026, 3, 10, 11, 0, tzinfo=UTC)
_CALL = dict.fromkeys(Call.__struct_fields__) | {
    "id": UUID(int=1), "direction": "outbound", "from_number": "+447700900001", "to_number": "+447700900123",
    "carrier": "sandbox", "provider_call_id": "CA1", "status": "queued", "task": "assist", "started_at": _AT,
    "duration": 0, "handled_by_ai": False, "ai_seconds": 0, "resolution": "pending", "priority": "medium",
    "agent_name": "", "leg": 1, "created_at": _AT, "updated_at": _AT, "trouble": [],
}  # fmt: skip


# --- the gate ---------------------------------------------------------------------------------------------------------


async def test_a_number_that_opted_out_of_texts_is_not_called(
    caller: Caller, carrier: RememberingCarrier, a_lead: MakeLead, works: Works
) -> None:
    lead = await a_lead()
    async with works.begin(caller.org.actor) as work:
        await contactability.suppress(work, lead.phone, "keyword", "STOP")  # pyright: ignore[reportArgumentType]
    for wish in ({}, {"first_rings": MEMBER}):
        await _team(works, caller.org)
        with pytest.raises(NotCallable) as refused:
            await caller.asks(lead, **wish)
        assert refused.value.code in ("SUPPRESSED", "OPTED_OUT")
    assert carrier.rung == []
    async with works.begin(caller.org.actor) as work:
        kept = await contactability.decisions_of_lead(work, lead.id)
    assert [(each.category, each.allowed) for each in kept] == [("hand_call", False), ("ai_call", False)]


async def test_nobody_is_rung_at_night_where_they_are(caller: Caller, a_lead: MakeLead, clock: FrozenClock) -> None:
    with pytest.raises(NotCallable) as refused:  # it is noon in London, and four in the morning in California
        await caller.asks(await a_lead(phone="+14155550123"))
    assert refused.value.code == "QUIET_HOURS"
    assert refused.value.fields["next_open_at"]
    clock.move(timedelta(hours=12))
    with pytest.raises(NotCallable):
        await caller.asks(await a_lead())


async def test_who_opts_out_while_the_call_waits_is_not_rung(
    caller: Caller, carrier: RememberingCarrier, a_lead: MakeLead, works: Works
) -> None:
    lead = await a_lead()
    call = await caller.asks(lead)
    async with works.begin(caller.org.actor) as work:
        await contactability.suppress(work, lead.phone, "keyword", "STOP")  # pyright: ignore[reportArgumentType]
    await calls.place(caller.context, caller.org.id, call.id)
    assert carrier.rung == []
    assert outcome(await caller.now(call)) == (CallStatus.CANCELED, EndedReason.NOT_ALLOWED)


async def test_the_assistant_leaves_alone_who_is_left_to_people_or_was_rung_often(
    caller: Caller, a_lead: MakeLead, works: Works
) -> None:
    with pytest.raises(NotCallable) as refused:
        await caller.asks(await a_lead(manual_mode=True))
    assert refused.value.code == "MANUAL_MODE"
    lead = await a_lead()
    for _ in range(3):
        await caller.word(await caller.placed(lead), "no-answer")
    with pytest.raises(NotCallable) as refused:
        await caller.asks(lead)
    assert refused.value.code == "DAILY_CAP"
    await _team(works, caller.org)
    await caller.asks(lead, first_rings=MEMBER)  # a person may


async def test_who_may_not_write_may_not_call(caller: Caller, a_lead: MakeLead) -> None:
    lead = await a_lead()
    viewer = structs.replace(caller.org.actor, role=Role.VIEWER, permissions=PERMISSIONS_OF[Role.VIEWER])
    with pytest.raises(Forbidden):
        await calls.place_call(caller.context, viewer, CallWish(lead_id=lead.id))


# --- the carrier ------------------------------------------------------------------------------------------------------


async def test_a_carrier_that_is_busy_is_asked_again_for_a_while(
    caller: Caller, carrier: RememberingCarrier, a_lead: MakeLead, clock: FrozenClock
) -> None:
    carrier.fail_with = [Busy(7), Busy(1000)]
    call = await caller.placed(await a_lead())
    assert (call.status, await caller.state(call)) == (CallStatus.QUEUED, OutgoingState.WAITING)
    await calls.place(caller.context, caller.org.id, call.id)  # too early
    assert len(carrier.fail_with) == 1
    clock.move(timedelta(seconds=8))
    await calls.place(caller.context, caller.org.id, call.id)
    done = await caller.now(call)
    assert (*outcome(done), carrier.rung) == (CallStatus.FAILED, EndedReason.CARRIER_FAILED, [])
    assert done.trouble


async def test_a_refusal_is_told_in_words(caller: Caller, carrier: RememberingCarrier, a_lead: MakeLead) -> None:
    carrier.fail_with = [Rejected("21215", "no")]
    done = await caller.placed(await a_lead())
    assert outcome(done) == (CallStatus.FAILED, EndedReason.CARRIER_FAILED)
    assert "Geo permissions" in done.trouble[0]
    assert await calls.reconcile(caller.context) == 0


@pytest.mark.parametrize("lost", [True, False])
async def test_nobody_is_rung_twice_where_the_answer_was_lost(
    caller: Caller, carrier: RememberingCarrier, a_lead: MakeLead, clock: FrozenClock, lost: bool
) -> None:
    carrier.fail_with, carrier.lost = [Uncertain("gone")], lost
    call = await caller.placed(await a_lead())
    assert await caller.state(call) is OutgoingState.IN_DOUBT
    assert await calls.reconcile(caller.context) == 0  # not yet: it may be on its way
    clock.move(timedelta(seconds=40))
    assert await calls.reconcile(caller.context) == 1
    now = await caller.now(call)
    if lost:
        assert (now.status, now.provider_call_id) == (CallStatus.RINGING, f"CA{call.id.hex}")
    else:
        assert await caller.state(call) is OutgoingState.WAITING
        await calls.place(caller.context, caller.org.id, call.id)
    assert len(carrier.rung) == 1


@pytest.mark.parametrize("lost", [True, False])
async def test_a_process_that_dies_while_it_asks_rings_nobody_twice(
    caller: Caller, carrier: RememberingCarrier, a_lead: MakeLead, clock: FrozenClock, lost: bool
) -> None:
    carrier.fail_with, carrier.lost = [asyncio.CancelledError()], lost  # pyright: ignore[reportAttributeAccessIssue]
    call = await caller.asks(await a_lead())
    with pytest.raises(asyncio.CancelledError):
        await calls.place(caller.context, caller.org.id, call.id)
    assert await caller.state(call) is OutgoingState.CALLING
    await calls.place(caller.context, caller.org.id, call.id)  # the job, run again by another worker
    clock.move(timedelta(seconds=40))
    assert await calls.reconcile(caller.context) == 1
    await calls.place(caller.context, caller.org.id, call.id)
    assert len(carrier.rung) == 1
    assert await caller.state(call) is OutgoingState.PLACED


async def test_a_word_of_the_carrier_settles_what_was_in_doubt(
    caller: Caller, carrier: RememberingCarrier, a_lead: MakeLead, clock: FrozenClock
) -> None:
    carrier.fail_with, carrier.lost = [Uncertain("gone")], True
    call = await caller.placed(await a_lead())
    assert (await caller.word(call, "ringing")).status is CallStatus.RINGING
    clock.move(timedelta(seconds=40))
    assert await calls.reconcile(caller.context) == 0
    # A second call of the carrier's own that claims to be this one gets nowhere.
    other = caller.told(call, "CA-other")
    assert (await calls.first_step(caller.context, other)).do is Next.HANG_UP
    await calls.record_outgoing_status(caller.context, other, "failed")
    assert (await caller.now(call)).status is CallStatus.RINGING


async def test_a_call_of_which_nothing_is_told_is_asked_about(
    caller: Caller, carrier: RememberingCarrier, a_lead: MakeLead, clock: FrozenClock
) -> None:
    call = await caller.placed(await a_lead())
    clock.move(timedelta(minutes=2))
    carrier.rung.clear()
    assert await calls.reconcile(caller.context) == 1
    assert outcome(await caller.now(call)) == (CallStatus.FAILED, EndedReason.CARRIER_FAILED)


async def test_one_call_at_a_time_to_one_number_and_within_the_minutes(
    caller: Caller, a_lead: MakeLead, works: Works
) -> None:
    lead = await a_lead()
    await caller.asks(lead)
    with pytest.raises(CallUnderWay):
        await caller.asks(lead)
    async with works.begin(caller.org.actor) as work:
        await work.execute(
            "insert into usage (org_id, kind, subject_id, quantity, occurred_at) values ($1, $2, $1, 1800, $3)",
            caller.org.id, "ai_seconds", work.now,
        )  # fmt: skip
    with pytest.raises(NoMinutesLeft):
        await caller.asks(await a_lead())


async def test_another_organisation_cannot_speak_of_the_call(
    caller: Caller, a_lead: MakeLead, other_org: Organization
) -> None:
    call = await caller.placed(await a_lead())
    await calls.record_outgoing_status(caller.context, caller.told(call), "failed", only=other_org.id)
    assert (await calls.first_step(caller.context, caller.told(call), only=other_org.id)).do is Next.HANG_UP
    assert (await caller.now(call)).status is CallStatus.QUEUED


# --- machines ---------------------------------------------------------------------------------------------------------


async def test_a_machine_that_the_carrier_finds_gets_a_message_once(
    caller: Caller, carrier: RememberingCarrier, a_lead: MakeLead, works: Works, clock: FrozenClock
) -> None:
    call = await caller.placed(await a_lead())
    opened = await connected(works, await calls.first_step(caller.context, caller.told(call)))
    clock.move(timedelta(seconds=6))
    for word in ("unknown", "machine_end_beep", "machine_end_beep", "human"):
        await calls.record_answered_by(caller.context, caller.told(call), word)
    await calls.leave_message(caller.context, caller.org.id, call.id)
    assert carrier.asked_anew == [f"CA{call.id.hex}"]
    # The carrier closes the socket, which is not the lead's hanging up.
    await calls.complete(works, caller.org.id, opened.call.id, EndedReason.CALLER_HUNG_UP)
    step = await calls.first_step(caller.context, caller.told(call))
    assert step.do is Next.SAY
    assert "sorry to have missed you" in step.says
    assert await calls.first_step(caller.context, caller.told(call)) == step
    clock.move(timedelta(seconds=9))
    done = await caller.word(call, "completed")
    assert (*outcome(done), done.duration) == (CallStatus.COMPLETED, EndedReason.VOICEMAIL, 15)
    async with works.begin(caller.org.actor) as work:
        assert [turn.text for turn in await store.turns(work, call.id)] == [step.says]


async def test_a_machine_is_put_down_where_no_message_is_wanted(caller: Caller, a_lead: MakeLead, works: Works) -> None:
    async with works.begin(caller.org.actor) as work:
        await store.save_settings(work, CallSettings(voicemail=""))
    call = await caller.placed(await a_lead())
    await calls.record_answered_by(caller.context, caller.told(call), "machine_end_silence")
    assert (await calls.first_step(caller.context, caller.told(call))).do is Next.HANG_UP
    assert outcome(await caller.now(call)) == (CallStatus.COMPLETED, EndedReason.VOICEMAIL)


async def test_the_assistant_knows_a_machine_by_its_words(caller: Caller, a_lead: MakeLead, works: Works) -> None:
    call = await caller.placed(await a_lead())
    opened = await connected(works, await calls.first_step(caller.context, caller.told(call)))
    memory = assisting.remembered(opened.call, [])
    said = "Hi, you've reached Dana. Please leave a message after the tone."
    _, answer = await assisting.reply(
        caller.context, caller.org.id, opened.call, memory, said, Ahead(asyncio.Queue().put)
    )
    assert "sorry to have missed you" in answer.text
    assert answer.after.voicemail
    done = await calls.complete(works, caller.org.id, call.id, EndedReason.VOICEMAIL)
    assert outcome(done) == (CallStatus.COMPLETED, EndedReason.VOICEMAIL)
    async with works.begin(caller.org.actor) as work:
        assert await outgoing_store.answered_by(work, call.id) is AnsweredBy.MACHINE


@pytest.mark.parametrize(
    ("said", "machine"),
    [
        ("The person you are calling is not available.", True),
        ("I can't come to the phone right now.", True),
        ("Please record your message after the beep", True),
        ("Hello, Dana speaking.", False),
        ("Could you leave me alone please", False),
        ("Who is this? What message?", False),
    ],
)
def test_words_of_machines(said: str, machine: bool) -> None:
    assert sounds_like_machine(said) is machine


# --- a member of the team ---------------------------------------------------------------------------------------------


async def _team(works: Works, org: Organization) -> None:
    async with works.begin(org.actor) as work:
        await store.save_settings(work, CallSettings(ring_numbers=[MEMBER]))


async def test_a_member_is_rung_first_and_put_through(
    caller: Caller, carrier: RememberingCarrier, a_lead: MakeLead, works: Works, clock: FrozenClock
) -> None:
    await _team(works, caller.org)
    lead = await a_lead()
    call = await caller.placed(lead, first_rings="07700 900888")
    (asked,) = carrier.rung
    assert (asked.to, asked.spots_machines) == (MEMBER, False)
    assert (await caller.word(call, "ringing", "in-progress")).status is CallStatus.RINGING  # not yet the lead
    step = await calls.first_step(caller.context, caller.told(call))
    assert (step.do, step.numbers, step.caller_id) == (Next.DIAL, [lead.phone], caller.org.number)
    assert await calls.first_step(caller.context, caller.told(call)) == step
    clock.move(timedelta(seconds=90))
    await calls.record_bridged(caller.context, caller.told(call), "completed", 60)
    done = await caller.word(call, "completed")
    assert (*outcome(done), done.duration, done.handled_by_ai) == (
        CallStatus.COMPLETED, EndedReason.TRANSFERRED, 60, False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("at_lead", "status", "reason"),
    [
        ("busy", CallStatus.BUSY, EndedReason.BUSY),
        ("no-answer", CallStatus.MISSED, EndedReason.NO_ANSWER),
        ("", CallStatus.CANCELED, EndedReason.NOT_TAKEN),
    ],
)
async def test_a_member_who_reaches_nobody(
    caller: Caller, a_lead: MakeLead, works: Works, at_lead: str, status: CallStatus, reason: EndedReason
) -> None:
    await _team(works, caller.org)
    call = await caller.placed(await a_lead(), first_rings=MEMBER)
    if at_lead:
        await calls.first_step(caller.context, caller.told(call))
        await calls.record_bridged(caller.context, caller.told(call), at_lead, 0)
    done = await caller.word(call, "completed" if at_lead else "no-answer")
    assert (*outcome(done), done.duration) == (status, reason, 0)


async def test_who_opts_out_while_the_members_telephone_rings_is_not_put_through(
    caller: Caller, a_lead: MakeLead, works: Works
) -> None:
    await _team(works, caller.org)
    lead = await a_lead()
    call = await caller.placed(lead, first_rings=MEMBER)
    async with works.begin(caller.org.actor) as work:
        await contactability.suppress(work, lead.phone, "keyword", "STOP")  # pyright: ignore[reportArgumentType]
    assert (await calls.first_step(caller.context, caller.told(call))).do is Next.SAY
    assert outcome(await caller.now(call)) == (CallStatus.CANCELED, EndedReason.NOT_ALLOWED)


async def test_only_telephones_of_the_team_ring_first(caller: Caller, a_lead: MakeLead, works: Works) -> None:
    await _team(works, caller.org)
    with pytest.raises(Invalid) as refused:
        await caller.asks(await a_lead(), first_rings="+447700900777")
    assert refused.value.fields == {"field": "member_phone"}


async def test_a_number_that_no_lead_has_becomes_one(caller: Caller, works: Works, carrier: RememberingCarrier) -> None:
    call = await calls.place_call(caller.context, caller.org.actor, CallWish(to="07700 900321"))
    assert call.lead_id is not None
    assert (call.caller, call.to_number) == ("+447700900321", "+447700900321")
    await calls.place(caller.context, caller.org.id, call.id)
    await caller.word(call, "in-progress", "completed")
    async with works.begin(caller.org.actor) as work:
        assert (await leads.get(work, call.lead_id)).stage is Stage.NEW
