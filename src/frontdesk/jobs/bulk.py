"""Background work of leads: changes of many at once, which a page has put down to be done."""

from datetime import timedelta

from frontdesk.domain.bulk import service as bulk
from frontdesk.domain.bulk.tasks import BULK, BulkDue
from frontdesk.platform.context import Context
from frontdesk.platform.queue import handles


@handles(BULK, BulkDue, max_attempts=100, time_limit=timedelta(hours=1))
async def change_leads(context: Context, due: BulkDue) -> None:
    """Do what is left of a change. What was wrong with it stands in its record."""
    await bulk.perform(context, due.org_id, due.change_id)
