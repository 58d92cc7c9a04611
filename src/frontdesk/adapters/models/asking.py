"""How a model is asked: for one answer of a given shape, once more in passing trouble, and what its errors mean.

What it is asked, and what of its answer is believed: not here.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct
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
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.models.wrapper import WrapperModel

from frontdesk.adapters.models.trouble import LASTING, ModelTrouble

logging.getLogger("httpx2").setLevel(logging.WARNING)  # a line a request, with its address, is nobody's business

ANSWER = "final_answer"
"""The name of the tool by which a model gives its answer."""

WORTH_WAITING = 2.0
"""Seconds that a provider may ask us to wait for one more try; somebody waits meanwhile."""

_LIMITS = UsageLimits(request_limit=3)

Deps = TypeVar("Deps")
Shape = TypeVar("Shape", bound=Struct)


class Unusable(Exception):
    """The model has answered nothing that could be used: declined, cut short, never a valid answer."""


def agent_of(
    model: Model,
    shape: type[Struct],
    instructions: str,
    settings: ModelSettings,
    *,
    deps: type[Deps],
    tools: Any = (),
) -> Agent[Deps, dict[str, Any]]:
    """An agent whose answer is a `shape`, as plain data that `msgspec.convert` takes."""
    schema = msgspec.json.schema(shape)  # its root is a reference: pydantic-ai wants the object itself
    parts: dict[str, Any] = schema["$defs"]
    root = parts.pop(shape.__name__)
    output: Any = ToolOutput(StructuredDict({**root, "$defs": parts} if parts else root), name=ANSWER)
    agent: Agent[Deps, dict[str, Any]] = Agent(
        TriesAgain(model),
        deps_type=deps,
        output_type=output,
        instructions=instructions,
        tools=tools,
        retries=1,
        model_settings=settings,
    )

    def is_shaped(answer: dict[str, Any]) -> dict[str, Any]:
        try:
            msgspec.convert(answer, shape)
        except msgspec.ValidationError as error:
            raise ModelRetry(str(error)) from error
        return answer

    agent.output_validator(is_shaped)
    return agent


class Asking(Generic[Shape]):
    """Asks `model` for one `shape`, without tools. `each`: seconds that one request may take; `words`: tokens that one
    answer may have, thinking included."""

    def __init__(self, model: Model, shape: type[Shape], instructions: str, *, each: float, words: int) -> None:
        self._shape = shape
        settings = ModelSettings(max_tokens=words, timeout=each)
        self._agent = agent_of(model, shape, instructions, settings, deps=type(None))

    async def answer(self, prompt: str) -> Shape:
        """What the model answers, not yet checked. Raises ModelTrouble, Unusable."""
        try:
            run = await self._agent.run(prompt, deps=None, usage_limits=_LIMITS)
        except ModelAPIError as error:
            raise trouble_of(error) from error
        except AgentRunError as error:
            raise Unusable(type(error).__name__) from error
        return msgspec.convert(run.output, self._shape)


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
    """Makes each request once more where that may help and need not be waited for long; a stream only until it has
    begun."""

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        try:
            return await super().request(messages, model_settings, model_request_parameters)
        except ModelAPIError as error:
            await asyncio.sleep(_pause(error))
        return await super().request(messages, model_settings, model_request_parameters)

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        asked = (messages, model_settings, model_request_parameters, run_context)
        async with AsyncExitStack() as stack:
            try:
                stream = await stack.enter_async_context(super().request_stream(*asked))
            except ModelAPIError as error:
                await asyncio.sleep(_pause(error))
                stream = await stack.enter_async_context(super().request_stream(*asked))
            yield stream


def _pause(error: ModelAPIError) -> float:
    """Seconds after which to try again. Raises `error` where that would not help, or take long."""
    passing = (ModelRateLimitError, ModelUnavailableError, ModelServerError, ModelConnectionError)
    hopeless = (ModelTimeoutError, ModelRequestTimeout, ModelQuotaExceededError)
    if not isinstance(error, passing) or isinstance(error, hopeless):
        raise error
    wait = error.retry_after if error.retry_after is not None else 0.3
    if wait > WORTH_WAITING or (isinstance(error, ModelRateLimitError) and error.retry_after is None):
        raise error
    return wait
