"""Background work of calls."""

from datetime import timedelta

from frontdesk.domain.calls import service as calls
from frontdesk.domain.calls.errors import CallNotFound
from frontdesk.domain.calls.service import analyzing
from frontdesk.domain.calls.tasks import ANALYZE, LEAVE_MESSAGE, PLACE, AnalysisDue, MachineAnswered, PlacingDue
from frontdesk.platform.context import Context
from frontdesk.platform.queue import RetryAfter, handles
from frontdesk.ports.carrier import Busy, Uncertain


@handles(ANALYZE, AnalysisDue)
async def analyze_call(context: Context, due: AnalysisDue) -> None:
    """Read what came of a call."""
    try:
        await analyzing.analyze(context, due.org_id, due.call_id)
    except CallNotFound:
        return  # its organisation has deleted it meanwhile


@handles(PLACE, PlacingDue)
async def place_call(context: Context, due: PlacingDue) -> None:
    """Have the carrier place a call that was asked for."""
    try:
        await calls.place(context, due.org_id, due.call_id)
    except CallNotFound:
        return


@handles(LEAVE_MESSAGE, MachineAnswered)
async def leave_message(context: Context, due: MachineAnswered) -> None:
    """Have the carrier ask what the answering machine is told."""
    try:
        await calls.leave_message(context, due.org_id, due.call_id)
    except CallNotFound:
        return
    except (Busy, Uncertain) as error:
        raise RetryAfter(timedelta(seconds=2)) from error
