"""A brain that asks a real model: one agent with tools, whatever the vendor. What it answers is not yet checked."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from pydantic_ai import Agent, ModelRetry, ModelSettings, RunContext, UsageLimits
from pydantic_ai.exceptions import AgentRunError, ModelAPIError
from pydantic_ai.models import Model

from frontdesk.adapters.models import prompt
from frontdesk.adapters.models.asking import agent_of, trouble_of
from frontdesk.adapters.models.trouble import ModelTrouble
from frontdesk.adapters.models.writing import Written
from frontdesk.ports.llm import Action, Brief, Intent, Reply, Sentiment, Slot

_LIMITS = UsageLimits(request_limit=6, tool_calls_limit=16)
_WORDS = 1500
"""Tokens that one answer may have, thinking and tool calls included."""


class Said(Struct, frozen=True):
    """The agent's final answer: its words, and how it understands the lead."""

    text: Annotated[str, Meta(description="The text message to the lead.")]
    intent: Annotated[Intent, Meta(description="What the lead is after, judged on its last texts.")]
    sentiment: Annotated[Sentiment, Meta(description="The mood of the lead's last texts; HOT where it wants a call.")]
    confidence: Annotated[float, Meta(description="0 to 1: how sure you are that this answer is right.")]
    reasoning: Annotated[str, Meta(description="Why, in one sentence, for the colleagues who read along.")]
    hot: Annotated[bool, Meta(description="Whether the lead is keen: wants a call, a quote, to go on.")] = False


@dataclass
class Deeds:
    """What the model has done by tools in one run."""

    brief: Brief
    action: Action = Action.NONE
    slots: list[Slot] = field(default_factory=list[Slot])
    stop_contact: bool = False

    def free(self, time: str) -> Slot | None:
        """The free slot that `time` names."""
        zone = prompt.zone_of(self.brief)
        named = time.strip().replace("T", " ")[:16]
        return next((slot for slot in self.brief.free_slots if prompt.key_of(slot, zone) == named), None)


Run = RunContext[Deeds]


async def search_knowledge(run: Run, question: str) -> str:
    """Find what the business knows that may answer a question.

    Args:
        question: The question, in the words of the business's own language.
    """
    found = await run.deps.brief.search(question[:500]) if run.deps.brief.search else []
    return prompt.as_data(prompt.facts_as_data(found)) if found else "Nothing is known of that."


def check_availability(run: Run, first_day: str, last_day: str, from_hour: int = 0, to_hour: int = 24) -> str:
    """The free times for a call between two days.

    Args:
        first_day: The first day, as 2026-11-24.
        last_day: The last day, as 2026-11-25.
        from_hour: The earliest hour of the day, 0 to 23.
        to_hour: The hour before which a call starts, 1 to 24.
    """
    zone = prompt.zone_of(run.deps.brief)
    try:
        first, last = (datetime.strptime(day, "%Y-%m-%d").date() for day in (first_day, last_day))  # noqa: DTZ007
    except ValueError:
        raise ModelRetry("Write days as 2026-11-24.") from None
    free = [
        slot
        for slot in run.deps.brief.free_slots
        if first <= (local := slot.start.astimezone(zone)).date() <= last and from_hour <= local.hour < to_hour
    ]
    return prompt.as_data(prompt.free_times(free, zone)) if free else "Nothing is free then."


def offer_times(run: Run, times: list[str]) -> str:
    """Say which free times the text lets the lead choose from, in the text's order.

    Args:
        times: One to four free times, each as 2026-11-24 15:00.
    """
    slots = [run.deps.free(time) for time in times]
    if not slots or len(slots) > 4 or None in slots:
        raise ModelRetry("Offer one to four of the free times, each as 2026-11-24 15:00.")
    run.deps.action, run.deps.slots = Action.OFFER_SLOTS, [slot for slot in slots if slot]
    return "Noted. Name exactly these in the text."


