"""What stops campaigns other than people and their own end: a number that the carrier takes no texts from."""

import contextlib

from frontdesk.domain.campaigns.errors import CampaignMoveNotAllowed
from frontdesk.domain.campaigns.service.campaigns import pause
from frontdesk.domain.leads.model import CampaignStatus
from frontdesk.domain.leads.service import datasets
from frontdesk.domain.numbers.events import NumberOutOfService
from frontdesk.platform.database import Work
from frontdesk.platform.events import Event

READER = "campaigns.stopping"


async def heed(work: Work, event: Event) -> None:
    """React to an event: pause what runs once every text would be refused. Somebody resumes it when that is mended."""
    if event.type != NumberOutOfService.TYPE or not event.payload.get("stops"):
        return
    for dataset in await datasets.list_all(work, CampaignStatus.ACTIVE):
        with contextlib.suppress(CampaignMoveNotAllowed):  # it has ended meanwhile
            await pause(work, dataset.id, str(event.payload.get("code") or ""))
