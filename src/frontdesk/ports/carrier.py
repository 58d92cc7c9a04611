"""Text messaging as the product sees it: send, look back, prove a webhook. Twilio's vocabulary, narrowed."""

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


class Busy(Exception):
    """The carrier took nothing and says to come back: HTTP 429. Nothing was sent. `retry_after` is in seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"come back in {retry_after:g} s")
        self.retry_after = retry_after


class Uncertain(Exception):
    """Nobody can tell whether the carrier took the message: a time-out, a broken connection, a 5xx."""


class Carrier(Protocol):
    """A text-message carrier."""

    name: str
    handles_opt_out: bool
    """Whether the carrier itself answers STOP and blocks the number, as Twilio does by default."""

    async def send(self, text: OutgoingText) -> Receipt:
        """Hand over one text. Raises Rejected, Busy or Uncertain, nothing else."""
        ...

    async def sent_to(self, to: str, since: datetime) -> list[CarrierMessage]:
        """What the carrier holds as sent to `to` since then, newest first. Raises Busy or Uncertain."""
        ...

    def is_genuine(self, url: str, form: Mapping[str, str], signature: str) -> bool:
        """Whether `signature` proves that the carrier posted `form` to `url`."""
        ...
