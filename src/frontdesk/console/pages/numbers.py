"""The organisation's phone numbers: who answers each, and searching and buying more. Which one texts go out from:
`number.py`."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from frontdesk.console.forms import MENDABLE, AnyRequest, Form, Given, asked, form_of, the_id, wrong
from frontdesk.console.page import Page, go, render
from frontdesk.console.views.places import countries
from frontdesk.domain.billing.service import reading
from frontdesk.domain.numbers.errors import NeedsPlan, NoNumberLeft, PurchaseInDoubt
from frontdesk.domain.numbers.model import NumberChange
from frontdesk.domain.numbers.service import buying
from frontdesk.domain.organizations import service as organizations
from frontdesk.kernel.access import Actor, Permission
from frontdesk.kernel.errors import DomainError
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.ports.carrier import OfferedNumber, Wish

HERE = "/console/numbers"


@get("/numbers")
async def numbers(request: AnyRequest, context: Given[Context], actor: Given[Actor]) -> Page:
    """The numbers; with `?country=` those that can be bought there too."""
    country, problem = asked(request, "country"), None
    found: list[OfferedNumber] = []
    if country:
        wish = Wish(country=country, area_code=asked(request, "area_code"), contains=asked(request, "contains"))
        try:
            found = await buying.search(context, actor, wish)
        except (*MENDABLE, NeedsPlan) as refusal:
            problem = refusal
    async with context.works.read(actor) as work:
        return await _page(request, work, found, problem)


async def _page(request: AnyRequest, work: Work, found: list[OfferedNumber], problem: DomainError | None) -> Page:
    organization = await organizations.get(work)
    country = asked(request, "country")
    search = {name: [asked(request, name)] for name in ("area_code", "contains")}
    return await render(
        request,
        "numbers/index.html",
        work,
        status=400 if problem else 200,
        numbers=await buying.list_numbers(work),
        texts_from=organization.number,
        room=(await reading.usage(work)).numbers,
        countries=[(choice.value, choice.label) for choice in countries()],
        search=Form({**search, "country": [country or organization.country]}),
        searched=bool(country) and problem is None,
        found=found,
        may_change=work.actor.may(Permission.MANAGE_ORGANIZATION),
        wrong=wrong(problem, "country", "area_code", "contains") if problem else {},
    )


@post("/numbers/buy", status_code=200)
async def buy(request: AnyRequest, context: Given[Context], actor: Given[Actor]) -> Response[Any]:
    """Buy a number."""
    form = await form_of(request)
    try:
        bought = await buying.purchase(context, actor, form.text("phone"))
    except (*MENDABLE, NeedsPlan, NoNumberLeft, PurchaseInDoubt) as problem:
        return go(request, HERE, bad=problem.message)
    return go(request, HERE, good=f"{bought.phone} is yours. The assistant answers calls to it.")


@post("/numbers/{number:str}", status_code=200)
async def change(request: AnyRequest, work: Given[Work], number: FromPath[str]) -> Response[Any]:
    """Name a number, or have its calls answered by others."""
    form = await form_of(request)
    wanted = NumberChange(friendly_name=form.text("friendly_name") or None, route_to_ai=form.text("answers") == "ai")
    try:
        changed = await buying.change(work, the_id(number), wanted)
    except MENDABLE as problem:
        return go(request, HERE, bad=problem.message)
    return go(request, HERE, good=f"{changed.phone}: saved, from the next call on.")


routes: list[Any] = [numbers, buy, change]
