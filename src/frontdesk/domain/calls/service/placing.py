"""Placing calls: asked for by a person, let through by the gate, handed to the carrier, and settled where in doubt.

As with texts, a claim commits before the carrier is called, and no transaction is open during that. A process that dies
between leaves the call `calling`, which `reconcile` settles by asking the carrier: nobody is rung twice on a guess.
"""

import asyncio
import random
from datetime import timedelta
from uuid import UUID

import structlog
from msgspec import structs

from frontdesk.domain.billing.service import limits
from frontdesk.domain.calls import outgoing_store, store
from frontdesk.domain.calls.errors import AllLinesBusy, CallUnderWay, CannotPlaceCalls, NoMinutesLeft, NotCallable
from frontdesk.domain.calls.model import (
    GIVEN_UP_AFTER,
    IN_DOUBT_AFTER,
    TOLD_WITHIN,
    TRIED_FOR,
    Call,
    CallStatus,
    CallWish,
    Direction,
    EndedReason,
    Outgoing,
    OutgoingState,
    Priority,
    Resolution,
    Task,
)
from frontdesk.domain.calls.proof import hash_of, proof_of
from frontdesk.domain.calls.service import ending, hanging_up
from frontdesk.domain.calls.service.arriving import has_room
from frontdesk.domain.calls.service.outgoing import ask_gate, note_placed, note_word, open_call, rung
from frontdesk.domain.calls.tasks import PLACE, PlacingDue
from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.leads.model import Lead
from frontdesk.domain.leads.service import capturing, leads
from frontdesk.domain.numbers.service import carriers
from frontdesk.domain.organizations import service as organizations
from frontdesk.kernel.access import Actor, Permission, system_actor
from frontdesk.kernel.errors import Forbidden, Invalid
from frontdesk.kernel.ids import new_id
from frontdesk.kernel.phone import PhoneRefused, parse_phone
from frontdesk.kernel.text import one_line
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.platform.loops import side_by_side
from frontdesk.platform.queue import enqueue
from frontdesk.ports.calling import Dialler, PlacedCall, words_of
from frontdesk.ports.carrier import AccountRefused, Busy, Rejected, Uncertain
from frontdesk.ports.carrier_codes import NO_CARRIER

log = structlog.get_logger(__name__)

SOURCE = "Phone call"
LONGEST_PURPOSE = 300
CARRIER_PATIENCE = 15.0
"""Wall seconds that placing a call may take before its outcome counts as unknown."""
STALE_CLAIM = timedelta(seconds=2)
"""Wall time after which the gate is asked once more before the carrier is."""
AT_ONCE, BATCH = 8, 100


async def place_call(context: Context, actor: Actor, wish: CallWish) -> Call:
    """Have somebody called: by the assistant, or by the member whose telephone rings first. The call is on its way when
    this returns: its record tells what becomes of it.

    The number is a lead's, or becomes that of one. Needs `send_messages`. Raises LeadNotFound, Invalid, NotCallable
    (the gate refuses), CallUnderWay, AllLinesBusy, NoMinutesLeft, CannotPlaceCalls, Forbidden.
    """
    async with context.works.begin(actor) as work:
        work.require(Permission.SEND_MESSAGES)
        purpose = one_line(wish.purpose, "purpose", most=LONGEST_PURPOSE)
        first_rings = await _own_telephone(work, wish.first_rings)
        lead = await whom(work, wish)
        call_id = new_id()
        task = Task.BRIDGE if first_rings else Task.ASSIST
        decision = await ask_gate(work, lead, task, call_id)
        if decision.allowed:
            return await _asked_for(context, work, lead, purpose, first_rings, call_id)
    raise NotCallable(decision)  # outside, so that the decision is kept


async def whom(work: Work, wish: CallWish) -> Lead:
    """The lead that is called; a number that none has becomes one. Raises LeadNotFound, Invalid."""
    if wish.lead_id is not None:
        return await leads.get(work, wish.lead_id)
    country = (await organizations.get(work)).country
    try:
        phone = parse_phone(wish.to, country)
    except PhoneRefused as refused:
        raise Invalid(refused.message, field="to") from refused
    return await capturing.capture_or_get(work, capturing.Contact(phone=phone, source=SOURCE))


