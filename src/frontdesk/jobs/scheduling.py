"""Background work of scheduling."""

from datetime import timedelta

from frontdesk.domain.scheduling.service import calendars
from frontdesk.domain.scheduling.tasks import SETTLE, SettleDue
from frontdesk.platform.context import Context
from frontdesk.platform.queue import handles


@handles(SETTLE, SettleDue, time_limit=timedelta(minutes=1))
async def settle_calendar_entry(context: Context, due: SettleDue) -> None:
    """Enter a booking into a connected calendar, or take it out."""
    await calendars.settle(context, due.org_id, due.booking_id)
