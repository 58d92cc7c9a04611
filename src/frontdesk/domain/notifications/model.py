"""What people are told, whom it concerns, and in which words. Pure; no I/O."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from frontdesk.domain.campaigns.model import ALL_SENT, END_DATE
from frontdesk.domain.integrations.model import PROVIDERS
from frontdesk.domain.integrations.model import Kind as System
from frontdesk.kernel.access import Permission


class Kind(StrEnum):
    """What a notification is about."""

    LEAD_HOT = "lead_hot"
    WANTS_PERSON = "wants_person"
    CALLER_WAITS = "caller_waits"
    """A call is over and a person has to see to it: a message was left, or nobody could help."""
    CALL_BOOKED = "call_booked"
    CAMPAIGN_COMPLETED = "campaign_completed"
    CAMPAIGN_STOPPED = "campaign_stopped"
    """Paused, and not by a person: the carrier takes no texts."""
    CAMPAIGN_TROUBLE = "campaign_trouble"
    IMPORT_REFUSALS = "import_refusals"
    USAGE = "usage"
    """Most or all of the plan's minutes are used."""
    WEBHOOK_DISABLED = "webhook_disabled"
    """Switched off, and not by a person: its receiver takes nothing."""
    CONNECTION_LAPSED = "connection_lapsed"
    """A calendar or a CRM does not let us in any more."""
    MESSAGE = "message"
    """Words that another program sends to one person."""


CONCERNS: dict[Kind, Permission] = {
    Kind.LEAD_HOT: Permission.SEND_MESSAGES,
    Kind.WANTS_PERSON: Permission.SEND_MESSAGES,
    Kind.CALLER_WAITS: Permission.SEND_MESSAGES,
    Kind.CALL_BOOKED: Permission.SEND_MESSAGES,
    Kind.CAMPAIGN_COMPLETED: Permission.RUN_CAMPAIGNS,
    Kind.CAMPAIGN_STOPPED: Permission.RUN_CAMPAIGNS,
    Kind.CAMPAIGN_TROUBLE: Permission.RUN_CAMPAIGNS,
    Kind.IMPORT_REFUSALS: Permission.RUN_CAMPAIGNS,
    Kind.USAGE: Permission.MANAGE_ORGANIZATION,
    Kind.WEBHOOK_DISABLED: Permission.MANAGE_ORGANIZATION,
    Kind.CONNECTION_LAPSED: Permission.MANAGE_ORGANIZATION,
    Kind.MESSAGE: Permission.VIEW,
}
"""What a member must be allowed to do to be told: nobody is told of what they can do nothing about."""


class Preference(Struct, frozen=True):
    """How a person wants to be told of one kind."""

    in_console: bool
    by_mail: bool


DEFAULTS: dict[Kind, Preference] = {
    Kind.LEAD_HOT: Preference(in_console=True, by_mail=True),
    Kind.WANTS_PERSON: Preference(in_console=True, by_mail=True),
    Kind.CALLER_WAITS: Preference(in_console=True, by_mail=True),
    Kind.CALL_BOOKED: Preference(in_console=True, by_mail=True),
    Kind.CAMPAIGN_COMPLETED: Preference(in_console=True, by_mail=False),
    Kind.CAMPAIGN_STOPPED: Preference(in_console=True, by_mail=True),
    Kind.CAMPAIGN_TROUBLE: Preference(in_console=True, by_mail=True),
    Kind.IMPORT_REFUSALS: Preference(in_console=True, by_mail=False),
    Kind.USAGE: Preference(in_console=True, by_mail=True),
    Kind.WEBHOOK_DISABLED: Preference(in_console=True, by_mail=True),
    Kind.CONNECTION_LAPSED: Preference(in_console=True, by_mail=True),
    Kind.MESSAGE: Preference(in_console=True, by_mail=True),
}


class News(Struct, frozen=True, kw_only=True):
    """Something to be told, before it is known to whom."""

    kind: Kind
    lead_id: UUID | None = None
    dataset_id: UUID | None = None
    data: dict[str, Any] = {}


