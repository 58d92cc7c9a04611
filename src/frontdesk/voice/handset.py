"""The other end of the line: a carrier's side of Media Streams, in real time. For `frontdesk call` and for tests.

It plays what it is sent as a telephone would, so that what it keeps is what a caller hears, when they hear it.
"""

import asyncio
import base64
import json
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import aiohttp
import numpy
import soxr

from frontdesk.voice import mulaw

RATE = 8_000
_TICK = 0.02
_FRAME = int(RATE * _TICK)
_QUIET = 500
"""Samples that are no louder are silence."""


class Handset:
    """A caller's telephone, with the carrier behind it. Use `connect`, then `say` and `hang_up`."""

    def __init__(self) -> None:
        self._stream = f"MZ{uuid4().hex}"
        self._to_say = bytearray()
        self._to_hear: deque[int] = deque()
        self._marks: deque[tuple[int, str]] = deque()
        self._received = self._played = self._sounded = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._http: aiohttp.ClientSession | None = None
        self._said, self._heard = bytearray(), bytearray()
        self._connected = self._last_sound = self._spoke_until = self._heard_out = 0.0
        self.closed = asyncio.Event()
        """The other side has closed the stream, or we have hung up."""
        self.clears: list[float] = []
        """When the other side took back what it had sent: seconds on the monotonic clock."""
        self.began_hearing: list[float] = []
        """When the other side began to be heard, each time."""
        self.finished_saying: list[float] = []
        """When the last sample of each utterance went out."""

    async def connect(self, url: str, call_sid: str, parameters: Mapping[str, str], headers: Mapping[str, str]) -> None:
        """Open the stream, and keep sending silence. Raises aiohttp.ClientError."""
        self._http = aiohttp.ClientSession()
        try:
            self._socket = await self._http.ws_connect(url, headers=headers, heartbeat=None)
        except BaseException:
            await self._http.close()
            raise
        await self._send({"event": "connected", "protocol": "Call", "version": "1.0.0"})
        start = {
            "streamSid": self._stream, "accountSid": "", "callSid": call_sid, "tracks": ["inbound"],
            "customParameters": dict(parameters),
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": RATE, "channels": 1},
        }  # fmt: skip
        await self._send({"event": "start", "sequenceNumber": "1", "start": start, "streamSid": self._stream})
        self._connected = self._last_sound = time.monotonic()
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._tick())]

    async def say(self, samples: bytes) -> None:
        """Speak (mono, 16 bit, `RATE`), and return when the last of it has gone out."""
        loud = numpy.flatnonzero(numpy.abs(numpy.frombuffer(samples, dtype="<i2").astype(int)) > _QUIET)
        silence_at_its_end = len(samples) // 2 - 1 - loud[-1] if loud.size else len(samples) // 2
        self._to_say += mulaw.encode(samples)
        while self._to_say and not self.closed.is_set():  # noqa: ASYNC110 - paced by the line itself
            await asyncio.sleep(_TICK)
        self.finished_saying.append(time.monotonic())
        self._spoke_until = self.finished_saying[-1] - silence_at_its_end / RATE

    async def my_turn(self, limit: float) -> bool:
        """Wait until all is heard that the other side had to say since we last spoke. It marks the end of that itself,
        so that no pause is taken for it. False where it has not in `limit` seconds, or the line is closed."""
        until = time.monotonic() + limit
        while self._heard_out <= max(self._connected, self._spoke_until) or self._to_hear:
            if time.monotonic() > until or self.closed.is_set():
                return False
            await asyncio.sleep(_TICK)
        return True

    async def listen(self, quiet: float = 0.5, limit: float = 30.0) -> bool:
        """Wait until the other side has spoken since we last did, and is quiet. False where it has not in `limit`."""
        until = time.monotonic() + limit
        spoke = max([self._connected, *self.finished_saying])
        while self._last_sound <= spoke or self._to_hear or time.monotonic() - self._last_sound < quiet:
            if time.monotonic() > until or self.closed.is_set():
                return False
            await asyncio.sleep(_TICK)
        return True

    async def quiet(self, seconds: float, limit: float) -> bool:
        """Wait until nothing has been heard for so long, `limit` seconds at most. Whether it is."""
        until = time.monotonic() + limit
        while time.monotonic() < until and not self.closed.is_set():
            if not self._to_hear and time.monotonic() - self._last_sound >= seconds:
                return True
            await asyncio.sleep(_TICK)
        return False

    @property
    def hears(self) -> bool:
        """Whether the other side is heard just now."""
        return bool(self._to_hear)

    @property
    def seconds_heard(self) -> float:
        """How much of the other side's sound has been heard so far."""
        return self._sounded / RATE

    async def hang_up(self) -> None:
        """End the call, as the carrier tells it. Nothing happens where it has ended."""
        if not self.closed.is_set():
            with suppress(ConnectionError, aiohttp.ClientError):
                await self._send({"event": "stop", "streamSid": self._stream, "stop": {}})
        await self.drop()

    async def drop(self) -> None:
        """Let the connection go without a word."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._socket is not None:
            await self._socket.close()
        if self._http is not None:
            await self._http.close()
        self.closed.set()

    async def send(self, message: str) -> None:
        """Send anything at all."""
        assert self._socket is not None
        await self._socket.send_str(message)

    @property
    def heard(self) -> bytes:
        """All that was heard since the stream was opened, silence included (mono, 16 bit, `RATE`)."""
        return mulaw.decode(bytes(self._heard))

    @property
    def said(self) -> bytes:
        """All that was said, likewise."""
        return mulaw.decode(bytes(self._said))

    async def _send(self, message: dict[str, Any]) -> None:
        await self.send(json.dumps(message))

    async def _tick(self) -> None:
        """20 ms of either side, every 20 ms."""
        next_at = time.monotonic()
        while True:
            frame = bytes(self._to_say[:_FRAME])
            del self._to_say[:_FRAME]
            frame = frame.ljust(_FRAME, mulaw.SILENCE)
            self._said += frame
            payload = base64.b64encode(frame).decode()
            with suppress(ConnectionError, aiohttp.ClientError):
                await self._send({"event": "media", "streamSid": self._stream, "media": {"payload": payload}})
            await self._play()
            next_at += _TICK
            await asyncio.sleep(max(0.0, next_at - time.monotonic()))

    async def _play(self) -> None:
        heard = bytes(self._to_hear.popleft() for _ in range(min(_FRAME, len(self._to_hear))))
        if heard:
            self._last_sound = time.monotonic()
        self._played += len(heard)
        self._sounded += len(heard)
        self._heard += heard.ljust(_FRAME, mulaw.SILENCE)
        while self._marks and self._marks[0][0] <= self._played:
            _, name = self._marks.popleft()
            self._heard_out = time.monotonic()
            await self._send({"event": "mark", "streamSid": self._stream, "mark": {"name": name}})

    async def _listen(self) -> None:
        assert self._socket is not None
        async for message in self._socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            read = cast("dict[str, Any]", json.loads(message.data))
            match read.get("event"):
                case "media":
                    if not self._to_hear and time.monotonic() - self._last_sound > 0.3:
                        self.began_hearing.append(time.monotonic())
                    codes = base64.b64decode(read["media"]["payload"])
                    self._to_hear.extend(codes)
                    self._received += len(codes)
                case "clear":
                    self.clears.append(time.monotonic())
                    self._played += len(self._to_hear)
                    self._to_hear.clear()
                case "mark":
                    self._marks.append((self._received, read["mark"]["name"]))
                case _:
                    pass
        self.closed.set()


def samples_of(file: Path) -> bytes:
    """A WAV or other sound file as a telephone carries it (mono, 16 bit, `RATE`). Raises OSError, ValueError."""
    import soundfile

    reader: Any = soundfile  # typed in part
    try:
        samples, rate = reader.read(file, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise ValueError(f"{file} is no sound file that can be read") from error
    return resampled(samples.mean(axis=1), rate)


def resampled(samples: Any, rate: int) -> bytes:
    """Floating-point samples of any rate as a telephone carries them."""
    out = soxr.resample(samples, rate, RATE)
    return (numpy.clip(out, -1.0, 1.0) * 32767).astype("<i2").tobytes()
