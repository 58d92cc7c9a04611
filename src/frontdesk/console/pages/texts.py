"""The editor of a campaign's texts: fields, previews, what they cost, and what a model makes of them."""

from uuid import UUID

from litestar import Response, get, post
from msgspec import structs

from frontdesk.console.forms import AnyRequest, FromPath, Given, form_of, the_id
from frontdesk.console.page import go, render
from frontdesk.console.views.campaigns import (
    PLACEHOLDERS,
    Preview,
    SampleView,
    StepCostView,
    TextField,
    TextPreview,
    text_errors,
    texts_changed,
    with_texts,
)
from frontdesk.console.views.personal import PersonalView, ShownView
from frontdesk.domain.campaigns.errors import UsedUp
from frontdesk.domain.campaigns.model import DEFAULT_TEMPLATES, STEPS, Campaign, SettingsChange
from frontdesk.domain.campaigns.service import audience, campaigns, personalising
from frontdesk.domain.leads.service import datasets
from frontdesk.kernel.access import Actor, Permission
from frontdesk.kernel.errors import Invalid, Upstream
from frontdesk.kernel.ids import parse_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.ports.llm import TextWriter


@get("/campaigns/{dataset_id:str}/texts")
async def show_texts(
    request: AnyRequest, work: Given[Work], context: Given[Context], dataset_id: FromPath[str]
) -> Response[str]:
    which = the_id(dataset_id)
    return await _texts_page(request, work, context.writer, await campaigns.get_campaign(work, which))


async def _texts_page(
    request: AnyRequest,
    work: Work,
    writer: TextWriter | None,
    campaign: Campaign,
    errors: dict[str, str] | None = None,
    status: int = 200,
    per_day: str | None = None,
) -> Response[str]:
    saved = await campaigns.get_campaign(work, campaign.dataset_id)
    figures = await personalising.figures(work, campaign.dataset_id)
    wrong = (errors or {}).get("personalised_per_day", "")
    return await render(
        request,
        "campaigns/texts.html",
        work,
        status=status,
        dataset=await datasets.get(work, campaign.dataset_id),
        steps=[
            TextField(f"m{step}", campaign.template(step), saved.template(step), DEFAULT_TEMPLATES[step])
            for step in STEPS
        ],
        delays=[campaign.m1_delay_hours, campaign.m2_delay_hours, campaign.m3_delay_hours],
        samples=[SampleView.of(lead) for lead in await audience.samples(work, campaign.dataset_id)],
        preview=await preview_of(work, campaign),
        personal=PersonalView.of(campaign, writer.name if writer else "", figures, per_day, wrong),
        placeholders=PLACEHOLDERS,
        errors=errors or {},
    )


async def preview_of(work: Work, campaign: Campaign, lead_id: UUID | None = None) -> Preview | None:
    """The texts as one lead would get them; None: there is nobody to show them for."""
    lead = await audience.sample(work, campaign.dataset_id, lead_id)
    if lead is None:
        return None
    bodies = await audience.preview(work, campaign, lead)
    texts = [TextPreview.of(step, campaign.template(step), body) for step, body in zip(STEPS, bodies, strict=True)]
    return Preview(SampleView.of(lead), texts)


