"""Background work of billing."""

from uuid import UUID

from msgspec import Struct

CANCEL = "billing.cancel"


class CancelDue(Struct, frozen=True):
    """A subscription that another has taken the place of is to be ended at the provider."""

    org_id: UUID
    provider: str
    reference: str
    credit: bool = False
    """Whether it was paid for, so that what is left of it is worth something."""
