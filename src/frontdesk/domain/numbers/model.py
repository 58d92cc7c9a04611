"""Which number an organisation texts from, and by whose account. Pure; no I/O."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

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
    friendly_name: str | None
    route_to_ai: bool
    """Whether calls to it are answered by the assistant; else people are rung."""
    bought_at: datetime | None
    """None: the sandbox one that everybody has, or one adopted from an account."""
    leaving_at: datetime | None
    """When somebody gave it back. It is here until the carrier has taken it."""
    operators: bool
    """It stands in the operator's account with the carrier, and not in the organisation's own."""

    @property
    def everybodys(self) -> bool:
        """Whether it is the sandbox one that every organisation has."""
        return self.sandbox and self.bought_at is None

    @property
    def problem(self) -> str:
        """Why the carrier takes no texts from it, in words; the empty string where it does."""
        return words_of(self.problem_code) if self.problem_code else ""


class PurchaseStatus(StrEnum):
    """How far the buying of a number is."""

    ASKED = "asked"
    BOUGHT = "bought"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    """Nobody can tell whether the carrier has sold it. It is asked before anything is tried again."""


class Verdict(StrEnum):
    """What ended a purchase that was in doubt without a number."""

    NOT_SOLD = "not_sold"
    """The carrier says that it did not sell it."""
    NOT_TOLD = "not_told"
    """The carrier could not be asked for days."""


class Purchase(Struct, frozen=True):
    """A number that somebody wants to buy, or has bought."""

    id: UUID
    phone: str
    provider: str
    friendly_name: str | None
    status: PurchaseStatus
    asked_at: datetime
    operators: bool
    """It was asked for on the operator's account with the carrier."""
    verdict: Verdict | None = None

    @property
    def in_doubt(self) -> bool:
        """Whether its end is still to be seen."""
        return self.status in (PurchaseStatus.ASKED, PurchaseStatus.UNKNOWN)


class NumberUse(Struct, frozen=True, kw_only=True):
    """What goes on with a number, and went on with it lately."""

    number: Number
    texts_from: bool
    """Texts of the organisation go out from it."""
    calls_now: int
    texts_waiting: int
    """Texts that are to go out from it, or are on their way to the carrier."""
    calls_lately: int
    """Calls over it in the last 30 days."""


class NumberChange(Struct, frozen=True, kw_only=True):
    """What to change of a number; fields left UNSET stay."""

    friendly_name: str | UnsetType | None = UNSET
    route_to_ai: bool | UnsetType = UNSET


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
