"""Facts about leads that other features react to."""

from uuid import UUID

from frontdesk.platform.events import Fact, fact


@fact("lead.imported", "import")
class LeadsImported(Fact, frozen=True):
    """An import into a dataset is done; the subject is the import."""

    dataset_id: UUID
    successful: int
    failed: int
    duplicates: int


@fact("lead.import_undone", "import")
class ImportUndone(Fact, frozen=True):
    """An import was taken back; the subject is the import."""

    dataset_id: UUID
    members_removed: int
    leads_removed: int


@fact("lead.captured", "lead")
class LeadCaptured(Fact, frozen=True):
    """Somebody whom we did not know got in touch; `source` says by which way."""

    source: str


@fact("lead.updated", "lead")
class LeadUpdated(Fact, frozen=True):
    """Something of a lead changed; `fields` names what."""

    fields: list[str]
    contact_status: str


@fact("lead.hot", "lead")
class LeadHot(Fact, frozen=True):
    """A lead has just become hot."""

    reason: str


@fact("lead.opted_out", "lead")
class LeadOptedOut(Fact, frozen=True):
    """A lead asked not to be contacted; `how` is keyword, plain_language, carrier or by_hand."""

    how: str
