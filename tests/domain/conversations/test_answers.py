"""Answers by AI when something comes between: crashes, models that fail, times that are gone, people who take over."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.fixtures.business import MakeLead, RememberingCarrier
from tests.fixtures.calendars import at_sandbox
from tests.fixtures.organizations import Organization

from frontdesk.adapters.offline.brain import OfflineBrain
from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.conversations.errors import NotContactable
from frontdesk.domain.conversations.model import Message, MessageStatus, Thread
from frontdesk.domain.conversations.service import delivery, inbound, replies, sending, threads
from frontdesk.domain.conversations.tasks import ReplyDue
from frontdesk.domain.leads.model import ContactStatus, Lead, LeadChange
from frontdesk.domain.leads.service import leads
from frontdesk.domain.scheduling import service as scheduling
from frontdesk.jobs.replies import answer
from frontdesk.kernel.clock import FrozenClock
from frontdesk.kernel.errors import Upstream
from frontdesk.platform.context import Context
from frontdesk.platform.queue import RetryAfter
from frontdesk.ports.carrier import Busy, CarrierMessage, CarrierStatus, Uncertain
from frontdesk.ports.llm import Action, Brief, Intent, Reply, Sentiment, Slot


class ScriptedBrain(OfflineBrain):
    """Says what it is told to, after doing what is told to happen meanwhile."""

    def __init__(self, *script: Reply | Exception) -> None:
        self.script = list(script)
        self.asked = 0
        self.meanwhile: Callable[[], Awaitable[object]] | None = None

    async def reply(self, brief: Brief) -> Reply:
        self.asked += 1
        if self.meanwhile is not None:
            await self.meanwhile()
        said = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(said, Exception):
            raise said
        return said


def says(text: str = "Shall we talk?", action: Action = Action.NONE, slots: list[Slot] | None = None) -> Reply:
    return Reply(text, Intent.INTEREST, action, Sentiment.POSITIVE, 0.9, "", slots=slots or [])


@pytest.fixture
async def lead(a_lead: MakeLead) -> Lead:
    return await a_lead(stage="contacted", last_step=1)


async def writes(context: Context, org: Organization, lead: Lead, text: str, clock: FrozenClock) -> None:
    await inbound.receive(context, org.number, lead.phone or "", text, "sandbox", f"IN-{text}")
    clock.move(timedelta(seconds=61))


async def thread_of(context: Context, org: Organization, lead: Lead) -> Thread:
    async with context.works.begin(org.actor) as work:
        thread = await threads.thread_of_lead(work, lead.id)
    assert thread is not None
    return thread


async def last_of(context: Context, org: Organization, lead: Lead) -> Message:
    return (await thread_of(context, org, lead)).messages[-1]


async def test_a_model_that_fails_is_asked_again_at_once_not_after_the_lease(context, org, carrier, lead, clock):
    brain = ScriptedBrain(Upstream("away"), says())
    context = replace(context, llm=brain)
    await writes(context, org, lead, "hello", clock)
    conversation = (await thread_of(context, org, lead)).conversation
    with pytest.raises(Upstream):
        await replies.answer_due(context, org.id, conversation.id, 1)
    await replies.answer_due(context, org.id, conversation.id, 1)
    assert carrier.texts_to(lead.phone) == ["Shall we talk?"]


async def test_the_job_of_a_worker_that_died_comes_back_until_the_lease_is_over(context, org, carrier, lead, clock):
    await writes(context, org, lead, "hello", clock)
    conversation = (await thread_of(context, org, lead)).conversation
    async with context.works.begin(org.actor) as work:
        assert await replies._take(context, work, conversation.id, 1) is not None  # and then it died
    due = ReplyDue(org.id, conversation.id, 1)
    with pytest.raises(RetryAfter):
        await answer(context, due)
    clock.move(replies.LEASE)
    clock.move(timedelta(seconds=1))
    await answer(context, due)
    assert len(carrier.texts_to(lead.phone)) == 1


async def test_a_text_that_comes_while_an_answer_is_thought_of_need_not_wait_for_the_lease(
    context, org, carrier, lead, clock
):
    brain = ScriptedBrain(says("One"), says("Two"))
    context = replace(context, llm=brain)
    await writes(context, org, lead, "hello", clock)

    async def another() -> None:
        brain.meanwhile = None
        await writes(context, org, lead, "hello again", clock)

    brain.meanwhile = another
    await replies.process_pending(context)
    await replies.process_pending(context)
    assert carrier.texts_to(lead.phone) == ["Two"]


async def test_a_time_that_is_always_gone_is_left_to_a_person(context, org, carrier, lead, clock: FrozenClock):
    never = datetime(2026, 3, 11, 3, 0, tzinfo=UTC)
    brain = ScriptedBrain(says("Booked!", Action.BOOK, [Slot(never, never + timedelta(minutes=30))]))
    context = replace(context, llm=brain)
    await writes(context, org, lead, "three in the night", clock)
    await replies.process_pending(context)
    thread = await thread_of(context, org, lead)
    assert (thread.conversation.status, thread.lead.manual_mode, thread.lead.call_booked) == (
        "needs_human",
        True,
        False,
    )
    assert len(carrier.texts_to(lead.phone)) == 1
    assert "Booked" not in carrier.texts_to(lead.phone)[0]
    asked = brain.asked
    await replies.process_pending(context)
    assert brain.asked == asked


@pytest.mark.parametrize("how", ["taken over", "manual mode", "suppressed"])
async def test_who_changes_hands_while_an_answer_is_thought_of_does_not_get_it(context, org, carrier, lead, clock, how):
    brain = ScriptedBrain(says("Booked", Action.HAND_OFF))
    context = replace(context, llm=brain)
    await writes(context, org, lead, "hello", clock)
    conversation = (await thread_of(context, org, lead)).conversation

    async def meanwhile() -> None:
        async with context.works.begin(org.actor) as work:
            if how == "taken over":
                await threads.take_over(work, conversation.id)
            elif how == "manual mode":
                await leads.set_manual_mode(work, lead.id, True)
            else:
                await contactability.suppress(work, lead.phone, "by_hand")

    brain.meanwhile = meanwhile
    await replies.process_pending(context)
    await delivery.send_waiting(context)
    assert carrier.taken == []
    thread = await thread_of(context, org, lead)
    assert thread.conversation.status != "needs_human"
    assert thread.conversation.answered_generation == 1


@pytest.mark.parametrize("how", ["taken over", "manual mode"])
async def test_an_answer_that_waits_for_the_morning_is_dropped_when_a_person_takes_over(
    context, org, carrier, lead, clock: FrozenClock, how
):
    clock.set(datetime(2026, 3, 10, 23, 0, tzinfo=UTC))
    await writes(context, org, lead, "tell me more", clock)
    clock.move(timedelta(minutes=20))
    await replies.process_pending(context)
    clock.set(datetime(2026, 3, 11, 7, 0, tzinfo=UTC))
    thread = await thread_of(context, org, lead)
    assert thread.messages[-1].status is MessageStatus.QUEUED
    async with context.works.begin(org.actor) as work:
        if how == "taken over":
            await threads.take_over(work, thread.conversation.id)
        else:
            await leads.change(work, lead.id, LeadChange(manual_mode=True))
    clock.set(datetime(2026, 3, 11, 8, 1, tzinfo=UTC))
    await delivery.send_waiting(context)
    assert carrier.taken == []
    assert (await last_of(context, org, lead)).error_message == "overtaken"


async def test_an_answer_to_a_busy_carrier_is_not_pressed_on_it(context, org, carrier, lead, clock: FrozenClock):
    carrier.fail_with = [Busy(60)]
    await writes(context, org, lead, "tell me more", clock)
    await replies.process_pending(context)
    waiting = await last_of(context, org, lead)
    await delivery.deliver(context, org.id, waiting.id)
    assert carrier.taken == []
    clock.move(timedelta(seconds=61))
    await delivery.deliver(context, org.id, waiting.id)
    assert len(carrier.taken) == 1


async def test_a_draft_may_be_approved_after_the_ai_has_answered_by_itself(context, org, carrier, lead, clock):
    await writes(context, org, lead, "tell me more", clock)
    await replies.process_pending(context)
    conversation = (await thread_of(context, org, lead)).conversation
    draft = await sending.draft_reply(context, org.actor, lead.id, conversation.id)
    sent = await sending.send_ai(context, org.actor, lead.id, draft.message.id)
    assert (sent.status, sent.author_id) == (MessageStatus.SENT, org.owner_id)
    assert len(carrier.texts_to(lead.phone)) == 2


async def test_a_hand_send_that_is_stopped_after_its_claim_says_so(context, org, carrier, lead, clock, monkeypatch):
    hand_over = delivery.hand_over

    async def slowly(*args: object) -> None:
        clock.move(timedelta(seconds=3))
        async with context.works.begin(org.actor) as work:
            await contactability.suppress(work, lead.phone, "by_hand")
        await hand_over(*args)

    monkeypatch.setattr(delivery, "hand_over", slowly)
    with pytest.raises(NotContactable) as refused:
        await sending.send_by_hand(context, org.actor, lead.id, "Hello")
    assert (refused.value.code, carrier.taken) == ("SUPPRESSED", [])


async def test_a_late_refusal_of_the_gate_leaves_alone_what_another_settled(context, org, carrier, lead, clock):
    """A hand-over that slept: the message was asked for, put back, taken and sent by others meanwhile."""
    async with context.works.begin(org.actor) as work:
        claimed = await sending._claimed(work, lead, "Hello", sending.Category.HUMAN_MANUAL, org.actor)
    clock.move(timedelta(seconds=31))
    await delivery.reconcile(context)
    await delivery.send_waiting(context)
    async with context.works.begin(org.actor) as work:
        await contactability.suppress(work, lead.phone, "by_hand")
    await delivery.hand_over(context, org.id, claimed)
    assert len(carrier.taken) == 1
    assert (await last_of(context, org, lead)).status is MessageStatus.SENT


async def test_two_equal_texts_of_which_one_arrived_are_two_in_the_end(
    context, org, carrier: RememberingCarrier, lead, clock, monkeypatch
):
    """Nobody can tell which of them the carrier has, and a callback may name the other."""
    sent = []
    for taken in (False, True):
        carrier.fail_with, carrier.lost = [Uncertain()], taken
        sent.append(await sending.send_by_hand(context, org.actor, lead.id, "Hello"))

    async def sent_to(to: str, since: object) -> list[CarrierMessage]:
        return [CarrierMessage("SM-held", org.number, to, "Hello", CarrierStatus.SENT, clock.now())]

    monkeypatch.setattr(carrier, "sent_to", sent_to)
    clock.move(timedelta(seconds=31))
    await delivery.reconcile(context)
    await delivery.send_waiting(context)
    for message in sent:
        await inbound.record_status(context, org.number, message.id, "sandbox", "SM-held", CarrierStatus.DELIVERED)
    assert carrier.texts_to(lead.phone) == ["Hello", "Hello"]
    thread = await thread_of(context, org, lead)
    assert sorted(message.provider_id == "SM-held" for message in thread.messages) == [False, True]


async def test_start_brings_a_booked_lead_back_to_its_booking(context, org, carrier, lead, clock):
    async with context.works.begin(org.actor) as work:
        await scheduling.book(work, lead.id, (await scheduling.free_slots(work))[0].start)
    await writes(context, org, lead, "STOP", clock)
    await writes(context, org, lead, "START", clock)
    assert (await thread_of(context, org, lead)).lead.contact_status is ContactStatus.CALL_BOOKED


async def test_the_text_that_confirms_a_booking_tells_where_to_meet(context, org, carrier, lead, clock):
    at = at_sandbox(context, org)
    await at.connect()
    async with context.works.begin(org.actor) as work:
        slot = (await scheduling.free_slots(work, days=3))[5]
    brain = ScriptedBrain(says("You are booked.", Action.BOOK, [slot]))
    await writes(context, org, lead, "that one", clock)
    conversation = (await thread_of(context, org, lead)).conversation
    await replies.answer_due(replace(at.context, llm=brain), org.id, conversation.id, 1)
    (told,) = carrier.texts_to(lead.phone)
    assert told.startswith("You are booked. Join here: http://127.0.0.1:8000/console/sandbox/meeting/")
    assert (await last_of(context, org, lead)).body == told
