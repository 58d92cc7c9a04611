"""Background tasks of calls: their names and payloads. Payloads carry ids only."""

from uuid import UUID

from msgspec import Struct

ANALYZE = "calls.analyze"


class AnalysisDue(Struct, frozen=True):
    """A call is over; read what came of it."""

    org_id: UUID
    call_id: UUID


PLACE = "calls.place"
LEAVE_MESSAGE = "calls.leave_message"


class PlacingDue(Struct, frozen=True):
    """A call was asked for: have the carrier place it."""

    org_id: UUID
    call_id: UUID


class MachineAnswered(Struct, frozen=True):
    """An answering machine took a call of ours: have the carrier ask what comes next."""

    org_id: UUID
    call_id: UUID
