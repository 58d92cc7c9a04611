"""Real models' adapters, talking to fakes of the vendors; the world of the offline brain's tests around them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from tests.adapters.models.providers import KEY, FakeProvider, serving
from tests.adapters.offline import test_dialogues
from tests.adapters.offline.conftest import World

from frontdesk.adapters.models.guarded import Guarded
from frontdesk.adapters.models.opening import open_model
from frontdesk.adapters.offline.brain import OfflineBrain
from frontdesk.ports.llm import Brief, Reply

MODELS = {"anthropic": "anthropic:claude-haiku-5-5", "openai": "openai:gpt-6-luna"}

Open = Callable[..., Awaitable[Guarded]]


@pytest.fixture(scope="session")
def world() -> World:
    return World()


@pytest.fixture
async def provider(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeProvider]:
    """Both vendors, where their SDKs look for them. What went over the socket must have been as the vendors say."""
    async with serving() as fake:
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        monkeypatch.setenv("ANTHROPIC_BASE_URL", fake.url)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("OPENAI_BASE_URL", f"{fake.url}/v1")
        yield fake
    assert fake.wrong == []


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    """Opens models by the names of their vendors."""
    async with AsyncExitStack() as stack:

        async def open_(vendor: str = "anthropic", timeout: float = 20.0) -> Guarded:
            return (await stack.enter_async_context(open_model(MODELS[vendor], timeout))).brain

        yield open_


@pytest.fixture(params=list(MODELS))
async def model(request: pytest.FixtureRequest, opened: Open, provider: FakeProvider) -> Guarded:
    """A model of each vendor."""
    return await opened(request.param)


@pytest.fixture(scope="session")
def dialogues() -> Callable[[], list[Brief]]:
    """Every brief that the offline brain's dialogues come to, their earlier turns included."""
    briefs: list[Brief] = []

    class Listening(OfflineBrain):
        async def reply(self, brief: Brief) -> Reply:
            briefs.append(brief)
            return await super().reply(brief)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(test_dialogues, "OfflineBrain", Listening)
        for path in test_dialogues.FILES:
            for dialogue in test_dialogues.dialogues(path):
                test_dialogues.played(dialogue, World)
    return lambda: briefs