async def _own_telephone(work: Work, text: str) -> str | None:
    """The number of whoever wants to talk: one of those that the organisation names for people who are rung, so that
    nobody else can be rung without the gate."""
    if not text:
        return None
    settings = await store.settings(work)
    try:
        phone = parse_phone(text, (await organizations.get(work)).country)
    except PhoneRefused as refused:
        raise Invalid(refused.message, field="member_phone") from refused
    if phone not in settings.ring_numbers:
        raise Invalid("This is none of the numbers that the organisation names for its team.", field="member_phone")
    return phone


async def _asked_for(
    context: Context, work: Work, lead: Lead, purpose: str, first_rings: str | None, call_id: UUID
) -> Call:
    call = await new_call(context, work, lead, Task.BRIDGE if first_rings else Task.ASSIST, call_id)
    made = Outgoing(
        call_id=call_id, recipient=call.to_number, asked_by=work.actor.id, purpose=purpose, first_rings=first_rings,
        state=OutgoingState.WAITING, attempts=0, asked_at=work.now, due_at=work.now, claimed_at=None, answered_by=None,
        error_code=None,
    )  # fmt: skip
    await outgoing_store.insert(work, made)
    await enqueue(work, PLACE, PlacingDue(work.org_id, call_id))
    await work.audit("call.asked_for", "call", call_id, by_assistant=first_rings is None)
    return call


async def new_call(context: Context, work: Work, lead: Lead, task: Task, call_id: UUID) -> Call:
    """Keep a call to a lead whom the gate lets be called, with a minute set aside. Raises CannotPlaceCalls,
    CallUnderWay, AllLinesBusy, NoMinutesLeft, Forbidden."""
    given = await contactability.rules(work)
    assert given.number is not None
    assert lead.phone is not None
    carrier = await carriers.carrier_in(context, work, given.provider or "")
    if not isinstance(carrier, Dialler):
        raise CannotPlaceCalls
    await store.one_at_a_time(work)
    house, settings = await store.house(work, given.number), await store.settings(work)
    if house.suspended:
        raise Forbidden("The organisation is suspended.")
    if await outgoing_store.under_way_to(work, lead.phone):
        raise CallUnderWay
    with_assistant = task is Task.ASSIST
    if with_assistant and not await has_room(work, settings, context.calls_at_once):
        raise AllLinesBusy
    room = await limits.reserve_call(work, call_id, assisted=with_assistant)
    if not room.call or (with_assistant and not room.assistant):
        raise NoMinutesLeft("call minutes" if not room.call else "minutes with the assistant")
    call = Call(
        id=call_id, direction=Direction.OUTBOUND, from_number=given.number, to_number=lead.phone, caller=lead.phone,
        carrier=given.provider or "", provider_call_id="", status=CallStatus.QUEUED, ended_reason=None,
        task=task, started_at=work.now, answered_at=None, ended_at=None,
        duration=0, handled_by_ai=False, ai_seconds=0, confidence=None, resolution=Resolution.PENDING,
        priority=Priority.MEDIUM, lead_id=lead.id, agent_name=house.agent_name, transfer=None, transfer_reason=None,
        leg=1, leg_started_at=None, lease_until=None, analyzed_at=None, created_at=work.now, updated_at=work.now,
    )  # fmt: skip
    await store.insert(work, call, hash_of(proof_of(work, call_id, 1)))
    return call


# --- the job ----------------------------------------------------------------------------------------------------------


async def place(context: Context, org_id: UUID, call_id: UUID) -> None:
    """Hand a call that waits to the carrier, if the gate still lets it and nobody else has it. Idempotent."""
    async with context.works.begin(system_actor(org_id)) as work:
        claimed = await _claimed(work, call_id, None)
    if claimed is not None:
        await _hand_over(context, org_id, *claimed)


