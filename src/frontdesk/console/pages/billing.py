"""Usage and billing: minutes against the plan, what was used before, plans, packs of minutes and invoices."""

from collections.abc import Awaitable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Response, get, post

from frontdesk.console.forms import MENDABLE, AnyRequest, Given, form_of
from frontdesk.console.page import Page, go, render
from frontdesk.domain.billing.errors import NothingPaid, ProviderFailed
from frontdesk.domain.billing.model import PACKS, PRICES, PastUsage
from frontdesk.domain.billing.service import paying, reading
from frontdesk.domain.organizations import service as organizations
from frontdesk.kernel.access import Actor, Permission
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work

HERE = "/console/billing"


@get("/billing")
async def billing(request: AnyRequest, context: Given[Context], actor: Given[Actor]) -> Page:
    """How the organisation stands."""
    trouble = ""
    try:
        invoices = await paying.invoices(context, actor)
    except ProviderFailed as error:
        invoices, trouble = [], error.message
    async with context.works.read(actor) as work:
        usage, standing = await reading.usage(work), await reading.standing(work)
        return await render(
            request, "billing/index.html", work, usage=usage, standing=standing, history=await _history(work),
            prices=list(PRICES.values()), packs=list(PACKS.values()), invoices=invoices, trouble=trouble,
            manages=actor.may(Permission.MANAGE_ORGANIZATION),
            tone=_tone,
        )  # fmt: skip


async def _history(work: Work) -> list[tuple[str, PastUsage]]:
    """What was used before, a month each, from the one on in which the organisation began."""
    organization = await organizations.get(work)
    began = f"{organization.created_at.astimezone(ZoneInfo(organization.time_zone)):%Y-%m}"
    kept = [piece for piece in await reading.history(work) if piece.period >= began]
    return [(f"{date.fromisoformat(f'{piece.period}-01'):%B %Y}", piece) for piece in kept]


def _tone(percent: float) -> str:
    return "hot" if percent >= 100 else "warm" if percent >= 80 else "good"


@post("/billing/plan", status_code=200)
async def plan(request: AnyRequest, context: Given[Context], actor: Given[Actor]) -> Response[Any]:
    """On to where a plan is paid for."""
    form = await form_of(request)
    return await _leave(request, context, actor, paying.start_checkout(context, actor, form.text("price")))


@post("/billing/pack", status_code=200)
async def pack(request: AnyRequest, context: Given[Context], actor: Given[Actor]) -> Response[Any]:
    """On to where a pack is paid for."""
    form = await form_of(request)
    return await _leave(request, context, actor, paying.start_pack_checkout(context, actor, form.text("pack")))


@post("/billing/portal", status_code=200)
async def portal(request: AnyRequest, context: Given[Context], actor: Given[Actor]) -> Response[Any]:
    """On to where what is paid for is managed."""
    return await _leave(request, context, actor, paying.open_portal(context, actor))


async def _leave(request: AnyRequest, context: Context, actor: Actor, opening: Awaitable[str]) -> Response[Any]:
    """To the provider's page: a form must not lead to another site, so there the way is a link."""
    try:
        url = await opening
    except (*MENDABLE, NothingPaid, ProviderFailed) as problem:
        return go(request, HERE, bad=problem.message)
    if url.startswith(f"{context.public_url}/"):
        return go(request, url.removeprefix(context.public_url))
    async with context.works.read(actor) as work:
        return await render(request, "billing/leave.html", work, url=url)


routes: list[Any] = [billing, plan, pack, portal]
