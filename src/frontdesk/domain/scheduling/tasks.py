"""Background work of scheduling."""

from uuid import UUID

from msgspec import Struct

SETTLE = "calendar.settle"


class SettleDue(Struct, frozen=True):
    """A booking whose entry in a connected calendar is to be made or taken out."""

    org_id: UUID
    booking_id: UUID
