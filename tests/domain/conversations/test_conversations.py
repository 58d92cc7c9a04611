"""Texts in and out: keywords, replies by AI, sending by hand, what the carrier says afterwards."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from tests.fixtures.business import MakeLead, RememberingCarrier
from tests.fixtures.organizations import Organization

from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.conversations.errors import AlreadySent, BadText, NotContactable, SendFailed
from frontdesk.domain.conversations.model import Message, MessageStatus, Thread
from frontdesk.domain.conversations.service import delivery, inbound, inbox, replies, sending, threads
from frontdesk.domain.leads.errors import LeadNotFound
from frontdesk.domain.leads.model import ContactStatus, Lead
from frontdesk.domain.leads.service import leads
from frontdesk.domain.scheduling import service as scheduling
from frontdesk.kernel.clock import FrozenClock
from frontdesk.platform.context import Context
from frontdesk.ports.carrier import Busy, CarrierStatus, Rejected, Uncertain


class Handset:
    """A lead's telephone: what it writes to the organisation, and what happens then."""

    def __init__(self, context: Context, org: Organization, lead: Lead, clock: FrozenClock) -> None:
        self._context, self._org, self._lead, self._clock, self._sent = context, org, lead, clock, 0

    async def writes(self, text: str, provider_id: str = "") -> None:
        self._sent += 1
        await inbound.receive(
            self._context, self._org.number, self._lead.phone or "", text, "sandbox",
            provider_id or f"SM-{self._lead.id}-{self._sent}",
        )  # fmt: skip

    async def waits(self, seconds: float = 61) -> None:
        self._clock.move(timedelta(seconds=seconds))
        await replies.process_pending(self._context)

    async def thread(self) -> Thread:
        async with self._context.works.read(self._org.actor) as work:
            thread = await threads.thread_of_lead(work, self._lead.id)
        assert thread is not None
        return thread

    async def lead(self) -> Lead:
        async with self._context.works.read(self._org.actor) as work:
            return await leads.get(work, self._lead.id)


@pytest.fixture
async def lead(a_lead: MakeLead) -> Lead:
    return await a_lead(stage="contacted", last_step=1, service_interest="a new kitchen")


@pytest.fixture
def handset(context: Context, org: Organization, lead: Lead, clock: FrozenClock) -> Handset:
    return Handset(context, org, lead, clock)


async def deliver_queued(context: Context) -> None:
    await delivery.send_waiting(context)


async def test_a_keen_reply_is_answered_once_after_the_delay(context, carrier: RememberingCarrier, handset, lead):
    await handset.writes("yes still interested, tell me more")
    await handset.waits(30)
    assert carrier.texts_to(lead.phone) == []
    await handset.waits(31)
    await handset.waits()
    assert len(carrier.texts_to(lead.phone)) == 1
    now = await handset.lead()
    assert now.contact_status in (ContactStatus.HOT, ContactStatus.WARM)
    assert now.latest_reply == "yes still interested, tell me more"
    answer = (await handset.thread()).messages[-1]
    assert (answer.category, answer.status, answer.ai_model) == ("ai_response", MessageStatus.SENT, "offline")


async def test_a_burst_of_texts_gets_one_answer(carrier: RememberingCarrier, handset, lead, clock: FrozenClock):
    for text in ("yes", "can you ring me", "tomorrow afternoon"):
        await handset.writes(text)
        clock.move(timedelta(seconds=20))
    await handset.waits()
    assert len(carrier.texts_to(lead.phone)) == 1


async def test_a_lead_picks_a_slot_and_is_booked(context, org, carrier: RememberingCarrier, handset, lead):
    await handset.writes("yes, can you call me tomorrow afternoon")
    await handset.waits()
    offered = (await handset.thread()).messages[-1]
    assert offered.ai_action == "offer_slots"
    assert offered.slots
    await handset.writes("the first one please")
    await handset.waits()
    booked = await handset.lead()
    assert booked.contact_status is ContactStatus.CALL_BOOKED
    assert booked.call_booked_time == offered.slots[0].start
    assert booked.manual_mode
    async with context.works.read(org.actor) as work:
        bookings = await scheduling.upcoming(work, work.now, work.now + timedelta(days=7))
    assert [(b.lead_id, b.starts_at, b.booked_by) for b in bookings] == [(lead.id, offered.slots[0].start, "ai")]
    assert len(carrier.texts_to(lead.phone)) == 2


