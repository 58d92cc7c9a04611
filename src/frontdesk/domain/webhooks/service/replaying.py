"""Looking at deliveries, having them sent again, and trying an endpoint out."""

from datetime import datetime
from uuid import UUID

from frontdesk.domain.webhooks import delivery_store, store
from frontdesk.domain.webhooks.errors import EndpointDisabled
from frontdesk.domain.webhooks.model import KEPT, Attempt, Delivery, DeliveryStatus, Endpoint, checked_events
from frontdesk.domain.webhooks.payloads import envelope, sample
from frontdesk.domain.webhooks.service import endpoints, sending
from frontdesk.kernel.access import Actor
from frontdesk.kernel.errors import Invalid
from frontdesk.kernel.ids import new_id
from frontdesk.kernel.paging import Page
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work, Works


async def page(
    work: Work, endpoint_id: UUID, status: DeliveryStatus | None = None, page: int = 1, limit: int = 20
) -> Page[Delivery]:
    """A page of an endpoint's deliveries, newest first, of one status if asked. Needs `manage_organization`. Raises
    EndpointNotFound."""
    await endpoints.get(work, endpoint_id)
    return await delivery_store.page(work, endpoint_id, status, page, limit)


async def detail(work: Work, endpoint_id: UUID, delivery_id: UUID) -> tuple[Delivery, list[Attempt]]:
    """A delivery and the attempts at it, newest first. Needs `manage_organization`. Raises EndpointNotFound,
    DeliveryNotFound."""
    await endpoints.get(work, endpoint_id)
    return await delivery_store.get(work, endpoint_id, delivery_id), await delivery_store.attempts(work, delivery_id)


async def replay(work: Work, endpoint_id: UUID, delivery_id: UUID) -> Delivery:
    """Have a delivery sent again, under the same id; one on its way stays as it is.

    Needs `manage_organization`. Raises EndpointNotFound, DeliveryNotFound, EndpointDisabled.
    """
    await _enabled(work, endpoint_id)
    await delivery_store.get(work, endpoint_id, delivery_id)
    await delivery_store.again(work, endpoint_id, delivery_id=delivery_id)
    return await delivery_store.get(work, endpoint_id, delivery_id)


async def replay_since(work: Work, endpoint_id: UUID, since: datetime, status: DeliveryStatus | None = None) -> int:
    """Have everything sent again that was owed since then, or what of it has the status. Tests are left out. Returns
    how many. Needs `manage_organization`. Raises EndpointNotFound, EndpointDisabled, Invalid."""
    await _enabled(work, endpoint_id)
    if since > work.now:
        raise Invalid("The time lies in the future.", field="since")
    return await delivery_store.again(work, endpoint_id, since=since, status=status)


async def try_out(context: Context, actor: Actor, endpoint_id: UUID, event: str | None = None) -> Delivery:
    """Send an endpoint an example of `event` (by default the first it asked for) now, and say how it went. One that
    fails is retried as any other. Needs `manage_organization`. Raises EndpointNotFound, EndpointDisabled, Invalid."""
    async with context.works.begin(actor) as work:
        endpoint = await _enabled(work, endpoint_id)
        [name] = checked_events([event or endpoint.events[0]])
        event_id = new_id()
        body = envelope(work.org_id, event_id, name, work.now, 0, sample(name, work.now), test=True)
        [delivery_id] = await delivery_store.insert(work, [(endpoint_id, True)], event_id, name, 0, body, test=True)
        org_id = work.org_id
    await sending.send(context, org_id, delivery_id)
    async with context.works.read(actor) as work:
        return await delivery_store.get(work, endpoint_id, delivery_id)


async def forget_old(works: Works) -> None:
    """Delete deliveries a month old; for a periodic job."""
    async with works.across_tenants("old webhook deliveries") as work:
        await delivery_store.delete_old(work, work.now - work.clock.lasting(KEPT))


async def _enabled(work: Work, endpoint_id: UUID) -> Endpoint:
    await endpoints.get(work, endpoint_id)
    endpoint = await store.get(work, endpoint_id, lock=True)
    if not endpoint.enabled:
        raise EndpointDisabled
    return endpoint
