"""Calls that come while one is under way are made together.

Here: who waits for whom. What is called, and what it means to do many in one, is its owner's (`arrival_store`).
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")
Do = Callable[[list[T]], Awaitable[list[R]]]


class Together(Generic[T, R]):
    """Has something done for items, each alone as long as nobody waits; else for up to `most` that wait in one call,
    `lanes` calls at a time. The busier it gets, the more share a call: the cost of one falls when it matters, and
    nobody waits for company. Where it fails for several, it is tried for each alone."""

    def __init__(self, *, most: int, lanes: int) -> None:
        self._most, self._free = most, lanes
        self._waiting: deque[tuple[T, asyncio.Future[R]]] = deque()
        self._calls: set[asyncio.Task[None]] = set()

    async def __call__(self, item: T, do: Do[T, R]) -> R:
        """What `do` answers for `item`; it answers in the order of its items, and is the same for all of them. Raises
        what it raises for this one alone."""
        if self._free:
            self._free -= 1
            try:
                return (await do([item]))[0]
            finally:
                self._go_on(do)
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        return await answer

    def _go_on(self, do: Do[T, R]) -> None:
        """Use the lane that is free now for those who wait."""
        if not self._waiting:
            self._free += 1
            return
        batch = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
        call = asyncio.create_task(self._call(batch, do))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    async def _call(self, batch: list[tuple[T, asyncio.Future[R]]], do: Do[T, R]) -> None:
        try:
            try:
                answers = await do([item for item, _ in batch])
            except Exception:
                if len(batch) == 1:
                    raise
                for one in batch:
                    await self._alone(*one, do)
            else:
                for (_, waiting), answer in zip(batch, answers, strict=True):
                    if not waiting.done():
                        waiting.set_result(answer)
        except Exception as error:
            for _, waiting in batch:
                if not waiting.done():
                    waiting.set_exception(error)
        finally:
            for _, waiting in batch:
                waiting.cancel()  # of those that nothing was said to, when the program ends
            self._go_on(do)

    async def _alone(self, item: T, waiting: asyncio.Future[R], do: Do[T, R]) -> None:
        try:
            answer = (await do([item]))[0]
        except Exception as error:
            if not waiting.done():
                waiting.set_exception(error)
        else:
            if not waiting.done():
                waiting.set_result(answer)
