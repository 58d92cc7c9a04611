"""What becomes of a message: its life cycle as planned when it is accepted, and the faults that bend it. No I/O."""

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from frontdesk.kernel.clock import Clock
from frontdesk.ports.simulator import FaultKind

_BROWNOUT = (FaultKind.BUSY, FaultKind.UNCERTAIN_ACCEPTED, FaultKind.UNCERTAIN_LOST)


class Timing(Struct, frozen=True):
    """How long the sandbox takes, in seconds on the wall."""

    sent_after: float = 0.05
    delivered_after: float = 0.15
    duplicate_after: float = 0.05
    """From a webhook to its duplicate."""
    late_by: float = 3.0
    slow_by: float = 3.0
    busy_for: float = 1.0
    """What the sandbox says in Retry-After."""


class Faults:
    """The faults in force for one message or call. `draw` yields numbers from 0 up to 1."""

    def __init__(self, rates: Mapping[str, float], draw: Callable[[], float] = random.random) -> None:
        self._rates, self._draw = rates, draw

    def strikes(self, kind: FaultKind) -> bool:
        """Whether `kind` strikes this time: always at a rate of 1."""
        rate = self._rates.get(kind, 0.0)
        return rate >= 1 or (rate > 0 and self._draw() < rate)

    def brownout(self, reference: UUID) -> FaultKind | None:
        """How the carrier fails to answer a send, if it does. Tries of one message in a brown-out fail alike."""
        if self.strikes(FaultKind.BROWNOUT):
            return _BROWNOUT[reference.int % len(_BROWNOUT)]
        return next((kind for kind in _BROWNOUT if self.strikes(kind)), None)


class Plan(Struct, frozen=True):
    """What will become of an accepted message."""

    sent_at: datetime
    ended_at: datetime
    outcome: str
    """Twilio's word: delivered or undelivered."""
    error_code: str
    callbacks: list[tuple[str, datetime]]
    """Status and due time, in the order in which they are to be posted."""


def plan(now: datetime, clock: Clock, timing: Timing, faults: Faults) -> Plan:
    """The life cycle of a message accepted at `now`: queued, sent, and delivered or undelivered."""

    def after(seconds: float) -> datetime:
        return now + clock.lasting(timedelta(seconds=seconds))

    sent_at, ended_at = after(timing.sent_after), after(timing.delivered_after)
    failed = faults.strikes(FaultKind.FAIL)
    outcome = "undelivered" if failed else "delivered"
    callbacks = [("sent", sent_at), (outcome, ended_at)]
    if faults.strikes(FaultKind.REORDER):
        # After the fact: nobody hears of a delivery that has not been yet.
        callbacks = [(outcome, ended_at), ("sent", ended_at + (ended_at - sent_at))]
    if faults.strikes(FaultKind.LATE):
        callbacks = [(status, due + clock.lasting(timedelta(seconds=timing.late_by))) for status, due in callbacks]
    if faults.strikes(FaultKind.DUPLICATE):
        gap = clock.lasting(timedelta(seconds=timing.duplicate_after))
        callbacks = sorted(
            [*callbacks, *((status, due + gap) for status, due in callbacks)], key=lambda callback: callback[1]
        )
    return Plan(sent_at, ended_at, outcome, "30003" if failed else "", callbacks)
