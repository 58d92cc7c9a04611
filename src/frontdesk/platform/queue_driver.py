"""pgqueuer's way to the database: a driver that waits a lost database out instead of failing its manager, which would
otherwise stop taking jobs until the longest one that runs is done."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg
import structlog
from pgqueuer.core.tm import TaskManager
from pgqueuer.domain.models import TableChangedEvent, utc_now
from pgqueuer.domain.types import Channel
from pgqueuer.ports.driver import Driver, NotifyCallback

from frontdesk.platform.loops import Backoff, describe, is_lost, pause

log = structlog.get_logger("frontdesk.queue")

T = TypeVar("T")


class QueueDriver(Driver):
    """Statements on a pool, tried again until they pass through or the runner ends. All of pgqueuer's may be: a claim
    whose answer was lost goes stale and is made again, the others say what is to be and not what to add.

    Nothing is listened for (docs/decisions/0004): the manager is woken from here.
    """

    def __init__(self, pool: asyncpg.Pool, ended: asyncio.Event) -> None:
        self._pool, self._ended = pool, ended
        self._hearing: list[tuple[Channel, NotifyCallback]] = []
        self._shutdown = asyncio.Event()
        self._tasks = TaskManager()

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        return [dict(row) for row in await self._persist(lambda: self._pool.fetch(query, *args), whatever=True)]

    async def execute(self, query: str, *args: object) -> str:
        status = await self._persist(lambda: self._pool.execute(query, *args))
        self.wake()  # a job may have ended, and left room for the next
        return status

    async def notify(self, channel: str, payload: str) -> None:
        """Only the manager itself hears: it checks its hearing so."""
        for _, callback in self._hearing:
            callback(payload)

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        self._hearing.append((Channel(channel), callback))

    def wake(self) -> None:
        """Have the manager look at the queue now."""
        for channel, callback in self._hearing:
            changed = TableChangedEvent(
                channel=channel, operation="update", sent_at=utc_now(), table="pgqueuer", type="table_changed_event"
            )
            callback(changed.model_dump_json())

    @property
    def shutdown(self) -> asyncio.Event:
        return self._shutdown

    @property
    def tm(self) -> TaskManager:
        return self._tasks

    async def __aenter__(self) -> "QueueDriver":
        return self

    async def __aexit__(self, *_: object) -> None:
        """The pool is the runner's to close."""

    async def _persist(self, call: Callable[[], Awaitable[T]], *, whatever: bool = False) -> T:
        """Call until it succeeds or the runner ends; `whatever` is the error, or as long as it is of the connection."""
        backoff = Backoff(0.2, 3)
        while True:
            try:
                return await call()
            except Exception as error:
                lost = is_lost(error) or isinstance(error, OSError | TimeoutError)
                if self._ended.is_set() or not (whatever or lost):
                    raise
                log.warning("queue_statement_failed", error=describe(error))
            await pause(self._ended, backoff.next())
