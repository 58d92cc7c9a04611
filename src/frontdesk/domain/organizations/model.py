"""An organisation, who belongs to it, and who may change whom. Pure rules; no I/O, no wire shapes."""

import re
import unicodedata
from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import phonenumbers
from msgspec import UNSET, Struct, UnsetType

from frontdesk.domain.organizations.errors import RoleNotAllowed
from frontdesk.domain.organizations.plans import ALLOWANCES, Allowance, Plan
from frontdesk.kernel.access import PERMISSIONS_OF, Actor, ActorType, Permission, Role
from frontdesk.kernel.errors import Invalid
from frontdesk.kernel.money import Price
from frontdesk.kernel.text import email_address, one_line

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOST_FREE_SETTINGS = 64 * 1024
"""Bytes of JSON that an organisation may keep in `free_settings`."""


class Hours(Struct, frozen=True):
    """When a day's business starts and ends: HH:MM in the organisation's zone, the end after the start."""

    start: str
    end: str


class Organization(Struct, frozen=True):
    """A business: a tenant."""

    org_id: UUID
    name: str
    slug: str
    """Its name in addresses; unique, and never changes."""
    plan: Plan
    country: str
    """ISO 3166, two letters: where phone numbers are read as dialled."""
    time_zone: str
    """IANA name."""
    email: str | None
    phone: str | None
    logo_url: str | None
    primary_color: str | None
    n8n_workflow_id: str | None
    free_settings: dict[str, Any]
    number: str | None
    """E.164: the number that texts are sent from."""
    ai_enabled: bool
    agent_name: str
    greeting: str | None
    """What callers hear first. None: made of the agent's and the organisation's names."""
    voice_id: str
    """One of VOICES."""
    system_prompt: str | None
    """What the assistant is told besides, in the organisation's own words."""
    max_call_seconds: int
    """After this long the assistant ends a call."""
    max_turns: int
    """After the caller has spoken so often the assistant ends a call."""
    ai_temperature: float | None
    """0 to 2. None: the model's own."""
    business_hours: dict[str, Hours | None]
    """By the day's name in lower case. None: closed all day. An empty dict: not set."""
    daily_cap: int
    """Messages a lead may get in 24 hours that it did not ask for."""
    weekly_cap: int
    """The same in seven days."""
    decisions_kept_days: int
    """How long the gate's refusals are kept."""
    ai_daily_cap: int
    """Answers by AI that a lead may cause in a day; then a person takes over."""
    segment_price: Decimal | None
    """What the carrier takes for a segment, in minor units of `segment_currency`; None: what is usual."""
    segment_currency: str | None
    suspended_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @property
    def allowance(self) -> Allowance:
        """What its plan allows."""
        return ALLOWANCES[self.plan]


class NewOrganization(Struct, frozen=True):
    """What is needed to make one."""

    name: str
    country: str = "GB"
    time_zone: str = "Europe/London"

    def checked(self) -> "NewOrganization":
        """The same, tidied. Raises Invalid."""
        return NewOrganization(
            one_line(self.name, "name", required=True), country_code(self.country), time_zone_name(self.time_zone)
        )


class OrganizationChange(Struct, frozen=True, kw_only=True):
    """What to change; fields left UNSET stay. `free_settings` replaces all of them."""

    name: str | UnsetType = UNSET
    country: str | UnsetType = UNSET
    time_zone: str | UnsetType = UNSET
    email: str | UnsetType | None = UNSET
    phone: str | UnsetType | None = UNSET
    logo_url: str | UnsetType | None = UNSET
    primary_color: str | UnsetType | None = UNSET
    n8n_workflow_id: str | UnsetType | None = UNSET
    free_settings: dict[str, Any] | UnsetType = UNSET
    ai_enabled: bool | UnsetType = UNSET
    agent_name: str | UnsetType = UNSET
    greeting: str | UnsetType | None = UNSET
    voice_id: str | UnsetType = UNSET
    system_prompt: str | UnsetType | None = UNSET
    max_call_seconds: int | UnsetType = UNSET
    max_turns: int | UnsetType = UNSET
    ai_temperature: float | UnsetType | None = UNSET
    business_hours: dict[str, Hours | None] | UnsetType = UNSET
    daily_cap: int | UnsetType = UNSET
    weekly_cap: int | UnsetType = UNSET
    decisions_kept_days: int | UnsetType = UNSET
    ai_daily_cap: int | UnsetType = UNSET
    segment_price: Price | UnsetType | None = UNSET


