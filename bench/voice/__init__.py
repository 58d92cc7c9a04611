"""The phone: how soon a caller is answered, how soon one who interrupts is let speak, how many can be talked to at
once; beside a bare pipecat bot on the same services. Callers are real audio over the real socket, in real time.
"""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import cycle
from pathlib import Path

import numpy
from msgspec import Struct

from bench.load import spent
from bench.stand import Stand
from bench.voice import engines
from bench.voice.caller import Caller, Utterance, utterance
from bench.voice.engines import OFFLINE, STAND_IN, Engine, Frontdesk

SCRIPT = (
    "What are your opening hours on Saturday?",
    "How much does a visit cost?",
    "Which area do you work in?",
    "When do you close on Saturday?",
    "Where is your shop?",
    "When do you open on a weekday?",
)
"""What a caller says, a line a turn."""
AT_EASE, IN_REHEARSAL = 1.0, 3.0
"""Seconds of silence after which it is the caller's turn: not between two sentences."""
ANSWERS_WITHIN = 20.0
IN_TIME = 0.25
"""Calls are in time while 95 of 100 turns are answered no more than so many seconds later than one call's median."""
LEVELS = (8, 12, 16, 20, 24, 32, 40, 48, 64)
"""So many at once are tried; every other one where it is to be quick."""


class Turn(Struct, frozen=True):
    """One turn of a caller's. Seconds."""

    answered: float | None
    """From the last sound of the caller's to the first of the answer; None: there was none."""
    cleared: float | None = None
    """From their first sound to the taking back of what was being said; None: they did not interrupt, or in vain."""
    silent: float | None = None
    """From their first sound to silence on the line."""
    interrupts: bool = False


class Spoken(Struct, frozen=True):
    """How an engine did in conversations, one at a time."""

    name: str
    turns: list[Turn]

    @property
    def missed(self) -> int:
        """Turns without an answer, and interruptions that stopped nothing."""
        return sum(turn.answered is None or (turn.interrupts and turn.cleared is None) for turn in self.turns)

    def at(self, field: str, share: float) -> float:
        """The quantile of a figure of the turns."""
        return quantile([each for turn in self.turns if (each := getattr(turn, field)) is not None], share)


class Crowd(Struct, frozen=True):
    """How an engine did with so many callers at once. Seconds."""

    count: int
    p50: float
    p95: float
    missed: int
    cost: float
    """Processor time of its process for a second of a call."""
    database: float
    """The same of PostgreSQL."""
    late: float
    """The most that a frame of a caller's went out late: beyond some hundredths the machine is at its end."""


class Voice(Struct, frozen=True):
    """All that was found. Frontdesk first, then its peer."""

    offline: list[Spoken]
    stand_in: list[Spoken]
    crowds: list[list[Crowd]]
    """By engine, from one level to the next as long as it was in time, and the first one at which it was not."""
    end_pointing: float
    """Seconds of silence after which a turn is over, by the settings of all engines."""

    def in_time(self, engine: int) -> int:
        """The most callers at once whose turns were in time."""
        limit = self.stand_in[engine].at("answered", 0.5) + IN_TIME
        return max((crowd.count for crowd in self.crowds[engine] if crowd.p95 <= limit and not crowd.missed), default=0)


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that so much of all is at or below; not a number where there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


async def measure(stand: Stand, directory: Path, postgres: int, quick: bool) -> Voice:
    """Measure it all. `postgres` is the database's process."""
    tenants = await engines.organizations(stand, 8)
    said = [_voice(line) for line in SCRIPT]
    spoken: dict[str, list[Spoken]] = {}
    crowds: list[list[Crowd]] = []
    for speech in (OFFLINE, STAND_IN):
        answers = directory / f"answers-{speech}.txt"
        async with AsyncExitStack() as stack:
            ours = await stack.enter_async_context(engines.frontdesk(stand, tenants, speech))
            answers.write_text("\n".join(await _rehearsed(ours, said)))
            both = [ours, await stack.enter_async_context(engines.pipecat(answers, speech))]
            await _conversation(both[1], said[:1], frozenset())  # it is warm after that
            spoken[speech] = await _in_turns(both, said, 4)
            if speech == STAND_IN:
                ends = [one.at("answered", 0.5) + IN_TIME for one in spoken[speech]]
                crowds = [
                    await _crowds(one, said, LEVELS[:: 2 if quick else 1], end, postgres)
                    for one, end in zip(both, ends, strict=True)
                ]
    manner = engines.MANNER
    return Voice(spoken[OFFLINE], spoken[STAND_IN], crowds, manner.speech_ends + manner.turn_ends)


def _voice(text: str) -> Utterance:
    """A caller's voice: Pico's, which is not the assistant's."""
    from py_nanotts import NanoTTS

    samples = numpy.frombuffer(NanoTTS().speak(text, voice="en-GB"), dtype="<i2")
    return utterance(samples.astype(numpy.float32) / 32768, 16_000)


