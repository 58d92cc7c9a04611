"""One call as machinery: the socket, voice activity, turns, speech, interruption, recording. What is said: not here.

pipecat's pipeline: socket in, hearing, turns, thinking, speaking, socket out, a watch over who speaks, recording.
"""

import asyncio
from collections.abc import AsyncGenerator
from typing import Protocol

from msgspec import Struct
from pipecat.frames.frames import (
    AudioBufferStartRecordingFrame,
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    EndFrame,
    Frame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    OutputTransportMessageUrgentFrame,
    TTSSpeakFrame,
    UserStartedSpeakingFrame,
    UserStoppedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair, LLMUserAggregatorParams
from pipecat.processors.audio.audio_buffer_processor import AudioBufferProcessor
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.transports.websocket.fastapi import FastAPIWebsocketParams
from pipecat.turns.empty_user_turn import EmptyUserTurnConfig
from pipecat.turns.user_start.vad_user_turn_start_strategy import VADUserTurnStartStrategy
from pipecat.turns.user_turn_strategies import UserTurnStrategies
from pipecat.workers.runner import WorkerRunner
from starlette.websockets import WebSocket

from frontdesk.voice.activity import VoiceActivity
from frontdesk.voice.recording import Recorder
from frontdesk.voice.services import Hearing, SentenceBegins, Speaking, Thinking, TurnEnds
from frontdesk.voice.speech import Ears, Mouth, Providers
from frontdesk.voice.stream import Frames, Opening, mark
from frontdesk.voice.transport import LineTransport

_NOT_HEARD = "The caller has said something that could not be made out."
"""What pipecat asks us to answer where there are no words; `Listener.reply` is given none."""

LINE_RATE = 8_000
"""Samples a second on a telephone line."""

WORDS_A_SECOND = 2.7
"""How fast voices speak, about."""


class Manner(Struct, frozen=True):
    """How turns are taken. Seconds."""

    speech_begins: float = 0.16
    """So much voice makes speech, and stops what we say; a cough has less."""
    speech_ends: float = 0.2
    """So long somebody is silent before a stretch of speech is listened to."""
    turn_ends: float = 0.6
    """So long after that it is our turn, if they do not go on."""
    idle: float = 8.0
    """So long a caller may be silent after us."""


class Uttered(Struct, frozen=True):
    """What the assistant said at a stretch. Times are the loop's."""

    text: str
    """What was heard of it."""
    started: float
    ended: float
    interrupted: bool
    latency: float | None
    """Seconds from the end of the caller's speech; None: nobody had spoken."""


class Listener(Protocol):
    """Who is told what happens on the line, and answers the caller."""

    def reply(self, said: str, began: float, ended: float) -> AsyncGenerator[str]:
        """The answer to what the caller has said in this turn, which is empty where it could not be made out: piece by
        piece, of whole sentences; none where silence is right. Closed when the caller goes on speaking."""
        ...

    async def uttered(self, what: Uttered) -> None:
        """We have spoken, or were interrupted."""
        ...

    async def silent(self) -> None:
        """The caller has said nothing for `Manner.idle`."""
        ...

    async def deaf(self) -> None:
        """The caller spoke, and no provider could hear it."""
        ...

    async def mute(self) -> None:
        """No provider could speak."""
        ...

    async def stopped(self) -> None:
        """The carrier says that the caller has hung up."""
        ...

    def note(self, what: str) -> None:
        """Something went wrong with a provider."""
        ...


class Line:
    """The machinery of one call."""

    def __init__(
        self, socket: WebSocket, opened: Opening, providers: Providers, manner: Manner, listener: Listener,
        recorder: Recorder | None,
    ) -> None:  # fmt: skip
        """`socket` is accepted, and `opened` is what it said. `recorder` gets both sides once recording has begun."""
        self._listener, self._manner = listener, manner
        self._watch = _Watch(listener, manner, opened.stream_sid)
        self._transport = LineTransport(
            socket,
            FastAPIWebsocketParams(
                serializer=Frames(opened, listener.stopped), audio_in_enabled=True, audio_out_enabled=True,
                audio_in_sample_rate=LINE_RATE, audio_out_sample_rate=LINE_RATE,
                audio_out_end_silence_secs=0,
            ),
        )  # fmt: skip
        self._transport.add_event_handler("on_client_disconnected", self._gone)
        turns = self._turns()
        self._mouth = Mouth(providers, listener.note)
        speaking = Speaking(self._mouth, LINE_RATE, listener.mute)
        stages: list[FrameProcessor] = [
            self._transport.input(), Hearing(Ears(providers, listener.note), LINE_RATE, listener.deaf), turns.user(),
            Thinking(self._reply), speaking, self._transport.output(), self._watch,
        ]  # fmt: skip
        if recorder is not None:
            kept = AudioBufferProcessor(sample_rate=LINE_RATE, num_channels=2, buffer_size=LINE_RATE * 2 * 5)
            kept.add_event_handler("on_audio_data", recorder.take)
            kept.add_event_handler("on_recording_started", recorder.begin)
            stages.append(kept)
        self._worker = PipelineWorker(
            Pipeline([*stages, turns.assistant()]),
            params=PipelineParams(audio_in_sample_rate=LINE_RATE, audio_out_sample_rate=LINE_RATE),
            idle_timeout_secs=None, enable_rtvi=False, enable_turn_tracking=False, check_dangling_tasks=False,
        )  # fmt: skip

    def _turns(self) -> LLMContextAggregatorPair:
        manner = self._manner
        strategies = UserTurnStrategies(
            start=[VADUserTurnStartStrategy()],
            stop=[TurnEnds(user_speech_timeout=manner.turn_ends)],
        )
        params = LLMUserAggregatorParams(
            vad_analyzer=VoiceActivity(LINE_RATE, manner.speech_begins, manner.speech_ends),
            user_turn_strategies=strategies,
            user_turn_stop_timeout=15.0,
            empty_user_turn=EmptyUserTurnConfig(_NOT_HEARD, _NOT_HEARD, max_consecutive_recoveries=3),
        )
        return LLMContextAggregatorPair(LLMContext(), user_params=params)

    async def run(self) -> None:
        """Run the call until either side has ended it."""
        runner = WorkerRunner(handle_sigint=False, check_dangling_tasks=False)
        await runner.add_workers(self._worker)
        await runner.run()

    def speak_as(self, voice: str) -> None:
        """Speak in this voice of `organizations.model.VOICES`, or the nearest to it, from now on."""
        self._mouth.voice = voice

    async def say(self, text: str) -> None:
        """Say something of our own accord, after what is being said."""
        await self._worker.queue_frames([LLMFullResponseStartFrame(), LLMTextFrame(text), LLMFullResponseEndFrame()])

    async def announce(self, text: str) -> None:
        """Say something that is said to its end whatever the caller does."""
        frame = TTSSpeakFrame(text)
        frame.interruptible = False
        await self._worker.queue_frame(frame)

    async def start_recording(self) -> None:
        """Record both sides from here on, that is after what was said before."""
        await self._worker.queue_frame(AudioBufferStartRecordingFrame())

    async def end(self) -> None:
        """Close the socket, once all is said that was to be."""
        await self._worker.queue_frame(EndFrame())

    async def drop(self) -> None:
        """Close the socket now."""
        await self._worker.cancel()

    def _reply(self, said: str) -> AsyncGenerator[str]:
        return self._listener.reply(said, self._watch.caller_began, self._watch.caller_ended)

    async def _gone(self, *_: object) -> None:
        await self.drop()


class _Watch(FrameProcessor):
    """Sees who speaks when, and what was heard of us."""

    def __init__(self, listener: Listener, manner: Manner, stream_sid: str) -> None:
        super().__init__()
        self._listener, self._manner, self._stream_sid = listener, manner, stream_sid
        self._said = 0
        self._sentences: list[tuple[str, float]] = []
        self._started: float | None = None
        self._interrupted = False
        self._waiting_since: float | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._telling: asyncio.Task[None] | None = None
        self.caller_began = self.caller_ended = _now()

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if direction is FrameDirection.DOWNSTREAM:
            await self._see(frame)
        await self.push_frame(frame, direction)

    async def _see(self, frame: Frame) -> None:
        if isinstance(frame, UserStartedSpeakingFrame):
            self._wait_no_more()
            self._interrupted = self._started is not None
            self.caller_began = _now() - self._manner.speech_begins
        elif isinstance(frame, UserStoppedSpeakingFrame):
            self._wait()
        elif isinstance(frame, VADUserStoppedSpeakingFrame):
            self.caller_ended = _now() - frame.stop_secs
            self._waiting_since = self.caller_ended
        elif isinstance(frame, SentenceBegins):
            self._sentences.append((frame.text, _now()))
        elif isinstance(frame, BotStartedSpeakingFrame) and self._started is None:
            self._wait_no_more()
            self._started = _now()
        elif isinstance(frame, BotStoppedSpeakingFrame) and self._started is not None:
            await self._tell()
        elif isinstance(frame, LLMFullResponseEndFrame):  # it comes after the audio of what was said
            self._said += 1
            marked = OutputTransportMessageUrgentFrame(message=mark(self._stream_sid, f"said {self._said}"))
            await self.push_frame(marked, FrameDirection.UPSTREAM)

    async def _tell(self) -> None:
        assert self._started is not None
        now = _now()
        waited = None if self._waiting_since is None else max(self._started - self._waiting_since, 0.0)
        text = _heard(self._sentences, now if self._interrupted else None)
        what = Uttered(text, self._started, now, self._interrupted, waited)
        self._sentences, self._started, self._interrupted = [], None, False
        self._waiting_since = None
        self._wait()
        await self._listener.uttered(what)

    def _wait(self) -> None:
        """Somebody has to speak now; if nobody does for a while, it is told."""
        self._wait_no_more()
        self._idle = asyncio.get_running_loop().call_later(self._manner.idle, self._silent)

    def _wait_no_more(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _silent(self) -> None:
        self._telling = asyncio.create_task(self._listener.silent())

    async def cleanup(self) -> None:
        """Stop waiting."""
        await super().cleanup()
        self._wait_no_more()


def _heard(sentences: list[tuple[str, float]], until: float | None) -> str:
    """What was heard of sentences, each with the instant at which it began: of the last, which `until` broke off, as
    many words as were out by then. None: all of it."""
    *whole, (last, began) = sentences or [("", 0.0)]
    if until is not None:
        last = " ".join(last.split()[: int((until - began) * WORDS_A_SECOND)])
    return " ".join(text.strip() for text in (*(text for text, _ in whole), last) if text.strip())


def _now() -> float:
    return asyncio.get_running_loop().time()
