"""From a model's name in the settings to a brain, with the vendors' own variables for keys and addresses."""

import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from anthropic import APIConnectionError as AnthropicUnreachable
from anthropic import APIStatusError as AnthropicRefusal
from anthropic import AsyncAnthropic
from msgspec import Struct
from openai import APIConnectionError as OpenAIUnreachable
from openai import APIStatusError as OpenAIRefusal
from openai import AsyncOpenAI
from pydantic_ai.models import Model
from pydantic_ai.models.anthropic import AnthropicModel, AnthropicModelSettings
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

from frontdesk.adapters.models.agent import AgentBrain
from frontdesk.adapters.models.guarded import Guarded
from frontdesk.adapters.models.readings import GuardedReader, ReadingAgent
from frontdesk.adapters.models.texts import GuardedWriter, TextAgent
from frontdesk.adapters.offline.brain import OfflineBrain
from frontdesk.adapters.offline.call_reader import OfflineCallReader

_OPENAI = "api.openai.com"
_ALOUD = AnthropicModelSettings(anthropic_eager_input_streaming=True)
"""Anthropic holds each field of an answer back until it is whole, unless told not to."""


class Models(Struct, frozen=True):
    """One model in its three offices."""

    brain: Guarded
    writer: GuardedWriter
    reader: GuardedReader


@asynccontextmanager
async def open_model(name: str, timeout: float) -> AsyncGenerator[Models]:
    """The brain, the writer and the reader of calls of `name`, such as `anthropic:claude-haiku-5-5`, guarded; closed at
    the end.

    `timeout`: seconds for a whole reply or reading, after which the offline one stands in, and for a text. Nothing is
    asked of the provider yet.
    """
    each = timeout * 0.6  # what is left is enough for the tools' turns, or a second try
    model, close = _model(name, each)
    aloud = _ALOUD if isinstance(model, AnthropicModel) else None
    agent = AgentBrain(name, model, each=each, close=close, aloud=aloud)
    try:
        yield Models(
            Guarded(agent, OfflineBrain(), budget=timeout),
            GuardedWriter(TextAgent(name, model, each=each), budget=timeout),
            GuardedReader(ReadingAgent(name, model, each=each), OfflineCallReader(), budget=timeout),
        )
    finally:
        await agent.aclose()


def _model(name: str, each: float) -> tuple[Model, Callable[[], Awaitable[object]]]:
    """The model, and what gives back its connections."""
    vendor, _, model = name.partition(":")
    if vendor == "anthropic":
        # A missing key is the provider's to refuse: the product runs without, and the doctor tells.
        anthropic = _anthropic(each)
        return AnthropicModel(model, provider=AnthropicProvider(anthropic_client=anthropic)), anthropic.close
    openai = _openai(each)
    # Servers that speak the same API may not know all that OpenAI's own does.
    own = _OPENAI in str(openai.base_url)
    provider = OpenAIProvider(openai_client=openai) if own else OpenAICompatibleProvider("openai", openai_client=openai)
    return OpenAIChatModel(model, provider=provider), openai.close


def _anthropic(timeout: float) -> AsyncAnthropic:
    return AsyncAnthropic(api_key=os.environ.get("ANTHROPIC_API_KEY") or "none", timeout=timeout, max_retries=0)


def _openai(timeout: float) -> AsyncOpenAI:
    # A server of one's own needs no key, and the SDK wants one all the same.
    return AsyncOpenAI(api_key=os.environ.get("OPENAI_API_KEY") or "none", timeout=timeout, max_retries=0)


async def look_at(name: str, timeout: float = 10.0) -> tuple[bool, str]:
    """Whether the provider knows the key and the model, and what to say of it. Asks for the model's card alone, which
    costs nothing."""
    vendor, _, model = name.partition(":")
    client = _anthropic(timeout) if vendor == "anthropic" else _openai(timeout)
    at = str(client.base_url).rstrip("/")
    async with client:
        try:
            await client.models.retrieve(model)
        except (AnthropicRefusal, OpenAIRefusal) as refusal:
            if refusal.status_code in (401, 403):
                return False, f"{name} at {at}: the key is refused; set {vendor.upper()}_API_KEY"
            if refusal.status_code == 404:
                return True, f"{name} at {at}: answers, without telling of the model"
            return False, f"{name} at {at}: answers {refusal.status_code}"
        except (AnthropicUnreachable, OpenAIUnreachable):
            return False, f"{name} at {at}: cannot be reached; leads are answered by the offline brain meanwhile"
    return True, f"{name} at {at}"
