"""Phone numbers as the HEKAX API publishes them: docs/contracts/hekax.openapi.yaml, Phone Numbers Endpoints."""

from litestar import delete, get, patch, post

from frontdesk.contracts._http.given import FromPath, Given, JSONBody
from frontdesk.contracts._http.ids import path_id
from frontdesk.contracts._http.query import wanted as wanted_of
from frontdesk.contracts.hekax.shapes.phone_numbers import (
    FIELDS,
    AvailableNumbers,
    GivenBack,
    NumberQuery,
    NumberUpdate,
    PhoneNumber,
    PhoneNumbers,
    Purchase,
)
from frontdesk.domain.numbers.errors import NoSuchNumber
from frontdesk.domain.numbers.service import buying, leaving
from frontdesk.kernel.access import Actor
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work


@get("/api/phone-numbers", operation_id="list_phone_numbers")
async def list_phone_numbers(work: Given[Work]) -> PhoneNumbers:
    return PhoneNumbers.of(await buying.list_numbers(work))


@get(
    "/api/phone-numbers/available",
    operation_id="search_available_numbers",
    dependencies=wanted_of(NumberQuery),
    fields=FIELDS,
)
async def search_available_numbers(
    context: Given[Context], actor: Given[Actor], wanted: Given[NumberQuery]
) -> AvailableNumbers:
    return AvailableNumbers.of(await buying.search(context, actor, wanted.wish()))


@post("/api/phone-numbers/purchase", operation_id="purchase_phone_number", status_code=201, fields=FIELDS)
async def purchase_phone_number(context: Given[Context], actor: Given[Actor], data: JSONBody[Purchase]) -> PhoneNumber:
    return PhoneNumber.of(await buying.purchase(context, actor, data.number, data.friendly_name))


@patch("/api/phone-numbers/{number_id:str}", operation_id="update_phone_number", fields=FIELDS, extension=True)
async def update_phone_number(work: Given[Work], number_id: FromPath[str], data: JSONBody[NumberUpdate]) -> PhoneNumber:
    """Name a number, or have its calls answered by the assistant (`routeToAI`) or by the team."""
    return PhoneNumber.of(await buying.change(work, path_id(number_id, NoSuchNumber), data.change()))


@delete("/api/phone-numbers/{number_id:str}", operation_id="give_phone_number_back", status_code=200, extension=True)
async def give_phone_number_back(context: Given[Context], actor: Given[Actor], number_id: FromPath[str]) -> GivenBack:
    """Give a bought number back to the carrier, for good; one of your own carrier account stays there. For OWNER and
    ADMIN. Refused while texts go out from it, or a call is under way on it."""
    return GivenBack.of(await leaving.give_back(context, actor, path_id(number_id, NoSuchNumber)))


ROUTES = [
    list_phone_numbers, search_available_numbers, purchase_phone_number, update_phone_number, give_phone_number_back,
]  # fmt: skip
