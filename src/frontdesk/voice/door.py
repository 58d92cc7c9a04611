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

FOUND_WITHIN = 20.0
"""Seconds for which a caller waits for a voice process, which may be about to be started anew."""

CONNECTED_WITHIN = 2.0
"""Seconds in which a voice process has to take a caller; one that hangs does not."""
ASKED_EVERY = 20.0
"""Seconds after which a voice process has to give a sign of life; half as many later the caller is let go."""

TRY_AGAIN_LATER = 1013
INTERNAL_ERROR = 1011
_NEVER_SENT = frozenset({1005, 1006, 1015})
"""What a socket says of its end where the other side told none."""
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
            try:
                await _pass_through(socket, receive, send)
            finally:
                self._under_way[place] -= 1
                await socket.close()

    async def _connected(self, http: aiohttp.ClientSession) -> tuple[Path, aiohttp.ClientWebSocketResponse] | None:
        """A socket to the voice process that has the fewest of our callers, who is counted as one of them now."""
        until = asyncio.get_running_loop().time() + FOUND_WITHIN
        while True:
            for place in self._least_busy():
                self._under_way[place] += 1  # before it is asked: of callers who come at once each goes elsewhere
                try:
                    url = f"ws://127.0.0.1:{int(place.read_text())}{media.PATH}"
                    async with asyncio.timeout(CONNECTED_WITHIN):
                        socket = await http.ws_connect(url, max_msg_size=_LARGEST, compress=0, heartbeat=ASKED_EVERY)
                    return place, socket
                except (OSError, ValueError, aiohttp.ClientError):  # TimeoutError is an OSError
                    self._under_way[place] -= 1
                except BaseException:
                    self._under_way[place] -= 1
                    raise
            if asyncio.get_running_loop().time() > until:
                return None
            await asyncio.sleep(0.25)

    def _least_busy(self) -> list[Path]:
        found = list(self._places.glob("*.port"))
        random.shuffle(found)
        return sorted(found, key=lambda place: self._under_way[place])


async def _pass_through(socket: aiohttp.ClientWebSocketResponse, receive: Receive, send: Send) -> None:
    """Messages both ways, until either side closes. The carrier is told, whatever became of the voice process."""

    async def inwards() -> None:
        while True:
            message: Any = await receive()
            if message["type"] != "websocket.receive":
                return
            if message.get("text") is not None:
                with suppress(ConnectionError, aiohttp.ClientError):  # it is closed: `outwards` sees it, and tells
                    await socket.send_str(message["text"])

    async def outwards() -> None:
        async for message in socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                await send({"type": "websocket.send", "text": message.data, "bytes": None})
        told = socket.close_code
        code = INTERNAL_ERROR if told is None or told in _NEVER_SENT else told
        await send({"type": "websocket.close", "code": code, "reason": ""})

    ways = [asyncio.create_task(inwards()), asyncio.create_task(outwards())]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
