"""Connected calendars: what is busy there is not offered, bookings are entered once, and trouble there stops nobody."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fixtures.business import MakeLead
from tests.fixtures.calendars import AtCalendar, event
from tests.fixtures.organizations import Organization

from frontdesk.domain.integrations import service as integrations
from frontdesk.domain.integrations.model import ConnectionStatus, Kind
from frontdesk.domain.integrations.service.using import using
from frontdesk.domain.scheduling import service as scheduling
from frontdesk.domain.scheduling.errors import SlotTaken
from frontdesk.domain.scheduling.model import Booking, EntryStatus, by_day, whole_days, without
from frontdesk.domain.scheduling.service import calendars
from frontdesk.kernel.clock import FrozenClock
from frontdesk.kernel.ids import new_id
from frontdesk.platform.events import Event
from frontdesk.ports.calendar import Span
from frontdesk.ports.consent import Tokens

TEN = datetime(2026, 3, 12, 10, 0, tzinfo=UTC)
HALF = timedelta(minutes=30)
THURSDAY = TEN.date()


async def free(at: AtCalendar, day: datetime = TEN) -> list[str]:
    """The free times of a day."""
    zone, slots = await scheduling.free_on(at.context, at.org.actor, day.date())
    return [f"{slot.start.astimezone(zone):%H:%M}" for slot in slots]


async def the_booking(at: AtCalendar, booking: Booking) -> Booking:
    async with at.context.works.read(at.org.actor) as work:
        return await scheduling.get(work, booking.id)


async def status(at: AtCalendar) -> ConnectionStatus:
    async with at.context.works.read(at.org.actor) as work:
        (connection,) = await integrations.connections(work, Kind.CALENDAR)
    return connection.status


async def test_what_is_busy_there_is_not_offered(at_calendar: AtCalendar, other_org: Organization) -> None:
    at, tokens = at_calendar, await at_calendar.connect()
    await at.take(tokens, TEN + timedelta(minutes=10), TEN + timedelta(minutes=40))
    assert {"09:30", "11:00"} <= set(await free(at))
    assert not {"10:00", "10:30"} & set(await free(at))
    _, slots = await scheduling.free_on(at.context, other_org.actor, THURSDAY)
    assert TEN in [slot.start for slot in slots]


async def test_a_booking_is_entered_and_taken_out(at_calendar: AtCalendar, a_lead: MakeLead) -> None:
    at, lead, tokens = at_calendar, await a_lead(), await at_calendar.connect()
    booking = await scheduling.book_lead(at.context, at.org.actor, lead.id, TEN, notes="A new kitchen")
    assert (booking.entry, booking.trouble) == (EntryStatus.PLACED, "")
    assert booking.meeting_link.startswith("http")
    assert await at.calendar.busy(tokens, TEN, TEN + HALF) == [Span(TEN, TEN + HALF)]
    async with at.context.works.begin(at.org.actor) as work:
        await scheduling.cancel(work, booking.id)
    assert "10:00" in await free(at)  # though the calendar still has it
    await calendars.settle(at.context, at.org.id, booking.id)
    assert (await the_booking(at, booking)).entry is EntryStatus.REMOVED
    assert await at.calendar.busy(tokens, TEN, TEN + HALF) == []


async def test_the_days_ahead_are_looked_at_before_anybody_asks(at_calendar: AtCalendar) -> None:
    at, tokens = at_calendar, await at_calendar.connect()
    await at.take(tokens, TEN, TEN + HALF)
    await calendars.look_ahead(at.context)
    async with at.context.works.read(at.org.actor) as work:
        slots = await scheduling.free_slots(work)
    assert TEN not in [slot.start for slot in slots]
    assert TEN + HALF in [slot.start for slot in slots]


async def test_a_time_taken_meanwhile_is_not_booked(
    at_calendar: AtCalendar, a_lead: MakeLead, clock: FrozenClock
) -> None:
    at, lead, tokens = at_calendar, await a_lead(), await at_calendar.connect()
    assert "10:00" in await free(at)
    clock.move(timedelta(seconds=10))
    await at.take(tokens, TEN, TEN + HALF)
    assert "10:00" in await free(at)  # as it was seen just now
    with pytest.raises(SlotTaken):
        await scheduling.book_lead(at.context, at.org.actor, lead.id, TEN)
    assert "10:00" not in await free(at)


async def test_nine_o_clock_stays_nine_when_the_clocks_change(
    at_calendar: AtCalendar, a_lead: MakeLead, clock: FrozenClock
) -> None:
    at, lead, tokens = at_calendar, await a_lead(), await at_calendar.connect()
    clock.set(datetime(2026, 3, 27, 7, 0, tzinfo=UTC))
    fresh = await using(at.context, at.org.id, (await _connection(at)), _same)  # the first tokens are long past
    before, after = datetime(2026, 3, 27, 9, 0, tzinfo=UTC), datetime(2026, 3, 30, 8, 0, tzinfo=UTC)
    await at.take(fresh, before + HALF, before + 2 * HALF)
    await at.take(fresh, after + HALF, after + 2 * HALF)
    for start in (before, after):
        assert (await free(at, start))[:2] == ["09:00", "10:00"]
    await scheduling.book_lead(at.context, at.org.actor, lead.id, after)
    assert Span(after, after + HALF) in await at.calendar.busy(fresh, after, after + HALF)
    assert tokens.access_token != fresh.access_token


async def _same(tokens: Tokens) -> Tokens:
    return tokens


async def _connection(at: AtCalendar) -> UUID:
    async with at.context.works.read(at.org.actor) as work:
        return (await integrations.connections(work, Kind.CALENDAR))[0].id


async def test_a_provider_that_is_down_stops_nobody(
    at_vendor: AtCalendar, a_lead: MakeLead, clock: FrozenClock
) -> None:
    at, lead, tokens = at_vendor, await a_lead(), await at_vendor.connect()
    assert at.fake
    at.fake.faults = [(503, {}), (429, {"Retry-After": "30"}), (503, {})]
    assert "10:00" in await free(at)
    clock.move(timedelta(seconds=5))
    booking = await scheduling.book_lead(at.context, at.org.actor, lead.id, TEN)
    assert (booking.entry, booking.trouble, booking.meeting_link) == (EntryStatus.PENDING, "PROVIDER_DOWN", "")
    await calendars.settle_due(at.context)
    assert at.fake.events == {}  # it is not asked again at once
    clock.move(timedelta(minutes=1))
    await calendars.settle_due(at.context)
    assert (await the_booking(at, booking)).meeting_link
    assert await at.calendar.busy(tokens, TEN, TEN + HALF) == [Span(TEN, TEN + HALF)]


async def test_an_answer_that_is_lost_makes_no_second_entry(
    at_vendor: AtCalendar, a_lead: MakeLead, clock: FrozenClock
) -> None:
    at, lead = at_vendor, await a_lead()
    await at.connect()
    assert at.fake
    await free(at)
    at.fake.lost = 1
    booking = await scheduling.book_lead(at.context, at.org.actor, lead.id, TEN)
    assert (booking.entry, len(at.fake.events)) == (EntryStatus.PENDING, 1)
    clock.move(timedelta(minutes=1))
    await calendars.settle_due(at.context)
    assert (await the_booking(at, booking)).entry is EntryStatus.PLACED
    assert len(at.fake.events) == 1


async def test_what_is_called_off_in_doubt_is_looked_for_and_taken_out(at_vendor: AtCalendar, a_lead: MakeLead) -> None:
    at, lead, tokens = at_vendor, await a_lead(), await at_vendor.connect()
    assert at.fake
    await free(at)
    at.fake.lost = 1
    booking = await scheduling.book_lead(at.context, at.org.actor, lead.id, TEN)
    async with at.context.works.begin(at.org.actor) as work:
        await scheduling.cancel(work, booking.id)
    await calendars.settle(at.context, at.org.id, booking.id)
    assert (await the_booking(at, booking)).entry is EntryStatus.REMOVED
    assert await at.calendar.busy(tokens, TEN, TEN + HALF) == []


async def test_an_entry_that_was_deleted_there(at_calendar: AtCalendar, a_lead: MakeLead, clock: FrozenClock) -> None:
    at, lead, tokens = at_calendar, await a_lead(), await at_calendar.connect()
    booking = await scheduling.book_lead(at.context, at.org.actor, lead.id, TEN)
    await at.delete(tokens, event(TEN, TEN + HALF, reference=booking.id))
    async with at.context.works.begin(at.org.actor) as work:
        await scheduling.cancel(work, booking.id)
    await calendars.settle(at.context, at.org.id, booking.id)
    assert (await the_booking(at, booking)).entry is EntryStatus.REMOVED
    assert "10:00" in await free(at)


async def test_a_link_that_follows_is_fetched(at_vendor: AtCalendar, a_lead: MakeLead, clock: FrozenClock) -> None:
    at, lead = at_vendor, await a_lead()
    await at.connect()
    assert at.fake
    at.fake.link_pending = 2
    booking = await scheduling.book_lead(at.context, at.org.actor, lead.id, TEN)
    assert (booking.entry, booking.meeting_link) == (EntryStatus.PLACED, "")
    for _ in range(2):
        clock.move(timedelta(seconds=6))
        await calendars.settle_due(at.context)
    assert (await the_booking(at, booking)).meeting_link.startswith("https://")


async def test_tokens_are_renewed_in_the_middle_and_once(at_vendor: AtCalendar, clock: FrozenClock) -> None:
    at = at_vendor
    await at.connect()
    assert at.fake
    at.fake.expire()
    await asyncio.gather(*(free(at, TEN + timedelta(days=n)) for n in range(4)))
    assert at.fake.renewals == 1
    clock.move(timedelta(minutes=59))
    await free(at)
    assert at.fake.renewals == 2
    assert await status(at) is ConnectionStatus.CONNECTED


async def test_a_consent_taken_back_is_shown_and_mended(
    at_calendar: AtCalendar, a_lead: MakeLead, clock: FrozenClock
) -> None:
    at, lead, tokens = at_calendar, await a_lead(), await at_calendar.connect()
    if at.fake is not None:
        at.fake.revoke()
    else:
        await at.consent.revoke(tokens)
    assert "10:00" in await free(at)
    assert await status(at) is ConnectionStatus.RECONNECT
    booking = await scheduling.book_lead(at.context, at.org.actor, lead.id, TEN)
    assert (booking.entry, booking.trouble) == (EntryStatus.PENDING, "MUST_RECONNECT")
    async with at.context.works.read(at.org.actor) as work:
        events = await work.fetch("select type from events where org_id = $1 and type like 'integration%'", at.org.id)
    assert [row["type"] for row in events] == ["integration.lapsed"]
    await at.connect()
    assert await status(at) is ConnectionStatus.CONNECTED
    connected = Event(
        id=new_id(), org_id=at.org.id, type="integration.connected", subject_type="connection",
        subject_id=await _connection(at), actor_type="user", actor_id=None, payload={}, version=1,
        occurred_at=clock.now(), sequence=1, position=1,
    )  # fmt: skip
    async with at.context.works.begin(at.org.actor) as work:
        await calendars.react(work, connected)
    await calendars.settle(at.context, at.org.id, booking.id)
    assert (await the_booking(at, booking)).entry is EntryStatus.PLACED


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(1, 60)), max_size=6),
       st.lists(st.tuples(st.integers(0, 400), st.integers(1, 60)), max_size=6))  # fmt: skip
def test_what_is_cut_out_and_split_is_the_same_time(busy, ours) -> None:
    base = datetime(2026, 3, 11, 22, 0, tzinfo=UTC)

    def span(start, length):
        return Span(base + timedelta(minutes=start), base + timedelta(minutes=start + length))

    begins, ends = whole_days(base, base + timedelta(hours=8))
    spans, cuts = [span(*each) for each in busy], [span(*each) for each in ours]
    left = by_day(without(spans, cuts), begins, ends)
    for minute in range(0, 480, 7):
        at = base + timedelta(minutes=minute)
        taken = any(each.start <= at < each.end for each in spans)
        cut = any(each.start <= at < each.end for each in cuts)
        assert any(each.start <= at < each.end for each in left) == (taken and not cut)
    assert all(each.start.date() == (each.end - timedelta(microseconds=1)).date() for each in left)
