"""STOP, START and HELP sent again and again: each is obeyed, and no kind is answered twice within the hour."""

from datetime import timedelta

import pytest
from tests.fixtures.business import MakeLead, RememberingCarrier
from tests.fixtures.organizations import Organization

from frontdesk.domain.conversations.service import delivery, inbound
from frontdesk.domain.leads.model import ContactStatus, Lead
from frontdesk.domain.leads.service import leads
from frontdesk.kernel.clock import FrozenClock
from frontdesk.platform.context import Context


@pytest.fixture
async def lead(a_lead: MakeLead) -> Lead:
    return await a_lead(stage="contacted", last_step=1)


async def writes(context: Context, org: Organization, lead: Lead, *words: str) -> None:
    """The lead sends the words at once, and what is said to them goes out after each."""
    for place, word in enumerate(words):
        told = f"SM-{context.works.clock.now().timestamp()}-{place}"
        await inbound.receive(context, org.number, lead.phone or "", word, "sandbox", told)
        await delivery.send_waiting(context)


async def status_of(context: Context, org: Organization, lead: Lead) -> ContactStatus:
    async with context.works.read(org.actor) as work:
        return (await leads.get(work, lead.id)).contact_status


async def test_fifty_helps_get_one_answer_an_hour(
    context: Context, org: Organization, carrier: RememberingCarrier, lead: Lead, clock: FrozenClock
) -> None:
    await writes(context, org, lead, *["HELP"] * 50)
    assert len(carrier.texts_to(lead.phone)) == 1
    clock.move(timedelta(minutes=59))
    await writes(context, org, lead, "help?")
    assert len(carrier.texts_to(lead.phone)) == 1
    clock.move(timedelta(minutes=2))
    await writes(context, org, lead, "info")
    assert len(carrier.texts_to(lead.phone)) == 2


async def test_each_stop_and_start_is_obeyed_and_one_of_each_is_answered(
    context: Context, org: Organization, carrier: RememberingCarrier, lead: Lead, clock: FrozenClock
) -> None:
    for _ in range(25):
        clock.move(timedelta(seconds=1))
        await writes(context, org, lead, "STOP")
        assert await status_of(context, org, lead) is ContactStatus.OPTED_OUT
        clock.move(timedelta(seconds=1))
        await writes(context, org, lead, "START")
        assert await status_of(context, org, lead) is not ContactStatus.OPTED_OUT
    stopped, started = carrier.texts_to(lead.phone)
    assert "unsubscribed" in stopped
    assert "subscribed" in started
    clock.move(timedelta(hours=1))
    await writes(context, org, lead, "stop please")
    assert len(carrier.texts_to(lead.phone)) == 3


async def test_an_answer_that_was_overtaken_does_not_count_as_given(
    context: Context, org: Organization, carrier: RememberingCarrier, lead: Lead
) -> None:
    for place, word in enumerate(("STOP", "START", "STOP")):  # the second stops the answer to the first START
        await inbound.receive(context, org.number, lead.phone or "", word, "sandbox", f"SM{place}")
    await delivery.send_waiting(context)
    assert len(carrier.texts_to(lead.phone)) == 1
    await writes(context, org, lead, "START")
    assert len(carrier.texts_to(lead.phone)) == 2
    assert "You are subscribed" in carrier.texts_to(lead.phone)[1]


async def test_a_person_whom_the_assistant_does_not_answer_is_heard_all_the_same(
    context: Context, org: Organization, carrier: RememberingCarrier, a_lead: MakeLead
) -> None:
    lead = await a_lead(stage="replied", manual_mode=True)
    await writes(context, org, lead, "don't text me")
    assert await status_of(context, org, lead) is ContactStatus.OPTED_OUT
    assert carrier.taken == []
