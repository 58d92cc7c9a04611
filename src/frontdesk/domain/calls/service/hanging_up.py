"""Hanging up: a person ends a call, whether it waits to be placed, rings, or goes on.

That somebody wants it is kept before the carrier is asked. Whatever tells of the end, and whatever the other side does
meanwhile, finds it there: who takes up a call that was called off is put down, and a socket of it is not opened.
"""

import asyncio
from uuid import UUID

from msgspec import structs

from frontdesk.domain.calls import outgoing_store, store
from frontdesk.domain.calls.errors import NotHungUp
from frontdesk.domain.calls.model import Call, EndedReason, OutgoingState, TransferState
from frontdesk.domain.calls.service import ending
from frontdesk.domain.calls.trials import is_trial
from frontdesk.domain.numbers.service import carriers
from frontdesk.kernel.access import Actor, Permission, system_actor
from frontdesk.platform.context import Context
from frontdesk.ports.calling import OVER, Dialler, words_of
from frontdesk.ports.carrier import Busy, Rejected, Uncertain

CARRIER_PATIENCE = 15.0
"""Wall seconds that ending a call may take before nobody can tell."""
_TRY_AGAIN = "The carrier could not be asked to end the call. Try again."
_PUT_DOWN = "The carrier could not be asked. If the call is taken up, it is put down at once."


async def hang_up(context: Context, actor: Actor, call_id: UUID) -> Call:
    """End a call, of ours or one that came in. Idempotent. The call as it stands then: the carrier may tell of the end
    a moment later.

    Needs `send_messages`. Emits call.completed, unless the carrier's word does. Raises CallNotFound, Forbidden, and
    NotHungUp where the carrier did not end it.
    """
    async with context.works.begin(actor) as work:
        work.require(Permission.SEND_MESSAGES)
        call = await store.get(work, call_id, lock=True)
        if call.status.ended:
            return call
        if call.stopped_at is None:
            call = structs.replace(call, stopped_at=work.now)
            await store.save(work, call)
            await work.audit("call.hung_up", "call", call_id, answered=call.answered_at is not None)
        made = await outgoing_store.get(work, call_id, lock=True)
        if made is not None and made.state is OutgoingState.WAITING:
            await outgoing_store.save(work, structs.replace(made, state=OutgoingState.OVER, error_code="CALLED_OFF"))
            return await ending.end(work, call, EndedReason.CANCELED)
        org_id = work.org_id
    problem = await finish(context, org_id, call_id)
    async with context.works.read(actor) as work:
        call = await store.get(work, call_id)
    if problem and not call.status.ended:
        raise NotHungUp(problem)
    return call


async def finish(context: Context, org_id: UUID, call_id: UUID) -> str:
    """Have the carrier end a call that somebody wants ended, if it has it yet: whoever hands it over asks again. What
    is the matter, in a sentence; empty where nothing is."""
    async with context.works.read(system_actor(org_id)) as work:
        call = await store.get(work, call_id)
    if call.status.ended or call.stopped_at is None or not call.provider_call_id:
        return ""
    word, problem, undone = await _asked_to_end(context, org_id, call)
    async with context.works.begin(system_actor(org_id)) as work:
        call = await store.get(work, call_id, lock=True)
        if call.status.ended:
            return ""
        if call.leg_started_at is not None or is_trial(call):  # whoever holds its socket sees that it is over
            await ending.end(work, call, EndedReason.CANCELED)
            return ""
        if word in OVER and call.transfer is not TransferState.DIALLING:
            await ending.end(work, call, EndedReason.CANCELED)
        elif undone and call.answered_at is not None:  # it goes on, and may end for another reason
            await store.save(work, structs.replace(call, stopped_at=None))
    return problem


async def _asked_to_end(context: Context, org_id: UUID, call: Call) -> tuple[str, str, bool]:
    """The carrier's word, what is the matter, and whether it is certain that nothing was done."""
    carrier = await carriers.carrier_of(context, org_id, call.carrier)
    if not isinstance(carrier, Dialler):
        return "", _TRY_AGAIN, True
    answered = call.answered_at is not None
    try:
        asked = carrier.end(call.provider_call_id, answered=answered)
        return await asyncio.wait_for(asked, CARRIER_PATIENCE), "", False
    except Rejected as refused:
        return "", words_of(refused.code), True
    except (Busy, Uncertain, TimeoutError) as error:
        return "", _TRY_AGAIN if answered else _PUT_DOWN, isinstance(error, Busy)
