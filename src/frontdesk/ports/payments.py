"""Payment providers: selling a plan or a pack, showing the buyer's invoices, and telling what was paid.

A provider is told and tells by ids of its own; which organisation they belong to stands in what is bought.
"""

from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from frontdesk.kernel.money import Money


class PaymentFailed(Exception):
    """The provider refused, failed, or did not answer in time. Says nothing of its secrets."""


class NotGenuine(Exception):
    """A notice that the provider did not sign, or not lately."""


class Buyer(Struct, frozen=True):
    """Who pays. `customer` is the provider's id of it, where there is one."""

    org_id: UUID
    email: str
    name: str = ""
    customer: str | None = None


class Item(Struct, frozen=True):
    """What is bought: a plan by the month, or a pack once."""

    id: str
    name: str
    amount: Money
    recurring: bool


class Intent(Struct, frozen=True):
    """A payment that waits to be confirmed in the buyer's browser. `url` is a page to do so, where there is one."""

    reference: str
    client_secret: str
    url: str | None = None


class Invoice(Struct, frozen=True):
    """What was charged."""

    id: str
    amount: Money
    status: str
    date: datetime
    pdf_url: str | None


class SubscriptionState(StrEnum):
    """Whether what recurs is paid for."""

    ACTIVE = "active"
    PAST_DUE = "past_due"
    CANCELED = "canceled"


class ProvidedSubscription(Struct, frozen=True, kw_only=True):
    """A subscription as the provider has it now."""

    org_id: UUID
    customer: str | None
    reference: str
    item: str
    state: SubscriptionState
    period_start: datetime
    period_end: datetime
    amount: Money
    ends_at_period_end: bool
    began_at: datetime


class Notice(Struct, frozen=True, kw_only=True):
    """Something that a provider tells, maybe twice and in any order.

    `subscription` is to be looked at afresh. A pack is paid for where `pack` is set: `reference` is the payment.
    """

    id: str
    type: str
    org_id: UUID | None = None
    subscription: str | None = None
    pack: str | None = None
    customer: str | None = None
    """Who paid for the pack, where the provider knows."""
    reference: str = ""
    amount: Money | None = None
    """What was received, or was due where `failed`."""
    failed: bool = False


class Payments(Protocol):
    """A payment provider. All that reaches outside raises PaymentFailed."""

    name: str

    async def customer(self, buyer: Buyer) -> str:
        """The provider's id of `buyer`; the same one where it was asked moments ago."""
        ...

    async def checkout(self, buyer: Buyer, item: Item, back: str) -> str:
        """The address of a page on which `buyer` pays for `item`, and from which they come back to `back`."""
        ...

    async def portal(self, customer: str, back: str) -> str:
        """The address of a page on which `customer` sees and ends what they pay for."""
        ...

    async def intend(self, buyer: Buyer, item: Item, back: str) -> Intent:
        """Begin a single payment for `item`."""
        ...

    async def invoices(self, customer: str) -> list[Invoice]:
        """What `customer` was charged, newest first; 100 at most."""
        ...

    async def subscription(self, reference: str) -> ProvidedSubscription | None:
        """A subscription as it is now. None for one that is not there, not ours, or not begun."""
        ...

    async def cancel(self, reference: str, *, credit: bool) -> None:
        """End a subscription at once; with `credit`, what is left of the time paid for is taken off what its customer
        pays next. Nothing happens where it is over."""
        ...

    def read(self, body: bytes, signature: str) -> Notice:
        """The notice in a webhook. Raises NotGenuine."""
        ...


class Purchase(Struct, frozen=True):
    """What somebody at the till is about to buy, or has bought."""

    name: str
    amount: Money
    recurring: bool
    back: str
    paid_at: datetime | None
    canceled_at: datetime | None


class Till(Protocol):
    """The page of a provider that has none of its own: the sandbox. `token` is what opens it."""

    async def look(self, token: str) -> Purchase | None:
        """What is bought there. None: there is no such purchase."""
        ...

    async def pay(self, token: str) -> Notice | None:
        """Pay, once. The same notice again where it was paid."""
        ...

    async def cancel_by(self, token: str) -> Notice | None:
        """End a subscription."""
        ...
