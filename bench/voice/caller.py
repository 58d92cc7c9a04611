"""A caller: Media Streams as a carrier speaks it, 20 ms at a time, and when what came back. Judges nothing.

A carrier sends a frame when its 20 ms are over, so what is in it was said before: times here are those of the sound.
"""

import asyncio
import base64
import json
import random
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from itertools import cycle
from uuid import uuid4

import aiohttp
import msgspec
import numpy
import soxr
from msgspec import Struct

from frontdesk.voice import mulaw

RATE = 8_000
FRAME = 0.02
_SAMPLES = int(RATE * FRAME)
_NOISE = 18
"""The noise of a line that nobody speaks on: about 65 dB below the loudest, as carriers fill silence."""
_HEARD_FROM = 200
"""A sample so far from zero can be heard."""
_QUIET = bytes(
    code
    for code, sample in enumerate(numpy.frombuffer(mulaw.decode(bytes(range(256))), dtype="<i2"))
    if abs(int(sample)) < _HEARD_FROM
)
_GAP = 0.1
"""Seconds without sound that do not part what is heard."""


class Utterance(Struct, frozen=True):
    """Something to say: it begins with the first sample of its frames, and ends in the last of them."""

    frames: list[str]
    rest: float
    """Seconds of the last frame that are silence."""

    @property
    def seconds(self) -> float:
        """How long it takes."""
        return len(self.frames) * FRAME - self.rest


class Said(Struct, frozen=True):
    """When it was said. Seconds on the monotonic clock."""

    began: float
    ended: float


class Sound(Struct):
    """A stretch that the other side was heard. It may be cut short."""

    began: float
    ended: float


class _Media(Struct):
    payload: str


class _Message(Struct):
    event: str
    media: _Media | None = None


_decoder = msgspec.json.Decoder(_Message)


def utterance(samples: numpy.ndarray, rate: int) -> Utterance:
    """Floating-point samples of any rate, without what is before the voice and after it."""
    line = soxr.resample(samples, rate, RATE)
    line *= 0.25 / numpy.abs(line).max()  # 12 dB below the loudest: as voices are on the telephone
    loud = numpy.flatnonzero(numpy.abs(line) > _HEARD_FROM / 32768)
    line = line[loud[0] : loud[-1] + 1]
    rest = -len(line) % _SAMPLES
    line = numpy.concatenate([line, numpy.zeros(rest)]) * 32767
    return Utterance(_frames(line + _noise(len(line), 7)), rest / RATE)


def _noise(count: int, seed: int) -> numpy.ndarray:
    return numpy.random.default_rng(seed).normal(0, _NOISE, count)


def _frames(samples: numpy.ndarray) -> list[str]:
    codes = mulaw.encode(samples.clip(-32767, 32767).astype("<i2").tobytes())
    return [base64.b64encode(codes[at : at + _SAMPLES]).decode() for at in range(0, len(codes), _SAMPLES)]


_SILENCE = _frames(_noise(RATE * 4, 3))


