"""Imports as records."""

from uuid import UUID

from msgspec import Struct, field

from frontdesk.contracts._http.times import Instant, iso, iso_or_none
from frontdesk.contracts.reactivation.links import Links
from frontdesk.contracts.reactivation.shapes.datasets import ImportFigures
from frontdesk.domain.leads.model import ImportResult, ImportState


class ImportUndone(Struct):
    """What undoing an import took away."""

    undone_at: Instant
    members_removed: int
    leads_removed: int


class ImportRecord(Struct):
    """An import. `rows_read` tells how far it is; the figures are those of one that is done."""

    id: UUID
    dataset_id: UUID
    upload_id: UUID
    state: ImportState
    rows_read: int
    imported: ImportFigures
    columns: list[str]
    remarks: list[str]
    problem: str | None
    notes_url: str
    created_at: Instant
    finished_at: Instant | None
    undone: ImportUndone | None

    @classmethod
    def of(cls, found: ImportResult, links: Links) -> "ImportRecord":
        undone = None
        if found.undone_at is not None:
            undone = ImportUndone(iso(found.undone_at), found.members_removed, found.leads_removed)
        return cls(
            id=found.id,
            dataset_id=found.dataset_id,
            upload_id=found.upload_id,
            state=found.state,
            rows_read=found.rows_read,
            imported=ImportFigures.of(found),
            columns=found.columns,
            remarks=found.remarks,
            problem=found.problem,
            notes_url=links.import_notes(found.id),
            created_at=iso(found.created_at),
            finished_at=iso_or_none(found.finished_at),
            undone=undone,
        )


class OneImport(Struct):
    """The answer with one import; `import` is no name in Python."""

    import_: ImportRecord = field(name="import")

    @classmethod
    def of(cls, found: ImportResult, links: Links) -> "OneImport":
        return cls(ImportRecord.of(found, links))


class ImportList(Struct):
    """The imports into a dataset, newest first."""

    imports: list[ImportRecord]

    @classmethod
    def of(cls, found: list[ImportResult], links: Links) -> "ImportList":
        return cls([ImportRecord.of(one, links) for one in found])
