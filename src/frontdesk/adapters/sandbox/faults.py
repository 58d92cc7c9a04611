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
    rings_after: float = 0.05
    """From the placing of a call."""
    answers_after: float = 0.15
    """A machine, a busy line, a telephone that nobody takes up where that is a fault."""
    machine_greets: float = 0.4
    machine_records: float = 0.6
    talks_for: float = 10.0
    """Two handsets that are put through to each other."""


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
    callbacks = bent([("sent", sent_at), (outcome, ended_at)], clock, timing, faults)
    return Plan(sent_at, ended_at, outcome, "30003" if failed else "", callbacks)


def bent(
    callbacks: list[tuple[str, datetime]], clock: Clock, timing: Timing, faults: Faults
) -> list[tuple[str, datetime]]:
    """Callbacks, in their order and each with its time, as the faults in force have them come."""
    if faults.strikes(FaultKind.REORDER):
        # After the fact: nobody hears of an end that has not been yet.
        (_, first_at), *_, (last, last_at) = callbacks
        callbacks = [(last, last_at), *((word, due + (last_at - first_at)) for word, due in callbacks[:-1])]
    if faults.strikes(FaultKind.LATE):
        callbacks = [(status, due + clock.lasting(timedelta(seconds=timing.late_by))) for status, due in callbacks]
    if faults.strikes(FaultKind.DUPLICATE):
        gap = clock.lasting(timedelta(seconds=timing.duplicate_after))
        callbacks = sorted(
            [*callbacks, *((status, due + gap) for status, due in callbacks)], key=lambda callback: callback[1]
        )
    return callbacks
