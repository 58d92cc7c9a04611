"""The loop that posts webhooks. Every worker runs one; they share the work by leases on rows."""

import asyncio
from uuid import UUID

import structlog

from frontdesk.domain.webhooks.service import sending
from frontdesk.platform.context import Context
from frontdesk.platform.loops import describe, pause

log = structlog.get_logger("frontdesk.webhooks")

AT_ONCE = 32
"""Posts of one process that are under way together."""
LAST_SECONDS = 5.0
LOOKS_EVERY = 0.5
"""Wall seconds between looks at what is due."""


class WebhookPump:
    """Posts what is due. One that hangs takes one place of many, and nobody waits for it."""

    def __init__(self, context: Context, every: float = LOOKS_EVERY) -> None:
        self._context, self._every = context, every
        self._running: dict[UUID, asyncio.Task[None]] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; posts under way have a few seconds then. One cut off is due again when its lease passes."""
        try:
            while not stop.is_set():
                if free := AT_ONCE - len(self._running):
                    for org_id, delivery_id in await sending.due(self._context, free):
                        if delivery_id not in self._running:
                            self._running[delivery_id] = asyncio.create_task(self._send(org_id, delivery_id))
                await pause(stop, self._every)
            if self._running:
                await asyncio.wait(self._running.values(), timeout=LAST_SECONDS)
        finally:
            for task in self._running.values():
                task.cancel()

    async def _send(self, org_id: UUID, delivery_id: UUID) -> None:
        try:
            await sending.send(self._context, org_id, delivery_id)
        except Exception as error:  # its lease passes, and it is due again
            log.warning("webhook_failed", delivery_id=str(delivery_id), error=describe(error))
        finally:
            del self._running[delivery_id]
