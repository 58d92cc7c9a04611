"""The overview: the organisation at a glance, what happened lately, what to do next."""

from typing import Any

from litestar import Request, get

from frontdesk.console.page import Page, render
from frontdesk.domain.activity import service as activity
from frontdesk.domain.leads.model import ContactStatus
from frontdesk.platform.database import Work

_SHOWN = (
    (ContactStatus.HOT, "hot"), (ContactStatus.WARM, "warm"), (ContactStatus.CALL_BOOKED, "good"),
    (ContactStatus.CONTACTED_1, "cold"), (ContactStatus.CONTACTED_2, "cold"), (ContactStatus.CONTACTED_3, "cold"),
    (ContactStatus.READY, "plain"), (ContactStatus.CONVERTED, "accent"), (ContactStatus.LOST, "plain"),
    (ContactStatus.COLD, "cold"), (ContactStatus.OPTED_OUT, "bad"), (ContactStatus.INVALID, "bad"),
)  # fmt: skip


@get("/")
async def overview(request: Request[Any, Any, Any], work: Work) -> Page:
    """The first page after signing in."""
    figures = await activity.overview(work)
    most = max((max(day.sent, day.replies) for day in figures.days), default=0)
    return await render(
        request, "overview.html", work, figures=figures, total=sum(figures.leads.values()), most=most,
        statuses=[(status, tone, figures.leads.get(status, 0)) for status, tone in _SHOWN],
        activity=await activity.recent(work, 15),
    )  # fmt: skip


routes = [overview]
