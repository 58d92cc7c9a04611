"""Rate limits that all processes share: fixed windows, counted in the table `rate_counters`.

Here: counting. Which requests count against which limit, and what a refused caller is told, is for whoever asks.
Limits guard real machines and people, so windows are wall time, whatever the product's clock says.
"""

import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from frontdesk.platform.database import Works

RunStatement = Callable[..., Awaitable[Any]]
"""`fetchval` of any connection that commits each statement by itself."""

LONGEST_WINDOW = 3600
"""Seconds. Counters older than two of these are swept."""

LEASE = """
    insert into rate_counters as c (key, window_start, count) values ($1, to_timestamp($2), $3)
    on conflict (key, window_start) do update set count = c.count + $3 where c.count < $4
    returning count"""


@dataclass(frozen=True)
class Limit:
    """At most `most` in each `seconds`, for one user, one client (organisation) or one network address."""

    name: str
    most: int
    seconds: int
    per: str = "user"
    """user, client or address."""


@dataclass(frozen=True)
class Standing:
    """Where a caller stands in the present window. `reset` is Unix time in seconds, `wait` whole seconds until then."""

    allowed: bool
    limit: int
    remaining: int
    reset: int
    wait: int


@dataclass
class _Lease:
    """What this process holds of a window: tokens in hand, and the count that it saw last."""

    window: int
    seconds: int
    tokens: int = 0
    seen: int = 0
    spent: bool = False


class Limiter:
    """Counts for one process, sharing with the others by leases.

    A process takes a tenth of a large limit at once, less as the window fills and one by one where the limit is small,
    so that most requests cost no statement. What a process leased and did not use is lost to the others until the
    window ends: the limit is never exceeded, and may be met a few requests early where several processes serve one
    caller.
    """

    def __init__(self, *, enabled: bool = True, now: Callable[[], float] = time.time) -> None:
        self._enabled = enabled
        self._now = now
        self._leases: dict[str, _Lease] = {}
        self._next_tidy = 0.0

    async def take(self, key: str, limit: Limit, run: RunStatement) -> Standing | None:
        """Count one request under `key`. None where limits are off. `run` is called only when a lease must be had."""
        if not self._enabled:
            return None
        now = self._now()
        window = int(now // limit.seconds) * limit.seconds
        self._tidy(now)
        lease = self._leases.get(key)
        if lease is None or lease.window != window:
            lease = self._leases[key] = _Lease(window, limit.seconds)
        if lease.tokens == 0 and not lease.spent:
            await self._extend(key, limit, lease, run)
        allowed = lease.tokens > 0
        lease.tokens -= allowed
        reset = window + limit.seconds
        remaining = max(limit.most - lease.seen, 0) + lease.tokens
        return Standing(allowed, limit.most, remaining, reset, max(1, math.ceil(reset - now)))

    async def _extend(self, key: str, limit: Limit, lease: _Lease, run: RunStatement) -> None:
        wanted = max(1, min(limit.most // 10, (limit.most - lease.seen) // 4)) if limit.most >= 100 else 1
        count: int | None = await run(LEASE, key, float(lease.window), wanted, limit.most)
        if count is None or count - wanted >= limit.most:
            lease.spent, lease.seen = True, limit.most
        else:
            lease.tokens += min(wanted, limit.most - (count - wanted))
            lease.seen = max(lease.seen, min(count, limit.most))

    def _tidy(self, now: float) -> None:
        """Forget past windows, now and then."""
        if now < self._next_tidy:
            return
        self._next_tidy = now + 60
        self._leases = {key: held for key, held in self._leases.items() if held.window + held.seconds > now}


async def sweep_counters(works: Works, now: float | None = None) -> int:
    """Delete the counters of windows long past, and return how many."""
    async with works.across_tenants("request housekeeping") as work:
        return await work.execute(
            "delete from rate_counters where window_start < to_timestamp($1)",
            (now or time.time()) - 2 * LONGEST_WINDOW,
        )
