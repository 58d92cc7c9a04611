"""Background tasks of changes of many leads: their names and payloads. Payloads carry ids only."""

from uuid import UUID

from msgspec import Struct

BULK = "leads.bulk"


class BulkDue(Struct, frozen=True):
    """A change of many leads that was begun is to be done."""

    org_id: UUID
    change_id: UUID
