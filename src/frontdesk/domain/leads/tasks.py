"""Background tasks of leads: their names and payloads. Payloads carry ids only."""

from uuid import UUID

from msgspec import Struct

IMPORT = "leads.import"


class ImportDue(Struct, frozen=True):
    """An import that was begun is to be done."""

    org_id: UUID
    import_id: UUID
