"""What comes of a call: read once, its caller kept as the lead they are, its minutes metered once."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.fixtures.business import MakeLead
from tests.fixtures.calls import CALLER, MakeCall, call_now
from tests.fixtures.organizations import Organization

from frontdesk.domain.billing.service import metering
from frontdesk.domain.billing.service import reading as billing
from frontdesk.domain.calls import service as calls
from frontdesk.domain.calls.model import CallSentiment, EndedReason, Opened, Resolution
from frontdesk.domain.calls.service import analyzing, reading
from frontdesk.domain.leads.model import Lead, Stage, Temperature, Urgency
from frontdesk.domain.leads.service import capturing, leads
from frontdesk.domain.leads.service.capturing import Contact
from frontdesk.domain.leads.service.scoring import score_of
from frontdesk.domain.scheduling import service as scheduling
from frontdesk.kernel.clock import FrozenClock
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works
from frontdesk.platform.events import Event

LEAK = "Hi, my name is Dana Fox. My tap is leaking and I need a repair, it's urgent."


async def over(context: Context, org: Organization, opened: Opened, reason=EndedReason.CALLER_HUNG_UP) -> None:
    await calls.complete(context.works, org.id, opened.call.id, reason)
    await analyzing.analyze(context, org.id, opened.call.id)


async def lead_of(works: Works, org: Organization, phone: str = CALLER) -> Lead | None:
    async with works.begin(org.actor) as work:
        return await leads.of_phone(work, phone)


async def facts(works: Works, org: Organization) -> list[str]:
    async with works.begin(org.actor) as work:
        return [row["type"] for row in await work.fetch("select type from events order by id")]


async def test_a_caller_with_something_to_come_back_for_is_a_lead(
    context: Context, works: Works, org: Organization, a_call: MakeCall
) -> None:
    opened = await a_call(LEAK, "Let me see to that.")
    await over(context, org, opened)
    await analyzing.analyze(context, org.id, opened.call.id)  # done twice, it is done once
    lead = await lead_of(works, org)
    assert lead is not None
    assert (lead.name, lead.stage, lead.temperature, lead.urgency) == (
        "Dana Fox", Stage.REPLIED, Temperature.HOT, Urgency.HIGH,
    )  # fmt: skip
    assert "leaking" in (lead.reason or "")
    assert "is of high urgency" in score_of(lead).reasons
    async with works.begin(org.actor) as work:
        found = await reading.detail(work, opened.call.id)
    assert found.analysis is not None
    assert found.analysis.captured
    assert (found.call.lead_id, found.lead_name) == (lead.id, "Dana Fox")
    assert found.call.resolution is Resolution.ESCALATED
    told = await facts(works, org)
    assert [told.count(each) for each in ("call.analyzed", "lead.captured", "lead.hot")] == [1, 1, 1]


async def test_a_wrong_number_leaves_no_warm_lead(
    context: Context, works: Works, org: Organization, a_call: MakeCall
) -> None:
    opened = await a_call("Oh sorry, wrong number", "No problem, goodbye.")
    await over(context, org, opened)
    assert await lead_of(works, org) is None
    kept = await a_call(
        "Hello, I am calling about", "Yes?", "Oh, I have the wrong number, sorry.", sender="+447700900778"
    )
    async with works.begin(org.actor) as work:  # the assistant was too quick
        lead = await capturing.capture_or_get(work, Contact(phone=kept.call.caller, source="Phone call"))
        await work.execute("update calls set lead_id = $1 where id = $2", lead.id, kept.call.id)
    await over(context, org, kept)
    cold = await lead_of(works, org, "+447700900778")
    assert cold is not None
    assert (cold.stage, cold.temperature) == (Stage.LOST, Temperature.COLD)
    assert (await call_now(works, org, kept.call)).resolution is Resolution.RESOLVED


@pytest.mark.parametrize("said", [(), ("What are your hours?", "Nine to five.")])
async def test_who_says_nothing_or_only_asks_is_no_lead(
    context: Context, works: Works, org: Organization, a_call: MakeCall, said: tuple[str, ...]
) -> None:
    await over(context, org, await a_call(*said))
    assert await lead_of(works, org) is None


async def test_a_lead_we_know_is_found_again(
    context: Context, works: Works, org: Organization, a_call: MakeCall, a_lead: MakeLead
) -> None:
    known = await a_lead(phone=CALLER, first_name="Ada", stage="contacted", last_step=1)
    opened = await a_call("My name is Somebody Else. I'd like a quote for a kitchen, thank you, that would be lovely.")
    assert opened.call.lead_id == known.id
    await over(context, org, opened)
    lead = await lead_of(works, org)
    assert lead is not None
    assert (lead.id, lead.first_name, lead.stage) == (known.id, "Ada", Stage.REPLIED)
    async with works.begin(org.actor) as work:
        found = await reading.page(work, reading.CallFilter(sentiment=CallSentiment.POSITIVE, lead_id=known.id))
    assert [line.lead_name for line in found.items] == ["Ada"]


async def test_an_appointment_made_in_the_call_is_told(
    context: Context, works: Works, org: Organization, a_call: MakeCall, a_lead: MakeLead
) -> None:
    lead = await a_lead(phone=CALLER)
    opened = await a_call("Can I book a visit?", "Tomorrow at nine it is.")
    async with works.begin(org.actor) as work:
        await scheduling.book(work, lead.id, datetime(2026, 3, 11, 9, 0, tzinfo=UTC), booked_by="ai")
    await over(context, org, opened, EndedReason.AGENT_ENDED)
    async with works.begin(org.actor) as work:
        found = await reading.detail(work, opened.call.id)
        booked = await leads.get(work, lead.id)
    assert found.analysis is not None
    assert found.analysis.success
    assert "Wednesday 11 March at 9am" in found.analysis.summary
    assert (booked.stage, booked.temperature) == (Stage.BOOKED, Temperature.HOT)


async def test_minutes_are_metered_once(
    context: Context, works: Works, org: Organization, a_call: MakeCall, clock: FrozenClock
) -> None:
    opened = await a_call(LEAK)
    clock.move(timedelta(seconds=90))
    await calls.complete(works, org.id, opened.call.id, EndedReason.CALLER_HUNG_UP)
    async with works.begin(org.actor) as work:
        row = await work.fetchrow("select * from events where type = 'call.completed'")
        event = Event(**{name: row[name] for name in Event.__struct_fields__ if name not in ("sequence", "position")},
                      sequence=1, position=1)  # fmt: skip
        for _ in range(2):
            await metering.meter(work, event)
        used = await billing.usage(work)
        months = await billing.history(work)
    assert (used.call_minutes.used, used.ai_minutes.used) == (1.5, 1.5)
    assert (months[0].call_seconds, months[0].calls) == (90, 1)
