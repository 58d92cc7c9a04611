"""A process that posts webhooks until it is killed.

python pump_process.py DSN VAULT_KEY NOW
"""

import asyncio
import sys
from dataclasses import replace
from datetime import datetime
from ipaddress import ip_network

from tests.fixtures.contexts import bare_context

from frontdesk.adapters.outbound.poster import GuardedPoster
from frontdesk.jobs.webhooks import WebhookPump
from frontdesk.kernel.clock import FrozenClock
from frontdesk.platform.crypto import Vault
from frontdesk.platform.database import PooledConnections, Works


async def main(dsn: str, key: str, now: str) -> None:
    """See the module's docstring."""
    pooled = await PooledConnections.open(dsn, size=2, system_size=1)
    works = Works(pooled, FrozenClock(datetime.fromisoformat(now)))
    poster = GuardedPoster([ip_network("127.0.0.1/32")])
    context = replace(bare_context(works), vault=Vault([key]), poster=poster)
    await WebhookPump(context, every=0.05).run(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
