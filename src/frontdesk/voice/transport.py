"""The socket of a call as pipecat's pipeline has it, and the pace at which sound goes out."""

import asyncio
import time

from pipecat.frames.frames import EndFrame, Frame
from pipecat.transports.websocket.fastapi import (
    FastAPIWebsocketOutputTransport,
    FastAPIWebsocketParams,
    FastAPIWebsocketTransport,
)
from starlette.websockets import WebSocket

AHEAD = 0.1
"""Seconds of sound that the carrier has in hand, so that a moment's delay on our side is not heard as a gap."""


class LineTransport(FastAPIWebsocketTransport):
    """pipecat's, with a pace of our own."""

    def __init__(self, websocket: WebSocket, params: FastAPIWebsocketParams) -> None:
        super().__init__(websocket, params)
        self._output = _Output(self, self._client, params)


class _Output(FastAPIWebsocketOutputTransport):
    """Sends sound by the clock, `AHEAD` of it. pipecat's waits from one piece to the next, so that every delay stays:
    on a busy machine it speaks more and more slowly."""

    _next_send_time: float
    """When all that was sent is played. 0 after an interruption."""

    async def _write_audio_sleep(self) -> None:
        now = time.monotonic()
        self._next_send_time = max(self._next_send_time, now) + self._send_interval
        await asyncio.sleep(max(0.0, self._next_send_time - now - AHEAD))

    async def _write_frame(self, frame: Frame) -> bool:
        if isinstance(frame, EndFrame):  # the carrier drops what it has not played when the socket closes
            await asyncio.sleep(max(0.0, self._next_send_time - time.monotonic()))
        return await super()._write_frame(frame)
