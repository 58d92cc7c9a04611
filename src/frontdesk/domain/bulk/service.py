"""Use cases of changing many leads at once: put it down, do it batch by batch, stop it, take it back.

Which leads is settled at the beginning. Each batch commits with the note that it is done, so that whoever goes on after
a killed process does nothing twice; several may be at it, in turns.
"""

import contextlib
from collections.abc import Iterable, Sequence
from typing import assert_never
from uuid import UUID

from frontdesk.domain.bulk import store
from frontdesk.domain.bulk.errors import BulkChangeNotFound, NotUndoable
from frontdesk.domain.bulk.model import CHANGES, Act, BulkChange
from frontdesk.domain.bulk.tasks import BULK, BulkDue
from frontdesk.domain.campaigns.service import joining
from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.identity.model import actor_of_member
from frontdesk.domain.leads.errors import DatasetNotFound
from frontdesk.domain.leads.model import LeadChange
from frontdesk.domain.leads.service import leads, many
from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.organizations.model import MemberStatus
from frontdesk.kernel.access import Actor, Permission, system_actor
from frontdesk.kernel.errors import DomainError, Forbidden
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.platform.queue import enqueue

TOGETHER = 500
"""Leads that are changed in one transaction."""
BARRED_TOGETHER = 100
"""Leads that are suppressed in one: each takes locks of its own, and the consent log has one end."""
AT_ONCE = 500
"""Leads up to which whoever asked waits for it; more are left to a worker."""
STOPPED = "It was stopped by hand."


async def start(
    context: Context,
    actor: Actor,
    act: Act,
    lead_ids: Iterable[UUID],
    *,
    dataset_id: UUID | None = None,
    assigned_to: UUID | None = None,
) -> BulkChange:
    """Do `act` with each of the leads: at once where they are few, else by a worker, and this is how far it is.

    Those that the actor may not see are left out. ADD takes `dataset_id`, ASSIGN `assigned_to` (None: nobody). Raises
    Forbidden, Invalid (unknown assignee), DatasetNotFound.
    """
    async with context.works.begin(actor) as work:
        work.require(Permission.EDIT_LEADS)
        if act is Act.ASSIGN:
            await leads.checked(work, LeadChange(assigned_to=assigned_to))
        if dataset_id is not None:
            await joining.check(work, dataset_id)
        size = BARRED_TOGETHER if act is Act.SUPPRESS else TOGETHER
        which = sorted(set(lead_ids))  # always locked in one order
        batches = [which[at : at + size] for at in range(0, len(which), size)]
        begun = await _put_down(work, act, batches, dataset_id=dataset_id, assigned_to=assigned_to)
    return await _at_once(context, actor, begun)


async def undo(context: Context, actor: Actor, change_id: UUID) -> BulkChange:
    """Take back what a change did, as a change of its own. What was changed again since stays as it is, and so do leads
    to whom the campaign that they were added to has written. Raises BulkChangeNotFound, Forbidden, NotUndoable."""
    async with context.works.begin(actor) as work:
        was = await _own(work, change_id, lock=True)
        if not was.can_be_undone:
            raise NotUndoable(
                "It is under way: stop it first." if was.finished_at is None else "It cannot be taken back, or was."
            )
        batches = await store.touched(work, change_id)
        begun = await _put_down(work, was.act, batches, undoes=was.id, dataset_id=was.dataset_id)
    return await _at_once(context, actor, begun)


async def stop(work: Work, change_id: UUID) -> BulkChange:
    """End it after the batch that is being done. One that is over stays as it is. Raises BulkChangeNotFound, Forbidden,
    NotUndoable for one that takes another back, which could not be gone on with."""
    change = await _own(work, change_id, lock=True)
    if change.undoes is not None:
        raise NotUndoable("What is taken back is taken back as a whole.")
    if change.finished_at is None:
        await _end(work, change, STOPPED)
    return await store.get(work, change_id)


async def get(work: Work, change_id: UUID) -> BulkChange:
    """How far it is. Raises BulkChangeNotFound, Forbidden."""
    return await _own(work, change_id)


async def under_way(work: Work) -> list[BulkChange]:
    """What the actor has begun and is not done, newest first."""
    work.require(Permission.VIEW)
    return [] if work.actor.id is None else await store.under_way(work, work.actor.id)


