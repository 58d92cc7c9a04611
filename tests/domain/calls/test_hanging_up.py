"""Calls that a person calls off or hangs up, whatever happens at the same moment: the record tells the truth of it."""

from datetime import timedelta

import pytest
from msgspec import structs
from tests.domain.calls.test_outgoing import MEMBER, Caller, outcome
from tests.fixtures.business import MakeLead, RememberingCarrier
from tests.fixtures.calls import MakeCall, call_now, connected
from tests.fixtures.organizations import Organization

from frontdesk.domain.calls import service as calls
from frontdesk.domain.calls import store
from frontdesk.domain.calls.errors import CallNotFound, CallNotProved, NotHungUp
from frontdesk.domain.calls.model import Call, CallSettings, CallStatus, EndedReason, Next, OutgoingState
from frontdesk.kernel.access import PERMISSIONS_OF, Role
from frontdesk.kernel.clock import FrozenClock
from frontdesk.kernel.errors import Forbidden
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works
from frontdesk.ports.calling import OutgoingCall
from frontdesk.ports.carrier import Busy, Rejected, Uncertain

CALLED_OFF = (CallStatus.CANCELED, EndedReason.CANCELED)
HUNG_UP = (CallStatus.COMPLETED, EndedReason.HUNG_UP)


@pytest.fixture
def caller(context: Context, org: Organization) -> Caller:
    return Caller(context, org)


async def stop(caller: Caller, call: Call) -> Call:
    return await calls.hang_up(caller.context, caller.org.actor, call.id)


async def test_a_call_that_waits_is_never_placed(caller: Caller, carrier: RememberingCarrier, a_lead: MakeLead) -> None:
    lead = await a_lead()
    call = await caller.asks(lead)
    assert outcome(await stop(caller, call)) == CALLED_OFF
    await calls.place(caller.context, caller.org.id, call.id)
    assert (carrier.rung, carrier.put_down) == ([], [])
    assert await caller.facts() == ["call.completed"]
    await caller.asks(lead)  # the line is free again


async def test_a_call_that_rings_is_called_off(caller: Caller, carrier: RememberingCarrier, a_lead: MakeLead) -> None:
    call = await caller.placed(await a_lead())
    await caller.word(call, "ringing")
    assert outcome(await stop(caller, call)) == CALLED_OFF
    assert outcome(await stop(caller, call)) == CALLED_OFF  # told once more
    assert carrier.put_down == [f"CA{call.id.hex}"]
    assert outcome(await caller.word(call, "in-progress", "completed")) == CALLED_OFF
    assert await caller.facts() == ["call.started", "call.completed"]


@pytest.mark.parametrize("failure", [Uncertain("gone"), Busy(1), Rejected("21220", "over")])
async def test_who_takes_up_what_was_called_off_is_put_down_at_once(
    caller: Caller, carrier: RememberingCarrier, a_lead: MakeLead, failure: Exception
) -> None:
    call = await caller.placed(await a_lead())
    carrier.fail_with = [failure]
    with pytest.raises(NotHungUp):
        await stop(caller, call)
    assert (await calls.first_step(caller.context, caller.told(call))).do is Next.HANG_UP
    assert outcome(await caller.word(call, "completed")) == HUNG_UP


@pytest.mark.parametrize("word", ["completed", "no-answer", "canceled", "busy"])
async def test_the_carriers_own_word_may_come_first(
    caller: Caller, carrier: RememberingCarrier, a_lead: MakeLead, word: str
) -> None:
    call = await caller.placed(await a_lead())

    async def tells_first(provider_id: str, *, answered: bool) -> str:
        await caller.word(call, word)
        return word

    carrier.end = tells_first
    busy = (CallStatus.BUSY, EndedReason.BUSY)  # it was before anybody wanted anything
    assert outcome(await stop(caller, call)) == (busy if word == "busy" else CALLED_OFF)


async def test_a_call_that_is_being_handed_over_is_ended_once_the_carrier_has_it(
    caller: Caller, carrier: RememberingCarrier, a_lead: MakeLead
) -> None:
    call, place = await caller.asks(await a_lead()), carrier.place

    async def meanwhile(asked: OutgoingCall) -> str:
        assert not (await stop(caller, call)).status.ended  # nobody can tell yet what becomes of it
        return await place(asked)

    carrier.place = meanwhile
    await calls.place(caller.context, caller.org.id, call.id)
    assert carrier.put_down == [f"CA{call.id.hex}"]
    assert outcome(await caller.now(call)) == CALLED_OFF


