"""The one place where a call ends, whoever says so. For the other modules of this service."""

from datetime import datetime, timedelta

from msgspec import structs

from frontdesk.domain.calls import store
from frontdesk.domain.calls.events import CallCompleted
from frontdesk.domain.calls.model import (
    Call,
    EndedReason,
    Resolution,
    Task,
    TransferState,
    outcome,
    reason_of,
    whole_seconds,
)
from frontdesk.domain.calls.tasks import ANALYZE, AnalysisDue
from frontdesk.domain.calls.trials import is_trial
from frontdesk.platform.database import Work
from frontdesk.platform.queue import enqueue

SETTLES = timedelta(seconds=5)
"""Wall time from the end of a call to its analysis: the last words and the recording may still be on their way."""


async def end(work: Work, call: Call, reason: EndedReason, *, at: datetime | None = None) -> Call:
    """End a call that is not over, at the instant `at` if that is not now. The call is locked.

    Emits call.completed and has the call analysed, if anybody was talked to.
    """
    at = at or work.now
    call, reason = leg_ended(call, at), reason_of(call, reason)
    ended = structs.replace(
        call, status=outcome(call, reason), ended_reason=reason, ended_at=at, lease_until=None,
        duration=whole_seconds(call.answered_at, at), resolution=_resolution(call, reason),
    )  # fmt: skip
    await store.save(work, ended)
    completed = CallCompleted(
        subject_id=call.id, direction=call.direction.value, status=ended.status.value, ended_reason=reason.value,
        duration=ended.duration, ai_seconds=ended.ai_seconds, handled_by_ai=ended.handled_by_ai, lead_id=call.lead_id,
        trial=is_trial(call),
    )  # fmt: skip
    work.emit(completed)
    if call.answered_at is not None and call.task is not Task.BRIDGE:  # what members say is not written down
        run_at = work.now + work.clock.lasting(SETTLES)
        await enqueue(work, ANALYZE, AnalysisDue(work.org_id, call.id), run_at=run_at)
    return ended


def leg_ended(call: Call, at: datetime) -> Call:
    """The call whose media socket is closed, with the assistant's time on it counted."""
    if call.leg_started_at is None:
        return call
    spent = whole_seconds(call.leg_started_at, at) if call.task is Task.ASSIST else 0
    return structs.replace(call, leg_started_at=None, ai_seconds=call.ai_seconds + spent)


def _resolution(call: Call, reason: EndedReason) -> Resolution:
    if call.task is Task.BRIDGE:
        return Resolution.FAILED if call.answered_at is None else Resolution.RESOLVED
    if call.transfer is not None or call.task is Task.TAKE_MESSAGE:
        escalated = call.transfer is not TransferState.CONNECTED
        return Resolution.ESCALATED if escalated else Resolution.RESOLVED
    if call.answered_at is None or reason in (EndedReason.CONNECTION_LOST, EndedReason.SPEECH_FAILED):
        return Resolution.FAILED
    return Resolution.RESOLVED if reason is EndedReason.TRANSFERRED else Resolution.PENDING
