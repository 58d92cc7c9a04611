"""Background work of leads: imports that a page has put down to be done."""

from datetime import timedelta

from frontdesk.domain.campaigns.service import campaigns
from frontdesk.domain.leads.errors import ImportNotFound, ImportUnderWay
from frontdesk.domain.leads.tasks import IMPORT, ImportDue
from frontdesk.kernel.access import system_actor
from frontdesk.kernel.errors import DomainError
from frontdesk.platform.context import Context
from frontdesk.platform.queue import GiveUp, RetryAfter, handles

LOOK_AGAIN = timedelta(seconds=5)
"""Until it is looked whether the organisation's other import is done."""


@handles(IMPORT, ImportDue, max_attempts=100, time_limit=timedelta(hours=1))
async def import_file(context: Context, due: ImportDue) -> None:
    """Do an import. What was wrong with it stands in its record."""
    try:
        await campaigns.perform_import(context, system_actor(due.org_id), due.import_id)
    except ImportUnderWay:
        raise RetryAfter(LOOK_AGAIN) from None
    except ImportNotFound:
        return  # its dataset was deleted meanwhile, and it with that
    except DomainError as problem:
        raise GiveUp(f"the import was refused: {problem.code}") from problem
