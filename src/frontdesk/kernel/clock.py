"""Time. Everything that asks what time it is asks a Clock, so that tests can freeze it and the demo can compress it."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Where the product's time comes from. All instants are aware and in UTC."""

    def now(self) -> datetime:
        """The present instant on this clock."""
        ...

    def lasting(self, wall: timedelta) -> timedelta:
        """How much of this clock's time passes while `wall` passes outside. Leases and time-outs that guard against
        real processes and networks are stated in wall time and converted by this."""
        ...

    def wall_time(self, instant: datetime) -> datetime:
        """When `instant` on this clock comes, by the clock on the wall."""
        ...


class SystemClock:
    """The clock on the wall."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def lasting(self, wall: timedelta) -> timedelta:
        return wall

    def wall_time(self, instant: datetime) -> datetime:
        return instant


class CompressedClock:
    """Runs `factor` times as fast as the wall from `start` on, `start` falling on the moment of its making."""

    def __init__(self, start: datetime, factor: float) -> None:
        self._start, self._factor, self._made = start, factor, datetime.now(UTC)

    def now(self) -> datetime:
        return self._start + (datetime.now(UTC) - self._made) * self._factor

    def lasting(self, wall: timedelta) -> timedelta:
        return wall * self._factor

    def wall_time(self, instant: datetime) -> datetime:
        return self._made + (instant - self._start) / self._factor


class FrozenClock:
    """Stands still until told to move. For tests."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def lasting(self, wall: timedelta) -> timedelta:
        return wall

    def wall_time(self, instant: datetime) -> datetime:
        return instant

    def move(self, by: timedelta) -> None:
        """Let `by` pass."""
        self._at += by

    def set(self, at: datetime) -> None:
        """Make it `at`."""
        self._at = at
