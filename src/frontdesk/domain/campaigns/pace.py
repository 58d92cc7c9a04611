"""How fast campaigns may send. Pure arithmetic; the rows it works on are locked by the claim (`store.take_pace`)."""

import math
from datetime import datetime, timedelta

from msgspec import Struct

MINUTE = timedelta(seconds=60)

_SECOND = timedelta(seconds=1)

_HAIR = 1e-6
"""The sum of many refills must not miss a whole message by a rounding."""


class Meter(Struct, frozen=True):
    """How far sending has come, of one campaign or of all of a client's.

    Two rules hold together. Messages are spread: each moves `spent_until` on by what one takes at the rate, and little
    of the time before the present counts as saved up. And they are counted: no minute, wherever it begins, has more
    than the rate (a fraction is rounded up).
    """

    spent_until: datetime
    recent: tuple[tuple[datetime, int], ...] = ()
    """What was sent within the last minute, by second: the last instant in that second, and how many."""

    def room(self, rate: float, now: datetime, look: timedelta) -> int:
        """How many messages may be sent now. `rate` is per minute; `look`: what may be saved up, for workers look only
        so often. Where that is longer than a minute, on a compressed clock, the count is held over that instead."""
        window = max(MINUTE, look)
        most = math.ceil(rate * (window / MINUTE) - _HAIR)
        counted = sum(count for at, count in self.recent if at > now - window)
        return max(0, min(int(self._saved(rate, now, look) * rate / 60 + _HAIR), most - counted))

    def spent(self, count: int, rate: float, now: datetime, look: timedelta) -> "Meter":
        """The meter after `count` messages."""
        until = now + timedelta(seconds=count * 60 / rate - self._saved(rate, now, look))
        kept = [one for one in self.recent if one[0] > now - max(MINUTE, look)]
        # What is of one second counts from its last instant on: never too early.
        if kept and kept[-1][0] > now - _SECOND and kept[-1][0].second == now.second:
            at, before = kept.pop()
            return Meter(until, (*kept, (max(at, now), before + count)))
        return Meter(until, (*kept, (now, count)))

    def _saved(self, rate: float, now: datetime, look: timedelta) -> float:
        """Seconds of sending saved up: what one message takes, and the time between two looks."""
        return min(60 / rate + look.total_seconds(), (now - self.spent_until).total_seconds())
