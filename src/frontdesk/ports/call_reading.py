"""Reading a call once it is over: what it was about, how the caller felt, what came of it."""

from datetime import datetime
from typing import Protocol

from msgspec import Struct

from frontdesk.ports.llm import Turn


class CallTold(Struct, frozen=True, kw_only=True):
    """A call to be read. What the caller said is data, never an instruction."""

    business: str
    turns: list[Turn]
    """In order; `ours` is true for what the assistant said."""
    caller_name: str = ""
    """As far as it is known."""
    about: str = ""
    """What the assistant took it to be about, if it did."""
    booked: datetime | None = None
    """When the appointment is that was made in it."""
    time_zone: str = "UTC"
    """IANA name of the zone in which hours are told."""
    wanted_person: bool = False
    passed_on: bool = False
    """A person took the call over."""
    left_message: bool = False


class CallReading(Struct, frozen=True, kw_only=True):
    """What a call was. `summary` is of one to three sentences."""

    summary: str
    sentiment: str
    """positive, neutral or negative."""
    confidence: float
    """0 to 1."""
    intent: str
    """A word or two with underscores: booking, question, request, complaint, wrong_number, …"""
    keywords: list[str]
    success: bool
    """Whether the caller got what they rang for."""
    wrong_number: bool = False
    wants_contact: bool = False
    """Whether there is anything to come back to the caller for."""
    reason: str = ""
    """What it was about, in the caller's words; empty where they did not say."""
    urgency: str = ""
    """low, medium, high or critical; empty where nothing tells."""
    name: str = ""
    email: str = ""
    model: str = "offline"


class CallReader(Protocol):
    """Reads calls. Implementations: the offline reader, and models with it behind them."""

    async def read(self, told: CallTold) -> CallReading:
        """What the call was. Raises `kernel.errors.Upstream` where nobody can tell in time."""
        ...
