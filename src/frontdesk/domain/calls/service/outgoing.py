"""What carriers ask about calls that we place, and tell of them: twice, late, in any order."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

from msgspec import structs

from frontdesk.domain.calls import outgoing_store, store
from frontdesk.domain.calls.events import CallStarted
from frontdesk.domain.calls.model import (
    CONNECTED_WITHIN,
    LONGEST_DIALLED,
    RINGS_FOR,
    AnsweredBy,
    Call,
    CallStatus,
    EndedReason,
    Next,
    Outgoing,
    OutgoingState,
    OutgoingWord,
    Speaker,
    Step,
    Task,
    TransferState,
    Turn,
    answered_by,
    beginning,
    end_of,
    message_for_machine,
    whole_seconds,
)
from frontdesk.domain.calls.proof import proof_of
from frontdesk.domain.calls.service import ending
from frontdesk.domain.calls.tasks import LEAVE_MESSAGE, MachineAnswered
from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.contactability.model import Category, Decision
from frontdesk.domain.contactability.service import Contact
from frontdesk.domain.leads.model import Lead
from frontdesk.domain.leads.service import leads
from frontdesk.domain.numbers.service import carriers
from frontdesk.kernel.access import system_actor
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.platform.queue import enqueue
from frontdesk.ports.calling import OVER, Dialler, OutgoingCall
from frontdesk.ports.carrier import Rejected

NOT_NOW = "This call cannot be put through: the number must not be called now. Goodbye."


def rung(org_id: UUID, call: Call, made: Outgoing) -> OutgoingCall:
    """The call as a carrier is asked for it."""
    return OutgoingCall(
        org_id=org_id, reference=call.id, sender=call.our_number, to=made.first_rings or made.recipient,
        rings_for=RINGS_FOR, spots_machines=call.task is Task.ASSIST,
    )  # fmt: skip


async def open_call(work: Work, call_id: UUID) -> tuple[Call, Outgoing] | None:
    """A call of ours that is not over, locked."""
    call = await store.get(work, call_id, lock=True)
    made = await outgoing_store.get(work, call_id, lock=True)
    return None if made is None or call.status.ended else (call, made)


async def ask_gate(work: Work, lead: Lead, task: Task, call_id: UUID) -> Decision:
    """Whether the lead may be called now. Locks the number against suppression until the work ends: before any row."""
    category = Category.AI_CALL if task is Task.ASSIST else Category.HAND_CALL
    contact = Contact(lead=lead, category=category, call_id=call_id)
    return (await contactability.ask(work, [contact], await contactability.rules(work)))[0]


@asynccontextmanager
async def _told_of(
    context: Context, told: OutgoingWord, only: UUID | None
) -> AsyncIterator[tuple[Work, Call, Outgoing] | None]:
    """A transaction with the call that a carrier tells of, locked. None: it is over, of another carrier or another call
    of its own than ours, or not of `only`, the one organisation that the carrier can speak for."""
    if only not in (None, told.org_id):
        yield None
        return
    async with context.works.begin(system_actor(told.org_id)) as work:
        yield await _ours(work, told)


async def _ours(work: Work, told: OutgoingWord) -> tuple[Work, Call, Outgoing] | None:
    found = await open_call(work, told.call_id) if await outgoing_store.get(work, told.call_id) else None
    if found is None or found[0].carrier != told.carrier:
        return None
    call, made = await note_placed(work, *found, told.provider_call_id)
    return (work, call, made) if call.provider_call_id == told.provider_call_id else None


async def note_placed(work: Work, call: Call, made: Outgoing, provider_call_id: str) -> tuple[Call, Outgoing]:
    """The carrier has the (locked) call, whichever of its words says so first. Emits call.started then."""
    if call.provider_call_id:
        return call, made
    await outgoing_store.set_provider_id(work, call, provider_call_id)
    made = structs.replace(made, state=OutgoingState.PLACED, error_code=None)
    await outgoing_store.save(work, made)
    work.emit(
        CallStarted(
            subject_id=call.id, direction=call.direction.value, task=call.task.value, lead_id=call.lead_id
        )
    )  # fmt: skip
    return structs.replace(call, provider_call_id=provider_call_id), made


async def note_word(work: Work, call: Call, made: Outgoing, word: str) -> None:
    """What the carrier says of how the (locked, open) call stands. Emits call.completed where it is over."""
    reason = end_of(call, made.answered_by, word)
    if reason is not None:
        await ending.end(work, call, reason)
        return
    status = beginning(call, word)
    if status is CallStatus.IN_PROGRESS:
        await _answered(work, call)
    elif status is not None:
        await store.save(work, structs.replace(call, status=status))


async def _answered(work: Work, call: Call) -> Call:
    """Somebody or something took the call up; the media socket has yet to come."""
    if call.answered_at is not None:
        return call
    answered = structs.replace(
        call, status=CallStatus.IN_PROGRESS, answered_at=work.now,
        lease_until=work.now + work.clock.lasting(CONNECTED_WITHIN),
    )  # fmt: skip
    await store.save(work, answered)
    return answered


async def record_outgoing_status(context: Context, told: OutgoingWord, word: str, *, only: UUID | None = None) -> None:
    """Take in a carrier's word on how a call of ours stands. Nothing moves it back, and nothing after its end."""
    async with _told_of(context, told, only) as found:
        if found is not None:
            await note_word(*found, word)


