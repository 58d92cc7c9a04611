"""Registering outbound webhooks, their deliveries and replays: what the HEKAX document speaks of and has no routes for.
For OWNER and ADMIN."""

from datetime import timedelta
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

from litestar import Request, delete, get, patch, post

from frontdesk.contracts._http.body import decode_json
from frontdesk.contracts._http.given import FromPath, Given, JSONBody
from frontdesk.contracts._http.ids import path_id
from frontdesk.contracts._http.query import wanted as wanted_of
from frontdesk.contracts._http.times import parse_instant
from frontdesk.contracts.hekax.shapes.team import Removed
from frontdesk.contracts.hekax.shapes.webhooks import (
    Delivery,
    DeliveryDetail,
    DeliveryList,
    DeliveryQuery,
    NewWebhook,
    Replayed,
    ReplaySince,
    Rotation,
    Webhook,
    WebhookList,
    WebhookTest,
    WebhookUpdate,
    WebhookWithSecret,
    status_of,
)
from frontdesk.domain.webhooks.errors import DeliveryNotFound, EndpointNotFound
from frontdesk.domain.webhooks.model import EVENTS
from frontdesk.domain.webhooks.service import endpoints, replaying
from frontdesk.kernel.access import Actor
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work

FIELDS = {"overlap_hours": "overlapHours"}


AnyRequest: TypeAlias = Request[Any, Any, Any]
B = TypeVar("B")


def _id(text: str) -> UUID:
    return path_id(text, EndpointNotFound)


async def _body(request: AnyRequest, shape: type[B]) -> B:
    """A body that may be left out."""
    return decode_json(await request.body() or b"{}", shape)


@post("/api/webhooks", operation_id="create_webhook", status_code=201, extension=True)
async def create_webhook(context: Given[Context], actor: Given[Actor], data: JSONBody[NewWebhook]) -> WebhookWithSecret:
    """Register an address, which must be on the public internet. The secret is shown this once."""
    events = data.events if isinstance(data.events, list) else list(EVENTS)
    return WebhookWithSecret.made(*await endpoints.register(context, actor, data.url, events, data.description))


@get("/api/webhooks", operation_id="list_webhooks", extension=True)
async def list_webhooks(work: Given[Work]) -> WebhookList:
    return WebhookList([Webhook.of(each) for each in await endpoints.every(work)], list(EVENTS))


@get("/api/webhooks/{webhook_id:str}", operation_id="get_webhook", extension=True)
async def get_webhook(work: Given[Work], webhook_id: FromPath[str]) -> Webhook:
    return Webhook.of(await endpoints.get(work, _id(webhook_id)))


@patch("/api/webhooks/{webhook_id:str}", operation_id="update_webhook", extension=True)
async def update_webhook(
    context: Given[Context], actor: Given[Actor], webhook_id: FromPath[str], data: JSONBody[WebhookUpdate]
) -> Webhook:
    """Change it, or switch it off and on."""
    return Webhook.of(await endpoints.change(context, actor, _id(webhook_id), data.change()))


@delete("/api/webhooks/{webhook_id:str}", operation_id="delete_webhook", status_code=200, extension=True)
async def delete_webhook(work: Given[Work], webhook_id: FromPath[str]) -> Removed:
    await endpoints.remove(work, _id(webhook_id))
    return Removed()


@post(
    "/api/webhooks/{webhook_id:str}/rotate-secret",
    operation_id="rotate_webhook_secret",
    status_code=200,
    extension=True,
    fields=FIELDS,
)
async def rotate_webhook_secret(
    context: Given[Context], work: Given[Work], webhook_id: FromPath[str], request: AnyRequest
) -> WebhookWithSecret:
    """A new secret, shown this once. Deliveries are signed by both for `overlapHours` of the body: 0 to 168, without a
    body 24."""
    overlap = timedelta(hours=(await _body(request, Rotation)).overlap_hours)
    return WebhookWithSecret.made(*await endpoints.rotate_secret(work, context.vault, _id(webhook_id), overlap))


@post("/api/webhooks/{webhook_id:str}/test", operation_id="test_webhook", status_code=200, extension=True)
async def test_webhook(
    context: Given[Context], actor: Given[Actor], webhook_id: FromPath[str], request: AnyRequest
) -> Delivery:
    """Send an example of the body's `event` now, without a body of the first it asked for, and tell how it went."""
    event = (await _body(request, WebhookTest)).event
    return Delivery.of(await replaying.try_out(context, actor, _id(webhook_id), event))


@get(
    "/api/webhooks/{webhook_id:str}/deliveries",
    operation_id="list_webhook_deliveries",
    extension=True,
    dependencies=wanted_of(DeliveryQuery),
)
async def list_webhook_deliveries(
    work: Given[Work], webhook_id: FromPath[str], wanted: Given[DeliveryQuery]
) -> DeliveryList:
    """What it was owed in the last 30 days, newest first."""
    found = await replaying.page(work, _id(webhook_id), status_of(wanted.status), wanted.page, wanted.limit)
    return DeliveryList.of(found, wanted)


@get(
    "/api/webhooks/{webhook_id:str}/deliveries/{delivery_id:str}",
    operation_id="get_webhook_delivery",
    extension=True,
)
async def get_webhook_delivery(
    work: Given[Work], webhook_id: FromPath[str], delivery_id: FromPath[str]
) -> DeliveryDetail:
    found = await replaying.detail(work, _id(webhook_id), path_id(delivery_id, DeliveryNotFound))
    return DeliveryDetail.told(*found)


@post(
    "/api/webhooks/{webhook_id:str}/deliveries/{delivery_id:str}/replay",
    operation_id="replay_webhook_delivery",
    status_code=200,
    extension=True,
)
async def replay_webhook_delivery(work: Given[Work], webhook_id: FromPath[str], delivery_id: FromPath[str]) -> Delivery:
    """Have it sent again, under the same id."""
    return Delivery.of(await replaying.replay(work, _id(webhook_id), path_id(delivery_id, DeliveryNotFound)))


@post(
    "/api/webhooks/{webhook_id:str}/replay", operation_id="replay_webhook_deliveries", status_code=200, extension=True
)
async def replay_webhook_deliveries(
    work: Given[Work], webhook_id: FromPath[str], data: JSONBody[ReplaySince]
) -> Replayed:
    """Have all sent again that was owed since a time."""
    since = parse_instant(data.since, "since")
    return Replayed(await replaying.replay_since(work, _id(webhook_id), since, status_of(data.status)))


ROUTES = [
    create_webhook,
    list_webhooks,
    get_webhook,
    update_webhook,
    delete_webhook,
    rotate_webhook_secret,
    test_webhook,
    list_webhook_deliveries,
    get_webhook_delivery,
    replay_webhook_delivery,
    replay_webhook_deliveries,
]
