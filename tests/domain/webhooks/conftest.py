"""Endpoints of an organisation at a receiver, and what tests of webhooks do again and again."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from tests.fakes.receiver import Receiver
from tests.fixtures.organizations import Organization

from frontdesk.domain.webhooks.model import (
    EVENTS,
    Delivery,
)
from frontdesk.domain.webhooks.service import endpoints, replaying, sending, telling
from frontdesk.kernel.access import system_actor
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works
from frontdesk.platform.events import Event

Ways = Callable[..., Awaitable[tuple[UUID, str]]]


@pytest.fixture
def an_endpoint(context: Context, org: Organization, receiver: Receiver) -> Ways:
    """Registers endpoints of `org` at the receiver. Answers (id, secret)."""

    async def make(*events: str, of: Context = context, url: str = receiver.url) -> tuple[UUID, str]:
        endpoint, secret = await endpoints.register(of, org.actor, url, list(events or EVENTS))
        return endpoint.id, secret

    return make


async def read_on(works: Works, org: Organization, reader: object = telling) -> None:
    """Let the reader react to all events, as its loop would; twice, for once must be once."""
    async with works.across_tenants("tests") as work:
        rows = await work.fetch(
            """select *, row_number() over (partition by subject_id order by written)::int as sequence,
                      written as position from events where org_id = $1 order by written""",
            org.id,
        )
        facts = [Event(**{name: row[name] for name in Event.__struct_fields__}) for row in rows]
    for event in facts * 2:
        if event.type in reader.TYPES:  # pyright: ignore
            async with works.begin(system_actor(org.id)) as work:
                await reader.react(work, event)  # pyright: ignore


async def post_due(context: Context) -> None:
    """Post all that is due, once."""
    for org_id, delivery_id in await sending.due(context, 100):
        await sending.send(context, org_id, delivery_id)


async def log_of(works: Works, org: Organization, endpoint_id: UUID) -> list[Delivery]:
    async with works.read(org.actor) as work:
        return (await replaying.page(work, endpoint_id, limit=100)).items
