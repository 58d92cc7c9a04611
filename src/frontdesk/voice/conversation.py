"""One connected call, from the first word to the last: greeting, turns, silence, limits, passing on, the end of it.

What the assistant says is decided by `calls.service.assisting`; here is when it is said, and that all of it is kept.
"""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from datetime import datetime
from typing import Any

import structlog
from msgspec import structs

from frontdesk.domain.calls import service as calls
from frontdesk.domain.calls.model import RENEWED_EVERY, EndedReason, Opened, Speaker, Task, Turn
from frontdesk.domain.calls.service import assisting
from frontdesk.domain.calls.service.ahead import Ahead
from frontdesk.domain.calls.service.assisting import After, Answer
from frontdesk.platform.context import Context
from frontdesk.platform.loops import describe
from frontdesk.ports import llm
from frontdesk.voice.line import Line, Uttered

log = structlog.get_logger(__name__)

_STILL_THERE = ("Are you still there?", "I can't hear you. Are you still there?")
_SILENCE_ENDS = "I can't hear you, so I'll hang up now. Please call again. Goodbye."
_TIME_IS_UP = "I'm sorry, our time is up. A colleague will get back to you. Goodbye."
_TURNS_ARE_UP = "I'm sorry, I can't settle this with you. A colleague will get back to you. Goodbye."
_CANNOT_HEAR = "I'm sorry, there is trouble on the line. Let me get a colleague for you."
_THANKS_FOR_MESSAGE = "Thank you for your message. Goodbye."
_ONE_MOMENT = "One moment, please."
_BROKEN = "I'm sorry, something went wrong on our side. Please call again in a while. Goodbye."
_THINKS_WITHIN = 8.0
"""Seconds after which a caller who waits for an answer is told that it takes a moment."""
LONGEST_MESSAGE = 180
"""Seconds that a caller may speak for who only leaves a message."""
_LAST_WORDS_WITHIN = 30.0
"""Seconds in which last words are out; then the call is ended without them."""


class _Thought:
    """An answer on its way: `words` gets the sentences that are said ahead of it, and None when it is there."""

    def __init__(self) -> None:
        self.words: asyncio.Queue[str | None] = asyncio.Queue()
        self.ahead = Ahead(self.words.put)
        self.answer: asyncio.Task[Answer]

    def find(self, finding: Coroutine[Any, Any, Answer]) -> None:
        """Begin to find it."""
        self.answer = asyncio.create_task(finding)
        self.answer.add_done_callback(lambda _: self.words.put_nowait(None))


