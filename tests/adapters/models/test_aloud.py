"""A model's reply that is said while it is being written: what is out when, and what never is."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from tests.adapters.models.conftest import Open
from tests.adapters.models.providers import (
    Breaks,
    Calls,
    Drops,
    Fails,
    FakeProvider,
    Halts,
    Move,
    Refuses,
    Says,
    Waits,
    answers,
)
from tests.adapters.offline.conftest import World
from tests.fixtures.waiting import until

from frontdesk.adapters.models import guarded
from frontdesk.adapters.models.guarded import Guarded
from frontdesk.ports.llm import Action, Brief, Channel, Reply

GUARANTEE = "Our panels come with a 25 year guarantee."
WHOLE = f"{GUARANTEE} The inverter has 10 years. Is there anything else?"
LOST = "I'm sorry, I lost my thread. Could you say that once more?"
BOOK = ("book", {"time": "2026-11-24 15:00"})
BOOKED = "You're booked for Tuesday 24 November at 3pm."


class Ear:
    """A caller."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.speaks: Callable[[], None]

    async def say(self, sentence: str) -> None:
        self.heard.append(sentence)

    def ends_by(self, stop: Callable[[], None]) -> None:
        self.speaks = stop


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def asked(world: World, ear: Ear) -> Callable[..., Brief]:
    """What a caller says, as the brief of a reply that is said aloud."""

    def brief(*texts: str, **more: Any) -> Brief:
        return world.heard(*(texts or ("what guarantee do I get?",)), channel=Channel.VOICE, aloud=ear, **more)

    return brief


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is, nobody is late but whom a test makes so."""
    monkeypatch.setattr(guarded, "FIRST_WORDS_WITHIN", 60.0)
    monkeypatch.setattr(guarded, "NEXT_WORDS_WITHIN", 60.0)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next words have to come at once."""
    monkeypatch.setattr(guarded, "NEXT_WORDS_WITHIN", 0.3)


async def test_the_first_sentence_is_out_before_the_model_has_written_its_last(
    model: Guarded, provider: FakeProvider, ear: Ear, asked
) -> None:
    goes_on = asyncio.Event()
    provider.play(Halts(answers(WHOLE, intent="question"), "The inverter", goes_on))
    replying = asyncio.create_task(model.reply(asked()))
    await until(lambda: bool(ear.heard))
    assert ear.heard == [GUARANTEE]
    assert not replying.done()
    goes_on.set()
    reply = await replying
    assert ear.heard == [GUARANTEE, "The inverter has 10 years.", "Is there anything else?"]
    assert (reply.text, reply.action, reply.model) == (WHOLE, Action.NONE, model.name)


async def test_the_last_sentence_does_not_wait_for_what_is_written_for_colleagues(
    model: Guarded, provider: FakeProvider, ear: Ear, asked
) -> None:
    goes_on = asyncio.Event()
    provider.play(Halts(answers(GUARANTEE), '"reasoning"', goes_on))
    replying = asyncio.create_task(model.reply(asked()))
    await until(lambda: ear.heard == [GUARANTEE])
    goes_on.set()
    assert (await replying).text == GUARANTEE


async def test_texts_are_awaited_whole(model: Guarded, provider: FakeProvider, world: World) -> None:
    provider.play(answers(WHOLE))
    assert (await model.reply(world.heard("what guarantee do I get?"))).text == WHOLE
    assert not provider.asked[0].body.get("stream")


@pytest.mark.parametrize(
    "forbidden",
    [
        "The whole lot is yours for £1.", "That makes 99 years in all.", "See http://evil.example/pay for more.",
        "I could ring you tonight at 11pm.", "By the way, I am a real human being.", "What is your card number?",
        "I found it by search_knowledge.", "You're all set, we'll call you tomorrow.",
    ],
)  # fmt: skip
async def test_what_is_forbidden_is_never_said_and_the_rest_is_mended(
    opened: Open, provider: FakeProvider, ear: Ear, asked, forbidden: str
) -> None:
    model = await opened()
    provider.play(answers(f"{GUARANTEE} {forbidden} Anything else?"), answers("The inverter has 10 years."))
    reply = await model.reply(asked())
    assert ear.heard == [GUARANTEE]
    assert reply.text == f"{GUARANTEE} The inverter has 10 years."
    assert GUARANTEE in provider.asked[1].prompt


async def test_what_cannot_be_mended_ends_with_what_was_said(
    opened: Open, provider: FakeProvider, ear: Ear, asked
) -> None:
    model = await opened()
    provider.play(answers(f"{GUARANTEE} It is yours for £1."))
    reply = await model.reply(asked())
    assert ear.heard == [GUARANTEE]
    assert (reply.text, reply.action, reply.model) == (f"{GUARANTEE} {LOST}", Action.NONE, model.name)
    provider.play(answers("What is it about? It is yours for £1."))
    assert (await model.reply(asked())).text == "What is it about?"