async def record_answered_by(context: Context, told: OutgoingWord, word: str, *, only: UUID | None = None) -> None:
    """Take in whether a person or a machine answered. A machine gets its message, once, as soon as the carrier has been
    told to ask for it."""
    async with _told_of(context, told, only) as found:
        if found is None:
            return
        work, call, made = found
        who = answered_by(word)
        if who is None or made.answered_by is not None:
            return
        await outgoing_store.save(work, structs.replace(made, answered_by=who))
        if who is AnsweredBy.MACHINE:
            await enqueue(work, LEAVE_MESSAGE, MachineAnswered(work.org_id, call.id))


async def leave_message(context: Context, org_id: UUID, call_id: UUID) -> None:
    """Have the carrier ask what a machine that answered is told. Raises Busy, Uncertain: try again."""
    async with context.works.read(system_actor(org_id)) as work:
        call, made = await store.get(work, call_id), await outgoing_store.get(work, call_id)
    carrier = await carriers.carrier_of(context, org_id, call.carrier)
    if made is None or call.status.ended or not isinstance(carrier, Dialler):
        return
    try:
        await carrier.ask_anew(call.provider_call_id, rung(org_id, call, made))
    except Rejected:
        return  # it is over


async def first_step(context: Context, told: OutgoingWord, *, only: UUID | None = None) -> Step:
    """What is done with whoever took up a call of ours. Idempotent until the media socket is open.

    The assistant talks to a person, and leaves a machine a message, or nothing where the organisation wants that. A
    member of the team is put through to the lead, if the gate lets that still.
    """
    if only not in (None, told.org_id):
        return Step(do=Next.HANG_UP)
    async with context.works.begin(system_actor(told.org_id)) as work:
        allowed = await _may_be_put_through(work, told.call_id)
        found = await _ours(work, told)
        if found is None:
            return Step(do=Next.HANG_UP)
        _, call, made = found
        if call.stopped_at is not None:  # called off while it rang
            await ending.end(
                work, await _answered(work, call) if call.task is Task.ASSIST else call, EndedReason.CANCELED
            )
            return Step(do=Next.HANG_UP, call_id=call.id)
        if call.task is Task.BRIDGE:
            return await _put_through(work, call, allowed=allowed)
        if made.answered_by is AnsweredBy.MACHINE:
            return await _to_machine(work, call)
        if call.leg != 1 or call.leg_started_at is not None:
            return Step(do=Next.HANG_UP, call_id=call.id)
        call = await _answered(work, call)
        return Step(do=Next.CONNECT, call_id=call.id, proof=proof_of(work, call.id, call.leg))


async def _may_be_put_through(work: Work, call_id: UUID) -> bool:
    """Whether the lead of a call that a member talks on may be rung now. Before any row is locked."""
    if await outgoing_store.get(work, call_id) is None:
        return False
    call = await store.get(work, call_id)
    if call.task is not Task.BRIDGE or call.transfer is not None or call.lead_id is None:
        return False
    return (await ask_gate(work, await leads.get(work, call.lead_id), call.task, call_id)).allowed


