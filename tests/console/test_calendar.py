"""The calendar: bookings by day, free times, booking by hand, calling off. It is Tuesday 10 March 2026, 11:00."""

from datetime import UTC, datetime

from tests.console.conftest import Browser, words
from tests.fixtures.business import MakeLead
from tests.fixtures.organizations import Organization

from frontdesk.domain.leads.model import Stage
from frontdesk.domain.leads.service import leads
from frontdesk.domain.scheduling import service as scheduling
from frontdesk.domain.scheduling.model import Booking
from frontdesk.kernel.ids import new_id
from frontdesk.platform.database import Works

WEDNESDAY_TEN = datetime(2026, 3, 11, 10, 0, tzinfo=UTC)
START = "2026-03-11T10:00Z"


async def booked(works: Works, org: Organization, lead_id: object) -> Booking:
    async with works.begin(org.actor) as work:
        return await scheduling.book(work, lead_id, WEDNESDAY_TEN, notes="About worktops")  # pyright: ignore


async def test_an_empty_calendar_says_what_to_do(owner: Browser):
    shown = await owner.get("/calendar")
    assert "No calls booked yet" in words(shown)
    assert "Tomorrow 11 Mar, 16 free" in words(shown)
    assert f'href="/console/calendar/book?start={START}"' in shown.text
    assert "In a week" in words(await owner.get("/calendar?week=1"))
    for wrong in ("x", "-1", "99999", "²"):
        assert (await owner.get(f"/calendar?week={wrong}")).status_code == 200


async def test_a_free_time_is_booked_for_a_lead(owner: Browser, works: Works, org: Organization, a_lead: MakeLead):
    lead = await a_lead(first_name="Dana")
    chosen = await owner.get(f"/calendar/book?start={START}")
    assert f"/console/calendar/book?lead={lead.id}&amp;start=2026-03-11T10%3A00Z" in chosen.text
    both = await owner.get(f"/calendar/book?lead={lead.id}&start={START}")
    assert f'value="{START}" required checked' in both.text
    answer = await owner.post("/calendar/bookings", lead=str(lead.id), start=START, notes="About worktops")
    shown = await owner.page(answer)
    assert "Dana is booked." in shown
    assert "10:00 –10:30" in shown
    assert "By hand · About worktops" in shown
    async with works.begin(org.actor) as work:
        assert (await leads.get(work, lead.id)).stage is Stage.BOOKED


async def test_a_time_that_was_taken_meanwhile(owner: Browser, works: Works, org: Organization, a_lead: MakeLead):
    dana, ben = await a_lead(first_name="Dana"), await a_lead(first_name="Ben")
    await booked(works, org, dana.id)
    answer = await owner.post("/calendar/bookings", lead=str(ben.id), start=START, notes="Keep these words")
    assert answer.status_code == 400
    assert "This time is no longer free." in words(answer)
    assert "Keep these words" in answer.text
    assert "Choose a lead first." in words(await owner.post("/calendar/bookings", lead="", start=START))
    assert "Choose a time." in words(await owner.post("/calendar/bookings", lead=str(ben.id), start="soon"))


async def test_a_lead_with_a_booking_is_told_of_before_it_moves(
    owner: Browser, works: Works, org: Organization, a_lead: MakeLead
):
    lead = await a_lead(first_name="Dana")
    await booked(works, org, lead.id)
    assert "They are booked for Wednesday 11 March 2026, 10:00 GMT." in words(
        await owner.get(f"/calendar/book?lead={lead.id}")
    )


async def test_a_booking_is_called_off_after_a_question(
    owner: Browser, works: Works, org: Organization, a_lead: MakeLead
):
    lead = await a_lead(first_name="Dana")
    booking = await booked(works, org, lead.id)
    shown = await owner.get("/calendar")
    assert f'href="/console/leads/{lead.id}"' in shown.text
    assert "Call off the call with Dana: Tomorrow, 10:00?" in words(
        await owner.get(f"/calendar/bookings/{booking.id}/cancel")
    )
    after = await owner.page(await owner.post(f"/calendar/bookings/{booking.id}/cancel"))
    assert "The call with Dana is called off." in after
    assert "No calls booked yet" in after


async def test_a_viewer_looks_only(viewer: Browser, works: Works, org: Organization, a_lead: MakeLead):
    booking = await booked(works, org, (await a_lead(first_name="Dana")).id)
    shown = await viewer.get("/calendar")
    assert "Dana" in words(shown)
    assert "Call off" not in words(shown)
    assert "/calendar/book" not in shown.text
    assert (await viewer.get("/calendar/book")).status_code == 403
    assert (await viewer.get(f"/calendar/bookings/{booking.id}/cancel")).status_code == 403
    assert (await viewer.post(f"/calendar/bookings/{booking.id}/cancel")).status_code == 403
    assert (await viewer.post("/calendar/bookings", lead="", start="")).status_code == 403


async def test_next_door_and_nonsense_are_not_found(
    stranger: Browser, works: Works, org: Organization, a_lead: MakeLead
):
    lead = await a_lead()
    booking = await booked(works, org, lead.id)
    for wrong in (booking.id, new_id(), "nonsense"):
        assert (await stranger.get(f"/calendar/bookings/{wrong}/cancel")).status_code == 404
        assert (await stranger.post(f"/calendar/bookings/{wrong}/cancel")).status_code == 404
    for wrong in (lead.id, "nonsense"):
        assert (await stranger.get(f"/calendar/book?lead={wrong}")).status_code == 404
    assert (await stranger.post("/calendar/bookings", lead=str(lead.id), start=START)).status_code == 404
