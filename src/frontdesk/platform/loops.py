"""What loops that last as long as the process are made of: pauses, backoff, supervision, being woken by the database.

The loops themselves are the event log's, the queue's and so on; which of them a process runs is `worker.py`.
"""

import asyncio
import random
import traceback
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar, cast

import asyncpg
import structlog

import frontdesk
from frontdesk.kernel.errors import DomainError
from frontdesk.platform.database import APP_ROLE, connect

T = TypeVar("T")
Item = TypeVar("Item")
log = structlog.get_logger("frontdesk.loops")

Loop = Callable[[asyncio.Event], Awaitable[None]]
"""Runs until the event is set. Raises when it cannot go on, and may be run again."""

_SOURCES = Path(frontdesk.__file__).parent
_PROBE = 15.0
"""Seconds between looks at whether a silent connection is still there."""


class Backoff:
    """Delays in seconds that double from `first` to `most`, each with jitter of a quarter either way."""

    def __init__(self, first: float, most: float) -> None:
        self._first, self._most, self._next = first, most, first

    def next(self) -> float:
        """The next delay."""
        delay, self._next = self._next, min(self._next * 2, self._most)
        return delay * random.uniform(0.75, 1.25)  # noqa: S311 - spreads load, keeps no secret

    def reset(self) -> None:
        """Start again from the first."""
        self._next = self._first


class Bell:
    """Wakes everybody in the process who sleeps on it."""

    def __init__(self) -> None:
        self._sleepers: set[asyncio.Event] = set()

    def sleeper(self) -> asyncio.Event:
        """An event that is set at each ring; whoever sleeps on it clears it. Starts set."""
        event = asyncio.Event()
        event.set()
        self._sleepers.add(event)
        return event

    def ring(self) -> None:
        """Wake all."""
        for event in self._sleepers:
            event.set()


async def pause(stop: asyncio.Event, seconds: float, *also: asyncio.Event) -> bool:
    """Sleep until `stop` or one of `also` is set, for `seconds` at most. Returns whether to stop."""
    waits = [asyncio.ensure_future(event.wait()) for event in (stop, *also)]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    return stop.is_set()


async def supervise(name: str, loop: Loop, stop: asyncio.Event) -> None:
    """Run `loop` until `stop`, again and again if it fails, with growing pauses of 0.5 to 30 seconds."""
    backoff = Backoff(0.5, 30)
    while not stop.is_set():
        began = asyncio.get_running_loop().time()
        try:
            await loop(stop)
        except Exception as error:
            log.warning("loop_failed", loop=name, error=describe(error))
        if asyncio.get_running_loop().time() - began > 60:
            backoff.reset()
        if not stop.is_set():
            await pause(stop, backoff.next())


def listening(dsn: str, channel: str, hear: Callable[[str], None]) -> Loop:
    """A loop that calls `hear` with the payload of each NOTIFY on `channel`, and with "" once it listens: some may have
    been missed. It raises ConnectionError when the connection is lost, and what connecting raises."""

    async def listen(stop: asyncio.Event) -> None:
        connection = await connect(dsn, APP_ROLE)
        try:
            lost = asyncio.Event()
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(channel, lambda _connection, _pid, _channel, payload: hear(str(payload)))
            hear("")
            while not await pause(stop, _PROBE, lost):
                if lost.is_set():
                    raise ConnectionError(f"the connection that listens on {channel} was lost")
                await connection.execute("select 1", timeout=_PROBE)
        finally:
            await close(connection)

    return listen


async def close(connection: asyncpg.Connection) -> None:
    """Close it, by force if it does not go quietly."""
    try:
        await connection.close(timeout=5)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        connection.terminate()


def is_lost(error: BaseException) -> bool:
    """Whether `error` says that the database or the way to it was lost, and not that something was wrong with a
    statement."""
    if isinstance(error, asyncpg.QueryCanceledError):
        return False
    if isinstance(error, asyncpg.InterfaceError):  # also what a misuse of the driver raises
        return "closed" in str(error) or "released" in str(error)
    return isinstance(
        error,
        (
            ConnectionError,
            asyncpg.PostgresConnectionError,
            asyncpg.OperatorInterventionError,
            asyncpg.TooManyConnectionsError,
            asyncpg.InternalClientError,  # the driver, caught between two states by a connection that ends
        ),
    )


def describe(error: BaseException) -> str:
    """What went wrong and where in our code, without the message: messages quote rows, numbers and texts of people."""
    words = [type(error).__name__]
    if isinstance(error, DomainError):
        words.append(error.code)
    if isinstance(error, asyncpg.PostgresError):
        words += [str(part) for part in (error.sqlstate, error.constraint_name) if part]
    if isinstance(error, BaseExceptionGroup):
        inner = cast("tuple[Exception, ...]", error.exceptions)
        words.append("of " + ", ".join(sorted({type(one).__name__ for one in inner})))
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(_SOURCES):
            words.append(f"at {path.relative_to(_SOURCES)}:{frame.lineno}")
            break
    return " ".join(words)


async def side_by_side(items: Sequence[Item], see_to: Callable[[Item], Awaitable[T]], at_once: int) -> list[T | None]:
    """See to all of them, in their order, so many at once, and let none that fails hold up the others: its place has
    None."""
    gate = asyncio.Semaphore(at_once)

    async def one(item: Item) -> T | None:
        async with gate:
            try:
                return await see_to(item)
            except Exception as error:
                log.error("one_failed", error=describe(error))
                return None

    return await asyncio.gather(*(one(item) for item in items))
