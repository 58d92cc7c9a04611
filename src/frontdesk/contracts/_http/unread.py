"""Long bodies that are answered before all of them came, as a file that is too large is: the answer goes out at once,
what still comes is thrown away for a moment, and the connection is closed."""

import asyncio
from contextlib import suppress
from typing import Any

from litestar.types import Receive

_LONG = 1024 * 1024
"""Bytes. A shorter rest is read to its end by the server, for the sake of the connection."""
_LINGER_SECONDS, _LINGER_BYTES = 5.0, 16 * 1024 * 1024
"""A connection that is closed while the client still sends is reset, and the client may lose the answer by that. For so
long, and so much, it has the time to read it."""


def is_long(headers: dict[bytes, bytes]) -> bool:
    """Whether a body is announced that may be long."""
    length = headers.get(b"content-length", b"")
    return b"transfer-encoding" in headers or (length.isdigit() and int(length) > _LONG)


class LongBody:
    """Stands between the server and an application that may answer before it has read all of the request."""

    def __init__(self, receive: Receive, send: Any) -> None:
        self._receive, self._send = receive, send
        self._ended = self._closes = False

    async def receive(self) -> Any:
        """For the application: a part of the request."""
        message: Any = await self._receive()
        self._ended = not message.get("more_body")
        return message

    async def send(self, message: Any) -> None:
        """For the application: a part of the answer."""
        if message["type"] == "http.response.start" and not self._ended:
            self._closes = True
            message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
        if message["type"] == "http.response.body" and not message.get("more_body") and self._closes:
            await self._send({**message, "more_body": True})
            with suppress(TimeoutError):
                async with asyncio.timeout(_LINGER_SECONDS):
                    await self._throw_away()
            message = {"type": "http.response.body", "body": b"", "more_body": False}
        await self._send(message)

    async def _throw_away(self) -> None:
        left = _LINGER_BYTES
        while not self._ended and left > 0:
            left -= len((await self.receive()).get("body", b""))