async def _to_machine(work: Work, call: Call) -> Step:
    """Leave word with a machine, and put the phone down; the carrier tells when that has been."""
    call = ending.leg_ended(await _answered(work, call), work.now)
    words = await message_of(work, call)
    if not words:
        await ending.end(work, call, EndedReason.VOICEMAIL)
        return Step(do=Next.HANG_UP, call_id=call.id)
    said = await store.turns(work, call.id)
    at = whole_seconds(call.answered_at, work.now) * 1000
    position = said[-1].position + 1 if said else 0
    if not (said and said[-1].speaker is Speaker.ASSISTANT and said[-1].text == words):  # asked for twice
        spoken = Turn(position=position, speaker=Speaker.ASSISTANT, text=words, started_ms=at, ended_ms=at)
        await store.add_turn(work, call.id, spoken)
    await store.save(work, structs.replace(call, lease_until=work.now + work.clock.lasting(CONNECTED_WITHIN * 2)))
    return Step(do=Next.SAY, says=words, call_id=call.id)


async def message_of(work: Work, call: Call) -> str:
    """What is said to a machine that takes the call up; empty: nothing."""
    settings, house = await store.settings(work), await store.house(work, call.our_number)
    lead = await leads.get(work, call.lead_id) if call.lead_id else None
    return message_for_machine(
        settings.voicemail, house.name, call.agent_name, lead.first_name if lead else "", call.our_number
    )


async def _put_through(work: Work, call: Call, *, allowed: bool) -> Step:
    """Ring the lead for the member who has taken their own telephone up. Asked again, it is answered alike."""
    if call.transfer is TransferState.DIALLING:
        return bridge(work, call)
    if not allowed:
        await ending.end(work, call, EndedReason.NOT_ALLOWED)
        return Step(do=Next.SAY, says=NOT_NOW, call_id=call.id)
    dialling = structs.replace(
        call, status=CallStatus.IN_PROGRESS, transfer=TransferState.DIALLING,
        lease_until=work.now + LONGEST_DIALLED,
    )  # fmt: skip
    await store.save(work, dialling)
    return bridge(work, dialling)


def bridge(work: Work, call: Call) -> Step:
    """The step that rings the other side for a member of the team."""
    return Step(
        do=Next.DIAL, call_id=call.id, numbers=[call.to_number], seconds=RINGS_FOR, caller_id=call.our_number,
        of_ours=work.org_id,
    )  # fmt: skip


async def record_leg(
    context: Context, told: OutgoingWord, word: str, seconds: int, *, only: UUID | None = None
) -> None:
    """Take in how the telephone stands that is rung for a member: it is taken up, or that is over after `seconds`."""
    async with _told_of(context, told, only) as found:
        if found is None or found[1].task is not Task.BRIDGE or found[1].transfer is not TransferState.DIALLING:
            return
        work, call, _ = found
        if word == "in-progress" and call.answered_at is None:
            await store.save(work, structs.replace(call, answered_at=work.now))
        elif word in OVER:
            await _bridge_over(work, call, word, seconds)


async def record_bridged(
    context: Context, told: OutgoingWord, word: str, seconds: int, *, only: UUID | None = None
) -> Step:
    """The lead who was rung for a member has talked for `seconds`, or was not reached: by the carrier's word for it."""
    async with _told_of(context, told, only) as found:
        if found is None or found[1].task is not Task.BRIDGE:
            return Step(do=Next.HANG_UP)
        work, call, _ = found
        await _bridge_over(work, call, word, seconds)
        return Step(do=Next.HANG_UP, call_id=call.id)


async def _bridge_over(work: Work, call: Call, word: str, seconds: int) -> None:
    if word in ("completed", "answered"):
        since = max(work.now - timedelta(seconds=max(seconds, 0)), call.started_at)
        talked = structs.replace(call, transfer=TransferState.CONNECTED, answered_at=since)
        await ending.end(work, talked, EndedReason.TRANSFERRED)
    else:
        unreached = structs.replace(call, transfer=TransferState.UNANSWERED)
        await ending.end(work, unreached, _UNREACHED.get(word, EndedReason.NO_ANSWER))


_UNREACHED = {
    "busy": EndedReason.BUSY, "failed": EndedReason.CARRIER_FAILED, "canceled": EndedReason.CANCELED,
}  # fmt: skip
