"""The list of leads: filters, pages, a file of them, and what can be done with many at once."""

import contextlib
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from litestar import Response, get, post
from litestar.response import Stream
from msgspec import structs

from frontdesk.console.errors import AskFirst
from frontdesk.console.forms import AnyRequest, Form, Given, asked, form_of
from frontdesk.console.page import go, render
from frontdesk.console.views.inbox import EPOCH, MICROSECOND
from frontdesk.console.views.leads import PER_PAGE, LeadQuery
from frontdesk.console.views.people import full_name
from frontdesk.console.views.wording import MOODS
from frontdesk.console.views.words import status_word
from frontdesk.domain.campaigns.service import joining
from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.leads.errors import LeadNotFound
from frontdesk.domain.leads.model import ContactStatus, LeadChange
from frontdesk.domain.leads.service import datasets, leads, many
from frontdesk.domain.organizations import service as organizations
from frontdesk.kernel.access import Actor, Permission
from frontdesk.kernel.errors import Invalid, NotFound
from frontdesk.kernel.ids import parse_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work


@get("/leads")
async def list_leads(request: AnyRequest, work: Given[Work]) -> Response[str]:
    wanted = LeadQuery.of(request.query_params)
    found = await leads.page(work, wanted.filter())
    if wanted.page > 1 and not found.items:
        wanted = structs.replace(wanted, page=1)
        found = await leads.page(work, wanted.filter())
    counts = await datasets.totals(work)
    response = await render(
        request,
        "leads/list.html",
        work,
        wanted=wanted,
        found=found,
        per_page=PER_PAGE,
        counts=counts,
        everyone=sum(counts.values()),
        datasets=[(dataset.id, dataset.name) for dataset in await datasets.list_all(work)],
        statuses=[(status.value, status_word(status)) for status in ContactStatus],
        sentiments=MOODS,
        members=[
            (member.user_id, full_name((member.first_name, member.last_name), member.email))
            for member in await organizations.list_members(work)
        ],
    )
    if request.headers.get("hx-request"):
        response.headers["HX-Push-Url"] = wanted.turned_to(wanted.page)
    return response


