"""Passing a caller to a person, and what the carrier is to do when a socket was closed or nobody answered."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

from msgspec import structs

from frontdesk.domain.calls import store
from frontdesk.domain.calls.events import CallTransferred
from frontdesk.domain.calls.model import (
    CONNECTED_WITHIN,
    CUT_OFF,
    LEAVE_MESSAGE,
    LONGEST_DIALLED,
    MOST_LEGS,
    NO_LINE,
    NOBODY_ANSWERED,
    Call,
    CallSettings,
    CarrierCall,
    EndedReason,
    Next,
    Resolution,
    Step,
    Task,
    TransferState,
)
from frontdesk.domain.calls.proof import hash_of, proof_of
from frontdesk.domain.calls.service import ending
from frontdesk.domain.scheduling.model import is_open
from frontdesk.kernel.access import system_actor
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work, Works

_LINE_BROKE = "The line to the caller broke, and they were connected again."
_ONE_MOMENT = "One moment, please."


async def transfer(works: Works, org_id: UUID, call_id: UUID, reason: str) -> bool:
    """The caller is to speak to a person. Whether somebody can be rung now: within business hours, if the organisation
    names anybody to ring.

    True: say so, `complete` with TRANSFERRED, and close the socket; people are rung then, and where none answers a
    message is taken. False: tell the caller that nobody is there now, and take a message. Either way the call counts
    as one that a person has to see to. Idempotent. Raises CallNotFound.
    """
    async with works.begin(system_actor(org_id)) as work:
        call = await store.get(work, call_id, lock=True)
        if call.status.ended or call.transfer is not None:
            return call.transfer is TransferState.ASKED
        settings, house = await store.settings(work), await store.house(work, call.our_number)
        somebody = bool(settings.ring_numbers or settings.ring_members)
        can = somebody and is_open(work.now, house.time_zone, house.business_hours)
        state = TransferState.ASKED if can else TransferState.UNANSWERED
        await store.save(work, structs.replace(call, transfer=state, transfer_reason=reason[:300]))
        return can


def first_words(call: Call) -> str:
    """What a caller hears first over a socket; empty: the assistant's greeting."""
    if call.task is Task.TAKE_MESSAGE:
        return NOBODY_ANSWERED if call.transfer is TransferState.UNANSWERED else LEAVE_MESSAGE
    return CUT_OFF if call.leg > 1 else ""


@asynccontextmanager
async def call_of(context: Context, told: CarrierCall, only: UUID | None) -> AsyncIterator[tuple[Work, Call] | None]:
    """A transaction of the organisation whose call a carrier tells of, with the call, locked. None: it is not known, or
    is not of `only`, the one organisation that the carrier can speak for."""
    visit = await context.works.visit(store.OF_NUMBER, told.our_number)
    org_id: UUID | None = visit.principal["org_id"]
    if org_id is None or only not in (None, org_id):
        await visit.leave()
        yield None
        return
    async with visit.work(system_actor(org_id), writes=True) as work:
        call = await store.of_provider(work, told.carrier, told.provider_call_id, lock=True)
        yield None if call is None else (work, call)


async def next_step(context: Context, told: CarrierCall, *, caller_is_there: bool, only: UUID | None = None) -> Step:
    """The media socket of a call was closed; what comes next.

    The team is rung where the call is being passed on. A call that nobody ended while the caller is still there was
    cut off: they are connected anew, MOST_LEGS times in all. Else it is put down. Emits call.transferred.
    """
    async with call_of(context, told, only) as found:
        if found is None or found[1].status.ended:
            return Step(do=Next.HANG_UP)
        work, call = found
        if not caller_is_there or call.stopped_at is not None:
            await ending.end(work, call, EndedReason.CALLER_HUNG_UP)
            return Step(do=Next.HANG_UP, call_id=call.id)
        if call.transfer is TransferState.ASKED:
            call = await _dial(work, call)
        if call.transfer is TransferState.DIALLING:
            return ringing(call, await store.settings(work))
        step = await connected_anew(work, call, call.task)
        if step.do is Next.CONNECT:  # the process that takes them may have to start first
            await store.add_trouble(work, call.id, [_LINE_BROKE])
            return structs.replace(step, says=_ONE_MOMENT)
        return step


async def record_dial(
    context: Context,
    told: CarrierCall,
    *,
    answered: bool,
    seconds: int,
    caller_is_there: bool,
    only: UUID | None = None,
) -> Step:
    """The people who were rung for a call have talked to the caller for `seconds`, or none has `answered`: a message is
    taken then, while the caller is there. What comes next."""
    async with call_of(context, told, only) as found:
        if found is None or found[1].status.ended:
            return Step(do=Next.HANG_UP)
        work, call = found
        if call.task is not Task.RING and call.transfer is not TransferState.DIALLING:
            taking = call.transfer is TransferState.UNANSWERED and call.leg_started_at is None and caller_is_there
            return (
                await connected_anew(work, call, Task.TAKE_MESSAGE)
                if taking
                else Step(do=Next.HANG_UP, call_id=call.id)
            )
        if answered:
            since = work.now - timedelta(seconds=max(seconds, 0))
            taken = structs.replace(
                call, transfer=TransferState.CONNECTED, answered_at=call.answered_at or max(since, call.started_at)
            )
            await ending.end(work, taken, EndedReason.TRANSFERRED)
            return Step(do=Next.HANG_UP, call_id=call.id)
        unanswered = structs.replace(call, transfer=TransferState.UNANSWERED)
        if not caller_is_there or call.stopped_at is not None:
            await ending.end(work, unanswered, EndedReason.CALLER_HUNG_UP)
            return Step(do=Next.HANG_UP, call_id=call.id)
        return await connected_anew(work, unanswered, Task.TAKE_MESSAGE)


def ringing(call: Call, settings: CallSettings) -> Step:
    """The step that rings the team for a call."""
    return Step(
        do=Next.DIAL, call_id=call.id, numbers=settings.ring_numbers, members=settings.ring_members,
        seconds=settings.ring_seconds, caller_id=call.our_number,
    )  # fmt: skip


async def _dial(work: Work, call: Call) -> Call:
    dialling = structs.replace(
        ending.leg_ended(call, work.now), transfer=TransferState.DIALLING, resolution=Resolution.ESCALATED,
        lease_until=work.now + LONGEST_DIALLED,
    )  # fmt: skip
    await store.save(work, dialling)
    work.emit(CallTransferred(subject_id=call.id, lead_id=call.lead_id, reason=call.transfer_reason or ""))
    return dialling


async def connected_anew(work: Work, call: Call, task: Task) -> Step:
    """The step that connects the caller to a media socket anew, or ends the call after MOST_LEGS."""
    if call.leg >= MOST_LEGS:
        await ending.end(work, call, EndedReason.CONNECTION_LOST)
        return Step(do=Next.SAY, says=NO_LINE, call_id=call.id)
    waiting = structs.replace(
        ending.leg_ended(call, work.now), task=task, leg=call.leg + 1,
        lease_until=work.now + work.clock.lasting(CONNECTED_WITHIN),
    )  # fmt: skip
    proof = proof_of(work, call.id, waiting.leg)
    await store.save(work, waiting)
    await store.set_proof(work, call.id, hash_of(proof))
    return Step(do=Next.CONNECT, call_id=call.id, proof=proof)