async def _claimed(work: Work, call_id: UUID, before: Outgoing | None) -> tuple[Call, Outgoing] | None:
    """Take the call for placing, at the gate's word: one that waits, or is claimed already as `before` says. None: it
    is somebody else's, or was refused and is over."""
    call = await store.get(work, call_id)
    if call.status.ended or call.lead_id is None:
        return None
    decision = await ask_gate(work, await leads.get(work, call.lead_id), call.task, call_id)
    call = await store.get(work, call_id, lock=True)
    made = await outgoing_store.get(work, call_id, lock=True)
    if made is None or call.status.ended:
        return None
    ours = made.state is OutgoingState.WAITING if before is None else made.claimed_at == before.claimed_at
    if not ours or (before is None and made.due_at > work.now):
        return None
    if call.stopped_at is not None:
        await _over(work, call, made, EndedReason.CANCELED, "CALLED_OFF")
        return None
    if not decision.allowed:
        await _over(work, call, made, EndedReason.NOT_ALLOWED, decision.reason.value)
        return None
    attempts = made.attempts + (before is None)
    made = structs.replace(made, state=OutgoingState.CALLING, attempts=attempts, claimed_at=work.now)
    await outgoing_store.save(work, made)
    return call, made


async def _over(work: Work, call: Call, made: Outgoing, reason: EndedReason, code: str) -> None:
    """It was not placed, and will not be."""
    await outgoing_store.save(work, structs.replace(made, state=OutgoingState.OVER, error_code=code))
    await ending.end(work, call, reason)


async def _hand_over(context: Context, org_id: UUID, call: Call, made: Outgoing) -> None:
    works, clock = context.works, context.works.clock
    carrier = await carriers.carrier_of(context, org_id, call.carrier)
    assert made.claimed_at is not None
    if clock.now() - made.claimed_at > clock.lasting(STALE_CLAIM):
        async with works.begin(system_actor(org_id)) as work:
            claimed = await _claimed(work, call.id, made)
        if claimed is None:
            return
        call, made = claimed
    outcome: str | Rejected | Busy | None
    if not isinstance(carrier, Dialler):
        outcome = AccountRefused(NO_CARRIER, words_of(NO_CARRIER))
    else:
        try:
            outcome = await asyncio.wait_for(carrier.place(rung(org_id, call, made)), CARRIER_PATIENCE)
        except (Rejected, Busy) as refusal:
            outcome = refusal
        except (Uncertain, TimeoutError):
            outcome = None
    async with works.begin(system_actor(org_id)) as work:
        await _settle(work, call.id, made, outcome)
    await hanging_up.finish(context, org_id, call.id)


async def _settle(work: Work, call_id: UUID, claimed: Outgoing, outcome: str | Rejected | Busy | None) -> None:
    """Record what the carrier said. A word of its own that came quicker stands."""
    call = await store.get(work, call_id, lock=True)
    made = await outgoing_store.get(work, call_id, lock=True)
    assert made is not None
    if isinstance(outcome, str):
        await note_placed(work, call, made, outcome)
    elif made.state not in outgoing_store.OPEN or made.claimed_at != claimed.claimed_at or call.status.ended:
        return
    elif isinstance(outcome, Rejected):
        await carriers.note_refusal(work, call.our_number, outcome.code)
        await store.add_trouble(work, call_id, [words_of(outcome.code)])
        await _over(work, call, made, EndedReason.CARRIER_FAILED, outcome.code)
    elif isinstance(outcome, Busy):
        await _again(work, call, made, max(timedelta(seconds=outcome.retry_after), _backoff(made.attempts)))
    else:
        await outgoing_store.save(work, structs.replace(made, state=OutgoingState.IN_DOUBT))


def _backoff(attempts: int) -> timedelta:
    return min(timedelta(seconds=2 ** (attempts - 1)), timedelta(seconds=30)) * random.uniform(0.5, 1)  # noqa: S311


