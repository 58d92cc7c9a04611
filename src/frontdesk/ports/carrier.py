"""Text messaging as the product sees it: send, look back, prove a webhook. Twilio's vocabulary, narrowed.

And accounts with carriers: credentials that an organisation gives, and the numbers that they open.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from msgspec import Struct


class CarrierStatus(StrEnum):
    """Where the carrier says a message is. `rank` orders the life cycle: callbacks may come late and out of order."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"


class OutgoingText(Struct, frozen=True):
    """One text to send. `reference` is our message id: the adapter puts it in the URL of the status callback, so that a
    late word of the carrier finds its message even when the answer to the send was lost."""

    sender: str
    to: str
    body: str
    reference: UUID
    until: datetime | None = None
    """When a carrier that has it in its queue should deliver it no more. None: it may come at any hour."""


class Receipt(Struct, frozen=True):
    """The carrier has the message."""

    provider_id: str
    status: CarrierStatus = CarrierStatus.QUEUED
    segments: int = 1


class CarrierMessage(Struct, frozen=True):
    """A message as the carrier's own list shows it."""

    provider_id: str
    sender: str
    to: str
    body: str
    status: CarrierStatus
    created_at: datetime
    error_code: str = ""


class Rejected(Exception):
    """The carrier refused this message for good. `code` is the carrier's (21610 opted out, 21614 not a mobile, ...)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class AccountRefused(Rejected):
    """Refused for the account or the sender, and not for this message: nothing was sent, and any other text of the
    organisation would be refused alike. `str` of it is a sentence for people."""


class Busy(Exception):
    """The carrier took nothing and says to come back (HTTP 429, a full queue), or was not reached at all. Nothing was
    sent. `retry_after` is in seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"come back in {retry_after:g} s")
        self.retry_after = retry_after


class Uncertain(Exception):
    """Nobody can tell whether the carrier took the message: a time-out, a broken connection, a 5xx."""


class Carrier(Protocol):
    """A text-message carrier."""

    name: str
    answers: frozenset[str]
    """The texts, in capitals, that the carrier answers by itself before it posts them here: words that opt out and in,
    on which it blocks and frees the number, and for help."""

    async def send(self, text: OutgoingText) -> Receipt:
        """Hand over one text. Raises Rejected, Busy or Uncertain, nothing else."""
        ...

    async def sent_to(self, to: str, since: datetime) -> list[CarrierMessage]:
        """What the carrier holds as sent to `to` since then, newest first. Raises Busy or Uncertain."""
        ...

    def is_genuine(self, url: str, form: Mapping[str, str], signature: str) -> bool:
        """Whether `signature` proves that the carrier posted `form` to `url`."""
        ...


class OwnedNumber(Struct, frozen=True):
    """A phone number of a carrier account. `id` is the carrier's."""

    id: str
    phone: str
    """E.164."""
    label: str
    can_text: bool
    texts_go_to: str = ""
    """The address that texts to it are posted to now."""
    obstacle: str = ""
    """Why it cannot be used, in words."""
    can_call: bool = False
    calls_go_to: str = ""
    """The address that is asked about calls to it now."""


class AccountProblem(Exception):
    """Something about an account does not work. `str` of it is a sentence for people."""


class NumberGone(AccountProblem):
    """The number is not for sale, or not any more. Nothing was bought."""


class OfferedNumber(Struct, frozen=True):
    """A number that can be bought."""

    phone: str
    """E.164."""
    label: str
    region: str | None
    can_call: bool
    can_text: bool
    can_send_pictures: bool


class Wish(Struct, frozen=True):
    """What numbers are searched for: of a country (ISO 3166), with these digits."""

    country: str
    area_code: str = ""
    contains: str = ""
    most: int = 20


class NumberSeller(Protocol):
    """Whoever sells phone numbers: an account with a carrier, or the sandbox."""

    name: str
    """As `numbers.provider` holds it."""

    async def search(self, wish: Wish) -> list[OfferedNumber]:
        """Numbers that can be bought now. Raises AccountProblem."""
        ...

    async def buy(self, phone: str, label: str) -> None:
        """Buy the number, and have its texts and calls posted here. Never repeated by itself.

        Raises NumberGone or another AccountProblem where nothing was bought, Uncertain where nobody can tell.
        """
        ...

    async def owns(self, phone: str) -> bool:
        """Whether the number has been bought. Raises AccountProblem."""
        ...

    async def give_back(self, phone: str) -> None:
        """Give the number up for good, if it is had. Repeated it does no harm.

        Raises AccountProblem where nothing was given up, Uncertain where nobody can tell.
        """
        ...

    async def release(self, phone: str) -> None:
        """Have texts and calls to it posted here no longer, if they are. Raises AccountProblem."""
        ...


class CarrierAccount(Carrier, NumberSeller, Protocol):
    """A carrier by the credentials of one account. What looks after numbers raises AccountProblem and nothing else."""

    async def check(self) -> str:
        """Try the credentials; the account's name with the carrier."""
        ...

    async def numbers(self) -> list[OwnedNumber]:
        """The account's phone numbers."""
        ...

    async def adopt(self, number: OwnedNumber) -> None:
        """From now on have texts and calls to it posted here."""
        ...

    def posts_here(self, number: OwnedNumber) -> bool:
        """Whether texts to it are posted here."""
        ...

    def rings_here(self, number: OwnedNumber) -> bool:
        """Whether we are asked about calls to it."""
        ...


class Sealed(Struct, frozen=True):
    """Credentials as they are kept: encrypted, with the account's id, and masked for people to see."""

    text: str
    account: str
    shown: dict[str, str]


class CarrierVendor(Protocol):
    """A carrier that needs an account: the operator's for the whole installation, or one of an organisation's own."""

    name: str
    """As `numbers.provider` holds it."""

    @property
    def operators(self) -> CarrierAccount | None:
        """The operator's account, if there is one."""
        ...

    @property
    def sells_to_trials(self) -> bool:
        """Whether organisations that pay for no plan may buy numbers on the operator's account."""
        ...

    def seal(self, given: Mapping[str, str]) -> Sealed:
        """Check the form of credentials, by the vendor's own names for them, and encrypt them. Raises Invalid."""
        ...

    def open(self, sealed: str) -> CarrierAccount:
        """The account behind what `seal` made. Raises AccountProblem where it cannot be decrypted (any more)."""
        ...