@pytest.mark.parametrize("first", ["deed", "words"])
async def test_a_booking_is_not_spoken_of_before_it_is_made(
    model: Guarded, provider: FakeProvider, ear: Ear, asked, first: str
) -> None:
    said = answers(f"Great choice. {BOOKED} Speak then!", intent="picks_slot").calls
    provider.play(Calls([BOOK, *said] if first == "deed" else [*said, BOOK]))
    reply = await model.reply(asked("Tuesday at 3 please", ours="When suits for a call?"))
    assert ear.heard == ([] if first == "deed" else ["Great choice."])
    assert (reply.action, reply.text) == (Action.BOOK, f"Great choice. {BOOKED} Speak then!")


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("Let me see. I have Tuesday 24 November at 11am or 3pm. Which suits?", 3),
        ("Would Tuesday 24 November at 3pm suit you? It takes half an hour.", 1),
        ("Sure. Tuesday 24 November at 3pm it is. Anything else?", 1),
        ("I see. I'll ask one of our team to help you. Bye!", 1),
        ("Thanks. I've noted your number. Anything else?", 1),
    ],
)
async def test_what_tells_of_a_deed_or_settles_a_time_waits(
    opened: Open, provider: FakeProvider, ear: Ear, asked, text: str, heard: int
) -> None:
    model = await opened()
    provider.play(answers(text, intent="wants_call"))
    reply = await model.reply(asked("could you call me some time?"))
    assert len(ear.heard) == heard
    assert reply.text == text
    assert text.startswith(" ".join(ear.heard))


async def test_an_answer_that_had_to_be_given_anew_is_not_said_twice(
    model: Guarded, provider: FakeProvider, ear: Ear, asked
) -> None:
    provider.play(answers(WHOLE, sentiment="ECSTATIC"), answers(WHOLE))
    reply = await model.reply(asked())
    assert " ".join(ear.heard) == WHOLE
    assert reply.text == WHOLE


BEFORE: dict[str, Move] = {
    "hangs": Waits(60, Fails(500)),
    "stalls": Halts(answers(WHOLE), "Our pan", asyncio.Event()),
    "breaks off": Halts(answers(WHOLE), "Our pan"),
    "drops": Drops(),
    "fails": Fails(500),
    "refuses": Refuses(),
    "gives no valid answer": Says("I would say hello."),
    "is malformed": Breaks(),
}


@pytest.mark.parametrize("how", BEFORE)
async def test_who_fails_before_the_first_sentence_is_stood_in_for(
    model: Guarded, provider: FakeProvider, ear: Ear, asked, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    if how in ("hangs", "stalls"):
        monkeypatch.setattr(guarded, "FIRST_WORDS_WITHIN", 0.6)
    provider.play(BEFORE[how])
    reply = await model.reply(asked("how much is it?"))
    assert ear.heard == []
    assert reply.model == "offline"
    assert "£5,500" in reply.text


@pytest.mark.parametrize("goes_on", [asyncio.Event(), None], ids=["stalls", "breaks off"])
@pytest.mark.usefixtures("hurried")
async def test_who_fails_after_it_is_not_contradicted(
    model: Guarded, provider: FakeProvider, ear: Ear, asked, goes_on: asyncio.Event | None
) -> None:
    provider.play(Halts(answers(WHOLE), "The inverter", goes_on))
    reply = await model.reply(asked())
    assert ear.heard == [GUARANTEE]
    assert (reply.text, reply.action, reply.model) == (f"{GUARANTEE} {LOST}", Action.NONE, model.name)


@pytest.mark.usefixtures("hurried")
async def test_who_stalled_is_left_alone_for_a_while(opened: Open, provider: FakeProvider, ear: Ear, asked) -> None:
    model = await opened()
    provider.play(Halts(answers(WHOLE), "The inverter", asyncio.Event()))
    await model.reply(asked())
    assert (await model.reply(asked())).model == "offline"
    assert len(provider.asked) == 1


async def test_a_caller_who_speaks_ends_the_writing(model: Guarded, provider: FakeProvider, ear: Ear, asked) -> None:
    provider.play(Halts(answers(WHOLE), "The inverter", asyncio.Event()))
    replying: asyncio.Task[Reply] = asyncio.create_task(model.reply(asked("It's Tom Baker. What guarantee is there?")))
    await until(lambda: bool(ear.heard))
    ear.speaks()
    reply = await replying
    assert (reply.text, reply.action) == (GUARANTEE, Action.NONE)
    assert reply.caller.name == "Tom Baker"
    await until(lambda: provider.left == 1)
    provider.play(answers(WHOLE))
    assert (await model.reply(asked())).model == model.name, "it was not the provider's fault"
