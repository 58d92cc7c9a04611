"""Leads that join a dataset by hand, a batch at a time, and, where its campaign runs, the campaign; and that leave it
again. For the bulk feature."""

from uuid import UUID

from frontdesk.domain.campaigns.service import campaigns
from frontdesk.domain.leads.model import CampaignStatus, Dataset
from frontdesk.domain.leads.service import datasets, many
from frontdesk.kernel.access import Permission
from frontdesk.platform.database import Work


async def check(work: Work, dataset_id: UUID) -> Dataset:
    """The dataset, locked, if the actor may add to it. Raises DatasetNotFound, and Forbidden: it takes somebody who may
    edit leads, and who may run campaigns for a dataset whose campaign runs or is paused."""
    work.require(Permission.EDIT_LEADS)
    dataset = await datasets.locked(work, dataset_id)
    if dataset.campaign_status in (CampaignStatus.ACTIVE, CampaignStatus.PAUSED):
        work.require(Permission.RUN_CAMPAIGNS)
    return dataset


async def add(work: Work, dataset_id: UUID, batch: list[UUID]) -> list[UUID]:
    """Add leads to a dataset; which were not in it. Those that the actor may not see are left out. Raises what `check`
    raises."""
    await check(work, dataset_id)
    return await many.join(work, dataset_id, batch)


async def added(work: Work, dataset_id: UUID, count: int) -> None:
    """All that were to be added are: where the campaign runs, M1 becomes due for those that are ready. Audited. Raises
    DatasetNotFound."""
    await campaigns.take_up(work, await datasets.locked(work, dataset_id))
    await work.audit("dataset.leads_added", "dataset", dataset_id, count=count)


async def remove(work: Work, dataset_id: UUID, batch: list[UUID]) -> list[UUID]:
    """Take leads out of a dataset again; which left. Those whom its campaign has written to stay. Raises
    DatasetNotFound."""
    await datasets.locked(work, dataset_id)
    return await many.leave(work, dataset_id, batch)
