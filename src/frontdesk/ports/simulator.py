"""The sandbox as a person at the simulator sees it: virtual handsets, faults, captured mail.

What its routes and the console's pages are made of. Everything is done for an actor and shows its organisation only.
"""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from frontdesk.kernel.access import Actor


class FaultKind(StrEnum):
    """What can be made to go wrong."""

    REJECT = "reject"
    """A send is refused for good, with 30007."""
    BUSY = "busy"
    """The carrier takes nothing and says 429, to look-ups too."""
    UNCERTAIN_ACCEPTED = "uncertain_accepted"
    """The answer to a send is lost; the message goes out."""
    UNCERTAIN_LOST = "uncertain_lost"
    """The answer to a send is lost, and the message too."""
    BROWNOUT = "brownout"
    """Busy or uncertain in one of both ways: which of the three, our message's id decides."""
    SLOW = "slow"
    """A send takes seconds to answer."""
    FAIL = "fail"
    """The message is sent and then undelivered, with 30003."""
    DUPLICATE = "duplicate"
    """Status callbacks and inbound webhooks are posted twice."""
    LATE = "late"
    """Status callbacks come seconds late."""
    REORDER = "reorder"
    """The last status callback comes before the first."""
    LINE_BUSY = "line_busy"
    """A handset that is called is busy."""
    NO_ANSWER = "no_answer"
    """Nobody answers a handset that is called."""
    MACHINE = "machine"
    """An answering machine takes up a handset that is called."""


class Fault(Struct, frozen=True):
    """A fault in force."""

    kind: FaultKind
    rate: float
    """The share of messages it strikes: 1 is every one."""
    until: datetime


class Direction(StrEnum):
    """As the product sees it."""

    OUTBOUND = "outbound"
    """From a number of ours to the handset."""
    INBOUND = "inbound"


class HandsetMessage(Struct, frozen=True):
    """A text on a handset."""

    sid: str
    direction: Direction
    number: str
    """Ours."""
    handset: str
    body: str
    created_at: datetime


class HandsetCall(Struct, frozen=True):
    """A call of ours to a handset. `status` is the carrier's word: ringing, in-progress, completed, busy, no-answer."""

    sid: str
    number: str
    """Ours."""
    handset: str
    status: str
    created_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None


class Answered(Struct, frozen=True):
    """A handset has taken a call up: where its audio goes, by Media Streams. Without an address there is nobody to talk
    to, and `says` is what was said instead."""

    sid: str
    address: str
    parameters: dict[str, str]
    says: str


class CapturedMail(Struct, frozen=True):
    """A mail that was kept instead of sent."""

    to: str
    subject: str
    text: str
    html: str
    sent_at: datetime


class Simulator(Protocol):
    """All methods raise Forbidden unless the actor is a member of an organisation, or a key of one."""

    async def text(self, actor: Actor, handset: str, number: str, body: str) -> HandsetMessage:
        """Let `handset` text our `number`. Both may be written as people do in the organisation's country.

        Raises Invalid, and NotFound unless `number` is a sandbox number of the organisation.
        """
        ...

    async def messages(self, actor: Actor, handset: str, limit: int) -> list[HandsetMessage]:
        """The last `limit` texts on `handset` to and from the organisation's numbers, oldest first; texts to it show
        once they are delivered. Raises NotFound when `handset` is not a number that a handset can have."""
        ...

    async def calls(self, actor: Actor, handset: str, limit: int) -> list[HandsetCall]:
        """The last `limit` calls of the organisation to `handset`, oldest first. Raises NotFound as `messages` does."""
        ...

    async def answer(self, actor: Actor, handset: str) -> Answered:
        """Take up the call that rings at `handset`. Raises NotFound where none does."""
        ...

    async def hang_up(self, actor: Actor, handset: str) -> HandsetCall:
        """End the call that `handset` is on, or decline the one that rings. Raises NotFound where there is none."""
        ...

    async def set_fault(self, actor: Actor, kind: str, rate: float, seconds: float) -> Fault:
        """Let `kind` strike the organisation's messages at `rate` for the next `seconds`; a rate of 0 ends it.

        Replaces a fault of that kind. Raises Invalid.
        """
        ...

    async def faults(self, actor: Actor) -> list[Fault]:
        """The faults now in force for the organisation."""
        ...

    async def mail(self, actor: Actor, to: str | None, limit: int) -> list[CapturedMail]:
        """The last `limit` captured mails that the actor may read, to `to` if given, newest first.

        A person reads what was sent to them. Whoever may manage users also reads what concerns their organisation
        alone; an operator of the platform reads all. Raises Forbidden for keys: links in mail sign people in.
        """
        ...
