"""Ending calls that nobody holds any more, truthfully: a process was killed, a socket never came."""

from datetime import datetime
from uuid import UUID

import structlog

from frontdesk.domain.calls import outgoing_store, store
from frontdesk.domain.calls.model import LEASE, LONGEST_DIALLED, AnsweredBy, Call, EndedReason, Task, TransferState
from frontdesk.domain.calls.service import ending
from frontdesk.kernel.access import system_actor
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.platform.loops import describe

log = structlog.get_logger(__name__)

AT_ONCE = 200


async def sweep(context: Context) -> int:
    """End the calls whose lease has passed; how many. Emits call.completed for each."""
    async with context.works.across_tenants("abandoned calls") as work:
        found = await store.abandoned(work, AT_ONCE)
    ended = 0
    for org_id, call_id in found:
        try:
            ended += await _end(context, org_id, call_id)
        except Exception as error:  # one that cannot be ended must not keep the others open
            log.error("an abandoned call could not be ended", call=str(call_id), error=describe(error))
    return ended


async def _end(context: Context, org_id: UUID, call_id: UUID) -> int:
    async with context.works.begin(system_actor(org_id)) as work:
        call = await store.get(work, call_id, lock=True)
        if call.status.ended or call.lease_until is None or call.lease_until >= work.now:
            return 0
        if call.answered_at is None:
            rang = call.task in (Task.RING, Task.BRIDGE)
            reason = EndedReason.NO_ANSWER if rang else EndedReason.NOT_CONNECTED
            await ending.end(work, call, reason)
        else:
            by_machine = await outgoing_store.answered_by(work, call_id) is AnsweredBy.MACHINE
            reason = EndedReason.VOICEMAIL if by_machine else EndedReason.CONNECTION_LOST
            await ending.end(work, call, reason, at=_last_seen(work, call))
    return 1


def _last_seen(work: Work, call: Call) -> datetime:
    """The last instant at which the call is known to have been under way."""
    assert call.lease_until is not None
    assert call.answered_at is not None
    held = LONGEST_DIALLED if call.transfer is TransferState.DIALLING else work.clock.lasting(LEASE)
    return max(call.lease_until - held, call.answered_at, call.leg_started_at or call.answered_at)
