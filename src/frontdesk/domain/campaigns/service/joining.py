"""Leads that join a dataset by hand, and, where its campaign runs, the campaign."""

from collections.abc import Iterable
from uuid import UUID

from frontdesk.domain.campaigns.service import campaigns
from frontdesk.domain.leads.model import CampaignStatus
from frontdesk.domain.leads.service import datasets, many
from frontdesk.kernel.access import Actor, Permission
from frontdesk.platform.database import Works


async def add(works: Works, actor: Actor, dataset_id: UUID, lead_ids: Iterable[UUID]) -> int:
    """Add leads to a dataset, a batch at a time; how many were not in it. Where its campaign runs, M1 becomes due for
    those that are ready. Those that the actor may not see are left out. Audited.

    Raises DatasetNotFound, and Forbidden: it takes somebody who may edit leads, and who may run campaigns for a dataset
    whose campaign runs or is paused.
    """
    which, count = sorted(set(lead_ids)), 0
    for start in range(0, len(which), many.TOGETHER):
        async with works.begin(actor) as work:
            dataset = await datasets.locked(work, dataset_id)
            if dataset.campaign_status in (CampaignStatus.ACTIVE, CampaignStatus.PAUSED):
                work.require(Permission.RUN_CAMPAIGNS)
            count += await many.join(work, dataset_id, which[start : start + many.TOGETHER])
            if start + many.TOGETHER >= len(which):
                await campaigns.take_up(work, dataset)
                await work.audit("dataset.leads_added", "dataset", dataset_id, count=count)
    return count
