"""Where carriers open media sockets on the web side: they are passed through to a voice process of this installation.

A voice process says where it listens by a file in the data directory, whose name is its process id.
"""

import asyncio
import random
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import structlog
from litestar.types import Receive, Send

from frontdesk.ports import media

log = structlog.get_logger(__name__)

FOUND_WITHIN = 10.0
"""Seconds for which a caller waits for a voice process, which may be about to be started anew."""

TRY_AGAIN_LATER = 1013
_LARGEST = 1024 * 1024


def places(data_dir: Path) -> Path:
    """The directory of those files."""
    return data_dir / "voice"


class Door:
    """An ASGI application below `/voice`."""

    def __init__(self, data_dir: Path) -> None:
        self._places = places(data_dir)
        self._under_way: Counter[Path] = Counter()

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await send({"type": "http.response.start", "status": 404, "headers": []})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        if not media.PATH.endswith(scope["path"]):
            await send({"type": "websocket.close", "code": 4404, "reason": "There is nothing at this path."})
            return
        await receive()  # websocket.connect
        await send({"type": "websocket.accept", "subprotocol": None, "headers": []})
        async with aiohttp.ClientSession() as http:
            found = await self._connected(http)
            if found is None:
                log.error("no_voice_process")
                await send({"type": "websocket.close", "code": TRY_AGAIN_LATER, "reason": ""})
                return
            place, socket = found
            self._under_way[place] += 1
            try:
                await _pass_through(socket, receive, send)
            finally:
                self._under_way[place] -= 1
                await socket.close()

    async def _connected(self, http: aiohttp.ClientSession) -> tuple[Path, aiohttp.ClientWebSocketResponse] | None:
        """A socket to the voice process that has the fewest of our callers."""
        until = asyncio.get_running_loop().time() + FOUND_WITHIN
        while True:
            for place in self._least_busy():
                with suppress(OSError, ValueError, aiohttp.ClientError):
                    url = f"ws://127.0.0.1:{int(place.read_text())}{media.PATH}"
                    return place, await http.ws_connect(url, max_msg_size=_LARGEST, compress=0)
            if asyncio.get_running_loop().time() > until:
                return None
            await asyncio.sleep(0.25)

    def _least_busy(self) -> list[Path]:
        found = list(self._places.glob("*.port"))
        random.shuffle(found)
        return sorted(found, key=lambda place: self._under_way[place])


async def _pass_through(socket: aiohttp.ClientWebSocketResponse, receive: Receive, send: Send) -> None:
    """Messages both ways, until either side closes."""

    async def inwards() -> None:
        while True:
            message: Any = await receive()
            if message["type"] != "websocket.receive":
                return
            if message.get("text") is not None:
                await socket.send_str(message["text"])

    async def outwards() -> None:
        async for message in socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                await send({"type": "websocket.send", "text": message.data, "bytes": None})
        await send({"type": "websocket.close", "code": socket.close_code or 1000, "reason": ""})

    ways = [asyncio.create_task(inwards()), asyncio.create_task(outwards())]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
