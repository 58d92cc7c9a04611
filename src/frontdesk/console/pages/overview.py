"""The overview: the organisation at a glance, what waits for a person, what happened lately, what to do next."""

from datetime import timedelta
from typing import Any

from litestar import get

from frontdesk.console.forms import AnyRequest, Given
from frontdesk.console.page import Page, render
from frontdesk.console.views.glance import bars, standings, steps
from frontdesk.domain.activity import service as activity
from frontdesk.domain.agents import service as agents
from frontdesk.domain.conversations.model import InboxFilter, InboxOnly
from frontdesk.domain.conversations.service import inbox
from frontdesk.domain.leads.model import CampaignStatus
from frontdesk.domain.leads.service import datasets
from frontdesk.domain.scheduling import service as scheduling
from frontdesk.platform.database import Work

LATELY = 12
WAITING = 5
CALLS = 4


@get("/")
async def overview(request: AnyRequest, work: Given[Work]) -> Page:
    """The first page after signing in."""
    figures = await activity.overview(work)
    lists = await datasets.list_all(work)
    started = any(each.campaign_status is not CampaignStatus.DRAFT for each in lists)
    todo = steps(figures, len(await agents.list_facts(work)), started)
    return await render(
        request,
        "overview.html",
        work,
        figures=figures,
        total=sum(figures.leads.values()),
        standings=standings(figures.leads),
        days=bars(figures.days),
        todo=[] if all(step.done for step in todo) else todo,
        running=[each for each in lists if each.campaign_status is CampaignStatus.ACTIVE][:4],
        waiting=(await inbox.page(work, InboxFilter(only=InboxOnly.NEEDS_HUMAN, limit=WAITING))).lines,
        calls=(await scheduling.upcoming(work, work.now, work.now + timedelta(days=30)))[:CALLS],
        activity=await activity.recent(work, LATELY),
    )


routes: list[Any] = [overview]
