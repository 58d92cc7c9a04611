"""The loop that sends what campaigns have due. Every worker runs one; they share the work by locks on rows."""

import asyncio

from frontdesk.domain.campaigns.service import sending
from frontdesk.platform.context import Context
from frontdesk.platform.loops import pause

LOOKS_EVERY = 1.0
"""Wall seconds between looks when nothing was due."""


class CampaignPump:
    """Sends what is due, as fast as gate, pace and carrier let it."""

    def __init__(self, context: Context, every: float = LOOKS_EVERY) -> None:
        self._context, self._every = context, every

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; what was claimed is handed over first."""
        while not stop.is_set():
            if not await sending.run_due(self._context):
                await pause(stop, self._every)
