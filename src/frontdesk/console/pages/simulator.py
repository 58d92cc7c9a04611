"""The phone simulator: virtual handsets that text the organisation's number and take its calls, and faults of the
sandbox carrier."""

from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromPath

from frontdesk.console.forms import MENDABLE, AnyRequest, Form, Given, asked, asked_all, form_of, wrong
from frontdesk.console.page import Page, go, render
from frontdesk.console.pages.handset import Opening
from frontdesk.console.state import House
from frontdesk.console.views.faults import FAULTS, QUICK_REPLIES, RATES, TERMS, fault_name
from frontdesk.console.views.handsets import (
    CALLS_SHOWN,
    MOST_OPEN,
    TEXTS_SHOWN,
    Handset,
    fresh_number,
    from_digits,
    screen,
)
from frontdesk.domain.leads.model import LeadFilter, LeadSort
from frontdesk.domain.leads.service import leads
from frontdesk.domain.organizations import service as organizations
from frontdesk.kernel.access import Actor, Permission
from frontdesk.kernel.errors import DomainError, Forbidden, Invalid, NotFound
from frontdesk.kernel.phone import E164, PhoneRefused, parse_phone
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.ports import media
from frontdesk.ports.simulator import HandsetCall, HandsetMessage

HERE = "/console/simulator"
PUT_THROUGH = "Whom it was to be put through to was rung: the two talk for a while, and nobody listens in."
OnScreen = tuple[list[HandsetMessage], list[HandsetCall]]


def may_play(actor: Actor) -> bool:
    """Whether somebody may text as a lead and set faults: it moves leads, so who only looks may not."""
    return actor.may(Permission.SEND_MESSAGES) or actor.may(Permission.OPERATE_JOBS)


@get("/simulator")
async def simulator(
    request: AnyRequest, context: Given[Context], house: Given[House], actor: Given[Actor]
) -> Response[Any]:
    """The handsets in `?h=` side by side, leads to open more from, faults. `?add=` opens a number that was typed."""
    open_numbers = _numbers(asked_all(request, "h"))
    added, problem = asked(request, "add"), None
    if added:
        async with context.works.read(actor) as work:
            country = (await organizations.get(work)).country
        try:
            number = parse_phone(added, country)
            return go(request, _address([*open_numbers, number]))
        except PhoneRefused as refused:
            problem = Invalid(refused.reason, field="add")
    return await _bench(request, house, actor, open_numbers, problem=problem, added=added)


async def _bench(
    request: AnyRequest,
    house: House,
    actor: Actor,
    open_numbers: list[E164],
    *,
    problem: DomainError | None = None,
    added: str = "",
    handset: E164 | None = None,
    body: str = "",
) -> Page:
    on_screen = {number: await _on_screen(house, actor, number) for number in open_numbers}
    faults = await house.simulator.faults(actor)
    search = asked(request, "q")[:100]
    async with house.context.works.read(actor) as work:
        handsets = [await _handset(work, number, on_screen[number]) for number in open_numbers]
        wanted = LeadFilter(search=search, limit=30, archived=False, sort=LeadSort.REPLY_DATE)
        found = (await leads.page(work, wanted)).items
        return await render(
            request,
            "simulator/index.html",
            work,
            status=400 if problem else 200,
            handsets=handsets,
            screen=screen,
            found=[lead for lead in found if lead.phone and lead.phone not in on_screen],
            search=search,
            added=added,
            open_digits=[number.removeprefix("+") for number in open_numbers],
            with_=partial(_beside, open_numbers),
            without=partial(_without, open_numbers),
            organization=await organizations.get(work),
            may_play=may_play(actor),
            quick_replies=QUICK_REPLIES,
            faults=faults,
            fault_name=fault_name,
            all_faults=FAULTS,
            rates=RATES,
            terms=TERMS,
            wrong=wrong(problem, "add", "body") if problem else {},
            wrong_handset=handset,
            body=body,
        )


@get("/simulator/new")
async def new_handset(request: AnyRequest, work: Given[Work]) -> Response[Any]:
    """A handset with a number that no lead has, beside those in `?h=`."""
    country = (await organizations.get(work)).country
    number = fresh_number(country)
    for _ in range(10):
        if await leads.of_phone(work, number) is None:
            break
        number = fresh_number(country)
    return go(request, _address([*_numbers(asked_all(request, "h")), E164(number)]))


@get("/simulator/{digits:str}/screen")
async def live_screen(
    request: AnyRequest, context: Given[Context], house: Given[House], actor: Given[Actor], digits: FromPath[str]
) -> Response[Any]:
    """What is on one screen, for htmx; 204 where there is nothing newer than `?seen=`."""
    number = _number(digits)
    on_screen = await _on_screen(house, actor, number)
    async with context.works.read(actor) as work:
        handset = await _handset(work, number, on_screen)
        if asked(request, "seen") == handset.seen:
            return Response(None, status_code=204)
        return await render(
            request,
            "simulator/screen.html",
            work,
            handset=handset,
            screen=screen,
            may_play=may_play(actor),
            open_digits=[each.removeprefix("+") for each in _numbers(asked_all(request, "h"))],
        )


@post("/simulator/{digits:str}/text", status_code=200)
async def text(
    request: AnyRequest, context: Given[Context], house: Given[House], actor: Given[Actor], digits: FromPath[str]
) -> Response[Any]:
    """Let a handset text the organisation. htmx gets the handset, others the page."""
    _require_play(actor)
    number, form = _number(digits), await form_of(request)
    open_numbers = _numbers(form.all("h"))
    body, problem = form.text("quick") or form.raw("body").strip(), None
    on_screen = await _on_screen(house, actor, number)
    async with context.works.read(actor) as work:
        handset = await _handset(work, number, on_screen)
    try:
        if not body:
            raise Invalid("Write something first.", field="body")
        await house.simulator.text(actor, number, handset.texts_to, body.replace("\r\n", "\n"))
    except (*MENDABLE, NotFound) as refused:
        problem = refused
    if request.headers.get("hx-request"):
        return await _phone(request, house, actor, number, open_numbers, problem, body)
    if problem is not None:
        return await _bench(request, house, actor, open_numbers, problem=problem, handset=number, body=body)
    return go(request, f"{_address(open_numbers)}#phone-{number.removeprefix('+')}")