async def _again(work: Work, call: Call, made: Outgoing, wait: timedelta) -> None:
    """Nobody was rung: try again a while later, unless whoever asked has stopped waiting by then, or called it off."""
    if call.stopped_at is not None:
        await _over(work, call, made, EndedReason.CANCELED, "CALLED_OFF")
        return
    due_at = work.now + work.clock.lasting(wait)
    if due_at > made.asked_at + work.clock.lasting(TRIED_FOR):
        await store.add_trouble(work, call.id, ["The carrier took the call in none of several attempts."])
        await _over(work, call, made, EndedReason.CARRIER_FAILED, "BUSY")
        return
    waiting = structs.replace(made, state=OutgoingState.WAITING, due_at=due_at, claimed_at=None)
    await outgoing_store.save(work, waiting)
    await enqueue(work, PLACE, PlacingDue(work.org_id, call.id), run_at=due_at)


# --- those in doubt ---------------------------------------------------------------------------------------------------


async def reconcile(context: Context) -> int:
    """Settle calls whose placing nobody saw the end of, and those of which the carrier has told nothing: ask it what it
    has. Found there: it is that one. Not there: nobody was rung, and it is tried again, or is over. The carrier cannot
    be asked: it waits, at most for GIVEN_UP_AFTER. Returns how many were settled."""
    async with context.works.across_tenants("calls in doubt") as work:
        now, lasting = work.now, work.clock.lasting
        found = await outgoing_store.doubtful(work, now - lasting(IN_DOUBT_AFTER), now - lasting(TOLD_WITHIN), BATCH)
    settled = await side_by_side(found, lambda one: _reconcile_one(context, *one), AT_ONCE)
    return sum(one is True for one in settled)


async def _reconcile_one(context: Context, org_id: UUID, call_id: UUID) -> bool:
    async with context.works.read(system_actor(org_id)) as work:
        call, made = await store.get(work, call_id), await outgoing_store.get(work, call_id)
    assert made is not None
    assert made.claimed_at is not None
    carrier = await carriers.carrier_of(context, org_id, call.carrier)
    held: list[PlacedCall] | None = None
    if isinstance(carrier, Dialler):
        grace = context.works.clock.lasting(timedelta(seconds=5))
        asked = carrier.placed_to(made.first_rings or made.recipient, made.claimed_at - grace)
        try:
            held = await asyncio.wait_for(asked, CARRIER_PATIENCE)
        except (Busy, Uncertain, TimeoutError):
            log.warning("carrier_cannot_be_asked", provider=call.carrier)
    async with context.works.begin(system_actor(org_id)) as work:
        found = await open_call(work, call_id)
        if found is None or found[1].claimed_at != made.claimed_at:
            return False
        settled = await _settle_doubt(work, *found, held)
    await hanging_up.finish(context, org_id, call_id)
    return settled


async def _settle_doubt(work: Work, call: Call, made: Outgoing, held: list[PlacedCall] | None) -> bool:
    assert made.claimed_at is not None
    ours = await _ours(work, call, held or [])
    if ours is not None:
        call, made = await note_placed(work, call, made, ours.provider_id)
        await note_word(work, call, made, ours.status)
    elif held is None:
        if work.now - made.claimed_at < work.clock.lasting(GIVEN_UP_AFTER):
            return False
        await store.add_trouble(work, call.id, ["Nobody could tell what became of the call."])
        await _over(work, call, made, EndedReason.CARRIER_FAILED, "UNKNOWN")
    elif made.state is OutgoingState.PLACED:
        await _over(work, call, made, EndedReason.CARRIER_FAILED, "UNKNOWN")
    else:
        await _again(work, call, made, timedelta())
    return True


async def _ours(work: Work, call: Call, held: list[PlacedCall]) -> PlacedCall | None:
    """The one of the carrier's calls that is this one: it has its id, or is from the same number and nobody else's."""
    for candidate in held:
        if call.provider_call_id:
            if candidate.provider_id == call.provider_call_id:
                return candidate
        elif candidate.sender == call.our_number and not await outgoing_store.is_known(
            work, call.carrier, candidate.provider_id
        ):
            return candidate
    return None
