"""The calendar as the HEKAX API publishes it: docs/contracts/hekax.openapi.yaml, Calendar Integration Endpoints."""

from litestar import delete, get, post

from frontdesk.contracts._http.given import FromPath, Given, JSONBody
from frontdesk.contracts._http.ids import path_id
from frontdesk.contracts._http.query import wanted as wanted_of
from frontdesk.contracts.hekax.shapes.calendar import FIELDS, Availability, AvailabilityQuery, NewBooking, OneBooking
from frontdesk.contracts.hekax.shapes.providers import Providers
from frontdesk.domain.integrations import service as integrations
from frontdesk.domain.integrations.model import Kind
from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.scheduling import service as scheduling
from frontdesk.domain.scheduling.errors import BookingNotFound
from frontdesk.platform.database import Work


@get("/api/calendar/providers", operation_id="list_calendar_providers")
async def list_calendar_providers(work: Given[Work]) -> Providers:
    return Providers.of(await integrations.list_providers(work, Kind.CALENDAR))


@get(
    "/api/calendar/availability",
    operation_id="get_calendar_availability",
    dependencies=wanted_of(AvailabilityQuery),
)
async def get_calendar_availability(work: Given[Work], wanted: Given[AvailabilityQuery]) -> Availability:
    zone, free = await scheduling.day_slots(work, wanted.day(), wanted.length())
    return Availability.of(wanted, zone, free)


@post("/api/calendar/book", operation_id="book_appointment", status_code=201, fields=FIELDS)
async def book_appointment(work: Given[Work], data: JSONBody[NewBooking]) -> OneBooking:
    caller = data.caller((await organizations.get(work)).country)
    start = await scheduling.instant_of(work, data.local_time())
    return OneBooking.of(await scheduling.book_caller(work, caller, start, data.length(), notes=data.purpose))


@delete("/api/calendar/bookings/{booking_id:str}", operation_id="cancel_booking", status_code=200, extension=True)
async def cancel_booking(work: Given[Work], booking_id: FromPath[str]) -> OneBooking:
    """Call an appointment off. A second time changes nothing."""
    return OneBooking.of(await scheduling.cancel(work, path_id(booking_id, BookingNotFound)))


ROUTES = [list_calendar_providers, get_calendar_availability, book_appointment, cancel_booking]
