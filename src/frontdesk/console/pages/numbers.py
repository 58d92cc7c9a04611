"""The organisation's phone numbers: who answers each, searching, buying and giving back. Which one texts go out from:
`number.py`."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from frontdesk.console.forms import MENDABLE, AnyRequest, Form, Given, asked, form_of, the_id, wrong
from frontdesk.console.page import Page, go, render
from frontdesk.console.views.places import countries
from frontdesk.console.views.words import phone as shown
from frontdesk.domain.billing.service import reading
from frontdesk.domain.numbers.errors import GivingBackInDoubt, NeedsPlan, NoNumberLeft, NumberInUse, PurchaseInDoubt
from frontdesk.domain.numbers.model import NumberChange, NumberUse, Purchase, Verdict
from frontdesk.domain.numbers.service import buying, leaving
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
        doubts=[(each, doubt(each)) for each in await buying.in_doubt(work)],
        countries=[(choice.value, choice.label) for choice in countries()],
        search=Form({**search, "country": [country or organization.country]}),
        searched=bool(country) and problem is None,
        found=found,
        may_change=work.actor.may(Permission.MANAGE_ORGANIZATION),
        wrong=wrong(problem, "country", "area_code", "contains") if problem else {},
    )


def doubt(purchase: Purchase) -> str:
    """What is known of a purchase that was in doubt."""
    if purchase.in_doubt:
        return (
            "The carrier has not said yet whether it sold it. It is asked until it does. The plan keeps a place for it."
        )
    if purchase.verdict is Verdict.NOT_TOLD:
        return "The carrier could not be asked for three days. Look into your account there, or buy it again."
    return "The carrier did not sell it. Nothing was bought."


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


@get("/numbers/{number:str}/give-back")
async def ask_give_back(request: AnyRequest, work: Given[Work], number: FromPath[str]) -> Response[Any]:
    """Whether to give a number back, and what is lost then."""
    use = await leaving.use_of(work, the_id(number))
    try:
        leaving.may_go(use)
    except NumberInUse as problem:
        return go(request, HERE, bad=problem.message)
    bought, phone = use.number.bought_at is not None, shown(use.number.phone)
    return await render(
        request,
        "confirm.html",
        work,
        title="Give a number back" if bought else "Let a number go",
        crumbs=[("Numbers", HERE)],
        question=f"Give {phone} back?" if bought else f"Let {phone} go?",
        consequence=_lost(use),
        action=f"{HERE}/{use.number.id}/give-back",
        verb="Give it back" if bought else "Let it go",
        keep="Keep it",
        back=HERE,
        danger=True,
    )


def _lost(use: NumberUse) -> str:
    calls = f"{use.calls_lately:,} {'call' if use.calls_lately == 1 else 'calls'}"
    lately = f"{calls} went over it in the last 30 days. " if use.calls_lately else "No call went over it in 30 days. "
    if use.number.bought_at is None:
        then = "It stays in your account with the carrier. Its calls and texts no longer come here."
    else:
        charged = "" if use.number.sandbox else "It is charged no longer. "
        then = (
            "Who calls or texts it no longer reaches you, and the carrier may sell it to somebody else: do not count "
            f"on having it again. {charged}The plan has room for another."
        )
    return f"{lately}{then} Calls, texts and recordings stay as they are."


@post("/numbers/{number:str}/give-back", status_code=200)
async def give_back(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], number: FromPath[str]
) -> Response[Any]:
    """Give a number back."""
    try:
        gone = await leaving.give_back(context, actor, the_id(number))
    except (*MENDABLE, GivingBackInDoubt) as problem:
        return go(request, HERE, bad=problem.message)
    done = "was given back" if gone.bought_at is not None else "no longer comes here"
    return go(request, HERE, good=f"{shown(gone.phone)} {done}.")


routes: list[Any] = [numbers, buy, change, ask_give_back, give_back]
