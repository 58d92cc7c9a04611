"""A bare pipecat bot for the telephone, as pipecat's own examples for Twilio are written, on the services that it is
given: no database, no record, no limits. What it answers is in a file, a line a turn, and it has it at once.
"""

import argparse
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI, WebSocket
from loguru import logger
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.audio.vad.vad_analyzer import VADParams
from pipecat.frames.frames import (
    Frame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    TranscriptionFrame,
    TTSSpeakFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair, LLMUserAggregatorParams
from pipecat.processors.frame_processor import FrameDirection
from pipecat.runner.utils import parse_telephony_websocket
from pipecat.serializers.twilio import TwilioFrameSerializer
from pipecat.services.llm_service import LLMService
from pipecat.services.settings import LLMSettings, STTSettings, TTSSettings
from pipecat.services.stt_service import SegmentedSTTService
from pipecat.services.tts_service import TTSService
from pipecat.transports.websocket.fastapi import FastAPIWebsocketParams, FastAPIWebsocketTransport
from pipecat.turns.user_stop.speech_timeout_user_turn_stop_strategy import SpeechTimeoutUserTurnStopStrategy
from pipecat.turns.user_turn_strategies import UserTurnStrategies
from pipecat.utils.time import time_now_iso8601
from pipecat.workers.runner import WorkerRunner

from frontdesk.ports.speech import HEARD_RATE, Synthesizer, Transcriber

GREETING = "Thank you for calling. How can I help you?"


class Hearing(SegmentedSTTService):
    """Speech to text by the transcriber."""

    def __init__(self, transcriber: Transcriber) -> None:
        super().__init__(settings=STTSettings(model=None, language=None), ttfs_p99_latency=1.5)
        self._transcriber = transcriber

    @property
    def wants_wav_segments(self) -> bool:
        return False

    async def run_stt(self, audio: bytes) -> AsyncGenerator[Frame | None, None]:
        text = await self._transcriber.transcribe(audio)
        if text:
            yield TranscriptionFrame(text, "", time_now_iso8601())


class Answering(LLMService):
    """A model that knows its answers beforehand."""

    def __init__(self, answers: list[str]) -> None:
        super().__init__(settings=LLMSettings(
            model=None, system_instruction=None, temperature=None, max_tokens=None, top_p=None, top_k=None,
            frequency_penalty=None, presence_penalty=None, seed=None, filter_incomplete_user_turns=False,
            user_turn_completion_config=None,
        ))  # fmt: skip
        self._answers, self._turn = answers, 0

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if not isinstance(frame, LLMContextFrame):
            await self.push_frame(frame, direction)
            return
        answer = self._answers[self._turn % len(self._answers)]
        self._turn += 1
        await self.push_frame(LLMFullResponseStartFrame())
        await self.push_frame(LLMTextFrame(answer))
        await self.push_frame(LLMFullResponseEndFrame())


class Speaking(TTSService):
    """Text to speech by the synthesizer."""

    def __init__(self, synthesizer: Synthesizer) -> None:
        super().__init__(
            push_start_frame=True, push_stop_frames=True, settings=TTSSettings(model=None, voice=None, language=None)
        )
        self._synthesizer = synthesizer

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame | None, None]:
        pieces = self._synthesizer.speak(text)
        rate = self._synthesizer.rate
        async for frame in self._stream_audio_frames_from_iterator(pieces, in_sample_rate=rate, context_id=context_id):
            yield frame


async def talk(
    websocket: WebSocket, transcriber: Transcriber, synthesizer: Synthesizer, answers: list[str], vad: VADParams,
    turn_ends: float,
) -> None:  # fmt: skip
    """One call."""
    _, call = await parse_telephony_websocket(websocket)
    serializer = TwilioFrameSerializer(
        stream_sid=call["stream_id"], call_sid=call["call_id"],
        params=TwilioFrameSerializer.InputParams(auto_hang_up=False),
    )  # fmt: skip
    transport = FastAPIWebsocketTransport(
        websocket=websocket,
        params=FastAPIWebsocketParams(serializer=serializer, audio_in_enabled=True, audio_out_enabled=True),
    )
    turns = LLMContextAggregatorPair(
        LLMContext(),
        user_params=LLMUserAggregatorParams(
            vad_analyzer=SileroVADAnalyzer(params=vad),
            user_turn_strategies=UserTurnStrategies(
                stop=[SpeechTimeoutUserTurnStopStrategy(user_speech_timeout=turn_ends)]
            ),
        ),
    )
    stages = [
        transport.input(), Hearing(transcriber), turns.user(), Answering(answers), Speaking(synthesizer),
        transport.output(), turns.assistant(),
    ]  # fmt: skip
    params = PipelineParams(audio_in_sample_rate=HEARD_RATE, audio_out_sample_rate=8_000)
    worker = PipelineWorker(Pipeline(stages), params=params, enable_rtvi=False)

    @transport.event_handler("on_client_connected")
    async def connected(*_: object) -> None:
        await worker.queue_frame(TTSSpeakFrame(GREETING))

    @transport.event_handler("on_client_disconnected")
    async def disconnected(*_: object) -> None:
        await worker.cancel()

    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    await runner.run()


def app(transcriber: Transcriber, synthesizer: Synthesizer, answers: Path, vad: VADParams, turn_ends: float) -> FastAPI:
    """The bot as a web application. The answers are read for each call anew."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        await transcriber.warm()
        await synthesizer.warm()
        yield
        await transcriber.close()
        await synthesizer.close()

    made = FastAPI(lifespan=lifespan)

    @made.get("/health")
    async def health() -> dict[str, bool]:
        return {"ok": True}

    @made.websocket("/ws")
    async def media(websocket: WebSocket) -> None:
        await websocket.accept()
        await talk(websocket, transcriber, synthesizer, answers.read_text().splitlines(), vad, turn_ends)

    return made


def main() -> None:
    """Serve on a port of this machine."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--answers", type=Path, required=True)
    parser.add_argument("--speech", choices=["offline", "stand-in"], required=True)
    for name in ("speech-begins", "speech-ends", "turn-ends"):
        parser.add_argument(f"--{name}", type=float, required=True)
    asked = parser.parse_args()
    logger.remove()
    logger.add(sys.stderr, level="ERROR")
    if asked.speech == "offline":
        from frontdesk.adapters.speech.piper import Piper
        from frontdesk.adapters.speech.whisper import Whisper

        speech = Whisper(seconds=60), Piper(seconds=60)  # no other takes over here
    else:
        from bench.voice.standins import Hums, Knows

        speech = Knows(), Hums()
    vad = VADParams(start_secs=asked.speech_begins, stop_secs=asked.speech_ends)
    bot = app(*speech, asked.answers, vad, asked.turn_ends)
    uvicorn.run(bot, host="127.0.0.1", port=asked.port, log_level="error", access_log=False)


if __name__ == "__main__":
    main()
