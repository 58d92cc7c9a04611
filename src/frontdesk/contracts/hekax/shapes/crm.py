"""What is passed on to CRM systems."""

from typing import Literal
from uuid import UUID

from frontdesk.contracts._http.times import Instant, iso, iso_or_none
from frontdesk.contracts.hekax.dialect import PageQuery, Pagination, Shape
from frontdesk.domain.crm import model
from frontdesk.domain.crm.model import RecordFilter, RecordStatus
from frontdesk.kernel.paging import Page

StatusName = Literal["PENDING", "DONE", "FAILED", "SKIPPED"]


class RecordQuery(PageQuery):
    """The query of the list of records."""

    status: StatusName | None = None

    def filter(self) -> RecordFilter:
        """The same in the product's words."""
        return RecordFilter(status=RecordStatus(self.status.lower()) if self.status else None)


class Record(Shape):
    """A call or an appointment on its way to a CRM. `contactId` and `activityId` are the CRM's."""

    id: UUID
    event: str
    subject: str
    subject_id: UUID
    lead_id: UUID
    status: StatusName
    attempts: int
    error: str | None
    contact_id: str | None
    activity_id: str | None
    created_at: Instant
    last_attempt_at: Instant | None
    next_attempt_at: Instant | None
    done_at: Instant | None

    @classmethod
    def of(cls, found: model.Record) -> "Record":
        name: StatusName = found.status.value.upper()  # pyright: ignore[reportAssignmentType]
        return cls(
            id=found.id,
            event=found.event,
            subject=found.subject.value,
            subject_id=found.subject_id,
            lead_id=found.lead_id,
            status=name,
            attempts=found.tries,
            error=found.error or None,
            contact_id=found.contact,
            activity_id=found.activity,
            created_at=iso(found.created_at),
            last_attempt_at=iso_or_none(found.tried_at),
            next_attempt_at=iso(found.next_try_at) if found.status is RecordStatus.PENDING else None,
            done_at=iso_or_none(found.done_at),
        )


class RecordList(Shape):
    """A page of records."""

    records: list[Record]
    pagination: Pagination

    @classmethod
    def of(cls, found: Page[model.Record], wanted: RecordQuery) -> "RecordList":
        return cls([Record.of(each) for each in found.items], Pagination.of(found, wanted.page, wanted.limit))


class Retried(Shape):
    """How many records are passed on again."""

    retried: int
