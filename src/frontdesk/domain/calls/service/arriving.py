"""What the carrier tells of calls: one comes in, one has ended. Either may be told twice, late and out of order."""

import re
from uuid import UUID

import structlog

from frontdesk.domain.billing.service import limits
from frontdesk.domain.calls import store
from frontdesk.domain.calls.events import CallStarted
from frontdesk.domain.calls.model import (
    ALL_BUSY,
    CONNECTED_WITHIN,
    LONGEST_DIALLED,
    Call,
    CallSettings,
    CallStatus,
    CarrierCall,
    Direction,
    EndedReason,
    Next,
    Priority,
    Resolution,
    Step,
    Task,
)
from frontdesk.domain.calls.proof import hash_of, proof_of
from frontdesk.domain.calls.service import ending
from frontdesk.domain.calls.service.passing_on import call_of, ringing
from frontdesk.domain.calls.store import House
from frontdesk.domain.leads.service import leads
from frontdesk.domain.scheduling.model import is_open
from frontdesk.kernel.access import system_actor
from frontdesk.kernel.ids import new_id
from frontdesk.kernel.phone import E164
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work

log = structlog.get_logger(__name__)

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_LONGEST_NAME = 120
"""Characters of what a carrier calls one side."""


async def receive(context: Context, incoming: CarrierCall, *, only: UUID | None = None) -> Step:
    """Take in a call to a number of ours and say what is done with it. Idempotent by the carrier's id: told again, it
    is answered alike until its socket is open, and put down after that.

    The assistant takes it, where it is on and the number leads to it; else the team is rung within business hours, and
    a message is taken outside them or where there is nobody to ring. With as many calls under way as may be, in the
    organisation or on this installation, or no minutes left, the caller hears that all lines are busy; without AI
    minutes it is taken as if the assistant were off. `only` is the organisation that whoever told of it can speak for,
    if not for all. A call to a number that is nobody's, or a suspended organisation's, is refused and not kept. Emits
    call.started, and call.completed for one that ends at once.
    """
    visit = await context.works.visit(store.OF_NUMBER, incoming.called)
    org_id: UUID | None = visit.principal["org_id"]
    if org_id is None or only not in (None, org_id):
        await visit.leave()
        return Step(do=Next.REFUSE)
    async with visit.work(system_actor(org_id), writes=True) as work:
        await store.one_at_a_time(work)
        house = await store.house(work, incoming.called)
        known = await store.of_provider(work, incoming.carrier, incoming.provider_call_id, lock=True)
        settings = await store.settings(work)
        if known is not None:
            return _as_before(work, known, house, settings)
        if house.suspended:
            return Step(do=Next.REFUSE)
        return await _take_in(work, incoming, house, settings, context.calls_at_once)


async def _take_in(work: Work, incoming: CarrierCall, house: House, settings: CallSettings, at_once: int) -> Step:
    sender = incoming.sender.replace("\0", "")[:_LONGEST_NAME]
    caller = E164(sender) if _E164.fullmatch(sender) else None
    lead = await leads.of_phone(work, caller) if caller else None
    task = task_for(work, house, settings)
    busy = task is not Task.RING and not await has_room(work, settings, at_once)
    call_id = new_id()
    room = None if busy else await limits.reserve_call(work, call_id, assisted=task is Task.ASSIST)
    if room and task is Task.ASSIST and not room.assistant:
        task = _without_assistant(work, house, settings)
    proof = proof_of(work, call_id, 1)
    waits = CONNECTED_WITHIN if task is not Task.RING else LONGEST_DIALLED
    call = Call(
        id=call_id, direction=Direction.INBOUND, from_number=sender, to_number=incoming.called, caller=caller,
        carrier=incoming.carrier, provider_call_id=incoming.provider_call_id, status=CallStatus.RINGING,
        ended_reason=None, task=task, started_at=work.now, answered_at=None, ended_at=None, duration=0,
        handled_by_ai=False, ai_seconds=0, confidence=None, resolution=Resolution.PENDING, priority=Priority.MEDIUM,
        lead_id=lead.id if lead else None, agent_name=house.agent_name, transfer=None, transfer_reason=None, leg=1,
        leg_started_at=None, lease_until=work.now + work.clock.lasting(waits), analyzed_at=None, created_at=work.now,
        updated_at=work.now,
    )  # fmt: skip
    await store.insert(work, call, hash_of(proof))
    work.emit(CallStarted(subject_id=call_id, direction=call.direction.value, task=task.value, lead_id=call.lead_id))
    if busy:
        call = await ending.end(work, call, EndedReason.ALL_BUSY)
    elif room and not room.call:
        call = await ending.end(work, call, EndedReason.NO_MINUTES)
    return _as_before(work, call, house, settings)


async def has_room(work: Work, settings: CallSettings, at_once: int) -> bool:
    """Whether the assistant can take one call more: of the organisation's, and on this installation."""
    if await store.with_assistant(work) >= settings.concurrent_calls:
        return False
    if await store.with_any_assistant(work) < at_once:
        return True
    log.warning("no_room_for_call", calls_at_once=at_once)
    return False


def task_for(work: Work, house: House, settings: CallSettings) -> Task:
    """What is done with somebody who calls now."""
    if house.ai_enabled and house.route_to_ai:
        return Task.ASSIST
    return _without_assistant(work, house, settings)


def _without_assistant(work: Work, house: House, settings: CallSettings) -> Task:
    somebody = settings.ring_numbers or settings.ring_members
    if somebody and is_open(work.now, house.time_zone, house.business_hours):
        return Task.RING
    return Task.TAKE_MESSAGE


def _as_before(work: Work, call: Call, house: House, settings: CallSettings) -> Step:
    """The step for a call that has just come in, the same however often it is asked for."""
    if call.status is CallStatus.BUSY:
        return Step(do=Next.SAY, says=ALL_BUSY.format(business=house.name), call_id=call.id)
    if call.status is not CallStatus.RINGING or call.leg != 1:
        return Step(do=Next.HANG_UP, call_id=call.id)
    if call.task is Task.RING:
        return ringing(call, settings)
    return Step(do=Next.CONNECT, call_id=call.id, proof=proof_of(work, call.id, call.leg))


# --- how it ended, as the carrier says --------------------------------------------------------------------------------

_REASONS = {
    "completed": EndedReason.CALLER_HUNG_UP,
    "busy": EndedReason.NO_ANSWER,
    "no-answer": EndedReason.NO_ANSWER,
    "canceled": EndedReason.CANCELED,
    "failed": EndedReason.CARRIER_FAILED,
}
"""By the carrier's word for the end of a call. Whoever talked to the caller knows better, if they tell first."""


async def record_status(context: Context, told: CarrierCall, status: str, *, only: UUID | None = None) -> bool:
    """Take in what the carrier says became of a call. Words other than of an end change nothing, nor does any after
    the end. False where no such call is known."""
    async with call_of(context, told, only) as found:
        if found is None:
            return False
        work, call = found
        reason = _REASONS.get(status)
        if reason is not None and not call.status.ended:
            if call.task is Task.TAKE_MESSAGE and call.answered_at is not None:
                reason = EndedReason.MESSAGE_TAKEN
            await ending.end(work, call, reason)
    return True
