"""A lead: someone a business may talk to, and the datasets that hold leads. Pure rules; no I/O, no wire shapes."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType, structs

from frontdesk.domain.leads.errors import LeadMoveNotAllowed
from frontdesk.domain.leads.standing import STATUS_OF, contact_status_of
from frontdesk.domain.leads.standing import ContactStatus as ContactStatus
from frontdesk.domain.leads.standing import Sentiment as Sentiment
from frontdesk.domain.leads.standing import Stage as Stage
from frontdesk.domain.leads.standing import Temperature as Temperature
from frontdesk.domain.leads.standing import Urgency as Urgency
from frontdesk.kernel.phone import E164


class Lead(Struct, frozen=True, kw_only=True):
    """A person in an organisation. Times are UTC instants."""

    id: UUID
    phone: E164 | None
    """Its first phone identity; identities are unique in an organisation."""
    first_name: str
    last_name: str | None
    email: str | None
    postcode: str | None
    company: str | None
    job_title: str | None
    service_interest: str | None
    reason: str | None
    """Why they got in touch, or should be."""
    source: str | None
    notes: str | None
    inquiry_date: date | None
    stage: Stage
    temperature: Temperature | None
    urgency: Urgency
    estimated_value: int | None
    """What they may be worth, in hundredths of whatever the organisation counts in."""
    actual_value: int | None
    """What they were worth when they became a customer."""
    sentiment: Sentiment | None
    last_step: int
    m1_sent_at: datetime | None
    m2_sent_at: datetime | None
    m3_sent_at: datetime | None
    latest_reply: str | None
    reply_received_at: datetime | None
    call_booked: bool
    call_booked_time: datetime | None
    booking_id: UUID | None
    manual_mode: bool
    manual_mode_at: datetime | None
    archived: bool
    archived_at: datetime | None
    assigned_to: UUID | None
    created_at: datetime
    updated_at: datetime

    @property
    def contact_status(self) -> ContactStatus:
        """See `contact_status_of`."""
        return contact_status_of(self.stage, self.temperature, self.last_step)

    @property
    def name(self) -> str:
        """First and last name, or the empty string."""
        return " ".join(part for part in (self.first_name, self.last_name) if part)

    @property
    def stage_by_history(self) -> Stage:
        """Where it stands by what has happened, whatever its stage says: for a lead that comes back from one."""
        if self.call_booked:
            return Stage.BOOKED
        if self.reply_received_at:
            return Stage.REPLIED
        return Stage.CONTACTED if self.last_step else Stage.NEW

    def with_status(self, status: ContactStatus) -> "Lead":
        """The lead with the parts that `status` stands for. Writing back the status just read changes nothing.

        Raises LeadMoveNotAllowed for an opted-out lead: it leaves that state by START, or by an audited act of an
        admin (`contactability.service.lift`), and for OPTED_OUT itself, which only a suppression gives.
        """
        if status is self.contact_status:
            return self
        if self.stage is Stage.OPTED_OUT or status is ContactStatus.OPTED_OUT:
            raise LeadMoveNotAllowed(self.id, self.contact_status.value, status.value)
        if status.value.startswith("CONTACTED_"):
            return structs.replace(self, stage=Stage.CONTACTED, last_step=int(status.value[-1]))
        if status in (ContactStatus.HOT, ContactStatus.WARM, ContactStatus.COLD):
            stage = self.stage if self.stage in (Stage.REPLIED, Stage.QUALIFIED) else Stage.REPLIED
            return structs.replace(self, stage=stage, temperature=Temperature(status.value.lower()))
        return structs.replace(self, stage=next(stage for stage, word in STATUS_OF.items() if word is status))

    def with_stage(self, stage: Stage) -> "Lead":
        """The lead at another stage. Raises LeadMoveNotAllowed as `with_status` does."""
        if stage is self.stage:
            return self
        if Stage.OPTED_OUT in (stage, self.stage):
            raise LeadMoveNotAllowed(self.id, self.stage.value, stage.value)
        return structs.replace(self, stage=stage)

    def with_manual_mode(self, enabled: bool, now: datetime) -> "Lead":
        """The lead with the AI paused or at work. The time of the pause is kept; switching off clears it."""
        if enabled == self.manual_mode:
            return self
        return structs.replace(self, manual_mode=enabled, manual_mode_at=now if enabled else None)

    def with_archived(self, archived: bool, now: datetime) -> "Lead":
        """The lead put away, or back."""
        if archived == self.archived:
            return self
        return structs.replace(self, archived=archived, archived_at=now if archived else None)


class LeadLine(Struct, frozen=True):
    """What a list shows of a lead. Times are UTC instants."""

    id: UUID
    phone: E164 | None
    first_name: str
    last_name: str | None
    email: str | None
    postcode: str | None
    company: str | None
    contact_status: ContactStatus
    sentiment: Sentiment | None
    latest_reply: str | None
    reply_received_at: datetime | None
    call_booked: bool
    call_booked_time: datetime | None
    manual_mode: bool
    archived: bool
    created_at: datetime

    @property
    def name(self) -> str:
        """First and last name, or the empty string."""
        return " ".join(part for part in (self.first_name, self.last_name) if part)


class LeadSort(StrEnum):
    """By what a lead list is ordered."""

    NAME = "name"
    STATUS = "status"
    REPLY_DATE = "reply_date"
    CREATED = "created"


class LeadFilter(Struct, frozen=True, kw_only=True):
    """Which leads, in which order, and which page (from 1)."""

    dataset_id: UUID | None = None
    status: ContactStatus | None = None
    sentiment: Sentiment | None = None
    search: str = ""
    archived: bool | None = None
    manual_mode: bool | None = None
    assigned_to: UUID | None = None
    stages: tuple[Stage, ...] = ()
    """At one of these; none: at any."""
    temperatures: tuple[Temperature | None, ...] = ()
    """As keen as one of these; None among them: or nobody knows. None given: however keen."""
    urgency: Urgency | None = None
    page: int = 1
    limit: int = 50
    sort: LeadSort = LeadSort.CREATED
    descending: bool = True


class LeadChange(Struct, frozen=True, kw_only=True):
    """What to change of a lead; UNSET leaves a field as it is, None empties it where it can be empty."""

    first_name: str | UnsetType = UNSET
    last_name: str | UnsetType | None = UNSET
    email: str | UnsetType | None = UNSET
    postcode: str | UnsetType | None = UNSET
    company: str | UnsetType | None = UNSET
    job_title: str | UnsetType | None = UNSET
    service_interest: str | UnsetType | None = UNSET
    reason: str | UnsetType | None = UNSET
    notes: str | UnsetType | None = UNSET
    contact_status: ContactStatus | UnsetType = UNSET
    stage: Stage | UnsetType = UNSET
    temperature: Temperature | UnsetType | None = UNSET
    urgency: Urgency | UnsetType = UNSET
    estimated_value: int | UnsetType | None = UNSET
    sentiment: Sentiment | UnsetType | None = UNSET
    manual_mode: bool | UnsetType = UNSET
    archived: bool | UnsetType = UNSET
    assigned_to: UUID | UnsetType | None = UNSET


class ConversationSummary(Struct, frozen=True):
    """A lead's thread in a line."""

    id: UUID
    message_count: int
    last_message_at: datetime | None
    status: str
    sentiment: str | None


