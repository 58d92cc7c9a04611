"""A model's answer while it is being written: its sentences, one after another, before the whole is there.

Whether a sentence may be said is for `guarded` to judge. Here is what may not be said ahead whatever it says: the words
that go with a deed, for the deed comes first.
"""

import re
from collections.abc import AsyncIterable, Awaitable, Callable, Iterator
from typing import Any

import msgspec
from pydantic_ai import RunContext
from pydantic_ai.messages import AgentStreamEvent, PartDeltaEvent, PartStartEvent, ToolCallPart, ToolCallPartDelta
from pydantic_core import from_json

from frontdesk.adapters.models.asking import ANSWER

_ENDS = re.compile(r"""[.!?\u2026]["')\]]*\s+(?=[^\sa-z])|\n+\s*(?=\S)""")
_SHORTENED = re.compile(
    r"\b(?:mrs?|ms|dr|st|no|tel|ext|approx|vs|mon|tues?|wed|thu|thurs?|fri|sat|sun|jan|feb|mar|apr|jun|jul|aug|sept?|oct|"
    r"nov|dec|(?:[a-z]\.)*[a-z])\.",
    re.I,
)
"""A full stop that ends a word, and no sentence."""


class Written:
    """Follows one run of an agent, and says the sentences of its answer as they are written. Once the model does
    anything but look things up or offer times, no more is said: the words may tell of it."""

    def __init__(self, say: Callable[[str], Awaitable[None]], harmless: frozenset[str]) -> None:
        """`harmless`: the names of the tools that do nothing of which words could tell."""
        self._say, self._harmless = say, harmless
        self._part: int | None = None
        self._json = ""
        self._said = 0
        self._over = False

    async def follow(self, _: RunContext[Any], events: AsyncIterable[AgentStreamEvent]) -> None:
        """See what comes of one request, or of the tools that were called by it."""
        part, self._part = self._part, None
        self._over = self._over or part is not None  # an answer that was refused is not said anew
        async for event in events:
            match event:
                case PartStartEvent(index=index, part=ToolCallPart(tool_name=name, args=args)):
                    if name == ANSWER and self._part is None:
                        self._part = index
                        await self._more(args if isinstance(args, str) else "")
                    elif name not in self._harmless:
                        self._over = True
                case PartDeltaEvent(index=index, delta=ToolCallPartDelta(args_delta=str(more))) if index == self._part:
                    await self._more(more)
                case _:
                    pass

    async def _more(self, json: str) -> None:
        self._json += json
        if self._over or not self._json.strip():
            return
        try:
            answer = msgspec.convert(from_json(self._json, allow_partial="trailing-strings"), dict[str, Any])
        except (ValueError, msgspec.ValidationError):
            self._over = True
            return
        text = answer.get("text")
        if not isinstance(text, str):
            return
        for end in [*_ends(text), *([len(text)] if len(answer) > 1 else [])]:  # another field has begun
            if end > self._said:
                sentence, self._said = text[self._said : end].strip(), end
                if sentence and not self._over:
                    await self._say(sentence)


def _ends(text: str) -> Iterator[int]:
    """Where sentences end that another one follows."""
    for found in _ENDS.finditer(text):
        word = text.rfind(" ", 0, found.start()) + 1
        if not _SHORTENED.fullmatch(text[word : found.start() + 1].lstrip("([\"'")):
            yield found.end()
