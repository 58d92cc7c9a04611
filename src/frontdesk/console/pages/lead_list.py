"""The list of leads: filters, pages, and a file of them. What is done with many at once: `lead_many`."""

from typing import Any

from litestar import Response, get
from litestar.response import Stream
from msgspec import structs

from frontdesk.console.forms import AnyRequest, Given
from frontdesk.console.page import render
from frontdesk.console.views.bulk import ChangeView
from frontdesk.console.views.leads import PER_PAGE, LeadQuery
from frontdesk.console.views.people import full_name
from frontdesk.console.views.wording import MOODS
from frontdesk.console.views.words import status_word
from frontdesk.domain.bulk import service as bulk
from frontdesk.domain.leads.model import ContactStatus
from frontdesk.domain.leads.service import datasets, leads, many
from frontdesk.domain.organizations import service as organizations
from frontdesk.kernel.access import Actor
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
    lists = {dataset.id: dataset.name for dataset in await datasets.list_all(work)}
    response = await render(
        request,
        "leads/list.html",
        work,
        wanted=wanted,
        found=found,
        per_page=PER_PAGE,
        counts=counts,
        under_way=[ChangeView.of(one, lists.get(one.dataset_id or one.id, "")) for one in await bulk.under_way(work)],
        everyone=sum(counts.values()),
        datasets=list(lists.items()),
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


routes: list[Any] = [list_leads, export]
