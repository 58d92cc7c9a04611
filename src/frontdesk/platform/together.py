"""Calls that come while one is under way are made together.

Here: who waits for whom. What is called, and what it means to do many in one, is its owner's (`arrival_store`).
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")
Do = Callable[[list[T]], Awaitable[list[R]]]


class Together(Generic[T, R]):
    """Has something done for items, each alone as long as nobody waits; else for up to `most` that wait in one call.

    One call at a time: the busier it gets, the more share a call, so that the cost of one falls when it matters, and
    nobody waits for company. Behind a call that takes longer than `patience` seconds (it waits for a lock, say) others
    are begun, up to `lanes` at a time. Items of which `apart` says the same never share a call. Where a call fails for
    several, it is tried for each alone.
    """

    def __init__(self, *, most: int, lanes: int, patience: float, apart: Callable[[T], Hashable]) -> None:
        self._most, self._lanes, self._patience, self._apart = most, lanes, patience, apart
        self._waiting: deque[tuple[T, asyncio.Future[R]]] = deque()
        self._under_way = 0
        self._calls: set[asyncio.Task[None]] = set()
        self._impatient: asyncio.TimerHandle | None = None

    async def __call__(self, item: T, do: Do[T, R]) -> R:
        """What `do` answers for `item`; it answers in the order of its items, and is the same for all of them. Raises
        what it raises for this one alone."""
        if not self._under_way:
            self._under_way = 1
            try:
                return (await do([item]))[0]
            finally:
                self._go_on(do)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[R] = loop.create_future()
        self._waiting.append((item, answer))
        if self._impatient is None:
            self._impatient = loop.call_later(self._patience, self._begin_another, do)
        return await answer

    def _begin_another(self, do: Do[T, R]) -> None:
        """Begin one call more if nobody has been let in since somebody began to wait."""
        self._impatient = None
        if self._under_way < self._lanes:
            self._under_way += 1
            self._go_on(do)

    def _go_on(self, do: Do[T, R]) -> None:
        """Use the lane that is free now for those who wait."""
        if self._impatient is not None:
            self._impatient.cancel()
            self._impatient = None
        if not self._waiting:
            self._under_way -= 1
            return
        batch = self._next_batch()
        if self._waiting and self._under_way < self._lanes:
            self._impatient = asyncio.get_running_loop().call_later(self._patience, self._begin_another, do)
        call = asyncio.create_task(self._call(batch, do))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    def _next_batch(self) -> list[tuple[T, asyncio.Future[R]]]:
        """Those who have waited longest and can share a call; the others keep their turn."""
        batch: dict[Hashable, tuple[T, asyncio.Future[R]]] = {}
        passed_over: list[tuple[T, asyncio.Future[R]]] = []
        while self._waiting and len(batch) < self._most:
            one = self._waiting.popleft()
            if batch.setdefault(self._apart(one[0]), one) is not one:
                passed_over.append(one)
        self._waiting.extendleft(reversed(passed_over))
        return list(batch.values())

    async def _call(self, batch: list[tuple[T, asyncio.Future[R]]], do: Do[T, R]) -> None:
        outcomes: list[R | Exception] = []
        try:
            outcomes = await self._outcomes([item for item, _ in batch], do)
        finally:
            # The next call begins before these are answered: what the answered do then, it need not wait for.
            self._go_on(do)
            for (_, waiting), outcome in zip(batch, outcomes, strict=False):
                if waiting.done():
                    continue
                if isinstance(outcome, Exception):
                    waiting.set_exception(outcome)
                else:
                    waiting.set_result(outcome)
            for _, waiting in batch:
                waiting.cancel()  # of those that nothing was said to, when the program ends

    async def _outcomes(self, items: list[T], do: Do[T, R]) -> list[R | Exception]:
        """What `do` answers for each, together or else alone, or why it does not."""
        try:
            return [*await do(items)]
        except Exception as error:
            return [error] if len(items) == 1 else [(await self._outcomes([item], do))[0] for item in items]
