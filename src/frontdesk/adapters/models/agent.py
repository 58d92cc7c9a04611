"""A brain that asks a real model: one agent with tools, whatever the vendor. What it answers is not yet checked."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from pydantic_ai import Agent, ModelRetry, ModelSettings, RunContext, StructuredDict, ToolOutput, UsageLimits
from pydantic_ai.exceptions import (
    AgentRunError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelNotFoundError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelRequestTimeout,
    ModelServerError,
    ModelTimeoutError,
    ModelUnavailableError,
)
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.wrapper import WrapperModel

from frontdesk.adapters.models import prompt
from frontdesk.adapters.models.trouble import LASTING, ModelTrouble
from frontdesk.ports.llm import Action, Brief, Intent, Reply, Sentiment, Slot

logging.getLogger("httpx2").setLevel(logging.WARNING)  # a line a request, with its address, is nobody's business

WORTH_WAITING = 2.0
"""Seconds that a provider may ask us to wait for one more try; a lead waits meanwhile."""

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


def _output_type() -> Any:
    schema = msgspec.json.schema(Said)  # its root is a reference: pydantic-ai wants the object itself
    parts: dict[str, Any] = schema["$defs"]
    return ToolOutput(StructuredDict({**parts.pop("Said"), "$defs": parts}), name="final_answer")


class AgentBrain:
    """A `LanguageModel` that asks `model`. `each` is how many seconds one request may take.

    `close` is called by `aclose`, for the connections that the model holds.
    """

    def __init__(self, name: str, model: Model, *, each: float, close: Callable[[], Awaitable[object]]) -> None:
        self.name = name
        self._close = close
        self._agent: Agent[Deeds, dict[str, Any]] = Agent(
            TriesAgain(model),
            deps_type=Deeds,
            output_type=_output_type(),
            instructions=prompt.INSTRUCTIONS,
            tools=TOOLS,
            retries=1,
            model_settings=ModelSettings(max_tokens=_WORDS, timeout=each, parallel_tool_calls=True),
        )
        self._agent.output_validator(_is_said)

    async def reply(self, brief: Brief) -> Reply:
        """What the model says and has done by tools, as it says it. Raises ModelTrouble."""
        deeds = Deeds(brief)
        try:
            run = await self._agent.run(
                prompt.rendered(brief), deps=deeds, usage_limits=_LIMITS,
                instructions=brief.instructions or None,
                model_settings=None if brief.temperature is None else ModelSettings(
                    temperature=min(brief.temperature, 1.0 if self.name.startswith("anthropic:") else 2.0)
                ),
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

    async def aclose(self) -> None:
        """Give back the connections."""
        await self._close()


def _is_said(output: dict[str, Any]) -> dict[str, Any]:
    try:
        msgspec.convert(output, Said)
    except msgspec.ValidationError as error:
        raise ModelRetry(str(error)) from error
    return output


def trouble_of(error: ModelAPIError) -> ModelTrouble:
    """What a vendor's error means for whoever asked."""
    match error:
        case ModelAuthenticationError():
            return ModelTrouble("the provider refuses the key", lasting=LASTING)
        case ModelNotFoundError():
            return ModelTrouble("the provider does not know the model", lasting=LASTING)
        case ModelQuotaExceededError():
            return ModelTrouble("the account with the provider is used up", lasting=LASTING)
        case ModelRateLimitError():
            wait = timedelta(seconds=min(error.retry_after or 10.0, 300.0))
            return ModelTrouble("the provider's rate limit is reached", lasting=wait)
        case ModelTimeoutError() | ModelRequestTimeout():
            return ModelTrouble("no answer in time", lasting=timedelta(seconds=30))
        case ModelUnavailableError() | ModelServerError():
            return ModelTrouble("the provider has trouble")
        case ModelConnectionError():
            return ModelTrouble("the provider cannot be reached")
        case _:
            return ModelTrouble(f"the provider refuses the request: {type(error).__name__}")


class TriesAgain(WrapperModel):
    """Makes each request once more where that may help and need not be waited for long."""

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        try:
            return await super().request(messages, model_settings, model_request_parameters)
        except (ModelTimeoutError, ModelRequestTimeout, ModelQuotaExceededError):
            raise
        except (ModelRateLimitError, ModelUnavailableError, ModelServerError, ModelConnectionError) as error:
            wait = error.retry_after if error.retry_after is not None else 0.3
            if wait > WORTH_WAITING or (isinstance(error, ModelRateLimitError) and error.retry_after is None):
                raise
            await asyncio.sleep(wait)
        return await super().request(messages, model_settings, model_request_parameters)