class Notification(Struct, frozen=True, kw_only=True):
    """Something that one person is told. `who` and `dataset` are the names as they are now."""

    id: UUID
    kind: Kind
    subject_id: UUID | None
    lead_id: UUID | None
    dataset_id: UUID | None
    conversation_id: UUID | None
    data: dict[str, Any]
    created_at: datetime
    read_at: datetime | None
    who: str
    dataset: str

    @property
    def link(self) -> str:
        """Where to go: a path of the console, or, of words of another program, what it gave. May be empty."""
        match self.kind:
            case Kind.CALLER_WAITS:
                return f"/console/calls/{self.subject_id}"
            case Kind.LEAD_HOT | Kind.WANTS_PERSON if self.conversation_id is not None:
                return f"/console/inbox/{self.conversation_id}"
            case Kind.LEAD_HOT | Kind.WANTS_PERSON | Kind.CALL_BOOKED:
                return f"/console/leads/{self.lead_id}" if self.lead_id else "/console/calendar"
            case Kind.CAMPAIGN_COMPLETED | Kind.CAMPAIGN_STOPPED | Kind.CAMPAIGN_TROUBLE:
                return f"/console/campaigns/{self.dataset_id}"
            case Kind.IMPORT_REFUSALS:
                return f"/console/imports/done/{self.subject_id}"
            case Kind.USAGE:
                return "/console/billing"
            case Kind.WEBHOOK_DISABLED:
                return f"/console/webhooks/{self.subject_id}"
            case Kind.CONNECTION_LAPSED:
                return "/console/integrations"
            case Kind.MESSAGE:
                return str(self.data.get("link") or "")

    def title(self) -> str:
        """What happened, in one line."""
        who = self.who or "A lead"
        match self.kind:
            case Kind.LEAD_HOT:
                return f"{who} is hot"
            case Kind.WANTS_PERSON:
                return f"{who} wants to talk to a person"
            case Kind.CALLER_WAITS:
                return f"{self.who or 'Somebody'} called, and is to be called back"
            case Kind.CALL_BOOKED:
                return f"A call with {self.who or 'somebody'} was booked"
            case Kind.CAMPAIGN_COMPLETED:
                ended = {ALL_SENT: "has sent everything", END_DATE: "has come to its end date"}
                return f"The campaign “{self.dataset}” {ended.get(str(self.data.get('why', ALL_SENT)), 'was ended')}"
            case Kind.CAMPAIGN_STOPPED:
                return f"The campaign “{self.dataset}” was stopped"
            case Kind.CAMPAIGN_TROUBLE:
                return f"Texts of the campaign “{self.dataset}” are failing"
            case Kind.IMPORT_REFUSALS:
                refused = int(self.data.get("refused", 0))
                return f"{refused:,} {'row' if refused == 1 else 'rows'} of an import {_was(refused)} refused"
            case Kind.USAGE:
                return f"{self.data.get('percent', 0)}% of this period's {_metered(self.data)} are used"
            case Kind.WEBHOOK_DISABLED:
                return "A webhook was switched off"
            case Kind.CONNECTION_LAPSED:
                return f"{_provider(self.data)} does not let us in any more"
            case Kind.MESSAGE:
                return str(self.data.get("title", ""))

    def detail(self, zone: ZoneInfo) -> str:
        """What else is worth telling, in a line or two; times are of `zone`. May be empty."""
        match self.kind:
            case Kind.LEAD_HOT:
                return "An answer within minutes is worth most."
            case Kind.WANTS_PERSON:
                return "The assistant says nothing more until somebody gives the conversation back to it."
            case Kind.CALLER_WAITS:
                return "The assistant could not settle it. What was said stands beside the recording."
            case Kind.CALL_BOOKED:
                starts = self.data.get("starts_at")
                return _told(msgspec.convert(starts, datetime).astimezone(zone)) if starts else ""
            case Kind.CAMPAIGN_STOPPED:
                return "The carrier takes no texts from your number. Resume the campaign when that is mended."
            case Kind.CAMPAIGN_TROUBLE:
                return f"{self.data.get('failed', 0)} did not go out or did not arrive within an hour."
            case Kind.IMPORT_REFUSALS:
                taken = int(self.data.get("successful", 0))
                return f"{taken:,} {'lead was' if taken == 1 else 'leads were'} taken into “{self.dataset}”."
            case Kind.USAGE:
                spent = "What comes now is taken from packs, as far as they reach. "
                return (spent if int(self.data.get("percent", 0)) >= 100 else "") + "A pack or a larger plan has more."
            case Kind.WEBHOOK_DISABLED:
                why = "said that it is gone" if self.data.get("reason") == "gone" else "took nothing for days"
                return f"Its receiver {why}. Mend that, switch the webhook on, and replay what it missed."
            case Kind.CONNECTION_LAPSED if self.data.get("kind") == System.CALENDAR:
                return "Connect it again. Until then it is not looked at, and what is booked is entered afterwards."
            case Kind.CONNECTION_LAPSED:
                return "Connect it again. Until then calls and appointments wait to be passed on to it."
            case Kind.MESSAGE:
                return str(self.data.get("message", ""))
            case Kind.CAMPAIGN_COMPLETED:
                return ""


def subject_line(told: list[Notification], business: str) -> str:
    """The subject of a mail that tells of all of these."""
    return f"{told[0].title()} ({business})" if len(told) == 1 else f"{len(told)} notifications from {business}"


def is_link(text: str) -> bool:
    """Whether a notification may lead there: a path of ours, or a page of the web."""
    if text.startswith("/"):
        return not text.startswith(("//", "/\\")) and text.isprintable()
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and text.isprintable()


def _provider(data: dict[str, Any]) -> str:
    named = {each.id: each.name for each in PROVIDERS}
    return named.get(str(data.get("provider")), "A connected system")


def _was(count: int) -> str:
    return "was" if count == 1 else "were"


def _metered(data: dict[str, Any]) -> str:
    return "AI minutes" if data.get("metered") == "ai_seconds" else "call minutes"


def _told(at: datetime) -> str:
    return f"{at:%A} {at.day} {at:%B %Y}, {at:%H:%M}"
