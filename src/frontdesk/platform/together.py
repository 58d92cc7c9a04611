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
    are begun, up to `lanes` at a time. Of items with the same `key` one is done after another, as they came. Where a
    call fails for several, it is tried for each alone.
    """

    def __init__(self, *, most: int, lanes: int, patience: float, key: Callable[[T], Hashable]) -> None:
        self._most, self._lanes, self._patience, self._key = most, lanes, patience, key
        self._waiting: deque[tuple[T, asyncio.Future[R]]] = deque()
        self._keys: set[Hashable] = set()
        """Those of the items under way."""
        self._under_way = 0
        self._calls: set[asyncio.Task[None]] = set()
        self._impatient: asyncio.TimerHandle | None = None

    async def __call__(self, item: T, do: Do[T, R]) -> R:
        """What `do` answers for `item`; it answers in the order of its items, and is the same for all of them. Raises
        what it raises for this one alone."""
        if not self._under_way:
            self._under_way = 1
            self._keys.add(self._key(item))
            try:
                (answer,) = await do([item])
                return answer
            finally:
                self._go_on([item], do)
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[R] = loop.create_future()
        self._waiting.append((item, waiting))
        if self._impatient is None:
            self._impatient = loop.call_later(self._patience, self._begin_another, do)
        return await waiting

    def _begin_another(self, do: Do[T, R]) -> None:
        """Begin one call more if nobody has been let in since somebody began to wait."""
        self._impatient = None
        if self._under_way < self._lanes:
            self._under_way += 1
            self._go_on([], do)

    def _go_on(self, done: list[T], do: Do[T, R]) -> None:
        """Use the lane that is free now, `done` being done, for those who wait."""
        self._keys.difference_update(map(self._key, done))
        if self._impatient is not None:
            self._impatient.cancel()
            self._impatient = None
        batch = self._next_batch()
        if not batch:
            self._under_way -= 1
            return
        if self._waiting and self._under_way < self._lanes:
            self._impatient = asyncio.get_running_loop().call_later(self._patience, self._begin_another, do)
        call = asyncio.create_task(self._call(batch, do))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    def _next_batch(self) -> list[tuple[T, asyncio.Future[R]]]:
        """Those who have waited longest and whose keys are not under way; the others keep their turn."""
        batch: list[tuple[T, asyncio.Future[R]]] = []
        passed_over: list[tuple[T, asyncio.Future[R]]] = []
        while self._waiting and len(batch) < self._most:
            one = self._waiting.popleft()
            key = self._key(one[0])
            (passed_over if key in self._keys else batch).append(one)
            self._keys.add(key)
        self._waiting.extendleft(reversed(passed_over))
        return batch

    async def _call(self, batch: list[tuple[T, asyncio.Future[R]]], do: Do[T, R]) -> None:
        items = [item for item, _ in batch]
        answered: list[tuple[asyncio.Future[R], R]] = []
        try:
            try:
                answered = list(zip((waiting for _, waiting in batch), await do(items), strict=True))
            except Exception as error:
                if len(batch) == 1:
                    _refuse(batch[0][1], error)
                else:
                    for one in batch:
                        await self._alone(*one, do)
        finally:
            # The next call begins before these are answered: what they do with it, it need not wait for.
            self._go_on(items, do)
            for waiting, answer in answered:
                if not waiting.done():
                    waiting.set_result(answer)
            for _, waiting in batch:
                waiting.cancel()  # of those that nothing was said to, when the program ends

    async def _alone(self, item: T, waiting: asyncio.Future[R], do: Do[T, R]) -> None:
        try:
            (answer,) = await do([item])
        except Exception as error:
            _refuse(waiting, error)
        else:
            if not waiting.done():
                waiting.set_result(answer)


def _refuse(waiting: "asyncio.Future[R]", error: Exception) -> None:
    if not waiting.done():
        waiting.set_exception(error)
