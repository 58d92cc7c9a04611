"""Trying the assistant out: a member calls it from the browser, over the same media socket as carriers do.

`begin` opens a call, and `next_step` says what a carrier would do when its socket was closed.
"""

from datetime import timedelta
from uuid import UUID

from msgspec import structs

from frontdesk.domain.calls import list_store, store
from frontdesk.domain.calls.errors import AllLinesBusy, CallNotFound, TriedTooOften
from frontdesk.domain.calls.events import CallStarted
from frontdesk.domain.calls.model import (
    CONNECTED_WITHIN,
    Call,
    CallStatus,
    Direction,
    EndedReason,
    Next,
    Priority,
    Resolution,
    Step,
    Task,
    TransferState,
)
from frontdesk.domain.calls.proof import hash_of, proof_of
from frontdesk.domain.calls.service import ending
from frontdesk.domain.calls.service.passing_on import connected_anew, ringing
from frontdesk.domain.calls.trials import CARRIER, MOST_A_DAY, SENDER, is_trial
from frontdesk.domain.organizations import service as organizations
from frontdesk.kernel.access import Permission
from frontdesk.kernel.ids import new_id
from frontdesk.platform.database import Work


async def begin(work: Work) -> Step:
    """Call the assistant, which answers whether or not it is switched on: so it can be heard before it is.

    Needs `edit_leads`, for leads and bookings come of it as of any call. Emits call.started. Raises AllLinesBusy,
    TriedTooOften.
    """
    work.require(Permission.EDIT_LEADS)
    await store.one_at_a_time(work)
    if await list_store.tried_since(work, work.now - timedelta(days=1)) >= MOST_A_DAY:
        raise TriedTooOften
    if await store.with_assistant(work) >= (await store.settings(work)).concurrent_calls:
        raise AllLinesBusy
    organization = await organizations.get(work)
    call_id = new_id()
    proof = proof_of(work, call_id, 1)
    call = Call(
        id=call_id, direction=Direction.INBOUND, from_number=SENDER, to_number=organization.number or "", caller=None,
        carrier=CARRIER, provider_call_id=f"{CARRIER}-{call_id}", status=CallStatus.RINGING, ended_reason=None,
        task=Task.ASSIST, started_at=work.now, answered_at=None, ended_at=None, duration=0, handled_by_ai=False,
        ai_seconds=0, confidence=None, resolution=Resolution.PENDING, priority=Priority.MEDIUM, lead_id=None,
        agent_name=organization.agent_name, transfer=None, transfer_reason=None, leg=1, leg_started_at=None,
        lease_until=work.now + work.clock.lasting(CONNECTED_WITHIN), analyzed_at=None, created_at=work.now,
        updated_at=work.now,
    )  # fmt: skip
    await store.insert(work, call, hash_of(proof))
    work.emit(
        CallStarted(
            subject_id=call_id, direction=call.direction.value, task=call.task.value, lead_id=None, trial=True
        )
    )  # fmt: skip
    return Step(do=Next.CONNECT, call_id=call_id, proof=proof)


async def next_step(work: Work, call_id: UUID, *, caller_is_there: bool) -> Step:
    """The media socket of such a call was closed; what comes next. Where the team would be rung nobody is: the step
    says who, and takes a message as when none of them answers. Raises CallNotFound, also for a carrier's calls."""
    work.require(Permission.EDIT_LEADS)
    call = await store.get(work, call_id, lock=True)
    if not is_trial(call):
        raise CallNotFound
    if call.status.ended:
        return Step(do=Next.HANG_UP, call_id=call.id)
    if not caller_is_there or call.stopped_at is not None:
        await ending.end(work, call, EndedReason.CALLER_HUNG_UP)
        return Step(do=Next.HANG_UP, call_id=call.id)
    if call.transfer is TransferState.ASKED:
        rung = ringing(call, await store.settings(work))
        unanswered = structs.replace(call, transfer=TransferState.UNANSWERED)
        step = await connected_anew(work, unanswered, Task.TAKE_MESSAGE)
        return structs.replace(step, numbers=rung.numbers, members=rung.members, seconds=rung.seconds)
    return await connected_anew(work, call, call.task)