async def test_a_slot_that_is_gone_meanwhile_is_not_booked_twice(context, org, a_lead, handset, lead):
    await handset.writes("yes, can you call me tomorrow afternoon")
    await handset.waits()
    offered = (await handset.thread()).messages[-1].slots[0]
    rival = await a_lead()
    async with context.works.begin(org.actor) as work:
        await scheduling.book(work, rival.id, offered.start)
    await handset.writes("the first one please")
    await handset.waits()
    assert (await handset.lead()).booking_id is None
    answer = (await handset.thread()).messages[-1]
    assert answer.direction == "outbound"
    assert offered not in answer.slots


async def test_stop_is_confirmed_once_and_then_nothing_is_sent(context, org, carrier, handset, lead):
    await handset.writes("STOP")
    await deliver_queued(context)
    assert len(carrier.texts_to(lead.phone)) == 1
    assert "unsubscribed" in carrier.texts_to(lead.phone)[0]
    assert (await handset.lead()).contact_status is ContactStatus.OPTED_OUT
    await handset.writes("STOP")
    await handset.writes("hello? are you there")
    await handset.waits()
    await deliver_queued(context)
    with pytest.raises(NotContactable) as refused:
        await sending.send_by_hand(context, org.actor, lead.id, "Just one more thing")
    assert refused.value.code == "SUPPRESSED"
    assert len(carrier.texts_to(lead.phone)) == 1


async def test_a_carrier_that_answers_stop_itself_is_left_to_it(context, carrier, handset, lead):
    carrier.answers = frozenset({"STOP"})
    await handset.writes("Stop")
    await deliver_queued(context)
    assert carrier.taken == []
    assert (await handset.lead()).contact_status is ContactStatus.OPTED_OUT


@pytest.mark.parametrize("word", ["opt out", "Stopp", "baja"])
async def test_a_word_that_the_carrier_does_not_know_is_confirmed_by_us(context, carrier, handset, lead, word):
    carrier.answers = frozenset({"STOP"})
    await handset.writes(word)
    await handset.writes(word)
    await deliver_queued(context)
    assert ["unsubscribed" in text for text in carrier.texts_to(lead.phone)] == [True]
    assert (await handset.lead()).contact_status is ContactStatus.OPTED_OUT


async def test_start_brings_a_lead_back(context, carrier, handset, lead):
    await handset.writes("STOP")
    await handset.writes("START")
    await deliver_queued(context)
    assert (await handset.lead()).contact_status is not ContactStatus.OPTED_OUT
    assert len(carrier.texts_to(lead.phone)) == 2
    await handset.writes("what do you do?")
    await handset.waits()
    assert len(carrier.texts_to(lead.phone)) == 3


async def test_help_is_answered(context, carrier, handset, lead):
    await handset.writes("help")
    await deliver_queued(context)
    assert "Acme Kitchens" in carrier.texts_to(lead.phone)[0]
    assert "STOP" in carrier.texts_to(lead.phone)[0]


async def test_a_stop_from_a_stranger_is_kept(context, org, a_lead: MakeLead):
    await inbound.receive(context, org.number, "+447700900999", "stop", "sandbox", "SM1")
    stranger = await a_lead(phone="+447700900999")
    with pytest.raises(NotContactable):
        await sending.send_by_hand(context, org.actor, stranger.id, "Hello")


async def test_other_words_of_a_stranger_and_of_nobodys_number_are_nothing(context, org, carrier):
    assert await inbound.receive(context, org.number, "+447700900998", "hi", "sandbox", "SM1")
    assert not await inbound.receive(context, "+447700900555", "+447700900998", "hi", "sandbox", "SM2")
    async with context.works.begin(org.actor) as work:
        assert await work.fetchval("select count(*) from messages") == 0
    assert carrier.taken == []


async def test_plain_refusals_suppress_without_a_word(carrier, handset, lead):
    await handset.writes("please stop texting me and take me off your list")
    await handset.waits()
    assert carrier.texts_to(lead.phone) == []
    assert (await handset.lead()).contact_status is ContactStatus.OPTED_OUT


async def test_a_wrong_number_is_marked(handset, lead):
    await handset.writes("wrong number mate")
    await handset.waits()
    assert (await handset.lead()).contact_status is ContactStatus.INVALID