async def _phone(
    request: AnyRequest, house: House, actor: Actor, number: E164, open_numbers: list[E164],
    problem: DomainError | None, body: str,
) -> Page:  # fmt: skip
    on_screen = await _on_screen(house, actor, number)
    async with house.context.works.read(actor) as work:
        return await render(
            request,
            "simulator/phone.html",
            work,
            handset=await _handset(work, number, on_screen),
            screen=screen,
            may_play=True,
            quick_replies=QUICK_REPLIES,
            open_digits=[each.removeprefix("+") for each in open_numbers],
            without=partial(_without, open_numbers),
            wrong=wrong(problem, "body") if problem else {},
            wrong_handset=number if problem else None,
            body=body if problem else "",
        )


@post("/simulator/{digits:str}/line", status_code=200)
async def answer(house: Given[House], actor: Given[Actor], digits: FromPath[str]) -> Opening:
    """Take up the call that rings at a handset: what its line is opened with, for the script that talks."""
    _require_play(actor)
    taken = await house.simulator.answer(actor, _number(digits))
    return Opening(taken.parameters.get(media.CALL, ""), parameters=taken.parameters, says=taken.says or PUT_THROUGH)


@post("/simulator/{digits:str}/line/{call:str}/next", status_code=200)
async def line_closed(house: Given[House], actor: Given[Actor], digits: FromPath[str], call: FromPath[str]) -> Opening:
    """The line of a handset was closed, by either side: it is put down."""
    _require_play(actor)
    with suppress(NotFound):  # it was already
        await house.simulator.hang_up(actor, _number(digits))
    return Opening()


@post("/simulator/{digits:str}/put-down", status_code=200)
async def put_down(
    request: AnyRequest, house: Given[House], actor: Given[Actor], digits: FromPath[str]
) -> Response[Any]:
    """Decline the call that rings at a handset, or end the one it is on. htmx gets the handset, others the page."""
    _require_play(actor)
    number, form = _number(digits), await form_of(request)
    open_numbers = _numbers(form.all("h"))
    with suppress(NotFound):  # whoever rang has given up
        await house.simulator.hang_up(actor, number)
    if request.headers.get("hx-request"):
        return await _phone(request, house, actor, number, open_numbers, None, "")
    return go(request, f"{_address(open_numbers)}#phone-{number.removeprefix('+')}")


@post("/simulator/faults", status_code=200)
async def set_fault(
    request: AnyRequest, context: Given[Context], house: Given[House], actor: Given[Actor]
) -> Response[Any]:
    """Let something go wrong for a while, or no longer (a rate of 0)."""
    _require_play(actor)
    form = await form_of(request)
    back = _address(_numbers(form.all("h")))
    kind, rate, seconds = form.text("kind"), _figure(form, "rate"), _figure(form, "seconds")
    try:
        fault = await house.simulator.set_fault(actor, kind, rate, seconds)
    except MENDABLE as problem:
        return go(request, f"{back}#faults", bad=problem.message)
    name = fault_name(fault.kind)
    if rate == 0:
        return go(request, f"{back}#faults", good=f"“{name}” is over.")
    lasting = timedelta(seconds=seconds)
    return go(request, f"{back}#faults", good=f"“{name}” strikes for {int(lasting.total_seconds() // 60) or 1} min.")


async def _on_screen(house: House, actor: Actor, number: E164) -> OnScreen:
    try:
        return (
            await house.simulator.messages(actor, number, TEXTS_SHOWN),
            await house.simulator.calls(actor, number, CALLS_SHOWN),
        )
    except NotFound:  # a number that no handset can have: its screen stays empty, and texting says why
        return [], []


async def _handset(work: Work, number: E164, on_screen: OnScreen) -> Handset:
    """The handset; it texts back whom it heard from last, else the organisation's number."""
    texts, calls = on_screen
    texts_to = texts[-1].number if texts else (await organizations.get(work)).number or ""
    return Handset(number, await leads.of_phone(work, number), texts, texts_to, calls)


def _require_play(actor: Actor) -> None:
    if not may_play(actor):
        raise Forbidden("You can look at the simulator, and not use it.")


def _number(digits: str) -> E164:
    number = from_digits(digits)
    if number is None:
        raise NotFound("There is no such handset.")
    return number


def _numbers(digits: list[str]) -> list[E164]:
    """The handsets that are open, each once, the last of too many."""
    found = dict.fromkeys(number for each in digits if (number := from_digits(each)) is not None)
    return list(found)[-MOST_OPEN:]


def _address(numbers: list[E164]) -> str:
    kept = list(dict.fromkeys(numbers))[-MOST_OPEN:]
    query = urlencode([("h", number.removeprefix("+")) for number in kept])
    return f"{HERE}?{query}" if query else HERE


def _beside(numbers: list[E164], one_more: E164) -> str:
    return _address([*numbers, one_more])


def _without(numbers: list[E164], gone: E164) -> str:
    return _address([number for number in numbers if number != gone])


def _figure(form: Form, name: str) -> float:
    try:
        return float(form.text(name))
    except ValueError:
        return -1.0  # the simulator says what it should be


routes: list[Any] = [simulator, new_handset, live_screen, text, answer, line_closed, put_down, set_fault]
