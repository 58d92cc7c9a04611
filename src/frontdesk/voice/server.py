"""The voice process: speech made ready, a port on this machine, callers talked to until it is told to stop."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import structlog
import uvicorn

from frontdesk.platform.context import Context
from frontdesk.ports.speech import SpeechFailed, Synthesizer, Transcriber
from frontdesk.voice.activity import VoiceActivity
from frontdesk.voice.door import places
from frontdesk.voice.line import Manner
from frontdesk.voice.socket import MediaSocket
from frontdesk.voice.speech import Providers

log = structlog.get_logger(__name__)

WARM_WITHIN = 90.0
"""Seconds for providers of speech to be ready; a process that waits for one that hangs would never take a call."""

DRAINING = 5.0
"""Seconds in which callers are let go of when the process stops."""


class _Server(uvicorn.Server):
    """uvicorn, without its own signal handlers: the process has one for all its parts."""

    @contextlib.contextmanager
    def capture_signals(self):  # pyright: ignore[reportIncompatibleMethodOverride]
        yield


async def serve(
    context: Context, providers: Providers, data_dir: Path, stop: asyncio.Event,
    ready: Callable[[], Awaitable[None]] | None = None, manner: Manner | None = None,
) -> None:  # fmt: skip
    """Talk to callers until `stop`; `ready` is called once they are taken. Callers who are on the line then are let go
    of without an end being told, so that the carrier has them taken up by another process."""
    await asyncio.to_thread(VoiceActivity.warm)
    async with warmed(providers):
        await _served(context, providers, data_dir, stop, ready, manner)


async def _served(
    context: Context, providers: Providers, data_dir: Path, stop: asyncio.Event,
    ready: Callable[[], Awaitable[None]] | None, manner: Manner | None,
) -> None:  # fmt: skip
    socket = MediaSocket(context, providers, manner)
    config = uvicorn.Config(
        socket, host="127.0.0.1", port=0, lifespan="off", log_config=None, access_log=False, server_header=False,
        ws="websockets-sansio", ws_ping_interval=20.0, timeout_graceful_shutdown=int(DRAINING),
    )  # fmt: skip
    server = _Server(config)
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn tells it in no other way
            await asyncio.sleep(0.02)
        place = _announce(data_dir, server)
        try:
            if ready is not None and not serving.done():
                await ready()
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
        finally:
            place.unlink(missing_ok=True)
        await socket.close()
    finally:
        server.should_exit = True
        await serving
        await providers.close()


@contextlib.asynccontextmanager
async def warmed(providers: Providers, within: float = WARM_WITHIN) -> AsyncIterator[None]:
    """Entered once somebody hears and somebody speaks, or nobody will in `within` seconds: a caller may wait already.
    The others are made ready meanwhile; who is not is told of, and asked again when there is a caller."""

    async def ready(provider: Transcriber | Synthesizer) -> bool:
        try:
            async with asyncio.timeout(within):
                await provider.warm()
        except (SpeechFailed, TimeoutError) as error:
            log.warning("speech_not_ready", provider=provider.name, why=str(error) or "it took too long")
            return False
        return True

    legs = [
        [asyncio.create_task(ready(provider)) for provider in leg]
        for leg in (providers.transcribers, providers.synthesizers)
    ]
    try:
        await asyncio.gather(*(_one_of(leg) for leg in legs))
        yield
    finally:
        for task in (task for leg in legs for task in leg):
            task.cancel()


async def _one_of(leg: list[asyncio.Task[bool]]) -> None:
    """Wait for the first that is ready, or for all that are not."""
    for next_done in asyncio.as_completed(leg):
        if await next_done:
            return


def _announce(data_dir: Path, server: uvicorn.Server) -> Path:
    """Say where this process listens. What dead ones have left is removed."""
    directory = places(data_dir)
    directory.mkdir(mode=0o700, exist_ok=True)
    for other in directory.glob("*.port"):
        if not _lives(int(other.stem)):
            other.unlink(missing_ok=True)
    port = server.servers[0].sockets[0].getsockname()[1]
    place = directory / f"{os.getpid()}.port"
    aside = place.with_suffix(".new")
    aside.write_text(str(port))
    aside.rename(place)
    return place


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