async def _rehearsed(ours: Frontdesk, said: Sequence[Utterance]) -> list[str]:
    """What Frontdesk answers, turn by turn, so that the peer can answer the same. It is warm after that."""
    await _conversation(ours, said, frozenset(), IN_REHEARSAL)
    answers = [" ".join(answer.split()) for answer in await ours.answers()]
    if len(answers) < len(said) // 2:
        raise AssertionError(f"the rehearsal did not go by the script: {answers}")
    return answers


async def _in_turns(both: Sequence[Engine], said: Sequence[Utterance], rounds: int) -> list[Spoken]:
    """Conversations with one engine after the other, so that what else the machine does hits both."""
    found: dict[str, list[Turn]] = {engine.name: [] for engine in both}
    for number in range(rounds):
        for engine in both if number % 2 else reversed(both):
            found[engine.name] += await _conversation(engine, said, frozenset(range(1, len(said), 2)))
    return [Spoken(name, turns) for name, turns in found.items()]


@asynccontextmanager
async def _on_the_line(engine: Engine) -> AsyncGenerator[Caller]:
    caller = Caller()
    await caller.connect(engine.url, await engine.ring())
    try:
        yield caller
    finally:
        await caller.hang_up()


async def _conversation(
    engine: Engine, said: Sequence[Utterance], interrupting: frozenset[int], at_ease: float = AT_EASE
) -> list[Turn]:
    """One call; the turns in `interrupting` are begun into what the engine is saying."""
    async with _on_the_line(engine) as caller:
        turns: list[Turn] = []
        since = 0.0
        for number, what in enumerate(said):
            turn, since = await _turn(caller, what, since, number in interrupting, at_ease)
            turns.append(turn)
        if not interrupting:  # who lets the other side speak hears it out
            await caller.quiet(since, at_ease, ANSWERS_WITHIN)
    return turns


async def _turn(
    caller: Caller, what: Utterance, since: float, interrupts: bool, at_ease: float = AT_EASE
) -> tuple[Turn, float]:
    """Say something when the other side has spoken after `since`, or while it does."""
    interrupts = interrupts and await caller.hears(since, random.uniform(0.8, 1.4), ANSWERS_WITHIN)
    if not interrupts:
        await caller.quiet(since, at_ease, ANSWERS_WITHIN * 2)
    said = await caller.say(what)
    heard = await caller.answer(said.ended, ANSWERS_WITHIN)
    cleared, silent = (caller.cleared_after(said.began), caller.fell_silent(said)) if interrupts else (None, None)
    turn = Turn(
        answered=None if heard is None else heard - said.ended,
        cleared=None if cleared is None or cleared > said.ended else cleared - said.began,
        silent=None if silent is None else silent - said.began,
        interrupts=interrupts,
    )
    return turn, said.ended


async def _crowds(
    engine: Engine, said: Sequence[Utterance], levels: Sequence[int], in_time: float, postgres: int
) -> list[Crowd]:
    """More and more callers, until they are not answered in time any more."""
    found: list[Crowd] = []
    for count in levels:
        found.append(await _crowd(engine, said, count, 45.0, postgres))
        if found[-1].p95 > in_time or found[-1].missed:
            break
    return found


async def _crowd(engine: Engine, said: Sequence[Utterance], count: int, seconds: float, postgres: int) -> Crowd:
    async with AsyncExitStack() as stack:
        callers: list[Caller] = []
        for _ in range(count):
            callers.append(await stack.enter_async_context(_on_the_line(engine)))
            await asyncio.sleep(0.1)
        await asyncio.gather(*(caller.quiet(0.0, AT_EASE, ANSWERS_WITHIN * 2) for caller in callers))  # the greeting
        ends = asyncio.get_running_loop().time() + seconds
        for caller in callers:
            caller.late = 0.0
        before, began = (spent(engine.pid), spent(postgres)), time.monotonic()
        talks = [asyncio.create_task(_talk(caller, said, ends)) for caller in callers]
        await asyncio.sleep(seconds)
        after, length = (spent(engine.pid), spent(postgres)), time.monotonic() - began
        turns = [turn for talk in talks for turn in await talk]
        late = max(caller.late for caller in callers)
    answered = [turn.answered for turn in turns if turn.answered is not None]
    return Crowd(
        count, quantile(answered, 0.5), quantile(answered, 0.95), len(turns) - len(answered),
        (after[0] - before[0]) / length / count, (after[1] - before[1]) / length / count, late,
    )  # fmt: skip


async def _talk(caller: Caller, said: Sequence[Utterance], ends: float) -> list[Turn]:
    """Talk until then; callers do not begin together."""
    await asyncio.sleep(random.random() * 6)
    turns: list[Turn] = []
    since = 0.0
    for what in cycle(random.sample(said, len(said))):
        if asyncio.get_running_loop().time() > ends or caller.closed.is_set():
            return turns
        turn, since = await _turn(caller, what, since, interrupts=False)
        turns.append(turn)
    return turns
