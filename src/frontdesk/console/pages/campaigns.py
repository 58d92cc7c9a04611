"""Campaigns: the lists of leads with how far each is, and the pages of one: progress, settings, imports. The editor of
its texts: `texts`."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from litestar import Response, get, post

from frontdesk.console.forms import AnyRequest, FromPath, Given, form_of, the_id
from frontdesk.console.page import go, render
from frontdesk.console.pages.texts import preview_of
from frontdesk.console.views.campaign_history import turn_lines
from frontdesk.console.views.campaigns import (
    DAY_WORDS,
    LONG_LIST,
    ProgressView,
    SettingsForm,
    causes,
    leads_bar,
)
from frontdesk.console.views.people import full_name
from frontdesk.domain.campaigns.errors import NoSender
from frontdesk.domain.campaigns.model import Preflight
from frontdesk.domain.campaigns.service import audience, campaigns, concerned
from frontdesk.domain.leads.model import CampaignStatus, Dataset, DatasetChange, DatasetSort, ImportState
from frontdesk.domain.leads.service import datasets, imports
from frontdesk.domain.organizations import service as organizations
from frontdesk.kernel.access import Actor, Permission
from frontdesk.kernel.errors import Forbidden, Invalid
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work

_SORTS = {
    "newest": (DatasetSort.CREATED, True),
    "name": (DatasetSort.NAME, False),
    "leads": (DatasetSort.LEADS_COUNT, True),
}


@get("/campaigns")
async def list_campaigns(request: AnyRequest, work: Given[Work]) -> Response[str]:
    asked, order = request.query_params.get("status", ""), request.query_params.get("sort", "")
    status = CampaignStatus(asked) if asked in set(CampaignStatus) else None
    order = order if order in _SORTS else "newest"
    by, descending = _SORTS[order]
    everything = await datasets.list_all(work, None, by, descending)
    return await render(
        request,
        "campaigns/list.html",
        work,
        datasets=[(one, leads_bar(one)) for one in everything if status in (None, one.campaign_status)],
        of_status={one: sum(dataset.campaign_status is one for dataset in everything) for one in CampaignStatus},
        total=len(everything),
        only=status.value if status else "",
        order=order,
    )


@get("/campaigns/{dataset_id:str}")
async def show_campaign(request: AnyRequest, work: Given[Work], dataset_id: FromPath[str]) -> Response[str]:
    which = the_id(dataset_id)
    dataset = await datasets.get(work, which)
    fresh = dataset.campaign_status is CampaignStatus.DRAFT
    preflight = await _preflight(work, dataset) if fresh else None
    turns = [] if fresh else turn_lines(await concerned.history(work, which), await _members(work))
    coming = [one for one in await imports.list_imports(work, which) if one.state in _COMING] if fresh else []
    return await render(
        request,
        "campaigns/progress.html",
        work,
        dataset=dataset,
        fresh=fresh,
        progress=None if fresh else ProgressView.of(await campaigns.progress(work, which)),
        preflight=preflight,
        skipped=causes("unfit", preflight.reasons) if preflight else [],
        turns=turns,
        coming=coming,
    )


_COMING = (ImportState.WAITING, ImportState.RUNNING)


async def _members(work: Work) -> dict[UUID, str]:
    found = await organizations.list_members(work)
    return {one.user_id: full_name((one.first_name, one.last_name), one.email) for one in found}


async def _preflight(work: Work, dataset: Dataset) -> Preflight | None:
    """Whom it would write to; None: the list is long, and the page asks for it once it is there."""
    return None if dataset.total_leads > LONG_LIST else await audience.preflight(work, dataset.id)


@get("/campaigns/{dataset_id:str}/start")
async def confirm_start(request: AnyRequest, work: Given[Work], dataset_id: FromPath[str]) -> Response[str]:
    work.require(Permission.RUN_CAMPAIGNS)
    return await _settings_page(request, work, the_id(dataset_id), starts=True)


@get("/campaigns/{dataset_id:str}/settings")
async def show_settings(request: AnyRequest, work: Given[Work], dataset_id: FromPath[str]) -> Response[str]:
    return await _settings_page(request, work, the_id(dataset_id), starts=False)


async def _settings_page(
    request: AnyRequest,
    work: Work,
    dataset_id: UUID,
    *,
    starts: bool,
    form: SettingsForm | None = None,
    wrong: str = "",
    named: dict[str, str] | None = None,
) -> Response[str]:
    dataset = await datasets.get(work, dataset_id)
    shown = form or SettingsForm.of(await campaigns.get_campaign(work, dataset_id))
    preflight = await _preflight(work, dataset) if starts else None
    return await render(
        request,
        "campaigns/start.html" if starts else "campaigns/settings.html",
        work,
        status=400 if shown.errors or wrong else 200,
        dataset=dataset,
        here=f"/console/campaigns/{dataset_id}",
        form=shown,
        days=DAY_WORDS,
        wrong=wrong,
        preflight=preflight,
        skipped=causes("unfit", preflight.reasons) if preflight else [],
        preview=await preview_of(work, await campaigns.get_campaign(work, dataset_id)) if starts else None,
        named=named or {"name": dataset.name, "description": dataset.description or "", "wrong": ""},
    )


async def _settings_form(request: AnyRequest) -> SettingsForm:
    form = await form_of(request)
    return SettingsForm.read(form.text, form.all("days"))


@post("/campaigns/{dataset_id:str}/start", status_code=200)
async def start(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], dataset_id: FromPath[str]
) -> Response[str]:
    which, form = the_id(dataset_id), await _settings_form(request)
    wrong = ""
    wanted = form.change()
    if wanted is not None:
        try:
            async with context.works.begin(actor) as work:
                started = await campaigns.start(work, which, wanted)
            count = started.messages_queued
            said = f"Started: {count:,} {'lead' if count == 1 else 'leads'} will be texted." if count else "Started."
            return go(request, f"/console/campaigns/{which}", good=said)
        except NoSender:
            wrong = "There is no number to send from yet. An admin chooses one in the settings of the organisation."
        except Invalid as error:
            wrong = "" if form.refuse(error) else error.message
    async with context.works.read(actor) as work:
        return await _settings_page(request, work, which, starts=True, form=form, wrong=wrong)


@post("/campaigns/{dataset_id:str}/settings", status_code=200)
async def save_settings(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], dataset_id: FromPath[str]
) -> Response[str]:
    which, form = the_id(dataset_id), await _settings_form(request)
    wrong = ""
    wanted = form.change()
    if wanted is not None:
        try:
            async with context.works.begin(actor) as work:
                await campaigns.change_settings(work, which, wanted)
            return go(request, f"/console/campaigns/{which}/settings", good="Saved. It counts from the next text on.")
        except Invalid as error:
            wrong = "" if form.refuse(error) else error.message
    async with context.works.read(actor) as work:
        return await _settings_page(request, work, which, starts=False, form=form, wrong=wrong)


@post("/campaigns/{dataset_id:str}/name", status_code=200)
async def rename(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], dataset_id: FromPath[str]
) -> Response[str]:
    which, typed = the_id(dataset_id), await form_of(request)
    name, description = typed.text("name"), typed.text("description")
    try:
        async with context.works.begin(actor) as work:
            await datasets.change(work, which, DatasetChange(name=name, description=description or None))
    except (Invalid, Forbidden) as error:
        async with context.works.read(actor) as work:
            named = {"name": name, "description": description, "wrong": error.message}
            return await _settings_page(request, work, which, starts=False, wrong=error.message, named=named)
    return go(request, f"/console/campaigns/{which}/settings", good="Saved.")


@post("/campaigns/{dataset_id:str}/pause", status_code=200)
async def pause(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], dataset_id: FromPath[str]
) -> Response[str]:
    return await _move(
        request, context, actor, dataset_id, campaigns.pause, "Paused. Nothing more goes out until you resume."
    )


@post("/campaigns/{dataset_id:str}/resume", status_code=200)
async def resume(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], dataset_id: FromPath[str]
) -> Response[str]:
    return await _move(request, context, actor, dataset_id, campaigns.resume, "It goes on.")


@post("/campaigns/{dataset_id:str}/end", status_code=200)
async def end(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], dataset_id: FromPath[str]
) -> Response[str]:
    said = "Ended. Nothing more is sent; replies are still answered."
    return await _move(request, context, actor, dataset_id, campaigns.complete, said)


async def _move(
    request: AnyRequest,
    context: Context,
    actor: Actor,
    dataset_id: str,
    move: Callable[[Work, UUID], Awaitable[Dataset]],
    said: str,
) -> Response[str]:
    which = the_id(dataset_id)
    to = f"/console/campaigns/{which}"
    try:
        async with context.works.begin(actor) as work:
            await move(work, which)
    except Invalid as error:
        return go(request, to, bad=error.message)
    return go(request, to, good=said)


@get("/campaigns/{dataset_id:str}/imports")
async def show_imports(request: AnyRequest, work: Given[Work], dataset_id: FromPath[str]) -> Response[str]:
    which = the_id(dataset_id)
    found = await imports.list_imports(work, which)
    return await render(
        request,
        "campaigns/imports.html",
        work,
        dataset=await datasets.get(work, which),
        imports=found,
        files=await imports.filenames(work, which),
    )


@get("/campaigns/{dataset_id:str}/delete")
async def confirm_delete(request: AnyRequest, work: Given[Work], dataset_id: FromPath[str]) -> Response[str]:
    work.require(Permission.DELETE_DATASETS)
    dataset = await datasets.get(work, the_id(dataset_id))
    return await render(request, "campaigns/delete.html", work, dataset=dataset, wrong="", typed="")


@post("/campaigns/{dataset_id:str}/delete", status_code=200)
async def delete(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], dataset_id: FromPath[str]
) -> Response[str]:
    which = the_id(dataset_id)
    typed = (await form_of(request)).text("name")
    async with context.works.read(actor) as work:
        dataset = await datasets.get(work, which)
        if " ".join(typed.split()) != " ".join(dataset.name.split()):
            wrong = "This is not the name of the list."
            return await render(
                request, "campaigns/delete.html", work, status=400, dataset=dataset, wrong=wrong, typed=typed
            )
    async with context.works.begin(actor) as work:
        await datasets.delete(work, which)
    return go(request, "/console/campaigns", good=f"“{dataset.name}” is deleted.")


routes = [
    list_campaigns,
    show_campaign,
    confirm_start,
    start,
    show_settings,
    save_settings,
    rename,
    pause,
    resume,
    end,
    show_imports,
    confirm_delete,
    delete,
]
