"""Reading what came of a call once it is over, and keeping the caller as the lead they are."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct, structs

from frontdesk.domain.calls import store
from frontdesk.domain.calls.events import CallAnalyzed
from frontdesk.domain.calls.model import (
    Analysis,
    Call,
    CallSentiment,
    Direction,
    EndedReason,
    Priority,
    Resolution,
    Speaker,
    TransferState,
    Turn,
)
from frontdesk.domain.calls.trials import is_trial, source_of
from frontdesk.domain.leads.model import Lead, Sentiment, Stage, Temperature, Urgency
from frontdesk.domain.leads.service import capturing, leads
from frontdesk.domain.leads.service.capturing import Contact
from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.scheduling import service as scheduling
from frontdesk.kernel.access import system_actor
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.ports import llm
from frontdesk.ports.call_reading import CallReading, CallTold

_NOBODY_THERE = frozenset({"silence", "wrong_number", "sales"})
"""Intents of callers who are no leads."""
_PRESSING = list(Priority)
_MOODS = {
    CallSentiment.POSITIVE: Sentiment.POSITIVE,
    CallSentiment.NEUTRAL: Sentiment.NEUTRAL,
    CallSentiment.NEGATIVE: Sentiment.NEGATIVE,
}
_OPEN = (Stage.NEW, Stage.CONTACTED, Stage.REPLIED, Stage.QUALIFIED, Stage.LOST)


class _Over(Struct, frozen=True):
    """A call that is over, with what is known of it."""

    call: Call
    booked: datetime | None
    told: CallTold


async def analyze(context: Context, org_id: UUID, call_id: UUID) -> None:
    """Read a call that is over: summary, mood, intent, keywords, success; and keep the caller, unless there is nothing
    to come back to them for, with how keen they are, how pressing it is, and what it is about.

    Idempotent: a call is read once. A caller who had the wrong number, wanted to sell something or said nothing is no
    lead; one that the assistant had kept before that came out goes cold. Emits call.analyzed, and what keeping a lead
    emits. Raises Upstream where nobody can read it in time.
    """
    actor = system_actor(org_id)
    async with context.works.begin(actor) as work:
        over = await _gathered(work, call_id)
    if over is None:
        return
    reading = await context.call_reader.read(over.told)
    async with context.works.begin(actor) as work:
        await _keep(work, over, reading)


async def _gathered(work: Work, call_id: UUID) -> _Over | None:
    """What the call is read from; None where it is not over, or was read."""
    call = await store.get(work, call_id)
    if not call.status.ended or call.analyzed_at is not None:
        return None
    house = await organizations.get(work)
    lead = await leads.get(work, call.lead_id) if call.lead_id else None
    booked = await _booked(work, call, lead)
    turns = await store.turns(work, call_id)
    if call.ended_reason is EndedReason.VOICEMAIL:  # what a machine says is not the lead's
        turns = [turn for turn in turns if turn.speaker is not Speaker.CALLER]
    began = call.answered_at or call.started_at
    told = CallTold(
        business=house.name,
        turns=[llm.Turn(ours=turn.speaker is not Speaker.CALLER, text=turn.text, at=began) for turn in turns],
        caller_name=lead.name if lead else "",
        about=(lead.reason or lead.service_interest or "") if lead and _of_this_call(call, lead) else "",
        booked=booked,
        time_zone=house.time_zone,
        wanted_person=call.transfer is not None,
        passed_on=call.transfer is TransferState.CONNECTED,
        left_message=call.ended_reason is EndedReason.MESSAGE_TAKEN and _spoke(turns),
    )
    return _Over(call, booked, told)


async def _booked(work: Work, call: Call, lead: Lead | None) -> datetime | None:
    """When the appointment is that was made during the call."""
    if lead is None or lead.booking_id is None:
        return None
    booking = await scheduling.get(work, lead.booking_id)
    return booking.starts_at if booking.status == "confirmed" and booking.created_at >= call.started_at else None


def _of_this_call(call: Call, lead: Lead) -> bool:
    return lead.updated_at >= call.started_at


def _spoke(turns: list[Turn]) -> bool:
    return any(turn.speaker is Speaker.CALLER for turn in turns)


async def _keep(work: Work, over: _Over, reading: CallReading) -> None:
    sentiment = CallSentiment(reading.sentiment)
    priority = max(
        over.call.priority, Priority(reading.urgency) if reading.urgency else Priority.LOW, key=_PRESSING.index
    )
    lead = await _lead(work, over, reading, sentiment, priority)  # before the call: one order of locks
    call = await store.get(work, over.call.id, lock=True)
    made = Analysis(
        summary=reading.summary, sentiment=sentiment, confidence=reading.confidence, intent=reading.intent,
        keywords=reading.keywords, success=reading.success, captured=lead is not None, model=reading.model,
        created_at=work.now,
    )  # fmt: skip
    if not await store.save_analysis(work, call.id, made):
        return
    lead_id = lead.id if lead else call.lead_id
    read = structs.replace(
        call, lead_id=lead_id, priority=priority, analyzed_at=work.now, resolution=_resolution(call, reading),
        confidence=reading.confidence if call.confidence is None else call.confidence,
    )  # fmt: skip
    await store.save(work, read)
    work.emit(
        CallAnalyzed(
            subject_id=call.id,
            sentiment=sentiment.value,
            intent=reading.intent,
            success=reading.success,
            captured=made.captured,
            lead_id=lead_id,
            needs_person=read.resolution is Resolution.ESCALATED and not is_trial(call),
            trial=is_trial(call),
        )
    )


def _resolution(call: Call, reading: CallReading) -> Resolution:
    if call.resolution is not Resolution.PENDING:
        return call.resolution
    if reading.success or reading.intent in ("wrong_number", "sales"):
        return Resolution.RESOLVED
    return Resolution.ESCALATED if reading.wants_contact else Resolution.FAILED


async def _lead(
    work: Work, over: _Over, reading: CallReading, sentiment: CallSentiment, priority: Priority
) -> Lead | None:
    """The lead that the call gave, kept; None where it gave none."""
    call = over.call
    if reading.intent in _NOBODY_THERE:
        if call.lead_id is not None and call.direction is Direction.INBOUND:
            await _let_go_cold(work, call, call.lead_id)
        return None
    worth = over.booked is not None or reading.wants_contact or bool(reading.name) or call.lead_id is not None
    if not worth or not (call.lead_id or call.caller or reading.email):
        return None
    contact = Contact(
        phone=call.caller, name=reading.name, email=reading.email, interest=reading.reason, source=source_of(call)
    )
    lead = await capturing.capture_or_get(work, contact, call.lead_id)
    heard = structs.replace(lead, sentiment=_MOODS[sentiment], reason=reading.reason or lead.reason)
    if lead.stage in _OPEN:
        heard = structs.replace(
            heard,
            stage=lead.stage if lead.stage is Stage.QUALIFIED else Stage.REPLIED,
            temperature=_temperature(lead, over, reading, priority),
            urgency=Urgency(priority.value),
        )
    elif lead.stage is Stage.BOOKED:
        heard = structs.replace(heard, temperature=Temperature.HOT, urgency=Urgency(priority.value))
    return await leads.keep(work, lead, heard, reason=source_of(call))


def _temperature(lead: Lead, over: _Over, reading: CallReading, priority: Priority) -> Temperature:
    pressing = priority in (Priority.HIGH, Priority.CRITICAL) and reading.wants_contact
    if over.booked is not None or pressing or lead.temperature is Temperature.HOT:
        return Temperature.HOT
    if reading.sentiment == CallSentiment.NEGATIVE and not reading.wants_contact:
        return Temperature.COLD
    return Temperature.WARM


async def _let_go_cold(work: Work, call: Call, lead_id: UUID) -> None:
    """A lead that was made during a call which turned out to be none."""
    lead = await leads.locked(work, lead_id)
    if lead.created_at >= call.started_at and lead.stage in _OPEN:
        cold = structs.replace(lead, stage=Stage.LOST, temperature=Temperature.COLD)
        await leads.keep(work, lead, cold, reason=source_of(call))