@pytest.mark.parametrize("lost", [True, False])
async def test_a_call_in_doubt_is_ended_or_not_tried_again(
    caller: Caller, carrier: RememberingCarrier, a_lead: MakeLead, clock: FrozenClock, lost: bool
) -> None:
    carrier.fail_with, carrier.lost = [Uncertain("gone")], lost
    call = await caller.placed(await a_lead())
    assert not (await stop(caller, call)).status.ended
    clock.move(timedelta(seconds=40))
    await calls.reconcile(caller.context)
    await calls.place(caller.context, caller.org.id, call.id)
    assert outcome(await caller.now(call)) == CALLED_OFF
    assert (len(carrier.rung), len(carrier.put_down)) == ((1, 1) if lost else (0, 0))


async def test_a_call_that_the_carrier_was_too_busy_for_is_not_tried_again(
    caller: Caller, carrier: RememberingCarrier, a_lead: MakeLead
) -> None:
    carrier.fail_with = [Busy(1)]
    call = await caller.placed(await a_lead())
    assert await caller.state(call) is OutgoingState.WAITING
    assert outcome(await stop(caller, call)) == CALLED_OFF
    assert await caller.state(call) is OutgoingState.OVER


@pytest.mark.parametrize("socket_first", [True, False])
async def test_a_talk_with_the_assistant_is_hung_up(
    context: Context, org: Organization, carrier: RememberingCarrier, a_call: MakeCall, clock: FrozenClock,
    socket_first: bool,
) -> None:  # fmt: skip
    call = (await a_call("Hello?")).call
    clock.move(timedelta(seconds=20))

    async def closes_the_socket(provider_id: str, *, answered: bool) -> str:
        assert answered
        if socket_first:
            await calls.complete(context.works, org.id, call.id, EndedReason.CALLER_HUNG_UP)
            return "completed"
        raise Uncertain("gone")  # the socket is ours to close

    carrier.end = closes_the_socket
    done = await calls.hang_up(context, org.actor, call.id)
    assert (*outcome(done), done.duration) == (*HUNG_UP, 20)
    assert not await calls.renew(context.works, org.id, call)
    await calls.complete(context.works, org.id, call.id, EndedReason.AGENT_ENDED)
    assert outcome(await call_now(context.works, org, call)) == HUNG_UP


async def test_a_caller_who_is_not_connected_yet_is_not_connected_any_more(
    caller: Caller, carrier: RememberingCarrier, a_lead: MakeLead, works: Works
) -> None:
    call = await caller.placed(await a_lead())
    step = await calls.first_step(caller.context, caller.told(call))
    carrier.fail_with = [Uncertain("gone")]
    with pytest.raises(NotHungUp):
        await stop(caller, call)
    with pytest.raises(CallNotProved):
        await connected(works, step)


async def test_a_talk_between_people_that_the_carrier_did_not_end_ends_as_it_does(
    caller: Caller, carrier: RememberingCarrier, a_lead: MakeLead, works: Works, clock: FrozenClock
) -> None:
    async with works.begin(caller.org.actor) as work:
        await store.save_settings(work, CallSettings(ring_numbers=[MEMBER]))
    call = await caller.placed(await a_lead(), first_rings=MEMBER)
    await calls.first_step(caller.context, caller.told(call))
    carrier.fail_with = [Busy(1)]
    with pytest.raises(NotHungUp):
        await stop(caller, call)
    assert not (await stop(caller, call)).status.ended  # the carrier tells how long they talked
    assert carrier.put_down == [f"CA{call.id.hex}"]
    clock.move(timedelta(seconds=20))
    await calls.record_bridged(caller.context, caller.told(call), "completed", 12)
    done = await caller.now(call)
    assert (*outcome(done), done.duration) == (CallStatus.COMPLETED, EndedReason.TRANSFERRED, 12)


async def test_who_may_not_call_hangs_nothing_up(caller: Caller, a_lead: MakeLead, other_org: Organization) -> None:
    call = await caller.asks(await a_lead())
    viewer = structs.replace(caller.org.actor, role=Role.VIEWER, permissions=PERMISSIONS_OF[Role.VIEWER])
    with pytest.raises(Forbidden):
        await calls.hang_up(caller.context, viewer, call.id)
    with pytest.raises(CallNotFound):
        await calls.hang_up(caller.context, other_org.actor, call.id)
    assert (await caller.now(call)).status is CallStatus.QUEUED