async def test_who_wants_a_person_gets_one(context, org, carrier, handset, lead):
    await handset.writes("can I speak to a real person please")
    await handset.waits()
    thread = await handset.thread()
    assert (thread.conversation.status, thread.lead.manual_mode) == ("needs_human", True)
    said = len(carrier.taken)
    await handset.writes("hello?")
    await handset.waits()
    assert len(carrier.taken) == said
    async with context.works.begin(org.actor) as work:
        assert (await inbox.counts(work)).needs_human == 1
        await threads.give_back(work, thread.conversation.id)
    await handset.writes("so what do you offer?")
    await handset.waits()
    assert len(carrier.taken) == said + 1


async def test_the_same_webhook_twice_is_one_message(handset):
    for _ in range(2):
        await handset.writes("hello there", provider_id="SM-same")
    assert (await handset.thread()).conversation.message_count == 1


async def test_ids_of_webhooks_are_forgotten_after_a_month(context, handset, clock: FrozenClock):
    await handset.writes("hello there")
    for days, kept in ((29, 1), (2, 0)):
        clock.move(timedelta(days=days))
        await inbound.forget_webhooks(context.works)
        async with context.works.across_tenants("request housekeeping") as work:
            assert await work.fetchval("select count(*) from webhooks_seen") == kept


async def test_a_text_with_a_nul_in_it_is_heard_all_the_same(handset):
    await handset.writes("hel\0lo")
    assert (await handset.lead()).latest_reply == "hello"


async def test_a_hand_written_text_is_sent_and_counted(context, org, carrier, lead, handset):
    message = await sending.send_by_hand(context, org.actor, lead.id, "  Hi Dana, it is Olive.  ")
    assert (message.status, message.body, message.author_id) == (
        MessageStatus.SENT, "Hi Dana, it is Olive.", org.owner_id,
    )  # fmt: skip
    assert carrier.texts_to(lead.phone) == ["Hi Dana, it is Olive."]
    assert (await handset.thread()).conversation.message_count == 1


@pytest.mark.parametrize("text", ["", "   ", "x" * 1601, "a\0b"])
async def test_a_text_that_cannot_be_is_refused(context, org, lead, text):
    with pytest.raises(BadText):
        await sending.send_by_hand(context, org.actor, lead.id, text)


async def test_at_night_a_hand_sends_only_answers(context, org, clock: FrozenClock, lead, handset):
    clock.set(datetime(2026, 3, 10, 23, 0, tzinfo=UTC))
    with pytest.raises(NotContactable) as refused:
        await sending.send_by_hand(context, org.actor, lead.id, "Hello")
    assert refused.value.code == "QUIET_HOURS"
    async with context.works.read(org.actor) as work:
        kept = await contactability.decisions_of_lead(work, lead.id)
    assert [(decision.allowed, decision.reason) for decision in kept] == [(False, "quiet_hours")]
    await handset.writes("are you still up?")
    assert (await sending.send_by_hand(context, org.actor, lead.id, "We are!")).status is MessageStatus.SENT


async def test_a_foreign_lead_is_not_written_to(context, other_org, lead):
    with pytest.raises(LeadNotFound):
        await sending.send_by_hand(context, other_org.actor, lead.id, "Hello")


async def test_a_rejected_text_says_why_and_marks_the_number(context, org, carrier, lead, handset):
    carrier.fail_with = [Rejected("21614", "not a mobile number")]
    with pytest.raises(SendFailed) as failed:
        await sending.send_by_hand(context, org.actor, lead.id, "Hello")
    assert failed.value.fields["carrier_code"] == "21614"
    assert (await handset.lead()).contact_status is ContactStatus.INVALID


async def test_the_carriers_word_of_an_opt_out_is_obeyed(context, org, carrier, lead, handset):
    carrier.fail_with = [Rejected("21610", "recipient has opted out")]
    with pytest.raises(SendFailed):
        await sending.send_by_hand(context, org.actor, lead.id, "Hello")
    assert (await handset.lead()).contact_status is ContactStatus.OPTED_OUT


async def test_a_busy_carrier_gets_the_text_later(context, org, carrier, lead, clock: FrozenClock):
    carrier.fail_with = [Busy(30)]
    message = await sending.send_by_hand(context, org.actor, lead.id, "Hello")
    assert message.status is MessageStatus.QUEUED
    await deliver_queued(context)
    assert carrier.taken == []
    clock.move(timedelta(seconds=31))
    await deliver_queued(context)
    assert carrier.texts_to(lead.phone) == ["Hello"]


