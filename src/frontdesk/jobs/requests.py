"""What requests leave behind: counters of rate limits and idempotency keys past their time."""

from datetime import timedelta

from frontdesk.platform.context import Context
from frontdesk.platform.idempotency import sweep_keys
from frontdesk.platform.limits import sweep_counters
from frontdesk.platform.periodic import Periodic


async def tidy(context: Context) -> None:
    """Delete both."""
    await sweep_counters(context.works)
    await sweep_keys(context.works)


TIDY_REQUESTS = Periodic("requests.tidy", timedelta(minutes=10), tidy)