async def perform(context: Context, org_id: UUID, change_id: UUID) -> None:
    """Do what is left of it, in the name of who asked; nothing happens where it is over. A rule that says no ends it,
    with the reason."""
    try:
        async with context.works.begin(system_actor(org_id)) as work:
            actor = await _who_asked(work, (await store.get(work, change_id)).created_by)
        while await _do_part(context, actor, change_id):
            pass
    except BulkChangeNotFound:
        return  # its organisation was deleted meanwhile
    except DomainError as problem:
        async with context.works.begin(system_actor(org_id)) as work:
            await _end(work, await store.get(work, change_id, lock=True), problem.message)


async def _put_down(
    work: Work,
    act: Act,
    batches: Sequence[Sequence[UUID]],
    *,
    undoes: UUID | None = None,
    dataset_id: UUID | None = None,
    assigned_to: UUID | None = None,
) -> BulkChange:
    if work.actor.id is None:
        raise Forbidden("Only a person can do this.")
    begun = BulkChange(
        id=new_id(), act=act, undoes=undoes, undone_by=None, dataset_id=dataset_id, assigned_to=assigned_to,
        total=sum(map(len, batches)), done=0, touched=0, problem=None, created_by=work.actor.id, created_at=work.now,
        seen_at=None, finished_at=None,
    )  # fmt: skip
    await store.insert(work, begun, batches)
    await enqueue(
        work, BULK, BulkDue(work.org_id, begun.id)
    )  # of few too: for when this process ends before it is done
    return begun


async def _at_once(context: Context, actor: Actor, begun: BulkChange) -> BulkChange:
    if begun.total > AT_ONCE:
        return begun
    assert actor.org_id is not None
    await perform(context, actor.org_id, begun.id)
    async with context.works.read(actor) as work:
        return await store.get(work, begun.id)


async def _own(work: Work, change_id: UUID, *, lock: bool = False) -> BulkChange:
    """The change, for who asked for it and for those who manage the organisation."""
    work.require(Permission.EDIT_LEADS)
    found = await store.get(work, change_id, lock=lock)
    if found.created_by != work.actor.id and not work.actor.may(Permission.MANAGE_ORGANIZATION):
        raise BulkChangeNotFound
    return found


async def _who_asked(work: Work, user_id: UUID) -> Actor:
    """The person with the rights that they have now. Raises MemberNotFound, Forbidden."""
    member = await organizations.get_member(work, user_id)
    if member.status is not MemberStatus.ACTIVE:
        raise Forbidden("Whoever asked for it may do nothing here any more.")
    return actor_of_member(
        member.user_id, member.email, work.org_id, member.role, member.extra_permissions, member.allowed_dataset_ids
    )


async def _do_part(context: Context, actor: Actor, change_id: UUID) -> bool:
    """The next batch. False: there is none."""
    async with context.works.begin(actor) as work:
        change = await store.get(work, change_id, lock=True)
        if change.finished_at is not None:
            return False
        part = await store.next_part(work, change_id)
        if part is None:
            await _end(work, change, None)
            return False
        if change.undoes is None:
            touched = await _act(work, change, part.lead_ids)
        else:
            touched = await _take_back(work, change, await store.get(work, change.undoes), part.lead_ids)
        await store.keep(work, change_id, part, touched)
    return True


async def _act(work: Work, change: BulkChange, batch: list[UUID]) -> list[UUID]:
    match change.act:
        case Act.ARCHIVE | Act.RESTORE | Act.TAKE_OVER | Act.GIVE_BACK:
            return await many.change_some(work, batch, CHANGES[change.act], change.created_at)
        case Act.ASSIGN:
            return await many.change_some(work, batch, LeadChange(assigned_to=change.assigned_to), change.created_at)
        case Act.ADD:
            assert change.dataset_id is not None
            return await joining.add(work, change.dataset_id, batch)
        case Act.SUPPRESS:
            return await contactability.suppress_some(work, batch)
        case _:
            assert_never(change.act)


async def _take_back(work: Work, change: BulkChange, was: BulkChange, batch: list[UUID]) -> list[UUID]:
    if change.dataset_id is not None:
        return await joining.remove(work, change.dataset_id, batch)
    return await many.undo_some(work, batch, was.created_by, was.created_at)


async def _end(work: Work, change: BulkChange, problem: str | None) -> None:
    """It is over. Leads that joined a list are told to its campaign then, once, however many there are."""
    await store.finish(work, change.id, problem)
    if change.act is Act.ADD and change.undoes is None and change.dataset_id is not None and change.touched:
        with contextlib.suppress(DatasetNotFound):  # which may be what ended it
            await joining.added(work, change.dataset_id, change.touched)
