"""Which number an organisation texts from, and by whose account. Pure; no I/O."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from frontdesk.ports.carrier import OwnedNumber
from frontdesk.ports.carrier_codes import words_of


class Number(Struct, frozen=True):
    """A number of the organisation."""

    id: UUID
    phone: str
    provider: str
    sandbox: bool
    """A fictional number, which reaches virtual handsets only. Every organisation has one."""
    problem_code: str | None
    problem_at: datetime | None

    @property
    def problem(self) -> str:
        """Why the carrier takes no texts from it, in words; the empty string where it does."""
        return words_of(self.problem_code) if self.problem_code else ""


class Account(Struct, frozen=True):
    """The organisation's own account with a carrier. Secrets in `shown` are masked."""

    provider: str
    account: str
    shown: dict[str, str]
    updated_at: datetime


class Standing(Struct, frozen=True):
    """How the organisation texts: the number in use, its account if it has one of its own."""

    number: Number | None
    account: Account | None
    may_use_operators: bool
    """Whether the actor may choose among the numbers of the operator's own account."""


class Choice(Struct, frozen=True):
    """A number that can be chosen, or why it cannot. `in_use`: it is the one that texts go out from now."""

    number: OwnedNumber
    in_use: bool


class Check(Struct, frozen=True):
    """One thing that was tried."""

    ok: bool
    says: str


class Signer(Struct, frozen=True):
    """Whose signature a webhook bears: the operator's account with a carrier, or that of the organisation."""

    provider: str
    org_id: UUID | None = None
