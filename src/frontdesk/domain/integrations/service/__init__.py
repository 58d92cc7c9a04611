"""Use cases of integrations."""

from uuid import UUID

from frontdesk.domain.integrations import store
from frontdesk.domain.integrations.errors import ConnectionNotFound
from frontdesk.domain.integrations.model import PROVIDERS, Connection, Kind, Standing
from frontdesk.kernel.access import Permission
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work


async def list_providers(context: Context, work: Work, kind: Kind) -> list[Standing]:
    """The systems of that kind, and how the organisation stands with each. Needs `view`."""
    work.require(Permission.VIEW)
    found = {each.provider: each for each in await store.connections(work, kind)}
    return [
        Standing(provider, found.get(provider.id), context.consents[provider.id].sandbox)
        for provider in PROVIDERS
        if provider.kind is kind and provider.id in context.consents
    ]


async def connections(work: Work, kind: Kind) -> list[Connection]:
    """The organisation's connections of that kind, the oldest first. Needs `view`."""
    work.require(Permission.VIEW)
    return await store.connections(work, kind)


async def provider_of(work: Work, connection_id: UUID) -> str | None:
    """The provider's id of a connection of the organisation, if it is there. Needs `view`."""
    work.require(Permission.VIEW)
    try:
        return (await store.held(work, connection_id)).provider
    except ConnectionNotFound:
        return None
