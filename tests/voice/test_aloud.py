"""Calls that a real model's adapter answers, over real sockets on both sides: the caller hears it while it writes."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from tests.adapters.models.providers import KEY, FakeProvider, Halts, answers, serving
from tests.fixtures.waiting import until
from tests.voice.conftest import SPEECH, Humming, MakeExchange, voice

from frontdesk.adapters.models import guarded
from frontdesk.adapters.models.opening import open_model
from frontdesk.domain.calls.model import EndedReason, Speaker
from frontdesk.domain.calls.service import ahead
from frontdesk.platform.context import Context
from frontdesk.voice import conversation

FIRST, SECOND, THIRD = "I'm sorry to hear that.", "We repair those.", "What is your name?"
WHOLE = f"{FIRST} {SECOND} {THIRD}"
LEAKS = "My boiler is leaking, do you repair those?"


class Dwelling(Humming):
    """A mouth that is long about one sentence."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self._sentence = sentence

    async def speak(self, text: str) -> AsyncIterator[bytes]:
        self._seconds = 0.6 if text == self._sentence else 0.02
        async for piece in super().speak(text):
            yield piece


@pytest.fixture
async def provider(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeProvider]:
    async with serving() as fake:
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        monkeypatch.setenv("ANTHROPIC_BASE_URL", fake.url)
        yield fake
    assert fake.wrong == []


@pytest.fixture
async def context(context: Context, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Context]:
    """The product with a model connected, which is not late however busy the machine is."""
    for module, seconds in (
        (guarded, "FIRST_WORDS_WITHIN"), (guarded, "NEXT_WORDS_WITHIN"), (ahead, "WORDS_WITHIN"),
        (conversation, "_THINKS_WITHIN"),
    ):  # fmt: skip
        monkeypatch.setattr(module, seconds, 60.0)
    async with open_model("anthropic:claude-haiku-5-5", 20.0) as models:
        yield replace(context, llm=models.brain)


async def test_a_caller_hears_the_first_sentence_while_the_model_writes_on(
    exchange: MakeExchange, provider: FakeProvider
) -> None:
    goes_on, mouth = asyncio.Event(), Humming()
    provider.play(Halts(answers(WHOLE, intent="question"), "We rep", goes_on))
    line = await exchange(mouth)
    handset, step = await line.ring()
    await line.say(handset, LEAKS)
    await until(lambda: mouth.said[-1] == FIRST)
    heard = handset.seconds_heard
    await until(lambda: handset.seconds_heard > heard + 0.05)
    goes_on.set()
    await until(lambda: mouth.said[-3:] == [FIRST, SECOND, THIRD])
    await line.say(handset, "Goodbye.")
    assert (await line.over(step)).ended_reason is EndedReason.AGENT_ENDED
    turns = await line.turns(step)
    since = next(place for place, turn in enumerate(turns) if turn.text == LEAKS)
    until_then = next(place for place, turn in enumerate(turns) if turn.text == "Goodbye.")
    assert " ".join(turn.text for turn in turns[since + 1 : until_then]) == WHOLE
    assert turns[since + 1].latency_ms is not None


async def test_a_caller_who_speaks_into_it_ends_the_writing_and_is_answered(
    exchange: MakeExchange, provider: FakeProvider
) -> None:
    first = "I'm so sorry to hear that, it must be quite a mess in your house by now."
    mouth = Dwelling(first)
    provider.play(
        Halts(answers(f"{first} {SECOND}"), "We rep", asyncio.Event()),
        answers("Then somebody should look at it today."),
    )
    line = await exchange(mouth)
    handset, step = await line.ring()
    await line.say(handset, f"It's Tom Baker. {LEAKS}")
    await until(lambda: mouth.said[-1] == first)
    heard = handset.seconds_heard
    await until(lambda: handset.seconds_heard > heard + 1)
    line.ears.next.append("It is rather urgent.")
    await handset.say(voice(SPEECH))
    await until(lambda: provider.left == 1)
    await until(lambda: mouth.said[-1] == "Then somebody should look at it today.")
    told = provider.asked[1].brief
    assert [turn["text"] for turn in told["conversation"][-2:]] == [first, "It is rather urgent."]
    assert told["caller_so_far"]["name"] == "Tom Baker"
    assert await handset.my_turn(30)
    await handset.hang_up()
    await line.over(step)
    turns = await line.turns(step)
    broken = next(turn for turn in turns if turn.interrupted)
    assert broken.speaker is Speaker.ASSISTANT
    assert first.startswith(broken.text)
    assert [turn.text for turn in turns[-2:]] == ["It is rather urgent.", "Then somebody should look at it today."]
    assert not any(SECOND in turn.text for turn in turns)


async def test_who_has_to_wait_long_is_told_so_and_then_hears_it(
    exchange: MakeExchange, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "_THINKS_WITHIN", 0.2)
    goes_on, mouth = asyncio.Event(), Humming()
    provider.play(Halts(answers(WHOLE), "I'm", goes_on))
    line = await exchange(mouth)
    handset, step = await line.ring()
    await line.say(handset, LEAKS)
    await until(lambda: mouth.said[-1] == "One moment, please.")
    goes_on.set()
    await until(lambda: mouth.said[-4:] == ["One moment, please.", FIRST, SECOND, THIRD])
    await handset.hang_up()
    await line.over(step)
