"""Server-sent events: each fact of the organisation, as its type and subject. Pages decide what to load anew."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Any

import msgspec
from litestar import Request, get
from litestar.response import Stream

from frontdesk.console.door import leave
from frontdesk.console.state import House
from frontdesk.kernel.access import Actor
from frontdesk.platform.events import Event

HEARTBEAT = 20.0
"""Seconds after which a comment is sent, so that proxies keep the connection."""


@get("/events")
async def events(request: Request[Any, Any, Any], actor: Actor, house: House) -> Stream:
    """The organisation's facts from now on, or after Last-Event-ID."""
    await leave(request)
    assert actor.org_id is not None
    last = request.headers.get("last-event-id", "")
    source = house.hub.subscribe(actor.org_id, int(last) if last.isdigit() else None)
    return Stream(
        _lines(source), media_type="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )


async def _lines(source: AsyncGenerator[Any, None]) -> AsyncGenerator[str, None]:
    async with contextlib.aclosing(source):
        yield "retry: 2000\n\n"
        upcoming = asyncio.ensure_future(anext(source))
        try:
            while True:
                done, _ = await asyncio.wait({upcoming}, timeout=HEARTBEAT)
                if not done:
                    yield ": still here\n\n"
                    continue
                try:
                    event = upcoming.result()
                except StopAsyncIteration:
                    return
                if isinstance(event, Event):
                    told = {"type": event.type, "subject": str(event.subject_id)}
                    yield f"id: {event.position}\nevent: fact\ndata: {msgspec.json.encode(told).decode()}\n\n"
                upcoming = asyncio.ensure_future(anext(source))
        finally:
            upcoming.cancel()
            with contextlib.suppress(asyncio.CancelledError, StopAsyncIteration):
                await upcoming


routes = [events]
