"""A worker process that takes a task, says so, and never finishes it: to be killed.

python queue_process.py DSN
"""

import asyncio
import sys
from typing import Any

from tests.fixtures.contexts import bare_context

from frontdesk.kernel.clock import SystemClock
from frontdesk.platform.context import Context
from frontdesk.platform.database import PooledConnections, Works
from frontdesk.platform.queue import handles
from frontdesk.platform.queue_runner import QueueRunner


@handles("test.task", dict)
async def handle(context: Context, payload: dict[str, Any]) -> None:
    """Hold on to it."""
    sys.stdout.write("has it\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


async def main(dsn: str) -> None:
    """See the module's docstring."""
    works = Works(await PooledConnections.open(dsn, size=2, system_size=2), SystemClock())
    await QueueRunner(bare_context(works), dsn, [handle]).run(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
