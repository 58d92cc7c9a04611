"""Leads."""

from typing import Any
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from frontdesk.contracts._http.paging import PageNumber, PageSize, Pagination
from frontdesk.contracts._http.times import Instant, iso, iso_or_none
from frontdesk.contracts.reactivation.shapes.datasets import Order
from frontdesk.domain.leads import model
from frontdesk.domain.leads.model import ContactStatus, LeadChange, LeadFilter, LeadSort, Sentiment
from frontdesk.kernel.paging import Page


class LeadQuery(Struct):
    """The query of the lead list. Newest first unless it says otherwise; names and statuses from A."""

    dataset_id: UUID | None = None
    status: ContactStatus | None = None
    sentiment: Sentiment | None = None
    search: str = ""
    archived: bool | None = None
    manual_mode: bool | None = None
    page: PageNumber = 1
    limit: PageSize = 50
    sort: LeadSort = LeadSort.CREATED
    order: Order | None = None

    def filter(self) -> LeadFilter:
        """The same in the product's words."""
        forwards = self.sort in (LeadSort.NAME, LeadSort.STATUS) if self.order is None else self.order is Order.ASC
        return LeadFilter(
            dataset_id=self.dataset_id,
            status=self.status,
            sentiment=self.sentiment,
            search=self.search.strip(),
            archived=self.archived,
            manual_mode=self.manual_mode,
            page=self.page,
            limit=self.limit,
            sort=self.sort,
            descending=not forwards,
        )


class Lead(Struct):
    """A lead in the list."""

    id: UUID
    first_name: str
    last_name: str | None
    phone_number: str
    email: str | None
    postcode: str | None
    contact_status: ContactStatus
    lead_sentiment: Sentiment | None
    latest_lead_reply: str | None
    reply_received_at: Instant | None
    call_booked: bool
    call_booked_time: Instant | None
    manual_mode: bool
    archived: bool
    created_at: Instant

    @classmethod
    def of(cls, lead: model.LeadLine) -> "Lead":
        """By position: a page has up to a hundred of them."""
        return cls(
            lead.id,
            lead.first_name,
            lead.last_name,
            lead.phone or "",
            lead.email,
            lead.postcode,
            lead.contact_status,
            lead.sentiment,
            lead.latest_reply,
            iso_or_none(lead.reply_received_at),
            lead.call_booked,
            iso_or_none(lead.call_booked_time),
            lead.manual_mode,
            lead.archived,
            iso(lead.created_at),
        )


def _common(lead: model.Lead) -> dict[str, Any]:
    return {
        "id": lead.id,
        "first_name": lead.first_name,
        "last_name": lead.last_name,
        "phone_number": lead.phone or "",
        "email": lead.email,
        "postcode": lead.postcode,
        "contact_status": lead.contact_status,
        "lead_sentiment": lead.sentiment,
        "latest_lead_reply": lead.latest_reply,
        "reply_received_at": iso_or_none(lead.reply_received_at),
        "call_booked": lead.call_booked,
        "call_booked_time": iso_or_none(lead.call_booked_time),
        "manual_mode": lead.manual_mode,
        "archived": lead.archived,
        "created_at": iso(lead.created_at),
    }


class LeadList(Struct):
    """A page of leads."""

    leads: list[Lead]
    pagination: Pagination

    @classmethod
    def of(cls, found: Page[model.LeadLine], wanted: LeadFilter) -> "LeadList":
        return cls([Lead.of(lead) for lead in found.items], Pagination.of(found, wanted.page, wanted.limit))


class ConversationLine(Struct):
    """A lead's conversation in a line."""

    id: UUID
    message_count: int
    last_message_at: Instant | None
    status: str
    sentiment: str | None

    @classmethod
    def of(cls, summary: model.ConversationSummary) -> "ConversationLine":
        return cls(
            id=summary.id,
            message_count=summary.message_count,
            last_message_at=iso_or_none(summary.last_message_at),
            status=summary.status,
            sentiment=summary.sentiment,
        )


