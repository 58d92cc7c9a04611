"""One thing that a person does with many leads. Pure; no I/O."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from frontdesk.domain.leads.model import LeadChange


class Act(StrEnum):
    """What is done with each of them."""

    ARCHIVE = "archive"
    RESTORE = "restore"
    TAKE_OVER = "take_over"
    GIVE_BACK = "give_back"
    ASSIGN = "assign"
    ADD = "add"
    SUPPRESS = "suppress"


CHANGES = {
    Act.ARCHIVE: LeadChange(archived=True),
    Act.RESTORE: LeadChange(archived=False),
    Act.TAKE_OVER: LeadChange(manual_mode=True),
    Act.GIVE_BACK: LeadChange(manual_mode=False),
}
"""What an act changes of a lead. ASSIGN changes whom it is assigned to; the others change nothing of the lead."""


class BulkChange(Struct, frozen=True, kw_only=True):
    """How far a change of many leads is."""

    id: UUID
    act: Act
    undoes: UUID | None
    """The change that this one takes back; `act` is the same then."""
    undone_by: UUID | None
    """The change that took this one back."""
    dataset_id: UUID | None
    """That the leads are added to."""
    assigned_to: UUID | None
    total: int
    done: int
    """Leads that were looked at."""
    touched: int
    """Leads of those that were not so already."""
    problem: str | None
    """Why it ended before all were done."""
    created_by: UUID
    created_at: datetime
    seen_at: datetime | None
    finished_at: datetime | None

    @property
    def percent(self) -> int:
        """How much of it is done, 0 to 100."""
        if self.finished_at is not None and self.problem is None:
            return 100
        return min(99, 100 * self.done // self.total) if self.total else 0

    @property
    def can_be_undone(self) -> bool:
        """Whether there is a way back: an opt-out has none, and what was taken back was."""
        over = self.finished_at is not None and self.undone_by is None and self.undoes is None
        return over and self.touched > 0 and self.act is not Act.SUPPRESS
