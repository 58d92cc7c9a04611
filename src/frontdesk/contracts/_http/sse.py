"""Server-sent events: the event log, live, to whoever is connected. What they may see of it is for the domain."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import msgspec
from litestar.response import Stream

from frontdesk.contracts._http.times import iso
from frontdesk.platform.events import Event
from frontdesk.platform.realtime import Resync

BEAT = 15.0
"""Seconds of silence after which a comment is sent, so that proxies keep the connection."""
LONGEST = 300.0
"""Seconds after which a stream ends. The client comes back by itself, and shows its credential again."""


def event_stream(source: AsyncGenerator[Event | Resync, None]) -> Stream:
    """The answer that streams the events of `source`, and closes it."""
    return Stream(
        _frames(source),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
    )


async def _frames(source: AsyncGenerator[Event | Resync, None]) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    ends = loop.time() + LONGEST
    yield b"retry: 1000\n\n"
    async with aclosing(source) as events:
        coming = asyncio.ensure_future(_next(events))
        try:
            while (left := ends - loop.time()) > 0:
                done, _ = await asyncio.wait({coming}, timeout=min(BEAT, left))
                if not done:
                    yield b": still here\n\n"
                    continue
                event = coming.result()
                if event is None:
                    return
                coming = asyncio.ensure_future(_next(events))
                yield _frame(event)
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)


async def _next(events: AsyncGenerator[Event | Resync, None]) -> Event | Resync | None:
    return await anext(events, None)


def _frame(event: Event | Resync) -> bytes:
    if isinstance(event, Resync):
        told = {"position": event.position}
        return b"event: resync\nid: %d\ndata: %s\n\n" % (event.position, msgspec.json.encode(told))
    told = {
        "id": event.id,
        "type": event.type,
        "subject_type": event.subject_type,
        "subject_id": event.subject_id,
        "sequence": event.sequence,
        "occurred_at": iso(event.occurred_at),
        "payload": event.payload,
    }
    return b"event: %s\nid: %d\ndata: %s\n\n" % (event.type.encode(), event.position, msgspec.json.encode(told))
