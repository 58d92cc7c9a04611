"""What a person reads of what they were told, and how they want to be told."""

from datetime import timedelta
from uuid import UUID

from frontdesk.domain.notifications import store
from frontdesk.domain.notifications.errors import NotificationNotFound
from frontdesk.domain.notifications.events import NotificationsRead
from frontdesk.domain.notifications.model import CONCERNS, DEFAULTS, Kind, Notification, Preference
from frontdesk.kernel.access import ActorType
from frontdesk.kernel.errors import Forbidden
from frontdesk.kernel.paging import Page
from frontdesk.platform.database import Work, Works

COUNTED_TO = 100
"""Unread notifications are counted up to here."""
KEPT = timedelta(days=90)


async def listed(work: Work, limit: int, page: int = 1, *, unread: bool = False) -> Page[Notification]:
    """A page of what the actor was told, newest first; those not read only, if asked. Raises Forbidden for keys."""
    return await store.page(work, _person(work), limit, (page - 1) * limit, unread=unread)


async def unread_count(work: Work) -> int:
    """How many the actor has not read, counted up to `COUNTED_TO`. None for anything but a person."""
    if work.actor.type is not ActorType.USER or work.actor.id is None:
        return 0
    return await store.unread(work, work.actor.id, COUNTED_TO)


async def mark(work: Work, notification_id: UUID, *, read: bool = True) -> Notification:
    """Note one of the actor's as read, or as unread. Raises NotificationNotFound. Emits notification.read."""
    if work.actor.type is not ActorType.USER:  # a program's key was told nothing
        raise NotificationNotFound
    user_id = _person(work)
    if await store.get(work, user_id, notification_id) is None:
        raise NotificationNotFound
    if await store.mark(work, user_id, notification_id, work.now if read else None):
        work.emit(NotificationsRead(subject_id=user_id, user_ids=[user_id]))
    found = await store.get(work, user_id, notification_id)
    assert found is not None
    return found


async def mark_all_read(work: Work) -> int:
    """Note all of the actor's as read. Returns how many were not. Emits notification.read."""
    user_id = _person(work)
    changed = await store.mark(work, user_id, None, work.now)
    if changed:
        work.emit(NotificationsRead(subject_id=user_id, user_ids=[user_id]))
    return changed


async def preferences(work: Work) -> dict[Kind, Preference]:
    """How the actor is told, of every kind that concerns them."""
    user_id = _person(work)
    chosen = await store.preferences(work, [user_id])
    return {
        kind: chosen.get((user_id, kind), DEFAULTS[kind]) for kind in Kind if work.actor.may(CONCERNS[kind])
    }  # fmt: skip


async def choose(work: Work, wanted: dict[Kind, Preference]) -> None:
    """Change how the actor is told, from now on."""
    await store.save_preferences(work, _person(work), wanted)


async def forget_old(works: Works) -> None:
    """Delete what was told three months ago; for a periodic job."""
    async with works.across_tenants("old notifications") as work:
        await store.delete_old(work, work.now - work.clock.lasting(KEPT))


def _person(work: Work) -> UUID:
    if work.actor.type is not ActorType.USER or work.actor.id is None:
        raise Forbidden("Only a person has notifications.")
    return work.actor.id
