"""The built-in calendar: what is free, across the change of the clock, and who gets a slot that two want."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fixtures.business import MakeLead

from frontdesk.domain.leads.model import ContactStatus
from frontdesk.domain.leads.service import leads
from frontdesk.domain.organizations.model import Hours
from frontdesk.domain.scheduling import service as scheduling
from frontdesk.domain.scheduling.errors import SlotTaken
from frontdesk.domain.scheduling.model import DAYS, SLOT, open_slots
from frontdesk.kernel.ids import new_id

EVERY_DAY: dict[str, Hours | None] = {day: Hours("08:00", "10:00") for day in DAYS}


async def test_free_times_are_business_hours_with_notice(works, org):
    async with works.begin(org.actor) as work:
        free = await scheduling.free_slots(work, days=1)
    assert free[0].start == datetime(2026, 3, 10, 12, 0, tzinfo=UTC)  # an hour from now
    assert free[-1].end <= datetime(2026, 3, 11, 17, 0, tzinfo=UTC)
    assert all(9 <= slot.start.hour < 17 for slot in free)


async def test_a_booked_time_is_no_longer_free(works, org, a_lead: MakeLead):
    lead, rival = await a_lead(), await a_lead()
    async with works.begin(org.actor) as work:
        slot = (await scheduling.free_slots(work))[3]
        await scheduling.book(work, lead.id, slot.start)
        assert slot not in await scheduling.free_slots(work)
        with pytest.raises(SlotTaken):
            await scheduling.book(work, rival.id, slot.start)
        booked = await leads.get(work, lead.id)
    assert (booked.contact_status, booked.call_booked_time) == (ContactStatus.CALL_BOOKED, slot.start)


@pytest.mark.parametrize("start", [timedelta(minutes=7), timedelta(hours=-5), timedelta(days=4, hours=2)])
async def test_times_that_cannot_be_booked(works, org, a_lead: MakeLead, start):
    lead = await a_lead()
    async with works.begin(org.actor) as work:
        with pytest.raises(SlotTaken):
            await scheduling.book(work, lead.id, work.now + start)


async def test_booking_again_moves_the_booking(works, org, a_lead: MakeLead):
    lead = await a_lead()
    async with works.begin(org.actor) as work:
        free = await scheduling.free_slots(work)
        await scheduling.book(work, lead.id, free[0].start)
        await scheduling.book(work, lead.id, free[5].start)
        coming = await scheduling.upcoming(work, work.now, work.now + timedelta(days=8))
        assert [booking.starts_at for booking in coming] == [free[5].start]


async def test_cancelling_frees_the_time_and_the_lead(works, org, a_lead: MakeLead):
    lead = await a_lead(stage="contacted", last_step=2)
    async with works.begin(org.actor) as work:
        slot = (await scheduling.free_slots(work))[0]
        booking = await scheduling.book(work, lead.id, slot.start)
        assert (await scheduling.cancel(work, booking.id)).status == "cancelled"
        assert (await scheduling.cancel(work, booking.id)).status == "cancelled"
        assert slot in await scheduling.free_slots(work)
        assert (await leads.get(work, lead.id)).contact_status is ContactStatus.CONTACTED_2


@pytest.mark.committed
async def test_twenty_who_want_one_slot_get_one_booking(committed_works, committed_org):
    org = committed_org
    ids = [new_id() for _ in range(20)]
    async with committed_works.begin(org.actor) as work:
        for lead_id in ids:
            await work.execute(
                "insert into leads (org_id, id, created_at, updated_at) values ($1, $2, $3, $3)",
                org.id, lead_id, work.now,
            )  # fmt: skip
        slot = (await scheduling.free_slots(work))[0]

    async def book(lead_id):
        async with committed_works.begin(org.actor) as work:
            await scheduling.book(work, lead_id, slot.start)

    outcomes = await asyncio.gather(*(book(lead_id) for lead_id in ids), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes].count(type(None)) == 1
    assert sum(isinstance(outcome, SlotTaken) for outcome in outcomes) == 19


@given(
    start=st.integers(0, 400 * 24 * 60).map(lambda m: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=m)),
    zone=st.sampled_from(["Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
)
def test_slots_keep_to_local_hours_whatever_the_clock_does(start, zone):
    slots = open_slots(start, 7, zone, EVERY_DAY, [])
    assert slots == sorted(slots, key=lambda slot: slot.start)
    for slot in slots:
        assert start <= slot.start < start + timedelta(days=7)
        assert slot.end - slot.start == SLOT
        assert 8 <= slot.start.astimezone(ZoneInfo(zone)).hour < 10
    assert len(slots) == len({slot.start for slot in slots})