class LeadDetail(Lead, kw_only=True):
    """A lead by itself. `dataset_id` is the newest of its datasets."""

    conversation: ConversationLine | None
    sophie_insights: list[Any]
    dataset_id: UUID | UnsetType
    dataset_ids: list[UUID]
    company: str | None
    job_title: str | None
    service_interest: str | None
    source: str | None
    notes: str | None
    inquiry_date: str | None
    assigned_to: UUID | None
    archived_at: Instant | None
    manual_mode_activated_at: Instant | None
    cal_booking_id: UUID | None
    m1_sent_at: Instant | None
    m2_sent_at: Instant | None
    m3_sent_at: Instant | None
    updated_at: Instant

    @classmethod
    def of_detail(cls, detail: model.LeadDetail) -> "LeadDetail":
        """The lead with what hangs on it."""
        lead = detail.lead
        return cls(
            **_common(lead),
            conversation=ConversationLine.of(detail.conversation) if detail.conversation else None,
            sophie_insights=[],
            dataset_id=detail.dataset_ids[0] if detail.dataset_ids else UNSET,
            dataset_ids=detail.dataset_ids,
            company=lead.company,
            job_title=lead.job_title,
            service_interest=lead.service_interest,
            source=lead.source,
            notes=lead.notes,
            inquiry_date=lead.inquiry_date.isoformat() if lead.inquiry_date else None,
            assigned_to=lead.assigned_to,
            archived_at=iso_or_none(lead.archived_at),
            manual_mode_activated_at=iso_or_none(lead.manual_mode_at),
            cal_booking_id=lead.booking_id,
            m1_sent_at=iso_or_none(lead.m1_sent_at),
            m2_sent_at=iso_or_none(lead.m2_sent_at),
            m3_sent_at=iso_or_none(lead.m3_sent_at),
            updated_at=iso(lead.updated_at),
        )


class OneLead(Struct):
    """The answer with one lead."""

    lead: LeadDetail

    @classmethod
    def of(cls, detail: model.LeadDetail) -> "OneLead":
        return cls(LeadDetail.of_detail(detail))


class LeadUpdate(Struct):
    """The body that changes a lead. Null empties what can be empty."""

    first_name: str | UnsetType = UNSET
    last_name: str | UnsetType | None = UNSET
    email: str | UnsetType | None = UNSET
    postcode: str | UnsetType | None = UNSET
    notes: str | UnsetType | None = UNSET
    contact_status: ContactStatus | UnsetType = UNSET
    lead_sentiment: Sentiment | UnsetType | None = UNSET
    manual_mode: bool | UnsetType = UNSET
    archived: bool | UnsetType = UNSET
    assigned_to: UUID | UnsetType | None = UNSET

    def change(self) -> LeadChange:
        """The same in the product's words."""
        return LeadChange(
            first_name=self.first_name,
            last_name=self.last_name,
            email=self.email,
            postcode=self.postcode,
            notes=self.notes,
            contact_status=self.contact_status,
            sentiment=self.lead_sentiment,
            manual_mode=self.manual_mode,
            archived=self.archived,
            assigned_to=self.assigned_to,
        )


class ArchiveState(Struct):
    """The answer to putting a lead away, or back."""

    lead_id: UUID
    archived: bool
    archived_at: Instant | None

    @classmethod
    def of(cls, lead: model.Lead) -> "ArchiveState":
        return cls(lead.id, lead.archived, iso_or_none(lead.archived_at))


class ManualMode(Struct):
    """The body that pauses the AI, or lets it work."""

    enabled: bool


class ManualModeState(Struct):
    """The answer to that."""

    lead_id: UUID
    manual_mode: bool
    manual_mode_activated_at: Instant | None

    @classmethod
    def of(cls, lead: model.Lead) -> "ManualModeState":
        return cls(lead.id, lead.manual_mode, iso_or_none(lead.manual_mode_at))
