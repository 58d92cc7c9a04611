"""The log of what was passed on, and having what failed tried again."""

from uuid import UUID

from frontdesk.domain.crm import store
from frontdesk.domain.crm.model import Record, RecordStatus
from frontdesk.domain.integrations import service as integrations
from frontdesk.domain.integrations.errors import ConnectionNotFound
from frontdesk.domain.integrations.model import Kind
from frontdesk.kernel.access import Permission
from frontdesk.kernel.paging import Page
from frontdesk.platform.database import Work


async def page(
    work: Work, connection_id: UUID, status: RecordStatus | None = None, page: int = 1, limit: int = 20
) -> Page[Record]:
    """A page of what a CRM was told or is to be, newest first, of one status if asked. Needs `manage_organization`.
    Raises ConnectionNotFound."""
    await _ours(work, connection_id)
    return await store.page(work, connection_id, status, page, limit)


async def try_again(work: Work, connection_id: UUID) -> int:
    """Have everything that failed passed on again. Returns how many. Needs `manage_organization`. Raises
    ConnectionNotFound."""
    await _ours(work, connection_id)
    return await store.again(work, connection_id)


async def _ours(work: Work, connection_id: UUID) -> None:
    work.require(Permission.MANAGE_ORGANIZATION)
    if connection_id not in {each.id for each in await integrations.connections(work, Kind.CRM)}:
        raise ConnectionNotFound
