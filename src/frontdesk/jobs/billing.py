"""Background work of billing."""

from datetime import timedelta

from frontdesk.domain.billing.service import paying
from frontdesk.domain.billing.tasks import CANCEL, CancelDue
from frontdesk.platform.context import Context
from frontdesk.platform.queue import handles


@handles(CANCEL, CancelDue, max_attempts=20, time_limit=timedelta(minutes=1))
async def cancel_subscription(context: Context, due: CancelDue) -> None:
    """End a subscription that was replaced."""
    await paying.cancel_replaced(context, due)
