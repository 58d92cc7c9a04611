"""Background tasks of calls: their names and payloads. Payloads carry ids only."""

from uuid import UUID

from msgspec import Struct

ANALYZE = "calls.analyze"


class AnalysisDue(Struct, frozen=True):
    """A call is over; read what came of it."""

    org_id: UUID
    call_id: UUID
