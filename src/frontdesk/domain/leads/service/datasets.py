"""Use cases of datasets. Their campaign's standing is changed by the campaigns feature."""

from datetime import datetime
from uuid import UUID

from msgspec import UNSET, structs

from frontdesk.domain.leads import dataset_store as store
from frontdesk.domain.leads.model import CampaignStatus, ContactStatus, Dataset, DatasetChange, DatasetSort
from frontdesk.kernel.access import Permission
from frontdesk.kernel.errors import Forbidden, Invalid
from frontdesk.kernel.ids import new_id
from frontdesk.platform.database import Work, Works

LONGEST_NAME = 200
LONGEST_DESCRIPTION = 5_000


async def list_all(
    work: Work,
    status: CampaignStatus | None = None,
    sort: DatasetSort = DatasetSort.CREATED,
    descending: bool = True,
) -> list[Dataset]:
    """The organisation's datasets that the actor may see, with their figures."""
    work.require(Permission.VIEW)
    return await store.list_all(work, status, sort, descending)


async def get(work: Work, dataset_id: UUID) -> Dataset:
    """The dataset. Raises DatasetNotFound, also for another tenant's id."""
    work.require(Permission.VIEW)
    return await store.get(work, dataset_id)


async def create(work: Work, name: str, description: str | None = None, start: datetime | None = None) -> Dataset:
    """A new dataset without leads. Raises Invalid for a name that is empty or too long."""
    work.require(Permission.CREATE_DATASETS)
    dataset = Dataset(
        id=new_id(), name=checked_name(name), description=checked_description(description), source=None, upload_id=None,
        created_by=work.actor.id, campaign_status=CampaignStatus.DRAFT, campaign_start_date=start,
        campaign_end_date=None, created_at=work.now, updated_at=work.now, counts={},
    )  # fmt: skip
    await store.insert(work, dataset)
    return dataset


async def change(work: Work, dataset_id: UUID, wanted: DatasetChange) -> Dataset:
    """Change metadata. Admins may, and whoever made the dataset. Raises DatasetNotFound, Forbidden, Invalid."""
    work.require(Permission.VIEW)
    dataset = await store.get(work, dataset_id, lock=True)
    owner = work.actor.id is not None and work.actor.id == dataset.created_by
    if not (owner or work.actor.may(Permission.DELETE_DATASETS)):
        raise Forbidden("Only an admin or the owner of a dataset may change it.")
    fields = {name: value for name, value in structs.asdict(wanted).items() if value is not UNSET}
    if "name" in fields:
        fields["name"] = checked_name(fields["name"])
    if "description" in fields:
        fields["description"] = checked_description(fields["description"])
    changed = structs.replace(dataset, **fields, updated_at=work.now)
    start, end = changed.campaign_start_date, changed.campaign_end_date
    if start and end and end < start:
        raise Invalid("The campaign cannot end before it starts.", field="campaign_end_date")
    await store.save(work, changed)
    return changed


async def delete(work: Work, dataset_id: UUID) -> None:
    """Remove the dataset and those of its leads that were never contacted and are in no other dataset.

    Suppressions and consent stay, and so do leads with a conversation or a booking. Raises DatasetNotFound. Audited.
    """
    work.require(Permission.DELETE_DATASETS)
    dataset = await store.get(work, dataset_id, lock=True)
    gone = await store.delete(work, dataset_id)
    await work.audit("dataset.deleted", "dataset", dataset_id, name=dataset.name, leads_removed=gone)


async def totals(work: Work) -> dict[ContactStatus, int]:
    """All leads of the organisation by contact status."""
    work.require(Permission.VIEW)
    return await store.counts(work)


async def roll_up_counts(works: Works) -> None:
    """Fold the counts of leads by status of all organisations, so that totals stay cheap to read."""
    async with works.across_tenants("roll up counts") as work:
        await store.roll_up_counts(work)


async def campaign_status(work: Work, dataset_id: UUID) -> CampaignStatus | None:
    """How the dataset's campaign stands until this work ends; PAUSED also while somebody changes it. None: there is no
    such dataset. For claims."""
    status = await store.campaign_status(work, dataset_id)
    return None if status is None else CampaignStatus(status)


async def has_member(work: Work, dataset_id: UUID, lead_id: UUID) -> bool:
    """Whether the lead is in the dataset. For claims."""
    return await store.has_member(work, dataset_id, lead_id)


async def locked(work: Work, dataset_id: UUID) -> Dataset:
    """The dataset, locked until the work ends. For the campaigns feature. Raises DatasetNotFound."""
    return await store.get(work, dataset_id, lock=True)


async def keep(work: Work, dataset: Dataset) -> None:
    """Save a dataset that the caller has locked. For the campaigns feature."""
    await store.save(work, dataset)


def checked_name(name: str) -> str:
    """The name without outer blanks. Raises Invalid."""
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or "\0" in name:
        raise Invalid(f"A dataset needs a name of 1 to {LONGEST_NAME} characters.", field="name")
    return name


def checked_description(text: str | None) -> str | None:
    """The description. Raises Invalid."""
    if text is not None and (len(text) > LONGEST_DESCRIPTION or "\0" in text):
        raise Invalid(f"A description may have {LONGEST_DESCRIPTION} characters at most.", field="description")
    return text