class MemberStatus(StrEnum):
    """Whether a member may act."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


class Member(Struct, frozen=True):
    """A person in an organisation."""

    org_id: UUID
    user_id: UUID
    email: str
    first_name: str
    last_name: str
    role: Role
    extra_permissions: list[str]
    allowed_dataset_ids: list[UUID] | None
    """None: every dataset."""
    status: MemberStatus
    last_sign_in_at: datetime | None
    created_at: datetime


class Belonging(Struct, frozen=True):
    """One of the organisations that a person belongs to, as a switcher lists them."""

    org_id: UUID
    name: str
    role: Role


class MemberChange(Struct, frozen=True, kw_only=True):
    """What to change of a member; fields left UNSET stay."""

    role: Role | UnsetType = UNSET
    extra_permissions: list[str] | UnsetType = UNSET
    allowed_dataset_ids: list[UUID] | UnsetType | None = UNSET


class NewInvitation(Struct, frozen=True):
    """Whom to invite, and as what."""

    email: str
    role: Role
    first_name: str = ""
    last_name: str = ""
    extra_permissions: list[str] = []
    allowed_dataset_ids: list[UUID] | None = None


class Invitation(Struct, frozen=True):
    """An invitation that is open, or was. `expires_at` past: it can only be sent again."""

    org_id: UUID
    id: UUID
    email: str
    first_name: str
    last_name: str
    role: Role
    extra_permissions: list[str]
    allowed_dataset_ids: list[UUID] | None
    invited_by: UUID | None
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None
    revoked_at: datetime | None


class NewApiKey(Struct, frozen=True):
    """What an API key is to be called and to be good for."""

    name: str
    role: Role
    expires_at: datetime | None = None


class ApiKey(Struct, frozen=True):
    """An API key, without its secret, which only its maker saw once."""

    org_id: UUID
    id: UUID
    name: str
    hint: str
    role: Role
    created_by: UUID | None
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None


# --- roles ------------------------------------------------------------------------------------------------------------

_RANK = {Role.VIEWER: 0, Role.AGENT: 1, Role.DEVELOPER: 1, Role.MANAGER: 2, Role.ADMIN: 3, Role.OWNER: 4}

FLAGS = frozenset({"view_all_leads"})
"""Extra permissions that are no `Permission`: features ask the member's record for them."""
_GRANTABLE = {permission.value: permission for permission in Permission if permission is not Permission.PLATFORM}
_CAN = re.compile(r"can_[a-z_]{1,60}")


def permissions_of(role: Role, extra: Collection[str]) -> frozenset[Permission]:
    """All that a member of `role` with the extra permissions `extra` may do."""
    return PERMISSIONS_OF[role] | {_GRANTABLE[name] for name in extra if name in _GRANTABLE}


def checked_extras(names: Collection[str]) -> list[str]:
    """`names` sorted and without repetition. Raises Invalid for one that nobody knows."""
    for name in names:
        if name not in _GRANTABLE and name not in FLAGS and not _CAN.fullmatch(name):
            raise Invalid("There is no such permission.", field="permissions", permission=name[:80])
    return sorted(set(names))


def must_outrank(actor: Actor, role: Role) -> None:
    """Raise RoleNotAllowed when a member of `role` stands above `actor`. The product itself stands above all."""
    if actor.type is ActorType.SYSTEM or actor.platform_admin:
        return
    if actor.role is None or _RANK[actor.role] < _RANK[role]:
        raise RoleNotAllowed(role)


