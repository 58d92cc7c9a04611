"""Endpoints, deliveries, and when one is tried again. Pure rules; no I/O."""

from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit
from uuid import UUID

from msgspec import Struct

from frontdesk.kernel.errors import Invalid

DIALECT = "hekax"
"""The one dialect there is: HEKAX's six events and their envelope."""

EVENTS: tuple[str, ...] = (
    "lead.captured", "call.started", "call.completed", "call.transferred", "appointment.created",
    "appointment.cancelled",
)  # fmt: skip
"""What an endpoint can ask for, by the names of its dialect."""

MOST_ENDPOINTS = 50
LONGEST_DESCRIPTION = 200

OVERLAP = timedelta(hours=24)
"""How long the secret before a rotation signs beside the new one, unless told otherwise."""
LONGEST_OVERLAP = timedelta(days=7)

FAILS_FOR = timedelta(days=5)
"""Wall time of nothing but failures after which an endpoint is switched off."""

KEPT = timedelta(days=30)
"""How long deliveries can be looked at and replayed."""

LEASE = timedelta(seconds=45)
"""Wall time for which whoever posts a delivery holds it: well over what a post may take."""

_FIRST_RETRY = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(hours=6)
TRIES = 10
"""Attempts at a delivery, over about 21 hours."""


class DeliveryStatus(StrEnum):
    """How far a delivery is."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    """Given up after the last retry."""
    SKIPPED = "skipped"
    """The endpoint was switched off when it happened."""


class DisabledReason(StrEnum):
    """Why an endpoint is off."""

    BY_HAND = "by_hand"
    FAILING = "failing"
    GONE = "gone"
    """It answered 410."""


class Endpoint(Struct, frozen=True, kw_only=True):
    """Where an organisation wants to be told, and of what. Its secret is not here."""

    id: UUID
    url: str
    events: list[str]
    dialect: str
    description: str
    enabled: bool
    previous_until: datetime | None
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_reason: DisabledReason | None
    created_at: datetime
    updated_at: datetime

    @property
    def host(self) -> str:
        """Whose it is, for people."""
        return urlsplit(self.url).netloc


class EndpointChange(Struct, frozen=True, kw_only=True):
    """What is to change; None stays."""

    url: str | None = None
    events: list[str] | None = None
    description: str | None = None
    enabled: bool | None = None


class Attempt(Struct, frozen=True, kw_only=True):
    """One post. `latency_ms` None: it is under way, or whoever made it was killed meanwhile."""

    number: int
    started_at: datetime
    status_code: int | None
    latency_ms: int | None
    error: str


class Delivery(Struct, frozen=True, kw_only=True):
    """One event on its way to one endpoint, with how the last attempt went."""

    id: UUID
    endpoint_id: UUID
    event_id: UUID
    event: str
    sequence: int
    payload: str
    status: DeliveryStatus
    test: bool
    attempts: int
    next_attempt_at: datetime | None
    created_at: datetime
    delivered_at: datetime | None
    last_attempt_at: datetime | None = None
    last_status_code: int | None = None
    last_latency_ms: int | None = None
    last_error: str | None = None


def retry_pause(tries: int, chance: float, asked: float | None = None) -> timedelta | None:
    """How long to wait after so many failed tries: three times as long each time, a fifth more or less by `chance`
    (0 to 1), and not less than the `asked` seconds, up to six hours. None: it is given up."""
    if tries >= TRIES:
        return None
    usual = min(_FIRST_RETRY * 3 ** (tries - 1), _LONGEST_PAUSE) * (0.8 + 0.4 * chance)
    return max(usual, min(timedelta(seconds=asked or 0), _LONGEST_PAUSE))


def checked_events(events: list[str]) -> list[str]:
    """`events`, each once, in the usual order. Raises Invalid."""
    if not events:
        raise Invalid("Choose one event at least.", field="events")
    if unknown := sorted(set(events) - set(EVENTS)):
        raise Invalid(
            f"There is no event {unknown[0][:60]!r}. Events are {', '.join(EVENTS)}.",
            field="events",
            allowed=list(EVENTS),
        )
    return [each for each in EVENTS if each in events]
