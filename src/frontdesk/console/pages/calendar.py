"""Calendar: bookings to come, the coming week's free times, booking for a lead, calling off."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.params import FromPath

from frontdesk.console.forms import MENDABLE, AnyRequest, Form, Given, asked, form_of, the_id, wrong
from frontdesk.console.page import Page, go, render
from frontdesk.console.views.week import by_day, day_name, week
from frontdesk.domain.integrations import service as integrations
from frontdesk.domain.integrations.model import PROVIDERS, Kind
from frontdesk.domain.leads.model import Lead, LeadFilter, LeadSort
from frontdesk.domain.leads.service import leads
from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.scheduling import service as scheduling
from frontdesk.domain.scheduling.errors import BookingNotFound
from frontdesk.domain.scheduling.model import Booking
from frontdesk.domain.scheduling.service import calendars
from frontdesk.kernel.access import Actor, Permission
from frontdesk.kernel.errors import DomainError, Invalid, NotFound
from frontdesk.kernel.ids import parse_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.ports.llm import Slot

HERE = "/console/calendar"
_FURTHEST_WEEK = 12
_AHEAD = timedelta(days=366)
_BOOKED_BY = {"ai": "Assistant", "person": "By hand", "lead": "By the lead"}


@get("/calendar")
async def calendar(request: AnyRequest, context: Given[Context], actor: Given[Actor]) -> Page:
    """Bookings to come by day, and one week of free and taken times; `?week=1` is the one after this."""
    ahead = _week_of(asked(request, "week"))
    async with context.works.read(actor) as work:
        zone, now = (await organizations.get(work)).time_zone, work.now
    first = (now.astimezone(ZoneInfo(zone)) + timedelta(weeks=ahead)).date()
    begins = datetime.combine(first, datetime.min.time(), ZoneInfo(zone)).astimezone(UTC)
    await calendars.look_for(context, actor, begins, begins + timedelta(days=7, hours=1))
    async with context.works.read(actor) as work:
        return await _calendar(request, work, zone, ahead, begins)


async def _calendar(request: AnyRequest, work: Work, zone: str, ahead: int, begins: datetime) -> Page:
    first = begins.astimezone(ZoneInfo(zone)).date()
    bookings = await scheduling.upcoming(work, work.now - timedelta(minutes=30), work.now + _AHEAD)
    shown = await scheduling.upcoming(work, begins, begins + timedelta(days=7, hours=1))
    slots = await scheduling.free_slots(work, begins, days=7)
    return await render(
        request,
        "calendar/index.html",
        work,
        days=by_day(bookings, zone, work.now),
        week=week(slots, shown, zone, first, work.now),
        ahead=ahead,
        furthest=_FURTHEST_WEEK,
        booked_by=_BOOKED_BY,
        may_book=work.actor.may(Permission.EDIT_LEADS),
        connected=await integrations.connections(work, Kind.CALENDAR),
        providers={each.id: each.name for each in PROVIDERS},
        zone_name=zone,
    )


@get("/calendar/book")
async def choose(request: AnyRequest, work: Given[Work]) -> Page:
    """Book for a lead: `?lead=` whom, `?start=` when, `?q=` searches leads. Each is asked for where it is missing."""
    work.require(Permission.EDIT_LEADS)
    return await _choose(request, work, asked(request, "lead"), asked(request, "start"))


async def _choose(
    request: AnyRequest,
    work: Work,
    lead_id: str,
    start: str,
    form: Form | None = None,
    problem: DomainError | None = None,
) -> Page:
    zone = (await organizations.get(work)).time_zone
    lead = await _lead(work, lead_id)
    chosen, slots = _instant(start), await scheduling.free_slots(work, days=14)
    search = asked(request, "q")[:100]
    wanted = LeadFilter(search=search, limit=12, archived=False, sort=LeadSort.REPLY_DATE)
    return await render(
        request,
        "calendar/book.html",
        work,
        status=400 if problem else 200,
        lead=lead,
        earlier=await _booking_of(work, lead) if lead else None,
        start=chosen,
        search=search,
        found=(await leads.page(work, wanted)).items if lead is None else [],
        is_free=any(slot.start == chosen for slot in slots),
        days=_slots_by_day(slots, zone, work.now),
        with_=partial(_with, lead, chosen),
        notes=form.raw("notes") if form else "",
        wrong=wrong(problem, "start_time", "notes") if problem else {},
        zone_name=zone,
    )


@post("/calendar/bookings", status_code=200)
async def book(request: AnyRequest, context: Given[Context], actor: Given[Actor]) -> Response[Any]:
    """Book a free time for a lead."""
    form = await form_of(request)
    try:
        lead_id, start = parse_id(form.text("lead")), _instant(form.text("start"))
        if lead_id is None:
            raise Invalid("Choose a lead first.", field="lead")
        if start is None:
            raise Invalid("Choose a time.", field="start_time")
        booking = await scheduling.book_lead(context, actor, lead_id, start, notes=form.text("notes"))
    except MENDABLE as problem:
        async with context.works.read(actor) as work:
            work.require(Permission.EDIT_LEADS)
            return await _choose(request, work, form.text("lead"), form.text("start"), form, problem)
    return go(request, HERE, good=f"{booking.lead_name or 'The lead'} is booked. The assistant leaves them to you now.")


@get("/calendar/bookings/{booking_id:str}/cancel")
async def ask_cancel(request: AnyRequest, work: Given[Work], booking_id: FromPath[str]) -> Page:
    """Whether to call a booking off."""
    work.require(Permission.EDIT_LEADS)
    booking, zone = await _booking(work, booking_id), (await organizations.get(work)).time_zone
    local = booking.starts_at.astimezone(ZoneInfo(zone))
    when = f"{day_name(local.date(), work.now.astimezone(ZoneInfo(zone)).date())}, {local:%H:%M}"
    name = booking.lead_name or "a lead without a name"
    return await render(
        request,
        "confirm.html",
        work,
        title="Call a booking off",
        crumbs=[("Calendar", HERE)],
        question=f"Call off the call with {name}: {when}?",
        consequence="The time is free again and the lead goes back to where it was. They are not told by themselves: "
        "send them a message.",
        action=f"{HERE}/bookings/{booking.id}/cancel",
        verb="Call it off",
        keep="Keep it",
        back=HERE,
        danger=True,
    )


@post("/calendar/bookings/{booking_id:str}/cancel", status_code=200)
async def cancel(request: AnyRequest, work: Given[Work], booking_id: FromPath[str]) -> Response[Any]:
    """Call a booking off."""
    booking = await scheduling.cancel(work, the_id(booking_id))
    return go(request, HERE, good=f"The call with {booking.lead_name or 'the lead'} is called off.")


async def _booking(work: Work, booking_id: str) -> Booking:
    wanted = the_id(booking_id)
    for booking in await scheduling.upcoming(work, work.now - timedelta(days=1), work.now + _AHEAD):
        if booking.id == wanted:
            return booking
    raise BookingNotFound


async def _lead(work: Work, lead_id: str) -> Lead | None:
    found = parse_id(lead_id)
    if lead_id and found is None:
        raise NotFound("There is no such lead.")
    return await leads.get(work, found) if found else None


async def _booking_of(work: Work, lead: Lead) -> Booking | None:
    """What the lead has booked already and has still to come."""
    if lead.booking_id is None:
        return None
    coming = await scheduling.upcoming(work, work.now, work.now + _AHEAD)
    return next((booking for booking in coming if booking.id == lead.booking_id), None)


def _slots_by_day(slots: list[Slot], zone: str, now: datetime) -> list[tuple[str, list[tuple[str, str]]]]:
    """Free times as (day, [(value of a field, HH:MM)])."""
    local, today = ZoneInfo(zone), now.astimezone(ZoneInfo(zone)).date()
    days: dict[str, list[tuple[str, str]]] = {}
    for slot in slots:
        at = slot.start.astimezone(local)
        days.setdefault(day_name(at.date(), today), []).append((_value(slot.start), f"{at:%H:%M}"))
    return list(days.items())


def _with(lead: Lead | None, start: datetime | None, /, **changes: str) -> str:
    """The address of the booking page with what was chosen so far, and `changes`."""
    chosen = {"lead": str(lead.id) if lead else "", "start": _value(start) if start else "", **changes}
    return f"{HERE}/book?{urlencode({name: value for name, value in chosen.items() if value})}"


def _value(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def _instant(text: str) -> datetime | None:
    """The instant that `_value` wrote, or None."""
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _week_of(text: str) -> int:
    return min(int(text), _FURTHEST_WEEK) if text.isascii() and text.isdigit() and len(text) < 4 else 0


routes: list[Any] = [calendar, choose, book, ask_cancel, cancel]
