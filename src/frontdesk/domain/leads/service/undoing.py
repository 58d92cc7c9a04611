"""Taking an import back: its members leave the dataset, and leads that nobody had anything to do with are deleted."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from msgspec import structs

from frontdesk.domain.leads import import_store as store
from frontdesk.domain.leads import merge_store
from frontdesk.domain.leads.errors import ImportNotUndone
from frontdesk.domain.leads.events import ImportUndone
from frontdesk.domain.leads.model import CampaignStatus, Dataset, ImportResult, ImportState
from frontdesk.domain.leads.service import datasets
from frontdesk.kernel.access import Permission
from frontdesk.kernel.errors import Forbidden
from frontdesk.platform.database import Work

_AT_ONCE = 2_000


def may_undo(work: Work, found: ImportResult) -> bool:
    """Whether the actor may: whoever imported the file, and those who may delete datasets."""
    own = work.actor.id is not None and work.actor.id == found.created_by
    return work.actor.may(Permission.DELETE_DATASETS) or (own and work.actor.may(Permission.IMPORT_LEADS))


def obstacle(found: ImportResult, dataset: Dataset) -> str | None:
    """Why the import cannot be undone as things stand, for people; None where it can, or was."""
    if found.state is not ImportState.DONE:
        return "An import that is not done has brought nothing in that could be undone."
    if dataset.campaign_status is CampaignStatus.ACTIVE:
        return "The campaign of this list is running. Pause it first, then undo the import."
    return None


async def undo(
    work: Work,
    import_id: UUID,
    also: Callable[[Work, UUID], Awaitable[None]],
    parting: Callable[[Work, UUID, list[UUID]], Awaitable[None]],
) -> ImportResult:
    """Undo an import; one that was undone stays as it is. For the campaigns feature, which records it.

    Its members leave the dataset. Those that imports had made, that are in no other dataset, and that were never
    written to, heard from, booked or changed, are deleted; all others stay as leads, and suppressions and consent stay
    in any case. `also` is done first, in the same transaction, with the dataset locked; `parting` for each batch of
    members, given with their dataset, before they leave it, with the leads locked. Raises ImportNotFound, Forbidden,
    ImportNotUndone, ImportUnderWay. Audited. Emits lead.import_undone.
    """
    work.require(Permission.VIEW)
    known = await store.get(work, import_id)
    if not may_undo(work, known):
        raise Forbidden("Only whoever imported a file, or an admin, may undo it.")
    await merge_store.hold(work)
    dataset = await datasets.locked(work, known.dataset_id)
    found = await store.get(work, import_id, lock=True)
    if found.undone_at is not None:
        return found
    if (why := obstacle(found, dataset)) is not None:
        raise ImportNotUndone(why)
    await also(work, import_id)
    removed = gone = 0
    while True:
        members = await store.members(work, import_id, _AT_ONCE)
        await parting(work, dataset.id, members)
        left, deleted = await store.leave(work, import_id, members)
        removed, gone = removed + left, gone + deleted
        if len(members) < _AT_ONCE:
            break
    undone = structs.replace(found, undone_at=work.now, members_removed=removed, leads_removed=gone)
    await store.undo(work, undone)
    await work.audit(
        "import.undone", "import", import_id, dataset=dataset.name, members_removed=removed, leads_removed=gone
    )
    work.emit(ImportUndone(subject_id=import_id, dataset_id=dataset.id, members_removed=removed, leads_removed=gone))
    return undone
