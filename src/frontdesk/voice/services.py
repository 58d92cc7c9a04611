"""Our ears, mouth and assistant as pipecat's pipeline wants them."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import numpy
import soxr
from pipecat.frames.frames import (
    AggregatedTextFrame,
    DataFrame,
    Frame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.processors.frame_processor import FrameDirection
from pipecat.services.llm_service import LLMService
from pipecat.services.settings import LLMSettings, STTSettings, TTSSettings
from pipecat.services.stt_service import SegmentedSTTService
from pipecat.services.tts_service import TTSService
from pipecat.turns.types import ProcessFrameResult
from pipecat.turns.user_stop.speech_timeout_user_turn_stop_strategy import SpeechTimeoutUserTurnStopStrategy
from pipecat.utils.text.simple_text_aggregator import SimpleTextAggregator
from pipecat.utils.time import time_now_iso8601

from frontdesk.ports.speech import HEARD_RATE, SpeechFailed
from frontdesk.voice.speech import Ears, Mouth
from frontdesk.voice.spoken import spoken

STT_P99 = 1.5
"""Seconds after which pipecat stops waiting for words that are still to come."""


@dataclass
class NothingHeard(DataFrame):
    """There are no words in a stretch of speech."""


class TurnEnds(SpeechTimeoutUserTurnStopStrategy):
    """pipecat's end of a turn, which waits for the words of every stretch of speech in it, and for none that there are
    not: pipecat's takes those of an earlier stretch for all, and a stretch without words for one still to come."""

    def __init__(self, *, user_speech_timeout: float) -> None:
        """`user_speech_timeout`: seconds in which the caller may go on."""
        super().__init__(user_speech_timeout=user_speech_timeout)
        self._unheard = 0

    async def handle_user_turn_started(self) -> None:
        """A new turn: its words are waited for."""
        self.wait_for_transcript = True
        await super().handle_user_turn_started()

    async def process_frame(self, frame: Frame) -> ProcessFrameResult:
        """See what ends a turn."""
        if isinstance(frame, VADUserStoppedSpeakingFrame):
            self._unheard += 1
        elif isinstance(frame, TranscriptionFrame | NothingHeard):
            self._unheard = max(self._unheard - 1, 0)
        if isinstance(frame, NothingHeard):
            self.wait_for_transcript = False
            frame = TranscriptionFrame("", "", time_now_iso8601(), finalized=True)
        return await super().process_frame(frame)

    async def _maybe_trigger_user_turn_stopped(self) -> None:
        if not self._unheard:
            await super()._maybe_trigger_user_turn_stopped()


class Hearing(SegmentedSTTService):
    """Speech to text: each stretch of speech as a whole."""

    def __init__(self, ears: Ears, rate: int, deaf: Callable[[], Awaitable[None]]) -> None:
        """`rate` is that of the line. `deaf` is called when a stretch could not be heard by anybody."""
        super().__init__(sample_rate=rate, settings=STTSettings(model=None, language=None), ttfs_p99_latency=STT_P99)
        self._ears, self._deaf = ears, deaf

    @property
    def wants_wav_segments(self) -> bool:
        """Plain samples."""
        return False

    async def run_stt(self, audio: bytes) -> AsyncGenerator[Frame | None, None]:
        """The words of one stretch of speech, if there are any."""
        try:
            text = await self._ears.hear(_resampled(audio, self.sample_rate))
        except SpeechFailed:
            await self._deaf()
            text = ""
        yield TranscriptionFrame(text, "", time_now_iso8601()) if text else NothingHeard()


class Thinking(LLMService[Any]):
    """The assistant: given what the caller has said since it was last asked, its answer."""

    def __init__(self, reply: Callable[[str], AsyncGenerator[str]]) -> None:
        """`reply` is closed when the caller goes on speaking; it is given no words twice."""
        super().__init__(settings=_no_llm_settings())
        self._reply = reply
        self._given = 0

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Answer a context, pass everything else on."""
        await super().process_frame(frame, direction)
        if not isinstance(frame, LLMContextFrame):
            await self.push_frame(frame, direction)
            return
        begun = False
        async with aclosing(self._reply(self._new_words(frame))) as pieces:
            async for piece in pieces:
                if piece and not begun:
                    begun = True
                    await self.push_frame(LLMFullResponseStartFrame())
                await self._say(piece)
        if begun:
            await self.push_frame(LLMFullResponseEndFrame())

    async def _say(self, piece: str) -> None:
        """Sentence by sentence: as mere text the last one would be held back until something follows."""
        sentences = SimpleTextAggregator()
        found = [sentence async for sentence in sentences.aggregate(piece)]
        last = await sentences.flush()
        for sentence in [*found, last] if last else found:
            await self.push_frame(AggregatedTextFrame(sentence.text, sentence.type, raw_text=sentence.text))

    def _new_words(self, frame: LLMContextFrame) -> str:
        """What the caller has said since. Nothing, where pipecat asks for an answer to what could not be made out."""
        messages = frame.context.get_messages()
        new, self._given = messages[self._given :], len(messages)
        said: list[str] = []
        for message in reversed(new):
            if not isinstance(message, dict) or message.get("role") != "user":
                break
            said.append(str(message.get("content") or ""))
        return " ".join(reversed(said)).strip()


@dataclass
class SentenceBegins(DataFrame):
    """In the stream before the audio of a sentence: whoever sees it knows that what came before is out."""

    text: str


class Speaking(TTSService):
    """Text to speech: a sentence at a time, each behind a `SentenceBegins`."""

    def __init__(self, mouth: Mouth, rate: int, mute: Callable[[], Awaitable[None]]) -> None:
        """`mute` is called when nobody could speak."""
        super().__init__(
            sample_rate=rate, push_start_frame=True, push_stop_frames=True, stop_frame_timeout_s=5.0,
            settings=TTSSettings(model=None, voice=None, language=None),
        )  # fmt: skip
        self._mouth, self._mute = mouth, mute

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame | None, None]:
        """`text` as audio. Silence where nobody can speak."""
        begun = False
        try:
            async for audio in self._mouth.speak(spoken(text), self.sample_rate):
                if audio and not begun:
                    begun = True
                    yield SentenceBegins(text)
                if audio:
                    yield TTSAudioRawFrame(audio, self.sample_rate, 1, context_id=context_id)
        except SpeechFailed:
            await self._mute()


def _resampled(audio: bytes, rate: int) -> bytes:
    """A stretch as a whole: in pieces, a good filter holds back some hundredths of a second of what comes in."""
    if rate == HEARD_RATE:
        return audio
    samples = numpy.frombuffer(audio, numpy.int16)
    return soxr.resample(samples, rate, HEARD_RATE).astype(numpy.int16).tobytes()


def _no_llm_settings() -> LLMSettings:
    return LLMSettings(
        model=None, system_instruction=None, temperature=None, max_tokens=None, top_p=None, top_k=None,
        frequency_penalty=None, presence_penalty=None, seed=None, filter_incomplete_user_turns=False,
        user_turn_completion_config=None,
    )  # fmt: skip