def book(run: Run, time: str) -> str:
    """Book the call for a free time that the lead has agreed to.

    Args:
        time: The time, as 2026-11-24 15:00.
    """
    slot = run.deps.free(time)
    if slot is None:
        raise ModelRetry("That time is not free. Offer some that are.")
    run.deps.action, run.deps.slots = Action.BOOK, [slot]
    return "It will be booked when your answer goes out. Confirm the day and the hour in the text."


def hand_off(run: Run) -> str:
    """Leave the conversation to a colleague, who will write to the lead."""
    return _ends(run.deps, Action.HAND_OFF, "A colleague takes over. Tell the lead so.")


def not_interested(run: Run) -> str:
    """Close the conversation: the lead declines. It may be contacted again some day."""
    return _ends(run.deps, Action.CLOSE, "Closed. Wish the lead well.")


def stop_contact(run: Run) -> str:
    """Never contact the lead again: it asks for that."""
    run.deps.stop_contact = True
    return _ends(run.deps, Action.CLOSE, "Nothing more is sent to this lead. Leave the text empty.")


def wrong_number(run: Run) -> str:
    """Mark the number as wrong: it belongs to somebody else."""
    return _ends(run.deps, Action.MARK_WRONG_NUMBER, "Marked. Apologise and say goodbye.")


def _ends(deeds: Deeds, action: Action, said: str) -> str:
    deeds.action, deeds.slots = action, []
    return said


TOOLS: Sequence[Callable[..., str | Awaitable[str]]] = (
    search_knowledge, check_availability, offer_times, book, hand_off, not_interested, stop_contact, wrong_number,
)  # fmt: skip


_HARMLESS = frozenset({"search_knowledge", "check_availability", "offer_times"})
"""Tools that do nothing of which words could tell: what is offered is free, whatever follows."""


class AgentBrain:
    """A `LanguageModel` that asks `model`. `each` is how many seconds one request may take, `aloud` what the vendor
    needs to be told for words that are said as they are written.

    `close` is called by `aclose`, for the connections that the model holds.
    """

    def __init__(
        self,
        name: str,
        model: Model,
        *,
        each: float,
        close: Callable[[], Awaitable[object]],
        aloud: ModelSettings | None = None,
    ) -> None:
        self.name = name
        self._close, self._aloud = close, aloud
        settings = ModelSettings(max_tokens=_WORDS, timeout=each, parallel_tool_calls=True)
        self._agent: Agent[Deeds, dict[str, Any]] = agent_of(
            model, Said, prompt.INSTRUCTIONS, settings, deps=Deeds, tools=TOOLS
        )

    async def reply(self, brief: Brief) -> Reply:
        """What the model says and has done by tools, as it says it. `brief.aloud` hears its sentences unchecked. Raises
        ModelTrouble."""
        deeds = Deeds(brief)
        written = Written(brief.aloud.say, _HARMLESS) if brief.aloud else None
        try:
            run = await self._agent.run(
                prompt.rendered(brief), deps=deeds, usage_limits=_LIMITS,
                instructions=brief.instructions or None, model_settings=self._settings(brief),
                event_stream_handler=written.follow if written else None,
            )  # fmt: skip
        except ModelAPIError as error:
            raise trouble_of(error) from error
        except AgentRunError as error:  # refused, cut short, too many steps, never a valid answer
            raise ModelTrouble(f"no usable answer: {type(error).__name__}") from error
        said = msgspec.convert(run.output, Said)
        return Reply(
            text=said.text, intent=said.intent, action=deeds.action, sentiment=said.sentiment,
            confidence=said.confidence, reasoning=said.reasoning, slots=deeds.slots, stop_contact=deeds.stop_contact,
            hot=said.hot, model=self.name, prompt=prompt.VERSION,
        )  # fmt: skip

    def _settings(self, brief: Brief) -> ModelSettings:
        settings = ModelSettings() if brief.aloud is None or self._aloud is None else self._aloud.copy()
        if brief.temperature is not None:
            settings["temperature"] = min(brief.temperature, 1.0 if self.name.startswith("anthropic:") else 2.0)
        return settings

    async def aclose(self) -> None:
        """Give back the connections."""
        await self._close()