@pytest.mark.parametrize("taken", [True, False])
async def test_an_unanswered_send_is_settled_by_asking_never_by_guessing(
    context, org, carrier, lead, clock: FrozenClock, taken
):
    carrier.fail_with, carrier.lost = [Uncertain()], taken
    message = await sending.send_by_hand(context, org.actor, lead.id, "Hello")
    assert message.status is MessageStatus.UNKNOWN
    assert await delivery.reconcile(context) == 0, "too early to ask"
    clock.move(timedelta(seconds=61))
    assert await delivery.reconcile(context) == 1
    await deliver_queued(context)
    assert carrier.texts_to(lead.phone) == ["Hello"]
    async with context.works.read(org.actor) as work:
        thread = await threads.thread_of_lead(work, lead.id)
    assert thread is not None
    assert thread.messages[0].status is MessageStatus.SENT


async def test_callbacks_never_move_a_message_back(context, org, lead):
    message = await sending.send_by_hand(context, org.actor, lead.id, "Hello")
    sid = f"SM{message.id.hex}"

    async def says(status: CarrierStatus, of: UUID | None = None) -> MessageStatus:
        await inbound.record_status(context, org.number, of, "sandbox", sid, status)
        async with context.works.read(org.actor) as work:
            thread = await threads.thread_of_lead(work, lead.id)
        assert thread is not None
        return thread.messages[0].status

    assert await says(CarrierStatus.DELIVERED, message.id) is MessageStatus.DELIVERED
    assert await says(CarrierStatus.SENT) is MessageStatus.DELIVERED
    assert await says(CarrierStatus.FAILED) is MessageStatus.DELIVERED
    assert await says(CarrierStatus.DELIVERED) is MessageStatus.DELIVERED
    async with context.works.begin(org.actor) as work:
        rows = await work.fetch("select type from events where subject_id = $1 order by id", message.id)
    assert [row["type"] for row in rows] == ["message.sent", "message.delivered"]


async def test_a_callback_of_another_organisation_finds_nothing(context, org, other_org, lead):
    message = await sending.send_by_hand(context, org.actor, lead.id, "Hello")
    known = await inbound.record_status(
        context, other_org.number, message.id, "sandbox", f"SM{message.id.hex}", CarrierStatus.FAILED
    )
    assert not known


async def test_a_suppression_between_claim_and_call_stops_the_call(context, org, carrier, lead, clock: FrozenClock):
    async with context.works.begin(org.actor) as work:
        message = await sending._claimed(work, lead, "Hello", sending.Category.HUMAN_MANUAL, org.actor)
        assert isinstance(message, Message)
    clock.move(timedelta(seconds=3))
    async with context.works.begin(org.actor) as work:
        await contactability.suppress(work, lead.phone or "", "by_hand")
    await delivery.hand_over(context, org.id, message)
    assert carrier.taken == []


async def test_a_draft_is_shown_sent_once_and_does_what_it_says(context, org, carrier, handset, lead):
    await handset.writes("can I talk to a human please")
    conversation = (await handset.thread()).conversation
    draft = await sending.draft_reply(context, org.actor, lead.id, conversation.id)
    assert (await sending.draft_reply(context, org.actor, lead.id, conversation.id)).message.id == draft.message.id
    assert carrier.taken == []
    sent = await sending.send_ai(context, org.actor, lead.id, message_id=draft.message.id)
    assert (sent.status, sent.body) == (MessageStatus.SENT, draft.message.body)
    assert (await handset.thread()).conversation.status == "needs_human"
    with pytest.raises(AlreadySent):
        await sending.send_ai(context, org.actor, lead.id, message_id=draft.message.id)
    await handset.waits()
    assert len(carrier.taken) == 1


async def test_an_ai_reply_due_at_night_waits_for_the_morning(context, carrier, handset, lead, clock: FrozenClock):
    clock.set(datetime(2026, 3, 10, 23, 0, tzinfo=UTC))
    await handset.writes("tell me more about it")
    await handset.waits(20 * 60)
    assert carrier.taken == []
    clock.set(datetime(2026, 3, 11, 8, 1, tzinfo=UTC))
    await deliver_queued(context)
    assert len(carrier.texts_to(lead.phone)) == 1


async def test_an_answer_that_waited_is_dropped_when_the_lead_writes_again(context, carrier, handset, lead, clock):
    clock.set(datetime(2026, 3, 10, 23, 0, tzinfo=UTC))
    await handset.writes("tell me more about it")
    await handset.waits(20 * 60)
    clock.set(datetime(2026, 3, 11, 7, 58, tzinfo=UTC))
    await handset.writes("actually, can you call me tomorrow afternoon")
    await handset.waits(180)
    await deliver_queued(context)
    assert len(carrier.texts_to(lead.phone)) == 1
