"""What is said of an answer before the whole of it is known, and how the rest is done without.

A model writes as one listens, so its first sentences are out while it thinks on. What it does beside them is done, and
told, when the whole is there (`assisting`).
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

WORDS_WITHIN = 6.0
"""Seconds of wall time in which words have to be there, and after them the next or the end; a caller waits."""


class Ahead:
    """The first sentences of one answer: a `ports.llm.Aloud`. `said` is what they are so far."""

    def __init__(self, say: Callable[[str], Awaitable[None]]) -> None:
        """`say` takes each of them."""
        self.said = ""
        self._say = say
        self._limit: asyncio.Timeout | None = None
        self._stop: Callable[[], None] | None = None
        self._silent = False

    async def say(self, sentence: str) -> None:
        """Say the next one, unless the caller speaks: then it is left for the answer."""
        if self._silent:
            return
        self.said = f"{self.said} {sentence}".strip()
        if self._limit is not None:
            self._limit.reschedule(asyncio.get_running_loop().time() + WORDS_WITHIN)
        await self._say(sentence)

    def ends_by(self, stop: Callable[[], None]) -> None:
        """`stop` ends the writing of the answer with what was said of it."""
        self._stop = stop

    @asynccontextmanager
    async def asking(self) -> AsyncGenerator[None]:
        """While the answer is being found, and nothing is done yet. Raises TimeoutError where no words come in time."""
        try:
            async with asyncio.timeout(WORDS_WITHIN) as self._limit:
                yield
        finally:
            self._limit = self._stop = None

    def call_off(self) -> None:
        """The caller speaks: nothing more is said ahead. Of what they have heard the beginning, no more is written; of
        what they have not, it is, for what it does is told later."""
        self._silent = True
        if self.said and self._stop is not None:
            self._stop()
