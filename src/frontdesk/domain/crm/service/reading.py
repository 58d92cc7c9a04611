"""The log of what was passed on, and having what failed tried again."""

from uuid import UUID

from frontdesk.domain.crm import store
from frontdesk.domain.crm.model import Record, RecordFilter
from frontdesk.domain.integrations import service as integrations
from frontdesk.domain.integrations.errors import ConnectionNotFound
from frontdesk.domain.integrations.model import Connection, Kind
from frontdesk.kernel.access import Permission
from frontdesk.kernel.paging import Page
from frontdesk.platform.database import Work

_EVERY = RecordFilter()


async def page(
    work: Work, connection_id: UUID, wanted: RecordFilter = _EVERY, page: int = 1, limit: int = 20
) -> Page[Record]:
    """A page of what a CRM was told or is to be, newest first. Needs `manage_organization`. Raises
    ConnectionNotFound."""
    await connection(work, connection_id)
    return await store.page(work, connection_id, wanted, page, limit)


async def failed(work: Work, connection_id: UUID) -> int:
    """How many records a CRM did not take. Needs `manage_organization`. Raises ConnectionNotFound."""
    await connection(work, connection_id)
    return await store.failed(work, connection_id)


async def try_again(work: Work, connection_id: UUID, record_id: UUID | None = None) -> int:
    """Have everything that failed passed on again, or that record alone. Returns how many. Needs
    `manage_organization`. Raises ConnectionNotFound."""
    await connection(work, connection_id)
    return await store.again(work, connection_id, record_id)


async def connection(work: Work, connection_id: UUID) -> Connection:
    """The CRM that is connected. Needs `manage_organization`. Raises ConnectionNotFound."""
    work.require(Permission.MANAGE_ORGANIZATION)
    for each in await integrations.connections(work, Kind.CRM):
        if each.id == connection_id:
            return each
    raise ConnectionNotFound
