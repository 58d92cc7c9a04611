"""A reader of the event log: facts become deliveries to the endpoints that asked for them."""

from frontdesk.domain.webhooks import delivery_store, store
from frontdesk.domain.webhooks.payloads import NAMES, data_of, envelope, is_told
from frontdesk.platform.database import Work
from frontdesk.platform.events import Event

READER = "webhooks"
TYPES = frozenset(NAMES)
"""Events that receivers may hear of."""


async def react(work: Work, event: Event) -> None:
    """React to an event: owe it to every endpoint that asked for it. Idempotent by the event."""
    name = NAMES[event.type]
    endpoints = await store.listening(work, name) if is_told(event) else []
    if not endpoints:
        return
    data = await data_of(work, event)
    if data is None:
        return
    body = envelope(event.org_id, event.id, name, event.occurred_at, event.sequence, data)
    await delivery_store.insert(work, endpoints, event.id, name, event.sequence, body)
