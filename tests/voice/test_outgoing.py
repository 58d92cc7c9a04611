"""Calls that we place, over a real socket: the assistant begins, talks as with who calls, and leaves messages."""

from tests.fixtures.business import MakeLead, RememberingCarrier
from tests.voice.conftest import Exchange, MakeExchange

from frontdesk.domain.calls import service as calls
from frontdesk.domain.calls.model import CallStatus, CallWish, Direction, EndedReason, OutgoingWord, Speaker, Step
from frontdesk.domain.leads.model import Lead
from frontdesk.domain.leads.service import leads
from frontdesk.voice.handset import Handset


async def answered(line: Exchange, lead: Lead, purpose: str = "") -> tuple[Handset, Step]:
    """A lead takes up a call that was asked for."""
    wish = CallWish(lead_id=lead.id, purpose=purpose)
    call = await calls.place_call(line.context, line.org.actor, wish)
    await calls.place(line.context, line.org.id, call.id)
    told = OutgoingWord(
        carrier="sandbox", provider_call_id=f"CA{call.id.hex}", org_id=line.org.id, call_id=call.id
    )  # fmt: skip
    step = await calls.first_step(line.context, told)
    return await line.connect(step), step


async def test_a_lead_is_called_and_books(
    exchange: MakeExchange, carrier: RememberingCarrier, a_lead: MakeLead
) -> None:
    line = await exchange()
    lead = await a_lead(last_name="Reed")
    handset, step = await answered(line, lead, "your boiler")
    for words in ("Yes, I would like to book a visit.", "The second one please.", "No, that's all. Goodbye."):
        await line.say(handset, words)
    call = await line.over(step)
    assert (call.direction, call.status, call.ended_reason, call.handled_by_ai) == (
        Direction.OUTBOUND, CallStatus.COMPLETED, EndedReason.AGENT_ENDED, True,
    )  # fmt: skip
    ours = [turn.text for turn in await line.turns(step) if turn.speaker is Speaker.ASSISTANT]
    assert any(text.startswith("Hello Dana. This is ") and "calling about your boiler" in text for text in ours)
    async with line.works.begin(line.org.actor) as work:
        kept = await leads.get(work, lead.id)
    assert kept.booking_id
    assert kept.name == "Dana Reed"
    assert len(carrier.rung) == 1


async def test_a_machine_gets_a_message_and_is_put_down(exchange: MakeExchange, a_lead: MakeLead) -> None:
    line = await exchange()
    handset, step = await answered(line, await a_lead())
    await line.say(handset, "Hi, this is Dana. Please leave a message after the tone.")
    call = await line.over(step)
    assert (call.status, call.ended_reason) == (CallStatus.COMPLETED, EndedReason.VOICEMAIL)
    assert "sorry to have missed you" in (await line.turns(step))[-1].text
