"""Managing endpoints: who is told what, under which secret."""

from datetime import timedelta
from uuid import UUID

from msgspec import structs

from frontdesk.domain.webhooks import store
from frontdesk.domain.webhooks.errors import TooManyEndpoints
from frontdesk.domain.webhooks.model import (
    DIALECT,
    LONGEST_DESCRIPTION,
    LONGEST_OVERLAP,
    MOST_ENDPOINTS,
    OVERLAP,
    DisabledReason,
    Endpoint,
    EndpointChange,
    checked_events,
)
from frontdesk.domain.webhooks.signing import make_secret
from frontdesk.kernel.access import Actor, Permission
from frontdesk.kernel.errors import Invalid
from frontdesk.kernel.ids import new_id
from frontdesk.kernel.text import one_line
from frontdesk.platform.context import Context
from frontdesk.platform.crypto import Vault
from frontdesk.platform.database import Work


async def register(
    context: Context, actor: Actor, url: str, events: list[str], description: str = ""
) -> tuple[Endpoint, str]:
    """A new endpoint and its secret, which is shown this once and never again.

    Needs `manage_organization`. Raises AddressRefused, TooManyEndpoints, Invalid. Audited.
    """
    async with context.works.read(actor) as work:
        work.require(Permission.MANAGE_ORGANIZATION)
    events, url = checked_events(events), url.strip()
    description = one_line(description, "description", most=LONGEST_DESCRIPTION)
    await context.poster.check(url)
    secret = make_secret()
    async with context.works.begin(actor) as work:
        if await store.count_locked(work) >= MOST_ENDPOINTS:
            raise TooManyEndpoints(MOST_ENDPOINTS)
        endpoint = await store.insert(work, new_id(), url, events, DIALECT, description, context.vault.seal(secret))
        await work.audit("webhook.created", "webhook_endpoint", endpoint.id, host=endpoint.host)
    return endpoint, secret


async def every(work: Work) -> list[Endpoint]:
    """All of the organisation's, oldest first. Needs `manage_organization`."""
    work.require(Permission.MANAGE_ORGANIZATION)
    return await store.every(work)


async def get(work: Work, endpoint_id: UUID) -> Endpoint:
    """One of them. Needs `manage_organization`. Raises EndpointNotFound."""
    work.require(Permission.MANAGE_ORGANIZATION)
    return await store.get(work, endpoint_id)


async def change(context: Context, actor: Actor, endpoint_id: UUID, wanted: EndpointChange) -> Endpoint:
    """Change an endpoint. Switched on again, it starts with a clean slate, and gets what waited for it.

    Needs `manage_organization`. Raises EndpointNotFound, AddressRefused, Invalid. Audited.
    """
    async with context.works.read(actor) as work:
        was = await get(work, endpoint_id)
    url = was.url if wanted.url is None else wanted.url.strip()
    events = was.events if wanted.events is None else checked_events(wanted.events)
    description = was.description
    if wanted.description is not None:
        description = one_line(wanted.description, "description", most=LONGEST_DESCRIPTION)
    if url != was.url:
        await context.poster.check(url)
    async with context.works.begin(actor) as work:
        was = await store.get(work, endpoint_id, lock=True)
        now = structs.replace(was, url=url, events=events, description=description)
        if wanted.enabled is False and was.enabled:
            now = structs.replace(now, enabled=False, disabled_at=work.now, disabled_reason=DisabledReason.BY_HAND)
        elif wanted.enabled and not was.enabled:
            now = structs.replace(now, enabled=True, disabled_at=None, disabled_reason=None, failing_since=None)
        await store.save(work, now)
        await work.audit("webhook.changed", "webhook_endpoint", endpoint_id, host=now.host, enabled=now.enabled)
        return await store.get(work, endpoint_id)


async def remove(work: Work, endpoint_id: UUID) -> None:
    """Delete an endpoint with its deliveries. Needs `manage_organization`. Raises EndpointNotFound. Audited."""
    endpoint = await get(work, endpoint_id)
    await store.delete(work, endpoint_id)
    await work.audit("webhook.deleted", "webhook_endpoint", endpoint_id, host=endpoint.host)


async def rotate_secret(
    work: Work, vault: Vault, endpoint_id: UUID, overlap: timedelta = OVERLAP
) -> tuple[Endpoint, str]:
    """Give an endpoint a new secret, which is shown this once; deliveries are signed by both for the `overlap`.

    Needs `manage_organization`. Raises EndpointNotFound, Invalid. Audited.
    """
    await get(work, endpoint_id)
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise Invalid(f"The overlap is 0 to {LONGEST_OVERLAP // timedelta(hours=1)} hours.", field="overlap_hours")
    secret = make_secret()
    await store.rotate(work, endpoint_id, vault.seal(secret), work.now + overlap)
    await work.audit("webhook.secret_rotated", "webhook_endpoint", endpoint_id)
    return await store.get(work, endpoint_id), secret
