"""Background work of knowledge."""

from datetime import timedelta

from frontdesk.domain.agents.service import files
from frontdesk.domain.agents.tasks import READ, DocumentDue
from frontdesk.platform.context import Context
from frontdesk.platform.queue import handles


@handles(READ, DocumentDue, max_attempts=5, time_limit=timedelta(minutes=10))
async def read_document(context: Context, due: DocumentDue) -> None:
    """Read a document that was uploaded."""
    await files.read(context, due)
