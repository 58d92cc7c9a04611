"""The list of leads: filters, pages, a file of them, and what can be done with many at once."""

import contextlib
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.response import Stream
from msgspec import structs

from frontdesk.console.errors import AskFirst
from frontdesk.console.forms import AnyRequest, Given, asked, form_of
from frontdesk.console.page import go, render
from frontdesk.console.views.inbox import EPOCH, MICROSECOND
from frontdesk.console.views.leads import PER_PAGE, LeadQuery
from frontdesk.console.views.people import full_name
from frontdesk.console.views.wording import MOODS
from frontdesk.console.views.words import status_word
from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.leads.errors import LeadNotFound
from frontdesk.domain.leads.model import ContactStatus, LeadChange
from frontdesk.domain.leads.service import datasets, leads, many
from frontdesk.domain.organizations import service as organizations
from frontdesk.kernel.access import Actor
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
    """Do one thing with all leads that are ticked; the list stays as it is."""
    form = await form_of(request)
    back, act = _list_address(form.text("back")), form.text("act")
    chosen = [found for text in form.all("lead") if (found := parse_id(text))]
    if not chosen:
        return go(request, back, bad="Tick the leads first.")
    if act == "suppress":
        if not form.flag("asked"):
            fields = [(name, value) for name in ("lead", "act", "back") for value in form.all(name)]
            raise AskFirst(
                f"Never contact {len(chosen)} of them again? This has no undo.", "Never contact again", fields
            )
        return await _suppress(request, context, actor, chosen, back)
    who = parse_id(form.text("assigned_to"))
    wanted, said = (LeadChange(assigned_to=who), "assigned") if act == "assign" else _CHANGES.get(act, (None, ""))
    if wanted is None:
        return go(request, back, bad="Choose what to do with them.")
    try:
        async with context.works.begin(actor) as work:
            count = await many.change_all(work, chosen, wanted)
    except Invalid as error:
        return go(request, back, bad=error.message)
    if not count:
        return go(request, back, good="They were so already.")
    at = (work.now - EPOCH) // MICROSECOND
    return go(request, back, good=f"{_leads(count)} {said}.", undo=f"/console/leads/many/undo?at={at}")


async def _suppress(
    request: AnyRequest, context: Context, actor: Actor, chosen: list[UUID], back: str
) -> Response[Any]:
    count = 0
    for lead_id in chosen[: many.MOST_CHANGED]:  # one by one: a number is locked before any row
        with contextlib.suppress(LeadNotFound, Invalid):
            async with context.works.begin(actor) as work:
                await contactability.suppress_by_hand(work, lead_id)
            count += 1
    return go(request, back, good=f"{_leads(count)} never contacted again.")


@post("/leads/many/undo", status_code=200)
async def undo_many(request: AnyRequest, context: Given[Context], actor: Given[Actor]) -> Response[Any]:
    """Take back what was done with many."""
    at = asked(request, "at")
    if not (at.isascii() and at.isdigit() and len(at) < 17):
        raise NotFound("There is nothing to undo.")
    async with context.works.begin(actor) as work:
        undone, kept = await many.undo_all(work, EPOCH + int(at) * MICROSECOND)
    also = f" {_leads(kept)} changed since, and left." if kept else ""
    return go(request, "/console/leads", good=f"Undone for {undone}.{also}")


def _leads(count: int) -> str:
    return "1 lead is" if count == 1 else f"{count} leads are"


def _list_address(text: str) -> str:
    """A list's own address, and nobody else's."""
    return text if text.startswith("/console/leads?") else "/console/leads"


routes: list[Any] = [list_leads, export, change_many, undo_many]
