"""A process that runs one reader until it is terminated, or kills itself with an effect had and not yet committed.

python reader_process.py DSN N      (N: the number in the event to die at; 0: never)
"""

import asyncio
import os
import signal
import sys

from frontdesk.kernel.clock import SystemClock
from frontdesk.platform.database import PooledConnections, Work, Works
from frontdesk.platform.event_log import CHANNEL, Reader, ReaderLoop
from frontdesk.platform.events import Event
from frontdesk.platform.loops import Bell, listening, supervise


async def main(dsn: str, die_at: int) -> None:
    """See the module's docstring."""

    async def react(work: Work, event: Event) -> None:
        await work.audit("seen", event.type, event.id, n=event.payload["n"], position=event.position)
        if event.payload["n"] == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    stop, bell = asyncio.Event(), Bell()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    pooled = await PooledConnections.open(dsn, size=2, system_size=2)
    reader = ReaderLoop(Works(pooled, SystemClock()), Reader("test", react), bell.sleeper())
    await asyncio.gather(
        supervise("reader", reader.run, stop),
        supervise("listen", listening(dsn, CHANNEL, lambda _: bell.ring()), stop),
    )
    await pooled.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