@post("/campaigns/{dataset_id:str}/texts", status_code=200)
async def save_texts(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], dataset_id: FromPath[str]
) -> Response[str]:
    which, form = the_id(dataset_id), await form_of(request)
    texts, wanted = texts_changed(form.text), SettingsChange()
    errors = text_errors(texts)
    if form.flag("personal"):
        per_day = form.text("personalised_per_day").replace(",", "")
        if per_day.isascii() and per_day.isdigit() and len(per_day) < 8:
            wanted = SettingsChange(personalise=form.flag("personalise"), personalised_per_day=int(per_day))
        else:
            errors["personalised_per_day"] = f"A whole number, {campaigns.MOST_PERSONALISED:,} at most."
    if not errors:
        try:
            async with context.works.begin(actor) as work:
                await campaigns.save_templates(work, which, **texts)
                if form.flag("personal"):
                    await campaigns.change_settings(work, which, wanted)
            return go(request, f"/console/campaigns/{which}/texts", good="Saved. Texts not yet sent go out like this.")
        except Invalid as error:
            errors = {str(error.fields.get("field", "")): error.message}
    async with context.works.read(actor) as work:
        campaign = with_texts(await campaigns.get_campaign(work, which), texts)
        if form.flag("personal"):
            campaign = structs.replace(campaign, personalise=form.flag("personalise"))
        typed = form.text("personalised_per_day") if form.flag("personal") else None
        return await _texts_page(request, work, context.writer, campaign, errors, status=400, per_day=typed)


@post("/campaigns/{dataset_id:str}/texts/preview", status_code=200)
async def preview_texts(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], dataset_id: FromPath[str]
) -> Response[str]:
    """The texts as they are typed, as the chosen lead would get them."""
    which, form = the_id(dataset_id), await form_of(request)
    async with context.works.read(actor) as work:
        campaign = with_texts(await campaigns.get_campaign(work, which), texts_changed(form.text))
        preview = await preview_of(work, campaign, parse_id(form.text("lead")))
        return await render(request, "campaigns/previews.html", work, preview=preview)


@post("/campaigns/{dataset_id:str}/texts/cost", status_code=200)
async def count_texts(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], dataset_id: FromPath[str]
) -> Response[str]:
    """What the texts as they are typed would cost, over all leads."""
    which, form = the_id(dataset_id), await form_of(request)
    async with context.works.read(actor) as work:
        campaign = await campaigns.get_campaign(work, which)
        if "m1" in form.fields:
            campaign = with_texts(campaign, texts_changed(form.text))
        return await _cost(request, work, campaign)


@get("/campaigns/{dataset_id:str}/cost")
async def show_cost(request: AnyRequest, work: Given[Work], dataset_id: FromPath[str]) -> Response[str]:
    """What the campaign would cost as it stands."""
    return await _cost(request, work, await campaigns.get_campaign(work, the_id(dataset_id)))


async def _cost(request: AnyRequest, work: Work, campaign: Campaign) -> Response[str]:
    cost = await audience.cost(work, campaign)
    part = bool(request.headers.get("hx-request"))
    return await render(
        request,
        "campaigns/cost.html" if part else "campaigns/counted.html",
        work,
        dataset=None if part else await datasets.get(work, campaign.dataset_id),
        title="What it takes",
        part="campaigns/cost.html",
        cost=cost,
        steps=[StepCostView(step) for step in cost.steps],
    )


@post("/campaigns/{dataset_id:str}/texts/personalised", status_code=200)
async def show_personalised(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], dataset_id: FromPath[str]
) -> Response[str]:
    """One text as it is typed, and as the model words it for a few of the leads."""
    which, form = the_id(dataset_id), await form_of(request)
    texts = texts_changed(form.text)
    async with context.works.read(actor) as work:
        work.require(Permission.RUN_CAMPAIGNS)
        campaign = with_texts(await campaigns.get_campaign(work, which), texts)
    step = int(form.text("step")) if form.text("step") in map(str, STEPS) else 1
    shown, wrong = list[ShownView](), text_errors(texts).get(f"m{step}", "")
    if not wrong:
        try:
            shown = [ShownView.of(one) for one in await personalising.show(context, actor, campaign, step)]
        except UsedUp:
            wrong = "The model was asked for as many texts today as this campaign may. Raise the number, or wait."
        except Upstream:
            wrong = "No model is connected."
    async with context.works.read(actor) as work:
        return await render(
            request, "campaigns/personalised.html", work, shown=shown, wrong=wrong, step=step, model=context.llm.name
        )


routes = [show_texts, save_texts, preview_texts, show_personalised, count_texts, show_cost]