class Conversation:
    """A `Listener` that talks to one caller."""

    line: Line
    """Set by whoever made it, before `begin`."""

    def __init__(self, context: Context, opened: Opened, notes: list[str]) -> None:
        self._context, self._opened, self._notes = context, opened, notes
        self._call, self._org_id = opened.call, opened.org_id
        self._position = opened.first_position
        self._memory = assisting.remembered(opened.call, _as_told(opened))
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        answered = opened.call.answered_at
        started = opened.call.leg_started_at
        self._offset = (started - answered).total_seconds() if answered and started else 0.0
        self._thinking: _Thought | None = None
        self._owed = ""
        self._unanswered: list[str] = []
        """What the caller has said since we were last heard: a question may come in two stretches."""
        self._turns_left = 1
        self._silences = 0
        self._ending: EndedReason | None = None
        self._over = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._keeping: set[asyncio.Task[None]] = set()

    # --- the frame of a call --------------------------------------------------------------------------------------

    async def begin(self) -> None:
        """Say the first words, and start the clocks."""
        assistant = await assisting.opening(self._context, self._org_id, self._call)
        self._memory = structs.replace(self._memory, caller=assistant.caller)
        self._turns_left = assistant.max_turns
        self.line.speak_as(assistant.voice)
        opened = self._opened
        first = opened.says or assistant.greeting
        if opened.record:
            if opened.announcement:
                await self.line.announce(opened.announcement)
            await self.line.start_recording()
        takes = opened.task is Task.TAKE_MESSAGE
        await self.line.say(first)
        self._remember_ours(first)
        self._later(self._hold())
        self._later(self._end_in_time(LONGEST_MESSAGE if takes else assistant.max_seconds))

    async def finish(self) -> None:
        """The line is closed: keep what became of the call, if that is not kept yet."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._thinking is not None:  # what was begun is done, though nobody hears of it
            self._thinking.ahead.call_off()
            await asyncio.wait([self._thinking.answer], timeout=_LAST_WORDS_WITHIN)
        await self._complete(self._ending or EndedReason.CONNECTION_LOST)

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hold(self) -> None:
        while True:
            await asyncio.sleep(RENEWED_EVERY.total_seconds())
            try:
                held = await calls.renew(self._context.works, self._org_id, self._call)
            except Exception as error:  # the database is away: the lease has some time left
                log.warning("call_not_renewed", call=str(self._call.id), error=describe(error))
                continue
            if not held:
                await self.line.drop()
                return

    async def _end_in_time(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        takes = self._opened.task is Task.TAKE_MESSAGE
        await self._say_last(_THANKS_FOR_MESSAGE if takes else _TIME_IS_UP, EndedReason.TIME_LIMIT)

    # --- what happens on the line ---------------------------------------------------------------------------------

    async def reply(self, said: str, began: float, ended: float) -> AsyncGenerator[str]:
        """The answer to a turn of the caller's, as far as it is there before they have to be told to wait."""
        self._silences = 0
        if said:  # beside the thinking, and kept though the caller goes on and this is cancelled
            keeping = asyncio.create_task(self._keep(Speaker.CALLER, said, began, ended))
            self._keeping.add(keeping)
            keeping.add_done_callback(self._keeping.discard)
            self._unanswered.append(said)
        if self._opened.task is Task.TAKE_MESSAGE or self._final:
            return
        before, thought = self._thinking, _Thought()
        if before is not None:  # the caller spoke on before its words came
            before.ahead.call_off()
        self._thinking = thought
        words = " ".join(self._unanswered) if said else ""
        thought.find(self._think(words, before, thought.ahead))
        try:
            async with asyncio.timeout(_THINKS_WITHIN):
                text = await self._next(thought)
            yield text
            while self._thinking is thought:
                yield await self._next(thought)
        except TimeoutError:
            self._later(self._say_late(thought))
            yield _ONE_MOMENT
        except (asyncio.CancelledError, GeneratorExit):  # the caller speaks
            thought.ahead.call_off()
            raise

    async def _next(self, thought: _Thought) -> str:
        """What is to be said next of an answer, when it is there; with the last of it, it is thought of no more."""
        words = await thought.words.get()
        if words is not None:
            return self._with_owed(words)
        if self._thinking is not thought:  # the caller has said something else since
            return ""
        self._thinking = None
        return self._spoken(thought.answer.result())

    async def _say_late(self, thought: _Thought) -> None:
        while self._thinking is thought:
            if text := await self._next(thought):
                await self.line.say(text)

    async def _think(self, said: str, before: _Thought | None, ahead: Ahead) -> Answer:
        """The answer, after the one before it, whose words did not come. Never raises."""
        if before is not None:
            await asyncio.wait({before.answer})
            self._owe(before.answer.result())
        if said:
            self._turns_left -= 1
        if self._turns_left <= 0:
            ahead.call_off()
        try:
            self._memory, answer = await assisting.reply(
                self._context, self._org_id, self._call, self._memory, said, ahead
            )
        except Exception as error:  # the database is away
            log.error("assistant_broke", call=str(self._call.id), error=describe(error))
            return Answer(_BROKEN, After(ends=True), acted=True)
        return answer

    def _owe(self, answer: Answer) -> None:
        """What was done has to be told, though the caller spoke into it."""
        if answer.acted:
            self._owed = " ".join(filter(None, [self._owed, answer.text]))
        self._follow(answer)

    def _spoken(self, answer: Answer) -> str:
        self._follow(answer)
        text = self._with_owed(answer.text)
        if self._turns_left <= 0 and self._ending is None:
            self._ending = EndedReason.TURN_LIMIT
            text = f"{text} {_TURNS_ARE_UP}" if answer.acted else _TURNS_ARE_UP
        return text

    def _with_owed(self, text: str) -> str:
        text, self._owed = " ".join(filter(None, [self._owed, text])), ""
        return text

    def _follow(self, answer: Answer) -> None:
        if answer.after.transfers:
            self._ending = EndedReason.TRANSFERRED
        elif answer.after.voicemail:
            self._ending = EndedReason.VOICEMAIL
        elif answer.after.ends:
            self._ending = EndedReason.AGENT_ENDED

    async def uttered(self, what: Uttered) -> None:
        """We have spoken: keep it, and end the call if those were the last words."""
        if what.text:  # none: another voice has said a broken sentence anew
            self._unanswered = []
            await self._keep(Speaker.ASSISTANT, what.text, what.started, what.ended, what)
        if self._ending is None:
            return
        if what.interrupted and self._ending is EndedReason.AGENT_ENDED:
            self._ending = None  # "wait, one more thing"
            return
        await self._end()

    async def silent(self) -> None:
        """The caller says nothing."""
        if self._ending is not None:
            await self._end()
            return
        if self._opened.task is Task.TAKE_MESSAGE:
            await self._say_last(_THANKS_FOR_MESSAGE, EndedReason.SILENCE)
        elif self._silences < len(_STILL_THERE):
            self._silences += 1
            await self.line.say(_STILL_THERE[self._silences - 1])
        else:
            await self._say_last(_SILENCE_ENDS, EndedReason.SILENCE)

    async def deaf(self) -> None:
        """Nobody can hear the caller: a person has to."""
        if self._opened.task is Task.TAKE_MESSAGE or self._ending is not None:
            return
        rung = await calls.transfer(self._context.works, self._org_id, self._call.id, "speech could not be heard")
        await self._say_last(_CANNOT_HEAR if rung else _TURNS_ARE_UP, _reason_of(rung))

    async def mute(self) -> None:
        """Nobody can speak to the caller: a person has to."""
        rung = await calls.transfer(self._context.works, self._org_id, self._call.id, "nobody could speak")
        self._ending = _reason_of(rung)
        await self._end()

    async def stopped(self) -> None:
        """The caller has hung up."""
        if self._ending is not EndedReason.TRANSFERRED:
            self._ending = EndedReason.CALLER_HUNG_UP
        await self.line.drop()

    def note(self, what: str) -> None:
        """Something went wrong with a provider of speech."""
        self._notes.append(what)

    # --- endings --------------------------------------------------------------------------------------------------

    @property
    def _final(self) -> bool:
        """Whether the call ends whatever the caller says now."""
        return self._ending not in (None, EndedReason.AGENT_ENDED)

    async def _say_last(self, words: str, reason: EndedReason) -> None:
        if self._ending is None:
            self._ending = reason
            self._later(self._end_at_the_latest())
            await self.line.say(words)

    async def _end_at_the_latest(self) -> None:
        await asyncio.sleep(_LAST_WORDS_WITHIN)
        await self._end()

    async def _end(self) -> None:
        """Keep the end, then close the socket: the carrier asks at once what comes next."""
        assert self._ending is not None
        await self._complete(self._ending)
        await self.line.end()

    async def _complete(self, reason: EndedReason) -> None:
        if self._over:
            return
        self._over = True
        await asyncio.gather(*self._keeping)
        confidence = self._memory.confidence
        await calls.complete(self._context.works, self._org_id, self._call.id, reason, confidence=confidence)

    # --- the record -----------------------------------------------------------------------------------------------

    def since_answer(self, at: float) -> float:
        """Seconds from the answer of the call to `at`, an instant of the loop's clock."""
        return max(self._offset + at - self._began, 0.0)

    async def _keep(self, who: Speaker, text: str, began: float, ended: float, what: Uttered | None = None) -> None:
        latency = what.latency if what else None
        turn = Turn(
            position=self._position, speaker=who, text=text, started_ms=round(self.since_answer(began) * 1000),
            ended_ms=round(self.since_answer(ended) * 1000),
            latency_ms=None if latency is None else round(latency * 1000),
            interrupted=what.interrupted if what else False,
        )  # fmt: skip
        self._position += 1
        try:
            await calls.add_turn(self._context.works, self._org_id, self._call.id, turn)
        except Exception as error:  # the talk goes on; the record lacks a line
            log.error("turn_not_kept", call=str(self._call.id), error=describe(error))

    def _remember_ours(self, text: str) -> None:
        at = self._call.answered_at or self._call.started_at
        said = llm.Turn(ours=True, text=text, at=at)
        self._memory = structs.replace(self._memory, turns=[*self._memory.turns, said])


def _reason_of(rung: bool) -> EndedReason:
    return EndedReason.TRANSFERRED if rung else EndedReason.SPEECH_FAILED


def _as_told(opened: Opened) -> list[llm.Turn]:
    """What was said before, as the agent is told it."""
    at: datetime = opened.call.answered_at or opened.call.started_at
    return [llm.Turn(ours=turn.speaker is not Speaker.CALLER, text=turn.text, at=at) for turn in opened.turns]
