"""Background work of calls."""

from frontdesk.domain.calls.errors import CallNotFound
from frontdesk.domain.calls.service import analyzing
from frontdesk.domain.calls.tasks import ANALYZE, AnalysisDue
from frontdesk.platform.context import Context
from frontdesk.platform.queue import handles


@handles(ANALYZE, AnalysisDue)
async def analyze_call(context: Context, due: AnalysisDue) -> None:
    """Read what came of a call."""
    try:
        await analyzing.analyze(context, due.org_id, due.call_id)
    except CallNotFound:
        return  # its organisation has deleted it meanwhile
