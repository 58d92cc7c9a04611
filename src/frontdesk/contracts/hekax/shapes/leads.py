"""Leads. The product's stages are more than the document's statuses: see `STATUS_OF`."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from frontdesk.contracts._http.times import Instant, iso
from frontdesk.contracts.hekax.dialect import PageQuery, Pagination, Shape
from frontdesk.contracts.hekax.shapes.auth import names_in
from frontdesk.domain.calls.model import Call
from frontdesk.domain.leads import model
from frontdesk.domain.leads.model import LeadChange, LeadFilter, Stage, Temperature, Urgency
from frontdesk.domain.leads.service.scoring import score_of
from frontdesk.kernel.paging import Page

Status = Literal["NEW", "CONTACTED", "QUALIFIED", "CONVERTED", "LOST"]
TemperatureName = Literal["HOT", "WARM", "COLD"]
UrgencyName = Literal["LOW", "MEDIUM", "HIGH", "CRITICAL"]
Amount = Annotated[float, Meta(ge=0)]
"""In the main unit of whatever the organisation counts in."""

STATUS_OF: dict[Stage, Status] = {
    Stage.NEW: "NEW",
    Stage.CONTACTED: "CONTACTED",
    Stage.REPLIED: "CONTACTED",
    Stage.QUALIFIED: "QUALIFIED",
    Stage.BOOKED: "QUALIFIED",
    Stage.CONVERTED: "CONVERTED",
    Stage.LOST: "LOST",
    Stage.OPTED_OUT: "LOST",
    Stage.INVALID: "LOST",
}


class LeadQuery(PageQuery):
    """The query of the lead list, newest first."""

    status: Status | None = None
    temperature: TemperatureName | None = None
    urgency: UrgencyName | None = None
    assigned_to: UUID | None = None
    search: str = ""

    def filter(self) -> LeadFilter:
        """The same in the product's words. Whoever has shown no temperature yet is cold."""
        temperatures: tuple[Temperature | None, ...] = ()
        if self.temperature is not None:
            temperatures = (Temperature(self.temperature.lower()), *([None] if self.temperature == "COLD" else []))
        return LeadFilter(
            stages=tuple(stage for stage, status in STATUS_OF.items() if status == self.status),
            temperatures=temperatures,
            urgency=Urgency(self.urgency.lower()) if self.urgency else None,
            assigned_to=self.assigned_to,
            search=self.search.strip(),
            page=self.page,
            limit=self.limit,
        )


class Lead(Shape):
    """A lead in the list."""

    id: UUID
    name: str
    phone: str
    email: str | None
    company: str | None
    reason: str | None
    status: Status
    temperature: str
    urgency: str
    score: int
    created_at: Instant
    assigned_to: UUID | None

    @classmethod
    def of(cls, lead: model.Lead) -> "Lead":
        return cls(
            id=lead.id,
            name=lead.name,
            phone=lead.phone or "",
            email=lead.email,
            company=lead.company,
            reason=lead.reason,
            status=STATUS_OF[lead.stage],
            temperature=(lead.temperature or Temperature.COLD).value.upper(),
            urgency=lead.urgency.value.upper(),
            score=score_of(lead).points,
            created_at=iso(lead.created_at),
            assigned_to=lead.assigned_to,
        )


class LeadList(Shape):
    """A page of leads."""

    leads: list[Lead]
    pagination: Pagination

    @classmethod
    def of(cls, found: Page[model.Lead], wanted: LeadQuery) -> "LeadList":
        return cls([Lead.of(lead) for lead in found.items], Pagination.of(found, wanted.page, wanted.limit))


class CallOfLead(Shape):
    """The lead's newest call."""

    id: UUID
    duration: int
    created_at: Instant


class LeadDetail(Lead, kw_only=True):
    """A lead by itself."""

    job_title: str | None
    service_interest: str | None
    estimated_value: float | None
    actual_value: float | None
    notes: str | None
    call: CallOfLead | None
    updated_at: Instant
    score_reasons: list[str]
    source: str | None

    @classmethod
    def of(cls, lead: model.Lead, call: Call | None) -> "LeadDetail":  # pyright: ignore[reportIncompatibleMethodOverride]
        line, last = Lead.of(lead), None
        if call is not None:
            last = CallOfLead(call.id, call.duration, iso(call.started_at))
        return cls(
            **{name: getattr(line, name) for name in Lead.__struct_fields__},
            job_title=lead.job_title,
            service_interest=lead.service_interest,
            estimated_value=_major(lead.estimated_value),
            actual_value=_major(lead.actual_value),
            notes=lead.notes,
            call=last,
            updated_at=iso(lead.updated_at),
            score_reasons=score_of(lead).reasons,
            source=lead.source,
        )


class LeadUpdate(Shape):
    """The body that changes a lead. Null empties what can be empty."""

    status: Status | UnsetType = UNSET
    notes: str | UnsetType | None = UNSET
    assigned_to_id: UUID | UnsetType | None = UNSET
    name: str | UnsetType = UNSET
    email: str | UnsetType | None = UNSET
    company: str | UnsetType | None = UNSET
    job_title: str | UnsetType | None = UNSET
    reason: str | UnsetType | None = UNSET
    service_interest: str | UnsetType | None = UNSET
    temperature: TemperatureName | UnsetType = UNSET
    urgency: UrgencyName | UnsetType = UNSET
    estimated_value: Amount | UnsetType | None = UNSET

    def change(self, was: model.Lead) -> LeadChange:
        """The same in the product's words. What reads as it did changes nothing."""
        told = Lead.of(was)
        first_name, last_name = (UNSET, UNSET) if self.name in (UNSET, told.name) else names_in(self.name)
        return LeadChange(
            first_name=first_name,
            last_name=last_name,
            email=self.email,
            company=self.company,
            job_title=self.job_title,
            service_interest=self.service_interest,
            reason=self.reason,
            notes=self.notes,
            stage=UNSET if self.status in (UNSET, told.status) else Stage(self.status.lower()),
            temperature=UNSET
            if self.temperature in (UNSET, told.temperature)
            else Temperature(self.temperature.lower()),
            urgency=self.urgency if self.urgency is UNSET else Urgency(self.urgency.lower()),
            estimated_value=self.estimated_value if self.estimated_value is UNSET else _minor(self.estimated_value),
            assigned_to=UNSET if self.assigned_to_id == was.assigned_to else self.assigned_to_id,
        )


class Conversion(Shape):
    """The body that makes a lead a customer."""

    actual_value: Amount | None = None
    notes: str = ""

    def value(self) -> int | None:
        """What it was worth, in hundredths."""
        return _minor(self.actual_value)


def _minor(amount: float | None) -> int | None:
    return None if amount is None else int((Decimal(str(amount)) * 100).to_integral_value(ROUND_HALF_UP))


def _major(hundredths: int | None) -> float | None:
    return None if hundredths is None else hundredths / 100


FIELDS = {
    "assigned_to": "assignedToId",
    "job_title": "jobTitle",
    "service_interest": "serviceInterest",
    "estimated_value": "estimatedValue",
    "actual_value": "actualValue",
    "first_name": "name",
    "last_name": "name",
    "contact_status": "status",
}
"""The product's names of fields, to the document's."""