class Caller:
    """One telephone on the line."""

    def __init__(self) -> None:
        self._stream = f"MZ{uuid4().hex}"
        self._to_say: deque[str] = deque()
        self._said: asyncio.Future[Said] | None = None
        self._saying: tuple[Utterance, float] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self.sounds: list[Sound] = []
        """What was heard, in order, as a telephone plays it."""
        self.arrived: list[float] = []
        """When each message came that holds something to be heard."""
        self.clears: list[float] = []
        """When the other side took back what was still to be played."""
        self.late = 0.0
        """The most that a frame of ours went out late."""
        self.closed = asyncio.Event()

    async def connect(self, url: str, parameters: Mapping[str, str]) -> None:
        """Open the stream, and send the noise of the line from then on."""
        self._http = aiohttp.ClientSession()
        self._socket = await self._http.ws_connect(url, heartbeat=None, compress=0)
        await self._socket.send_str('{"event":"connected","protocol":"Call","version":"1.0.0"}')
        start = {
            "streamSid": self._stream, "accountSid": "AC" + "0" * 32, "callSid": "CA" + uuid4().hex,
            "tracks": ["inbound"], "customParameters": dict(parameters),
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": RATE, "channels": 1},
        }  # fmt: skip
        message = {"event": "start", "sequenceNumber": "1", "start": start, "streamSid": self._stream}
        await self._socket.send_str(json.dumps(message))
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._speak())]

    async def say(self, what: Utterance) -> Said:
        """Say it, and return when its last sample is out."""
        self._said = asyncio.get_running_loop().create_future()
        self._saying = what, 0.0
        self._to_say.extend(what.frames)
        return await self._said

    async def quiet(self, since: float, seconds: float, limit: float) -> bool:
        """Wait until the other side was heard after `since`, and then for `seconds` was not. False: `limit` is over."""
        until = time.monotonic() + limit
        while not self.closed.is_set() and (now := time.monotonic()) < until:
            if self.arrived and self.arrived[-1] > since and now - self.sounds[-1].ended > seconds:
                return True
            await asyncio.sleep(FRAME)
        return False

    async def hears(self, since: float, seconds: float, limit: float) -> bool:
        """Wait until the other side, which began after `since`, has been heard for `seconds`, and still is."""
        until = time.monotonic() + limit
        while not self.closed.is_set() and (now := time.monotonic()) < until:
            last = self.sounds[-1] if self.sounds else None
            if last is not None and last.began > since and now < last.ended and now - last.began > seconds:
                return True
            await asyncio.sleep(FRAME)
        return False

    async def answer(self, since: float, limit: float) -> float | None:
        """Wait for something to be heard after `since`, and say when it came; None: `limit` is over."""
        until = time.monotonic() + limit
        while not self.closed.is_set() and time.monotonic() < until:
            if (came := next((each for each in self.arrived if each > since), None)) is not None:
                return came
            await asyncio.sleep(FRAME)
        return None

    def cleared_after(self, at: float) -> float | None:
        """When the other side first took back after `at`."""
        return next((cleared for cleared in self.clears if cleared > at), None)

    def fell_silent(self, said: Said) -> float | None:
        """When what was being heard as `said` began was over; None: nothing was."""
        within = [sound for sound in self.sounds if sound.began < said.ended and sound.ended > said.began]
        return within[-1].ended if within else None

    async def hang_up(self) -> None:
        """End the call as a carrier does."""
        with suppress(ConnectionError, aiohttp.ClientError):
            await self._socket.send_str(json.dumps({"event": "stop", "streamSid": self._stream, "stop": {}}))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._socket.close()
        await self._http.close()
        self.closed.set()

    async def _speak(self) -> None:
        head = f'{{"event":"media","streamSid":"{self._stream}","media":{{"track":"inbound","payload":"'
        silence = cycle(_SILENCE)
        for _ in range(random.randrange(len(_SILENCE))):
            next(silence)
        due = time.monotonic() + random.random() * FRAME
        while True:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            now = time.monotonic()
            self.late = max(self.late, now - due)
            due += FRAME
            payload = self._to_say.popleft() if self._to_say else next(silence)
            await self._socket.send_str(f'{head}{payload}"}}}}')
            if self._saying is not None:
                self._told(now)

    def _told(self, now: float) -> None:
        """A frame of what is being said has gone out at `now`."""
        assert self._saying is not None
        assert self._said is not None
        what, began = self._saying
        self._saying = what, began or now - FRAME
        if not self._to_say:
            self._said.set_result(Said(self._saying[1], now - what.rest))
            self._saying = None

    async def _listen(self) -> None:
        async for message in self._socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            now = time.monotonic()
            read = _decoder.decode(message.data)
            if read.media is not None:
                self._play(base64.b64decode(read.media.payload), now)
            elif read.event == "clear":
                self.clears.append(now)
                if self.sounds:
                    self.sounds[-1].ended = min(self.sounds[-1].ended, now)
        self.closed.set()

    def _play(self, codes: bytes, now: float) -> None:
        """Play it after what is still to be played."""
        if codes.translate(None, _QUIET):
            self.arrived.append(now)
        elif not self.sounds or now > self.sounds[-1].ended:
            return  # silence in silence
        seconds = len(codes) / RATE
        last = self.sounds[-1] if self.sounds else None
        if last is not None and now - last.ended < _GAP:
            last.ended = max(last.ended, now) + seconds
        else:
            self.sounds.append(Sound(now, now + seconds))