def must_be_able_to_grant(actor: Actor, role: Role, extra: Collection[str], datasets: Collection[UUID] | None) -> None:
    """Raise RoleNotAllowed when this would give anyone more than `actor` has."""
    must_outrank(actor, role)
    if actor.type is ActorType.SYSTEM or actor.platform_admin:
        return
    if not permissions_of(role, extra) <= actor.permissions:
        raise RoleNotAllowed(role)
    if actor.allowed_datasets is not None and (datasets is None or not set(datasets) <= actor.allowed_datasets):
        raise RoleNotAllowed(role, "You cannot give access to datasets that you do not see.")


# --- fields -----------------------------------------------------------------------------------------------------------

VOICES = ("alloy", "ash", "ballad", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer", "verse")
"""Names of voices, as clients know them. A speech engine takes the nearest that it has."""
MOST_GREETING, MOST_PROMPT = 1_000, 20_000
_NOT_IN_SLUGS = re.compile(r"[^a-z0-9]+")
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d|24:00")
_COLOR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})")


@cache
def _zones() -> frozenset[str]:
    # Not the machine's own list: it may have names that mean something on this machine only.
    return frozenset((files("tzdata") / "zones").read_text(encoding="ascii").split()) - {"Factory"}


def slug_of(name: str) -> str:
    """`name` as it may stand in an address: acme-corp."""
    plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    return _NOT_IN_SLUGS.sub("-", plain)[:60].strip("-") or "organisation"


def checked_voice(name: str) -> str:
    """`name`, if it is one of VOICES. Raises Invalid."""
    if name not in VOICES:
        raise Invalid(f"There is no such voice; there are {', '.join(VOICES)}.", field="voice_id")
    return name


def optional_text(text: str | None, field: str, most: int) -> str | None:
    """Lines of text or nothing. Raises Invalid."""
    plain = (text or "").strip()
    if len(plain) > most:
        raise Invalid(f"This may have {most:,} characters at most.", field=field)
    return plain or None


def time_zone_name(name: str) -> str:
    """`name`, if it is an IANA time zone. Raises Invalid."""
    if name not in _zones():
        raise Invalid("There is no such time zone; write it as Europe/London.", field="time_zone")
    return name


def country_code(code: str) -> str:
    """`code` in capitals, if it is a country of ISO 3166. Raises Invalid."""
    if code.upper() not in phonenumbers.SUPPORTED_REGIONS:
        raise Invalid("There is no such country; write it as two letters, such as GB.", field="country")
    return code.upper()


def optional_email(text: str | None) -> str | None:
    """An e-mail address or nothing. Raises Invalid."""
    return email_address(text) if text and text.strip() else None


def optional_line(text: str | None, field: str, most: int = 200) -> str | None:
    """A line of text or nothing. Raises Invalid."""
    return one_line(text, field, most=most) or None if text else None


def web_address(text: str | None, field: str) -> str | None:
    """An http or https URL, or nothing. Raises Invalid. Nothing is fetched."""
    url = optional_line(text, field, most=2000)
    if url is None:
        return None
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in url
    except ValueError:
        good = False
    if not good:
        raise Invalid("This is not a web address.", field=field)
    return url


def color(text: str | None) -> str | None:
    """A colour as #rgb, #rrggbb or #rrggbbaa, or nothing. Raises Invalid."""
    if not text:
        return None
    if not _COLOR.fullmatch(text):
        raise Invalid("A colour is written as #1a2b3c.", field="primary_color")
    return text.lower()


def checked_hours(hours: dict[str, Hours | None]) -> dict[str, Hours | None]:
    """`hours`, if every day is a day and ends after it starts. Raises Invalid."""
    for day, times in hours.items():
        if day not in WEEKDAYS:
            raise Invalid("There is no such day; write it as monday.", field="business_hours")
        if times is not None and not (
            _TIME.fullmatch(times.start) and _TIME.fullmatch(times.end) and times.start < times.end
        ):
            raise Invalid("Hours are written as 09:00 and end later than they start.", field="business_hours", day=day)
    return hours
