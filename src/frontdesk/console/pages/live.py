"""What happens, as it happens: server-sent events for the pages' script, which decides what to load anew.

An event tells what happened and to what, never words or numbers of people. `GET /waiting` is for browsers whose stream
is cut: they ask for the same counts now and then.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import msgspec
from litestar import Response, get
from litestar.response import Stream
from msgspec import structs

from frontdesk.console.forms import AnyRequest, Given
from frontdesk.console.state import House
from frontdesk.domain.activity import service as activity
from frontdesk.domain.conversations.service import inbox
from frontdesk.domain.notifications.service import reading
from frontdesk.kernel.access import Actor
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.platform.events import Event
from frontdesk.platform.realtime import Resync

BEAT = 15.0
"""Seconds of silence after which a comment is sent, so that proxies keep the connection."""
LONGEST = 600.0
"""Seconds after which a stream ends. The browser comes back by itself, and shows its session again."""


@get("/events")
async def events(request: AnyRequest, context: Given[Context], house: Given[House], actor: Given[Actor]) -> Stream:
    """The events from now on that the person may see, or those after the one that the browser saw last."""
    last = request.headers.get("last-event-id", "")
    after = int(last) if last.isascii() and last.isdigit() and len(last) < 19 else None
    return Stream(
        _lines(activity.watch(context.works, house.hub, actor, after)),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _lines(source: AsyncGenerator[Event | Resync, None]) -> AsyncIterator[str]:
    loop = asyncio.get_running_loop()
    ends = loop.time() + LONGEST
    yield "retry: 2000\n\n"
    async with contextlib.aclosing(source) as happening:
        coming = asyncio.ensure_future(anext(happening, None))
        try:
            while (left := ends - loop.time()) > 0:
                done, _ = await asyncio.wait({coming}, timeout=min(BEAT, left))
                if not done:
                    yield ": still here\n\n"
                    continue
                event = coming.result()
                if event is None:
                    return
                yield _line(event)
                coming = asyncio.ensure_future(anext(happening, None))
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)


def _line(event: Event | Resync) -> str:
    told: dict[str, Any] = {"type": "resync"}
    if isinstance(event, Event):
        told = {"type": event.type, "subject": event.subject_id, "lead": event.payload.get("lead_id")}
    return f"id: {event.position}\nevent: fact\ndata: {msgspec.json.encode(told).decode()}\n\n"


@get("/waiting")
async def waiting(work: Given[Work]) -> Response[bytes]:
    """How many conversations have something unread, how many want a person, and what the person was told and has not
    read."""
    counted = structs.asdict(await inbox.counts(work)) | {"told": await reading.unread_count(work)}
    return Response(msgspec.json.encode(counted), media_type="application/json", headers={"Cache-Control": "no-store"})


routes: list[Any] = [events, waiting]
