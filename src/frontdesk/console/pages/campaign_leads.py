"""Who is behind a campaign's figures: whom it leaves out and why, and whom its texts did not reach."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get

from frontdesk.console.forms import AnyRequest, FromPath, Given, asked, the_id
from frontdesk.console.page import render
from frontdesk.console.views.campaigns import cause, causes
from frontdesk.domain.campaigns.service import audience, concerned
from frontdesk.domain.leads.service import datasets
from frontdesk.kernel.errors import NotFound
from frontdesk.kernel.paging import Page
from frontdesk.platform.database import Work

_FINDS: dict[str, tuple[str, Callable[[Work, UUID, str, int], Awaitable[Page[concerned.Concerned]]]]] = {
    "left-out": ("Left out", concerned.left_out),
    "unfit": ("Will not be texted", concerned.unfit),
    "failed": ("Not delivered", concerned.undelivered),
}

LAST_PAGE = 20_000


@get("/campaigns/{dataset_id:str}/leads")
async def show_concerned(request: AnyRequest, work: Given[Work], dataset_id: FromPath[str]) -> Response[str]:
    """The leads behind one reason, a page at a time."""
    which, why, reason = the_id(dataset_id), asked(request, "why"), asked(request, "reason")
    if why not in _FINDS:
        raise NotFound("There is no such page.")
    title, find = _FINDS[why]
    typed = asked(request, "page")
    page = min(max(int(typed), 1), LAST_PAGE) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 1
    found = await find(work, which, reason, page)

    def turned_to(wanted: int) -> str:
        return f"/console/campaigns/{which}/leads?" + urlencode({"why": why, "reason": reason, "page": wanted})

    return await render(
        request,
        "campaigns/leads.html",
        work,
        dataset=await datasets.get(work, which),
        title=title,
        cause=cause(why, reason, found.total),
        found=found,
        page=page,
        per_page=concerned.PER_PAGE,
        turned_to=turned_to,
    )


@get("/campaigns/{dataset_id:str}/preflight")
async def show_preflight(request: AnyRequest, work: Given[Work], dataset_id: FromPath[str]) -> Response[str]:
    """Whom the campaign would write to, for the pages of long lists, which do not wait for it."""
    which = the_id(dataset_id)
    preflight = await audience.preflight(work, which)
    part = bool(request.headers.get("hx-request"))
    return await render(
        request,
        "campaigns/preflight.html" if part else "campaigns/counted.html",
        work,
        dataset=None if part else await datasets.get(work, which),
        title="Who gets a text",
        part="campaigns/preflight.html",
        here=f"/console/campaigns/{which}",
        preflight=preflight,
        skipped=causes("unfit", preflight.reasons),
    )


routes: list[Any] = [show_concerned, show_preflight]