@get("/leads/export.csv")
async def export(request: AnyRequest, context: Given[Context], actor: Given[Actor]) -> Stream:
    """All leads that the filters let through, as a file."""
    pieces = await many.export(context.works, actor, LeadQuery.of(request.query_params).filter())
    name = f"leads-{context.works.clock.now():%Y-%m-%d}.csv"
    return Stream(
        pieces,
        media_type="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


_CHANGES = {
    "archive": (LeadChange(archived=True), "archived"),
    "restore": (LeadChange(archived=False), "back in use"),
    "take-over": (LeadChange(manual_mode=True), "left to people"),
    "give-back": (LeadChange(manual_mode=False), "answered by the AI again"),
}


@post("/leads/many", status_code=200)
async def change_many(request: AnyRequest, context: Given[Context], actor: Given[Actor]) -> Response[Any]:
    """Do one thing with all leads that are ticked, or with all that the list's filters let through; the list stays as
    it is."""
    form = await form_of(request)
    back, act = _list_address(form.text("back")), form.text("act")
    chosen = await _chosen(context, actor, form, back)
    if not chosen:
        return go(request, back, bad="Tick the leads first.")
    if act == "add":
        async with context.works.read(actor) as work:
            return await _add_page(request, work, form, back, len(chosen))
    who = parse_id(form.text("assigned_to"))
    wanted, said = (LeadChange(assigned_to=who), "assigned") if act == "assign" else _CHANGES.get(act, (None, ""))
    if wanted is None and act != "suppress":
        return go(request, back, bad="Choose what to do with them.")
    if act == "suppress" and len(chosen) > many.MOST_BARRED:
        return go(request, back, bad=f"At most {many.MOST_BARRED:,} at once can be barred. Narrow the list first.")
    if not form.flag("asked") and (act == "suppress" or form.flag("everyone")):
        fields = [(name, value) for name in _FIELDS for value in form.all(name)]
        if act == "suppress":
            raise AskFirst(
                f"Never contact {len(chosen):,} of them again? This has no undo.", "Never contact again", fields
            )
        raise AskFirst(f"All {_leads(len(chosen), 'will be')} {said}. Go on?", "Go on", fields)
    if wanted is None:
        return await _suppress(request, context, actor, chosen, back)
    try:
        count, at = await many.change_all(context.works, actor, chosen, wanted)
    except Invalid as error:
        return go(request, back, bad=error.message)
    if not count:
        return go(request, back, good="They were so already.")
    undo = f"/console/leads/many/undo?at={(at - EPOCH) // MICROSECOND}"
    return go(request, back, good=f"{_leads(count)} {said}.", undo=undo)


_FIELDS = ("lead", "act", "back", "everyone", "assigned_to")


async def _chosen(context: Context, actor: Actor, form: Form, back: str) -> list[UUID]:
    """The leads that are ticked, or all that the list at the address `back` has on all its pages."""
    if not form.flag("everyone"):
        return [found for text in form.all("lead") if (found := parse_id(text))]
    query = dict(parse_qsl(urlsplit(back).query))
    async with context.works.read(actor) as work:
        return await many.matching(work, LeadQuery.of(query).filter())


async def _suppress(
    request: AnyRequest, context: Context, actor: Actor, chosen: list[UUID], back: str
) -> Response[Any]:
    count = 0
    for lead_id in chosen[: many.MOST_BARRED]:  # one by one: a number is locked before any row
        with contextlib.suppress(LeadNotFound, Invalid):
            async with context.works.begin(actor) as work:
                await contactability.suppress_by_hand(work, lead_id)
            count += 1
    return go(request, back, good=f"{_leads(count)} never contacted again.")


async def _add_page(
    request: AnyRequest, work: Work, form: Form, back: str, count: int, wrong: str = ""
) -> Response[Any]:
    work.require(Permission.EDIT_LEADS)
    return await render(
        request,
        "leads/add.html",
        work,
        status=400 if wrong else 200,
        count=count,
        datasets=[(dataset.id, dataset.name) for dataset in await datasets.list_all(work)],
        chosen=form.text("dataset"),
        name=form.text("name"),
        fields=[(name, value) for name in ("lead", "back", "everyone") for value in form.all(name)],
        back=back,
        wrong=wrong,
    )


@post("/leads/many/add", status_code=200)
async def add_many(request: AnyRequest, context: Given[Context], actor: Given[Actor]) -> Response[Any]:
    """Add the leads to a list, or to a new one."""
    form = await form_of(request)
    back = _list_address(form.text("back"))
    chosen, to, name = await _chosen(context, actor, form, back), parse_id(form.text("dataset")), form.text("name")
    try:
        if to is None:
            async with context.works.begin(actor) as work:
                dataset = await datasets.create(work, name)
        else:
            async with context.works.read(actor) as work:
                dataset = await datasets.get(work, to)
        count = await joining.add(context.works, actor, dataset.id, chosen)
    except Invalid as error:
        async with context.works.read(actor) as work:
            return await _add_page(request, work, form, back, len(chosen), error.message)
    already = f" {_leads(len(chosen) - count)} in it already." if count < len(chosen) else ""
    said = f"{_leads(count)} added to “{dataset.name}”.{already}"
    return go(request, f"/console/campaigns/{dataset.id}", good=said)


@post("/leads/many/undo", status_code=200)
async def undo_many(request: AnyRequest, context: Given[Context], actor: Given[Actor]) -> Response[Any]:
    """Take back what was done with many."""
    at = asked(request, "at")
    if not (at.isascii() and at.isdigit() and len(at) < 17):
        raise NotFound("There is nothing to undo.")
    undone, kept = await many.undo_all(context.works, actor, EPOCH + int(at) * MICROSECOND)
    also = f" {_leads(kept)} changed since, and left." if kept else ""
    return go(request, "/console/leads", good=f"Undone for {undone}.{also}")


def _leads(count: int, verb: str = "") -> str:
    return f"1 lead {verb or 'is'}" if count == 1 else f"{count:,} leads {verb or 'are'}"


def _list_address(text: str) -> str:
    """A list's own address, and nobody else's."""
    return text if text.startswith("/console/leads?") else "/console/leads"


routes: list[Any] = [list_leads, export, change_many, add_many, undo_many]
