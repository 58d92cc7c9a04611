"""What can be done with many leads at once, how far that is, and its way back."""

from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit
from uuid import UUID

from litestar import Response, get, post

from frontdesk.console.errors import AskFirst
from frontdesk.console.forms import MENDABLE, AnyRequest, Form, FromPath, Given, asked, form_of, the_id
from frontdesk.console.page import go, render
from frontdesk.console.views.bulk import ChangeView, done_words, leads_are
from frontdesk.console.views.leads import LeadQuery
from frontdesk.domain.bulk import service as bulk
from frontdesk.domain.bulk.model import Act, BulkChange
from frontdesk.domain.leads.errors import DatasetNotFound
from frontdesk.domain.leads.service import datasets, many
from frontdesk.kernel.access import Actor, Permission
from frontdesk.kernel.errors import Invalid
from frontdesk.kernel.ids import parse_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work

_ACTS = {
    "archive": Act.ARCHIVE, "restore": Act.RESTORE, "take-over": Act.TAKE_OVER, "give-back": Act.GIVE_BACK,
    "assign": Act.ASSIGN, "suppress": Act.SUPPRESS,
}  # fmt: skip
"""By the list's word for it. Adding to a list has a page of its own."""


@post("/leads/many", status_code=200)
async def change_many(request: AnyRequest, context: Given[Context], actor: Given[Actor]) -> Response[Any]:
    """Do one thing with all leads that are ticked, or with all that the list's filters let through; the list stays as
    it is."""
    form = await form_of(request)
    back, wanted = _list_address(form.text("back")), form.text("act")
    chosen = await _chosen(context, actor, form, back)
    if not chosen:
        return go(request, back, bad="Tick the leads first.")
    if wanted == "add":
        async with context.works.read(actor) as work:
            return await _add_page(request, work, form, back, len(chosen))
    act = _ACTS.get(wanted)
    if act is None:
        return go(request, back, bad="Choose what to do with them.")
    if not form.flag("asked") and (act is Act.SUPPRESS or form.flag("everyone")):
        fields = [(name, value) for name in _FIELDS for value in form.all(name)]
        if act is Act.SUPPRESS:
            whom = "this lead" if len(chosen) == 1 else f"these {len(chosen):,} leads"
            raise AskFirst(
                f"Never contact {whom} again? No campaign, no AI and nobody in your team can text them any more. "
                "This has no undo.",
                "Never contact again",
                fields,
            )
        raise AskFirst(
            f"All {leads_are(len(chosen), 'will be')} {done_words(act)}. This can be undone. Go on?", "Go on", fields
        )
    try:
        change = await bulk.start(context, actor, act, chosen, assigned_to=parse_id(form.text("assigned_to")))
    except Invalid as error:
        return go(request, back, bad=error.message)
    return await _on(request, context, actor, change, back)


_FIELDS = ("lead", "act", "back", "everyone", "assigned_to")


async def _chosen(context: Context, actor: Actor, form: Form, back: str) -> list[UUID]:
    """The leads that are ticked, or all that the list at the address `back` has on all its pages."""
    if not form.flag("everyone"):
        return [found for text in form.all("lead") if (found := parse_id(text))]
    query = dict(parse_qsl(urlsplit(back).query))
    async with context.works.read(actor) as work:
        return await many.matching(work, LeadQuery.of(query).filter())


async def _on(request: AnyRequest, context: Context, actor: Actor, change: BulkChange, back: str) -> Response[Any]:
    """Back to where it was asked for, with what came of it; or to where it is followed, if that takes time."""
    here = f"/console/leads/many/{change.id}"
    if change.finished_at is None:
        return go(request, f"{here}?back={quote(back)}")
    async with context.works.read(actor) as work:
        told = await _view(work, change)
    if change.problem is not None:
        return go(request, back, bad=change.problem)
    return go(request, back, good=told.outcome, undo=f"{here}/undo" if change.can_be_undone else "")


async def _view(work: Work, change: BulkChange) -> ChangeView:
    name = ""
    if change.dataset_id is not None:
        try:
            name = (await datasets.get(work, change.dataset_id)).name
        except DatasetNotFound:
            name = "a list that is gone"
    return ChangeView.of(change, name)


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
    chosen, to = await _chosen(context, actor, form, back), parse_id(form.text("dataset"))
    if not chosen:
        return go(request, back, bad="Tick the leads first.")
    try:
        if to is None:
            async with context.works.begin(actor) as work:
                to = (await datasets.create(work, form.text("name"))).id
        change = await bulk.start(context, actor, Act.ADD, chosen, dataset_id=to)
    except Invalid as error:
        async with context.works.read(actor) as work:
            return await _add_page(request, work, form, back, len(chosen), error.message)
    return await _on(request, context, actor, change, f"/console/campaigns/{to}")


@get("/leads/many/{change_id:str}")
async def follow(request: AnyRequest, work: Given[Work], change_id: FromPath[str]) -> Response[Any]:
    """How far a change is, and what came of it."""
    change = await bulk.get(work, the_id(change_id))
    if change.finished_at is not None and request.headers.get("hx-target") == "change":
        return Response("", media_type="text/html", headers={"HX-Refresh": "true"})
    return await render(
        request, "leads/many.html", work, change=change, told=await _view(work, change), back=_back(request)
    )


@post("/leads/many/{change_id:str}/stop", status_code=200)
async def stop(request: AnyRequest, work: Given[Work], change_id: FromPath[str]) -> Response[Any]:
    """End it where it is."""
    change = await bulk.stop(work, the_id(change_id))
    return go(request, f"/console/leads/many/{change.id}?back={quote(_back(request))}")


@post("/leads/many/{change_id:str}/undo", status_code=200)
async def undo(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], change_id: FromPath[str]
) -> Response[Any]:
    """Take back what was done with many."""
    which = the_id(change_id)
    try:
        change = await bulk.undo(context, actor, which)
    except MENDABLE as error:
        return go(request, f"/console/leads/many/{which}", bad=error.message)
    back = f"/console/campaigns/{change.dataset_id}" if change.dataset_id else _back(request)
    return await _on(request, context, actor, change, back)


def _back(request: AnyRequest) -> str:
    wanted = asked(request, "back")
    return wanted if _is_campaign(wanted) else _list_address(wanted)


def _is_campaign(path: str) -> bool:
    start, _, which = path.rpartition("/")
    return start == "/console/campaigns" and parse_id(which) is not None


def _list_address(text: str) -> str:
    """A list's own address, and nobody else's."""
    return text if text.startswith("/console/leads?") else "/console/leads"


routes: list[Any] = [change_many, add_many, follow, stop, undo]
