"""The list of leads: filters, pages, a file of them, and what can be done with many at once."""

from typing import Any

from litestar import Response, get
from msgspec import structs

from frontdesk.console.forms import AnyRequest, Given
from frontdesk.console.page import render
from frontdesk.console.views.leads import PER_PAGE, LeadQuery
from frontdesk.console.views.wording import MOODS
from frontdesk.console.views.words import status_word
from frontdesk.domain.leads.model import ContactStatus
from frontdesk.domain.leads.service import datasets, leads
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
    )
    if request.headers.get("hx-request"):
        response.headers["HX-Push-Url"] = wanted.turned_to(wanted.page)
    return response


routes: list[Any] = [list_leads]
