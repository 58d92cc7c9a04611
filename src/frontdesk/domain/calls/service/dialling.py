"""Calls that members dial on the handsets that their browsers are: the carrier rings the lead for them.

A person talks to a person, so the assistant has no part in it. All else is as with other calls that we place: who may,
the gate, one call at a time to a number, minutes, the record.
"""

from uuid import UUID

from msgspec import structs

from frontdesk.domain.calls import outgoing_store, store
from frontdesk.domain.calls.errors import CannotPlaceCalls, NotCallable
from frontdesk.domain.calls.events import CallStarted
from frontdesk.domain.calls.model import (
    LONGEST_DIALLED,
    CallStatus,
    CallWish,
    Dialled,
    Next,
    Outgoing,
    OutgoingState,
    Step,
    Task,
    TransferState,
)
from frontdesk.domain.calls.service.outgoing import ask_gate, bridge
from frontdesk.domain.calls.service.placing import new_call, whom
from frontdesk.domain.identity.model import actor_of_member
from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.organizations.model import MemberStatus
from frontdesk.kernel.access import Actor, ActorType, Permission, system_actor
from frontdesk.kernel.errors import Conflict, Forbidden, Invalid, Quota
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.ports.softphone import handset_of

NOT_A_MEMBER = "This handset may not place calls. Sign in again."
WHICH = "You work for several organisations, and it is not said for which you call."


async def dial(context: Context, dialled: Dialled, *, only: UUID | None = None) -> Step:
    """What is done with a call that a member dials: the lead is rung, or the member is told why not. Idempotent by the
    carrier's id: told again while it goes on, it is answered alike.

    The member needs `send_messages`. A number that no lead has becomes one. Emits call.started.
    """
    actor = await _member(context, dialled, only)
    if isinstance(actor, str):
        return Step(do=Next.SAY, says=actor)
    try:
        async with context.works.begin(actor) as work:
            work.require(Permission.SEND_MESSAGES)
            known = await store.of_provider(work, dialled.carrier, dialled.provider_call_id)
            if known is not None:
                return Step(do=Next.HANG_UP) if known.status.ended else bridge(work, known)
            lead = await whom(work, CallWish(to=dialled.to))
            call_id = new_id()
            decision = await ask_gate(work, lead, Task.BRIDGE, call_id)
            if decision.allowed:
                call = await new_call(context, work, lead, Task.BRIDGE, call_id)
                return await _rings(work, call_id, dialled, call.carrier)
        raise NotCallable(decision)  # outside, so that the decision is kept
    except (Invalid, Conflict, Forbidden, Quota) as refused:
        return Step(do=Next.SAY, says=refused.message)


async def _rings(work: Work, call_id: UUID, dialled: Dialled, carrier: str) -> Step:
    """The carrier has the call already: it asks what it is to do with it."""
    if carrier != dialled.carrier:  # their handset is with another carrier than their number
        raise CannotPlaceCalls
    call = structs.replace(
        await store.get(work, call_id), status=CallStatus.IN_PROGRESS, transfer=TransferState.DIALLING,
        lease_until=work.now + LONGEST_DIALLED,
    )  # fmt: skip
    await store.save(work, call)
    await outgoing_store.set_provider_id(work, call, dialled.provider_call_id)
    made = Outgoing(
        call_id=call_id, recipient=call.to_number, asked_by=work.actor.id, purpose="", first_rings=None,
        state=OutgoingState.PLACED, attempts=1, asked_at=work.now, due_at=work.now, claimed_at=work.now,
        answered_by=None, error_code=None,
    )  # fmt: skip
    await outgoing_store.insert(work, made)
    await work.audit("call.asked_for", "call", call_id, by_assistant=False)
    started = CallStarted(
        subject_id=call_id, direction=call.direction.value, task=call.task.value, lead_id=call.lead_id
    )  # fmt: skip
    work.emit(started)
    return bridge(work, call)


async def _member(context: Context, dialled: Dialled, only: UUID | None) -> Actor | str:
    """Who dials, with the rights that they have now in the organisation that they dial for; or why nobody may."""
    user_id = handset_of(dialled.sender)
    if user_id is None:
        return NOT_A_MEMBER
    person = Actor(type=ActorType.USER, id=user_id, org_id=None)
    theirs = [each.org_id for each in await organizations.list_own(context.works, person)]
    named = dialled.org_id or only
    may = [org_id for org_id in theirs if named in (None, org_id) and only in (None, org_id)]
    if len(may) != 1:
        return WHICH if may else NOT_A_MEMBER
    async with context.works.read(system_actor(may[0])) as work:
        member = await organizations.get_member(work, user_id)
    if member.status is not MemberStatus.ACTIVE:
        return NOT_A_MEMBER
    return actor_of_member(
        user_id, member.email, member.org_id, member.role, member.extra_permissions, member.allowed_dataset_ids
    )
