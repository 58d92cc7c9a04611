"""CRM systems: keeping there who called and what came of it. Instants are UTC.

All that reaches outside raises `consent.AccessExpired`, `ConsentRefused`, `ProviderTrouble`, or `CrmRefused`.
"""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from frontdesk.ports.consent import Tokens


class CrmRefused(Exception):
    """The CRM does not take a record as it is, and will not on another try. Says why, in the CRM's words."""


class Person(Struct, frozen=True, kw_only=True):
    """Somebody to be a contact. Empty: not known."""

    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    """E.164."""
    email: str = ""
    company: str = ""
    reason: str = ""
    """Why they got in touch."""


class ActivityKind(StrEnum):
    """What happened with a contact."""

    CALL = "call"
    APPOINTMENT = "appointment"


class Activity(Struct, frozen=True, kw_only=True):
    """Something that happened with a contact, or is to."""

    kind: ActivityKind
    reference: str
    """Ours: one word, which is kept with it so that it can be found again."""
    title: str
    body: str
    """Plain text."""
    start: datetime
    end: datetime
    inbound: bool = True
    sender: str = ""
    receiver: str = ""
    """Numbers of a call."""
    cancelled: bool = False


class Crm(Protocol):
    """A CRM system. Whose account it is, the tokens say."""

    async def contact(self, tokens: Tokens, person: Person, known: str | None) -> str:
        """The CRM's id of `person`: the `known` one if it is there, else who has their e-mail address or number, else a
        new one. What the CRM knows of them is not changed; what it lacks is added."""
        ...

    async def activity(
        self, tokens: Tokens, contact: str, activity: Activity, known: str | None, *, maybe_there: bool
    ) -> str:
        """The CRM's id of `activity` with a contact: the `known` one as it is now, else a new one. `maybe_there`: it
        may have been made before and nobody heard, so it is looked for first."""
        ...
