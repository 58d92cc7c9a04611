"""The activity feed and the figures of the overview. Pure; no I/O."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from msgspec import Struct

from frontdesk.domain.campaigns.model import ALL_SENT, END_DATE
from frontdesk.domain.leads.model import ContactStatus
from frontdesk.ports.carrier_codes import words_of


class ActivityLine(Struct, frozen=True, kw_only=True):
    """One thing that happened, in a sentence."""

    position: int
    type: str
    subject_type: str
    subject_id: UUID
    summary: str
    occurred_at: datetime


class MomentKind(StrEnum):
    """What sort of thing happened to a lead."""

    TEXT = "text"
    GATE = "gate"
    CHANGE = "change"
    HANDOFF = "handoff"
    CALL = "call"
    CONSENT = "consent"
    IMPORT = "import"


class Moment(Struct, frozen=True, kw_only=True):
    """One thing that happened to a lead. What `data` has depends on the kind (`timeline_store`)."""

    at: datetime
    id: UUID
    kind: MomentKind
    actor_type: str
    actor_id: UUID | None
    data: dict[str, Any]


class DayFigures(Struct, frozen=True):
    """One day in the organisation's time zone."""

    day: date
    sent: int
    replies: int
    bookings: int


class Overview(Struct, frozen=True, kw_only=True):
    """The organisation at a glance."""

    leads: dict[ContactStatus, int]
    datasets_active: int
    sent_today: int
    replies_today: int
    bookings_upcoming: int
    needs_human: int
    unread: int
    days: list[DayFigures]
    """The last 14 days, oldest first."""


_STEP_NAMES = {"m1": "M1", "m2": "M2", "m3": "M3", "ai_response": "an AI reply", "human_manual": "a message"}


def sentence(type_: str, payload: Mapping[str, Any], who: str) -> str | None:
    """What happened, for people; `who` is the lead's name. None for what is not worth a line."""
    if type_ == "call.completed" and payload.get("trial"):
        return "Somebody tried the assistant out"
    if type_ == "call.completed" and payload.get("direction") == "outbound":
        return _rang(str(payload.get("status")), str(payload.get("ended_reason")), who or "a lead")
    if type_ == "call.completed":
        told = {
            "completed": "called",
            "missed": "called, and nobody answered",
            "busy": "called while all lines were busy",
        }
        return f"{who or 'Somebody'} {told.get(str(payload.get('status')), 'called, and was cut off')}"
    who = who or "A lead"
    if type_ == "member.joined" and not payload.get("invitation_id"):
        return None  # whoever founded the organisation
    if type_ == "message.failed":
        what = _STEP_NAMES.get(str(payload.get("category")), "a message")
        return f"{what[0].upper()}{what[1:]} to {who} could not be delivered"
    if type_ == "lead.imported":
        return f"{payload.get('successful', 0):,} leads were imported"
    if type_ == "lead.import_undone":
        return f"An import of {payload.get('members_removed', 0):,} leads was undone"
    if type_ == "campaign.started":
        return f"A campaign started with {payload.get('messages_queued', 0):,} leads"
    if type_ == "campaign.completed":
        told = {ALL_SENT: "A campaign has sent everything", END_DATE: "A campaign has come to its end date"}
        return told.get(str(payload.get("why") or ""), "A campaign was ended")
    if type_ == "number.out_of_service":
        then = ": campaigns were paused" if payload.get("stops") else ""
        return f"The carrier refuses texts{then}. {words_of(str(payload.get('code')))}"
    plain = {
        "message.received": f"{who} replied",
        "lead.captured": f"{who} got in touch",
        "lead.hot": f"{who} is hot",
        "contact.suppressed": f"{who} opted out",
        "contact.allowed": f"{who} may be contacted again",
        "conversation.handoff": f"{who} wants to talk to a person",
        "appointment.created": f"A call with {who} was booked",
        "appointment.cancelled": f"The call with {who} was cancelled",
        "campaign.paused": "A campaign was paused",
        "campaign.resumed": "A campaign goes on",
        "member.invited": "A colleague was invited",
        "member.joined": "A colleague joined",
    }
    return plain.get(type_)


def _rang(status: str, reason: str, who: str) -> str:
    """What became of a call that we placed."""
    if reason == "voicemail":
        return f"{who[0].upper()}{who[1:]} was called, and a machine answered"
    ends = {
        "completed": "was called", "missed": "was called, and did not answer",
        "busy": "was called, and the line was busy", "canceled": "was to be called, and was not",
    }  # fmt: skip
    return f"{who[0].upper()}{who[1:]} {ends.get(status, 'was called, and it did not come about')}"
