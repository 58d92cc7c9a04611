"""Events as they come, for whoever is connected now: the hub of each process, which SSE and the sockets stand on.

Nothing here is durable: what must not be missed is a `Reader` of `platform.event_log`. A subscriber that was away
catches up from the log by the last position it saw.
"""

import asyncio
import functools
from collections.abc import AsyncGenerator
from uuid import UUID

import structlog
from msgspec import Struct

from frontdesk.kernel.access import system_actor
from frontdesk.platform.database import Works, records
from frontdesk.platform.event_log import CHANNEL, COLUMNS
from frontdesk.platform.events import Event
from frontdesk.platform.loops import listening, pause, supervise

log = structlog.get_logger("frontdesk.realtime")

_PAGE = 500
_POLL = 1.0


class Resync(Struct, frozen=True):
    """The last item of a subscription that could not keep up, or asked for more than is replayed: load anew what is
    shown, then subscribe after `position`."""

    position: int


class _Subscriber:
    """One subscription's buffer between the hub and its generator."""

    def __init__(self, org_id: UUID, size: int) -> None:
        self.org_id, self._size = org_id, size
        self._waiting: list[Event] = []
        self._news = asyncio.Event()
        self._over = False
        self.overflown = False

    def put(self, events: list[Event]) -> None:
        if len(self._waiting) + len(events) > self._size:
            self._waiting, self.overflown = [], True
            self.end()
        elif not self._over:
            self._waiting += events
            self._news.set()

    def end(self) -> None:
        self._over = True
        self._news.set()

    async def take(self) -> list[Event] | None:
        """What has come, at least one event; None when there will be no more."""
        while not self._waiting:
            if self._over:
                return None
            await self._news.wait()
            self._news.clear()
        events, self._waiting = self._waiting, []
        return events


class Hub:
    """Follows the log and hands each event to the subscribers of its organisation, in order of position."""

    def __init__(self, works: Works, dsn: str, *, buffer: int = 1000, replay: int = 10_000) -> None:
        """A subscriber more than `buffer` events behind is dropped; one that was away gets at most `replay` of them."""
        self._works, self._dsn, self._buffer, self._replay = works, dsn, buffer, replay
        self._subscribers: set[_Subscriber] = set()
        self._position: int | None = None
        self._moving = asyncio.Lock()
        self._started = asyncio.Event()
        self._stopped = False

    async def run(self, stop: asyncio.Event) -> None:
        """Follow until `stop`; then all subscriptions end. Lives through losses of the database."""
        news = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(
                    supervise("realtime.listen", listening(self._dsn, CHANNEL, lambda _: news.set()), stop)
                )
                tasks.create_task(supervise("realtime.follow", functools.partial(self._follow, news), stop))
        finally:
            self._stopped = True
            self._started.set()
            for subscriber in self._subscribers:
                subscriber.end()

    async def subscribe(self, org_id: UUID, after: int | None = None) -> AsyncGenerator[Event | Resync, None]:
        """The organisation's events from now on, or all after position `after`, without a gap between old and new.

        Ends when the hub stops, or with a `Resync`. Close the generator (`contextlib.aclosing`) to unsubscribe.
        """
        await self._started.wait()
        subscriber = _Subscriber(org_id, self._buffer)
        async with self._moving:  # between two pages: the hub knows the organisation before it reads the next
            if self._stopped or self._position is None:
                return
            self._subscribers.add(subscriber)
            joined = self._position
        # What comes while the log is being read waits in the buffer.
        seen = joined if after is None else after
        try:
            if seen < joined:
                replayed = 0
                while page := await self._read(org_id, seen, joined):
                    replayed += len(page)
                    if replayed > self._replay:
                        yield Resync(joined)
                        return
                    for event in page:
                        yield event
                    seen = page[-1].position
            while (events := await subscriber.take()) is not None:
                for event in events:
                    if event.position > seen:
                        yield event
                        seen = event.position
            if subscriber.overflown:
                yield Resync(self._position)
        finally:
            self._subscribers.discard(subscriber)

    async def _read(self, org_id: UUID, after: int, upto: int) -> list[Event]:
        async with self._works.read(system_actor(org_id)) as work:
            rows = await work.fetch(
                f"""select {COLUMNS} from events where org_id = $1 and position > $2 and position <= $3
                    order by position limit {_PAGE}""",
                org_id, after, upto,
            )  # fmt: skip
        return records(Event, rows)

    async def _follow(self, news: asyncio.Event, stop: asyncio.Event) -> None:
        while not stop.is_set():
            news.clear()
            if not await self._advance():
                await pause(stop, _POLL, news)

    async def _advance(self) -> bool:
        """Hand out one page, and return whether there is more."""
        async with self._moving:
            last, events = await self._next_page()
            more = len(events) == _PAGE
            self._position = events[-1].position if more else last
            self._started.set()
            for subscriber in list(self._subscribers):
                if mine := [event for event in events if event.org_id == subscriber.org_id]:
                    subscriber.put(mine)
                    if subscriber.overflown:
                        self._subscribers.discard(subscriber)
                        log.info("subscriber_dropped", org_id=str(subscriber.org_id))
        return more

    async def _next_page(self) -> tuple[int, list[Event]]:
        """The last position of the log, and the first page after ours of what somebody here waits for."""
        wanted = list({subscriber.org_id for subscriber in self._subscribers})
        async with self._works.across_tenants("realtime") as work:
            last: int = await work.fetchval("select last from event_positions")
            if not wanted or self._position is None or self._position >= last:
                return last, []
            rows = await work.fetch(
                f"""select {COLUMNS} from events where position > $1 and position <= $2 and org_id = any($3)
                    order by position limit {_PAGE}""",
                self._position, last, wanted,
            )  # fmt: skip
        return last, records(Event, rows)
