"""The calendar as the HEKAX API publishes it: docs/contracts/hekax.openapi.yaml, Calendar Integration Endpoints."""

from litestar import delete, get, post

from frontdesk.contracts._http.given import FromPath, Given, JSONBody
from frontdesk.contracts._http.ids import path_id
from frontdesk.contracts._http.query import wanted as wanted_of
from frontdesk.contracts.hekax.consenting import callback_of
from frontdesk.contracts.hekax.shapes.calendar import FIELDS, Availability, AvailabilityQuery, NewBooking, OneBooking
from frontdesk.contracts.hekax.shapes.providers import (
    ConsentAddress,
    Disconnected,
    Providers,
)
from frontdesk.domain.integrations import service as integrations
from frontdesk.domain.integrations.errors import ConnectionNotFound
from frontdesk.domain.integrations.model import Kind
from frontdesk.domain.integrations.service import connecting
from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.scheduling import service as scheduling
from frontdesk.domain.scheduling.errors import BookingNotFound
from frontdesk.kernel.access import Actor
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work


@get("/api/calendar/providers", operation_id="list_calendar_providers")
async def list_calendar_providers(work: Given[Work], context: Given[Context]) -> Providers:
    return Providers.of(await integrations.list_providers(context, work, Kind.CALENDAR))


@get("/api/calendar/connect/{provider:str}", operation_id="connect_calendar", extension=True)
async def connect_calendar(context: Given[Context], actor: Given[Actor], provider: FromPath[str]) -> ConsentAddress:
    """The address at which a person lets us use their calendar. For OWNER and ADMIN."""
    return ConsentAddress(await connecting.begin(context, actor, Kind.CALENDAR, provider))


@delete(
    "/api/calendar/integrations/{connection_id:str}",
    operation_id="disconnect_calendar",
    status_code=200,
    extension=True,
)
async def disconnect_calendar(
    context: Given[Context], actor: Given[Actor], connection_id: FromPath[str]
) -> Disconnected:
    """Forget a connected calendar. For OWNER and ADMIN. What was entered into it stays there."""
    await connecting.disconnect(context, actor, Kind.CALENDAR, path_id(connection_id, ConnectionNotFound))
    return Disconnected()


@get(
    "/api/calendar/availability",
    operation_id="get_calendar_availability",
    dependencies=wanted_of(AvailabilityQuery),
)
async def get_calendar_availability(
    context: Given[Context], actor: Given[Actor], wanted: Given[AvailabilityQuery]
) -> Availability:
    zone, free = await scheduling.free_on(context, actor, wanted.day(), wanted.length())
    return Availability.of(wanted, zone, free)


@post("/api/calendar/book", operation_id="book_appointment", status_code=201, fields=FIELDS)
async def book_appointment(context: Given[Context], actor: Given[Actor], data: JSONBody[NewBooking]) -> OneBooking:
    async with context.works.read(actor) as work:
        caller = data.caller((await organizations.get(work)).country)
    return OneBooking.of(
        await scheduling.book_caller_at(context, actor, caller, data.local_time(), data.length(), notes=data.purpose)
    )


@delete("/api/calendar/bookings/{booking_id:str}", operation_id="cancel_booking", status_code=200, extension=True)
async def cancel_booking(work: Given[Work], booking_id: FromPath[str]) -> OneBooking:
    """Call an appointment off. A second time changes nothing."""
    return OneBooking.of(await scheduling.cancel(work, path_id(booking_id, BookingNotFound)))


ROUTES = [
    list_calendar_providers, connect_calendar, callback_of(Kind.CALENDAR), disconnect_calendar,
    get_calendar_availability, book_appointment, cancel_booking,
]  # fmt: skip
