"""Outbound webhooks and their deliveries."""

from datetime import timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from frontdesk.contracts._http.times import Instant, iso, iso_or_none
from frontdesk.contracts.hekax.dialect import PageQuery, Pagination, Shape
from frontdesk.domain.webhooks import model
from frontdesk.domain.webhooks.model import OVERLAP, DeliveryStatus
from frontdesk.kernel.paging import Page

StatusName = Literal["PENDING", "DELIVERED", "FAILED", "SKIPPED"]


class Webhook(Shape):
    """An address that is told of events. `disabledReason` is by_hand, failing (for days) or gone (it answered 410)."""

    id: UUID
    url: str
    events: list[str]
    description: str
    enabled: bool
    created_at: Instant
    updated_at: Instant
    failing_since: Instant | None
    disabled_at: Instant | None
    disabled_reason: str | None
    previous_secret_until: Instant | None

    @classmethod
    def fields_of(cls, endpoint: model.Endpoint) -> dict[str, Any]:
        """Its fields by their names here."""
        return {
            "id": endpoint.id,
            "url": endpoint.url,
            "events": endpoint.events,
            "description": endpoint.description,
            "enabled": endpoint.enabled,
            "created_at": iso(endpoint.created_at),
            "updated_at": iso(endpoint.updated_at),
            "failing_since": iso_or_none(endpoint.failing_since),
            "disabled_at": iso_or_none(endpoint.disabled_at),
            "disabled_reason": endpoint.disabled_reason.value if endpoint.disabled_reason else None,
            "previous_secret_until": iso_or_none(endpoint.previous_until),
        }

    @classmethod
    def of(cls, endpoint: model.Endpoint) -> "Webhook":
        return cls(**cls.fields_of(endpoint))


class WebhookWithSecret(Webhook, kw_only=True):
    """The same with its secret, which is shown this once."""

    secret: str

    @classmethod
    def made(cls, endpoint: model.Endpoint, secret: str) -> "WebhookWithSecret":
        """From the endpoint and what was made for it."""
        return cls(**cls.fields_of(endpoint), secret=secret)


class WebhookList(Shape):
    """All of the organization's."""

    webhooks: list[Webhook]
    events: list[str]
    """What can be asked for."""


class NewWebhook(Shape):
    """The body that registers one. Without `events` it is told of everything."""

    url: str
    events: list[str] | UnsetType = UNSET
    description: str = ""


class WebhookUpdate(Shape):
    """The body that changes one; what is left out stays."""

    url: str | UnsetType = UNSET
    events: list[str] | UnsetType = UNSET
    description: str | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET

    def change(self) -> model.EndpointChange:
        """The same in the product's words."""
        given = {name: value for name in self.__struct_fields__ if (value := getattr(self, name)) is not UNSET}
        return msgspec.convert(given, model.EndpointChange)


class Rotation(Shape):
    """The body of a rotation: for how many hours the secret before signs too."""

    overlap_hours: Annotated[int, Meta(ge=0, le=168)] = int(OVERLAP / timedelta(hours=1))


class WebhookTest(Shape):
    """The body of a test: which event to send an example of. Without it, the first that the webhook asked for."""

    event: str | None = None


class ReplaySince(Shape):
    """The body that has deliveries sent again: all made since then, or those of one status."""

    since: str
    status: StatusName | UnsetType = UNSET


class Replayed(Shape):
    """How many are on their way again."""

    replayed: int


class DeliveryQuery(PageQuery):
    """The query of the list of deliveries."""

    status: StatusName | None = None


def status_of(name: StatusName | UnsetType | None) -> DeliveryStatus | None:
    """The product's status of that name."""
    return DeliveryStatus(name.lower()) if isinstance(name, str) else None


class Delivery(Shape):
    """An event on its way to a webhook. `latencyMs`, `statusCode` and `error` are of the last attempt."""

    id: UUID
    webhook_id: UUID
    event_id: UUID
    event: str
    sequence: int
    status: StatusName
    test: bool
    attempts: int
    status_code: int | None
    latency_ms: int | None
    error: str | None
    created_at: Instant
    last_attempt_at: Instant | None
    next_attempt_at: Instant | None
    delivered_at: Instant | None

    @classmethod
    def fields_of(cls, delivery: model.Delivery) -> dict[str, Any]:
        """Its fields by their names here."""
        return {
            "id": delivery.id,
            "webhook_id": delivery.endpoint_id,
            "event_id": delivery.event_id,
            "event": delivery.event,
            "sequence": delivery.sequence,
            "status": delivery.status.value.upper(),
            "test": delivery.test,
            "attempts": delivery.attempts,
            "status_code": delivery.last_status_code,
            "latency_ms": delivery.last_latency_ms,
            "error": delivery.last_error or None,
            "created_at": iso(delivery.created_at),
            "last_attempt_at": iso_or_none(delivery.last_attempt_at),
            "next_attempt_at": iso_or_none(delivery.next_attempt_at),
            "delivered_at": iso_or_none(delivery.delivered_at),
        }

    @classmethod
    def of(cls, delivery: model.Delivery) -> "Delivery":
        return cls(**cls.fields_of(delivery))


class Attempt(Shape):
    """One post. Without `latencyMs` it is under way, or was cut off."""

    number: int
    started_at: Instant
    status_code: int | None
    latency_ms: int | None
    error: str | None


class DeliveryDetail(Delivery, kw_only=True):
    """A delivery with what was sent and every attempt, newest first."""

    payload: dict[str, Any]
    attempt_log: list[Attempt]

    @classmethod
    def told(cls, delivery: model.Delivery, attempts: list[model.Attempt]) -> "DeliveryDetail":
        """From the delivery and the attempts at it."""
        return cls(
            **cls.fields_of(delivery),
            payload=msgspec.json.decode(delivery.payload),
            attempt_log=[
                Attempt(each.number, iso(each.started_at), each.status_code, each.latency_ms, each.error or None)
                for each in attempts
            ],
        )


class DeliveryList(Shape):
    """A page of deliveries."""

    deliveries: list[Delivery]
    pagination: Pagination

    @classmethod
    def of(cls, found: Page[model.Delivery], wanted: DeliveryQuery) -> "DeliveryList":
        return cls([Delivery.of(each) for each in found.items], Pagination.of(found, wanted.page, wanted.limit))
