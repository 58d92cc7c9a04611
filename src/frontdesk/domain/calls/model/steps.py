"""What a carrier tells of a call, what it is to do next, and what callers are told."""

from enum import StrEnum
from uuid import UUID

from msgspec import Struct

ANNOUNCEMENT = "This call is recorded."

ALL_BUSY = "Thank you for calling {business}. All our lines are busy right now. Please try again in a few minutes."
NO_LINE = "Sorry, we cannot take your call right now. Please try again later."
LEAVE_MESSAGE = "Nobody can take your call right now. Please leave your name, your number and a message after the tone."
NOBODY_ANSWERED = "Sorry, none of my colleagues could answer. Please leave your name and a message after the tone."
CUT_OFF = "Sorry, we were cut off."


class CarrierCall(Struct, frozen=True, kw_only=True):
    """A call as a carrier tells of it: its own id of it, and the two sides as it writes them."""

    carrier: str
    provider_call_id: str
    called: str
    sender: str
    outbound: bool = False
    """We rang: `sender` is a number of ours, and else `called` is."""

    @property
    def our_number(self) -> str:
        """The side that is ours."""
        return self.sender if self.outbound else self.called


class Next(StrEnum):
    """What the carrier is to do with a caller."""

    CONNECT = "connect"
    """Open the media socket, with the proof."""
    DIAL = "dial"
    SAY = "say"
    """Say something, and hang up."""
    HANG_UP = "hang_up"
    REFUSE = "refuse"
    """Not ours: do not answer."""


class Step(Struct, frozen=True, kw_only=True):
    """What the carrier is to do next with a call. `says` comes first, whatever it is."""

    do: Next
    says: str = ""
    call_id: UUID | None = None
    proof: str = ""
    """CONNECT: what opens the media socket, once."""
    numbers: list[str] = []
    """DIAL: who is rung, all at once; the first to answer has the call."""
    members: list[UUID] = []
    seconds: int = 0
    """DIAL: how long it rings."""
    caller_id: str = ""
    of_ours: UUID | None = None
    """DIAL: whose it is, where it is a call that we place: the carrier tells how those stand who are rung for it."""
