"""Background work of knowledge."""

from uuid import UUID

from msgspec import Struct

READ = "knowledge.read"


class DocumentDue(Struct, frozen=True):
    """A document is to be read, unless it was replaced since: then it has another generation."""

    org_id: UUID
    file_id: UUID
    generation: int
