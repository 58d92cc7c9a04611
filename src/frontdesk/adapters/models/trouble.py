"""What goes wrong with providers, and for how long they are then left alone."""

import time
from collections.abc import Callable
from datetime import timedelta

from frontdesk.kernel.errors import Upstream

LASTING = timedelta(minutes=5)
"""For trouble that only a person ends: a wrong key, an unknown model, an empty account."""

HANGS = timedelta(seconds=30)
"""For a provider that let the whole time of an answer pass."""

_FIRST = timedelta(seconds=15)


class ModelTrouble(Upstream):
    """A model cannot be had. `lasting`: so long it need not be asked again; zero where that cannot be told."""

    def __init__(self, why: str, lasting: timedelta = timedelta(0)) -> None:
        super().__init__(f"The model cannot be had: {why}.")
        self.why = why
        self.lasting = lasting


class Breaker:
    """Keeps a dead provider from delaying every reply: after trouble it is left alone for a while, then tried once.

    Trouble that tells how long it lasts opens it at once; other trouble does the second time in a row, for 15 seconds,
    doubled each time up to five minutes. `clock` tells seconds, of the wall.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._until = 0.0

    def lets_through(self) -> bool:
        """Whether to ask the provider now. Once a pause is over, one asks while the others still wait."""
        if not self._until:
            return True
        if self._clock() < self._until:
            return False
        self._until = self._clock() + _FIRST.total_seconds()  # until that one has come back
        return True

    def worked(self) -> None:
        """The provider has answered."""
        self._failures, self._until = 0, 0.0

    def failed(self, lasting: timedelta = timedelta(0)) -> None:
        """The provider has not answered, and may not for `lasting`."""
        self._failures += 1
        doubled = _FIRST * 2 ** min(self._failures - 2, 5) if self._failures > 1 else timedelta(0)
        pause = max(lasting, min(doubled, LASTING))
        if pause:
            self._until = self._clock() + pause.total_seconds()