class LeadDetail(Struct, frozen=True):
    """A lead with what hangs on it. `conversation` is None until there was one."""

    lead: Lead
    dataset_ids: list[UUID]
    conversation: ConversationSummary | None


class CampaignStatus(StrEnum):
    """Where the campaign of a dataset stands."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    COMPLETED = "completed"


class Dataset(Struct, frozen=True, kw_only=True):
    """A list of leads that one campaign works through, with its figures."""

    id: UUID
    name: str
    description: str | None
    source: str | None
    upload_id: UUID | None
    created_by: UUID | None
    campaign_status: CampaignStatus
    campaign_start_date: datetime | None
    campaign_end_date: datetime | None
    created_at: datetime
    updated_at: datetime
    counts: dict[ContactStatus, int]
    """Leads by contact status; statuses without leads are left out."""

    @property
    def total_leads(self) -> int:
        """All its leads."""
        return sum(self.counts.values())

    @property
    def hot_leads(self) -> int:
        """Leads that are hot and not yet booked."""
        return self.counts.get(ContactStatus.HOT, 0)

    @property
    def converted_leads(self) -> int:
        """Leads won."""
        return self.counts.get(ContactStatus.CONVERTED, 0)

    @property
    def active_leads(self) -> int:
        """Leads still in play: contacted or talking, not yet at an end."""
        ended = {
            ContactStatus.READY, ContactStatus.CONVERTED, ContactStatus.LOST, ContactStatus.OPTED_OUT,
            ContactStatus.INVALID,
        }  # fmt: skip
        return sum(n for status, n in self.counts.items() if status not in ended)


class DatasetSort(StrEnum):
    """By what a dataset list is ordered."""

    CREATED = "created"
    NAME = "name"
    LEADS_COUNT = "leads_count"


class DatasetChange(Struct, frozen=True, kw_only=True):
    """What to change of a dataset; UNSET leaves a field as it is."""

    name: str | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    campaign_start_date: datetime | UnsetType | None = UNSET
    campaign_end_date: datetime | UnsetType | None = UNSET


class Upload(Struct, frozen=True, kw_only=True):
    """A stored CSV file with what was seen in it."""

    id: UUID
    dataset_id: UUID | None
    filename: str
    file_key: str
    size: int
    rows_detected: int
    columns: list["UploadColumn"]
    created_at: datetime
    remarks: list[str] = []
    """What was noticed about the file as a whole: its encoding, columns without a name, names that come twice."""


class UploadColumn(Struct, frozen=True):
    """A column of an upload: its name, its first values, and the lead field it looks like, if any."""

    name: str
    sample_values: list[str]
    suggested_mapping: str | None = None


class RowNote(Struct, frozen=True):
    """A row of an import that was refused, was a duplicate, or was repaired; `row` counts the header as 1."""

    row: int
    kind: str
    """refused, duplicate or repaired."""
    reason: str
    cells: list[str] = []


class ImportState(StrEnum):
    """How far an import is. One that is undone was done."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class ImportResult(Struct, frozen=True, kw_only=True):
    """What an import does or did. Until it is done nothing of it is there, and its figures but `total_rows` are 0."""

    id: UUID
    dataset_id: UUID
    upload_id: UUID
    state: ImportState
    total_rows: int
    successful: int
    failed: int
    duplicates: int
    columns: list[str]
    """Of the file; empty for imports from before they were kept."""
    remarks: list[str]
    """How the file was read where that is not plain: its encoding, its names of columns, the order of its dates."""
    rows_read: int
    """While it runs."""
    problem: str | None
    """Why it failed."""
    created_by: UUID | None
    created_at: datetime
    seen_at: datetime | None
    """Its last sign of life while it runs."""
    finished_at: datetime | None
    undone_at: datetime | None
    members_removed: int
    """From the dataset, by undoing it; `leads_removed` of them were nobody else's and are gone."""
    leads_removed: int
    refused: list[RowNote] = []
    """The first 1,000 refused rows, without their cells, in the answer to an import. All noted rows are kept."""

    @property
    def percent(self) -> int:
        """How much of the file is in, 0 to 100."""
        if self.state is ImportState.DONE:
            return 100
        return min(99, 100 * self.rows_read // self.total_rows) if self.total_rows else 0

    def interrupted(self, now: datetime) -> bool:
        """Whether whoever was at it is gone. Nothing of it is in then."""
        return self.state is ImportState.RUNNING and self.seen_at is not None and now - self.seen_at > SILENCE


SILENCE = timedelta(seconds=30)
"""After this long without a sign of life an import is taken for interrupted."""
