"""The leads behind a campaign's figures: left out and why, not delivered and why; and the campaign's history."""

from uuid import UUID

from frontdesk.domain.campaigns import audience_store, concerned_store, store
from frontdesk.domain.campaigns.concerned_store import Concerned, Turn
from frontdesk.domain.campaigns.service.audience import reason_of
from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.leads.service import datasets
from frontdesk.kernel.access import Permission
from frontdesk.kernel.paging import Page
from frontdesk.platform.database import Work

PER_PAGE = 50

MOST_TURNS = 100
"""Starts, pauses, resumptions and ends that are told, the newest."""


async def left_out(work: Work, dataset_id: UUID, reason: str, page: int) -> Page[Concerned]:
    """Who has left the campaign for this reason. Raises DatasetNotFound."""
    work.require(Permission.VIEW)
    await datasets.get(work, dataset_id)
    total = (await store.kept_counts(work, dataset_id)).skipped.get(reason, 0)
    return Page(await concerned_store.left_out(work, dataset_id, reason, (page - 1) * PER_PAGE, PER_PAGE), total)


async def undelivered(work: Work, dataset_id: UUID, code: str, page: int) -> Page[Concerned]:
    """Whose text failed with this code of the carrier's; the empty one: with none. Raises DatasetNotFound."""
    work.require(Permission.VIEW)
    await datasets.get(work, dataset_id)
    total = (await store.kept_counts(work, dataset_id)).failures.get(code, 0)
    return Page(await concerned_store.undelivered(work, dataset_id, code, (page - 1) * PER_PAGE, PER_PAGE), total)


async def unfit(work: Work, dataset_id: UUID, reason: str, page: int) -> Page[Concerned]:
    """Whom the campaign would not write to if it started now, for this reason. Raises DatasetNotFound.

    Takes a second or two for some hundred thousand leads: they are all looked at, as the preflight does.
    """
    work.require(Permission.VIEW)
    await datasets.get(work, dataset_id)
    given = await contactability.rules(work)
    kinds = [kind for kind in await audience_store.kinds(work, dataset_id) if reason_of(kind, given, work) == reason]
    if not kinds:
        return Page([], 0)
    ids = await audience_store.ids_of_kinds(work, dataset_id, kinds, (page - 1) * PER_PAGE, PER_PAGE)
    return Page(await concerned_store.some(work, ids), sum(kind.count for kind in kinds))


async def history(work: Work, dataset_id: UUID) -> list[Turn]:
    """Who started, paused, resumed and ended the campaign, newest first. Raises DatasetNotFound."""
    work.require(Permission.VIEW)
    await datasets.get(work, dataset_id)
    return await concerned_store.turns(work, dataset_id, MOST_TURNS)
