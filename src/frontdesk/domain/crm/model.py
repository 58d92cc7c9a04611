"""Records on their way to a CRM, and when one is tried again. Pure; no I/O."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from frontdesk.ports.crm import Activity, ActivityKind, Person

TRIES = 30
"""Tries of a record while the CRM is down, over about a day."""
_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(hours=1)


class RecordStatus(StrEnum):
    """How far a record is."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"
    """The CRM refused it, or was down for a day."""
    SKIPPED = "skipped"
    """What it tells of is not there any more."""


class Record(Struct, frozen=True, kw_only=True):
    """An event on its way to a CRM. `contact` and `activity` are the CRM's ids."""

    org_id: UUID
    id: UUID
    connection_id: UUID
    event: str
    subject: ActivityKind
    subject_id: UUID
    lead_id: UUID
    status: RecordStatus
    tries: int
    next_try_at: datetime
    contact: str | None
    activity: str | None
    error: str
    created_at: datetime
    tried_at: datetime | None
    done_at: datetime | None
    who: str = ""
    """The lead's name or number, in lists; empty where it is gone, or not the reader's to see."""


class RecordFilter(Struct, frozen=True, kw_only=True):
    """Which records: of one status, of leads whose name or number has these letters."""

    status: RecordStatus | None = None
    who: str = ""


class Passed(Struct, frozen=True):
    """What a CRM is to be told: who, and what happened."""

    person: Person
    activity: Activity


def pause_after(tries: int, asked: float | None) -> timedelta | None:
    """How long to wait after so many tries: twice as long each time up to an hour, and not less than the seconds the
    CRM asked for, up to an hour. None: it is given up."""
    if tries >= TRIES:
        return None
    usual = min(_FIRST_PAUSE * 2 ** min(tries - 1, 10), _LONGEST_PAUSE)
    return max(usual, min(timedelta(seconds=asked or 0), _LONGEST_PAUSE))


def reference_of(subject_id: UUID) -> str:
    """The one word by which what we made is found again."""
    return f"frontdesk{subject_id.hex}"
