"""Twilio's Media Streams as it comes over the socket: what opens a stream, and its frames."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, cast

import msgspec
from msgspec import Struct
from pipecat.frames.frames import Frame
from pipecat.serializers.twilio import TwilioFrameSerializer
from starlette.websockets import WebSocket

STARTS_WITHIN = 10.0
"""Seconds in which a socket has to say which stream it is."""

_LONGEST = 64 * 1024
"""Characters of a message that is looked at; one of 20 ms of audio has about 300."""


class NoStream(Exception):
    """What came over the socket does not open a stream."""


class Opening(Struct, frozen=True):
    """What a stream says of itself when it starts."""

    stream_sid: str
    call_sid: str
    parameters: dict[str, str]


class _Start(Struct, rename="camel"):
    stream_sid: str
    call_sid: str
    custom_parameters: dict[str, str] = {}


class _Message(Struct, rename="camel"):
    event: str
    start: _Start | None = None


def mark(stream_sid: str, name: str) -> dict[str, object]:
    """A message that the carrier sends back once it has played all that was sent before it."""
    return {"event": "mark", "streamSid": stream_sid, "mark": {"name": name}}


async def opening(socket: WebSocket, within: float = STARTS_WITHIN) -> Opening:
    """Wait for the message `start` of an accepted socket. Raises NoStream."""
    try:
        async with asyncio.timeout(within):
            for _ in range(5):
                message = await socket.receive()
                if message["type"] != "websocket.receive":
                    raise NoStream("it was closed")
                read = msgspec.json.decode(message.get("text") or message.get("bytes") or "", type=_Message)
                if read.event == "start" and read.start is not None:
                    given = read.start
                    return Opening(given.stream_sid, given.call_sid, given.custom_parameters)
    except TimeoutError:
        raise NoStream("it said nothing") from None
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError):
        raise NoStream("it does not speak Media Streams") from None
    raise NoStream("it did not start")


class Frames(TwilioFrameSerializer):
    """The stream's messages to frames and back. What is no message is passed over, whatever it is."""

    def __init__(self, opened: Opening, stopped: Callable[[], Awaitable[None]]) -> None:
        """`stopped` is called when the carrier says that the stream is over: the caller has hung up."""
        super().__init__(
            stream_sid=opened.stream_sid, call_sid=opened.call_sid,
            params=TwilioFrameSerializer.InputParams(auto_hang_up=False),
        )  # fmt: skip
        self._stopped = stopped

    async def deserialize(self, data: str | bytes) -> Frame | None:
        """A frame of what came in, if it is one."""
        if len(data) > _LONGEST:
            return None
        try:
            message: Any = json.loads(data)
            if not isinstance(message, dict):
                return None
            read = cast("dict[str, object]", message)
            if read.get("event") == "stop":
                await self._stopped()
                return None
            media = read.get("media")
            if isinstance(media, dict) and cast("dict[str, object]", media).get("track", "inbound") != "inbound":
                return None
            return await super().deserialize(data)
        except (ValueError, TypeError, AttributeError, RecursionError):
            return None
