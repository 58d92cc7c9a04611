"""CSV files of the demo as uploads."""

from collections.abc import AsyncIterator

from frontdesk.domain.leads.model import Upload
from frontdesk.domain.leads.service import imports
from frontdesk.kernel.access import Actor
from frontdesk.platform.context import Context


async def upload_of(context: Context, actor: Actor, name: str, data: bytes) -> Upload:
    """Upload `data` as a file of that name."""

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(data), 65536):
            yield data[start : start + 65536]

    return await imports.upload(context, actor, name, chunks())
