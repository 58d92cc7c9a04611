"""The web side passes media sockets on to voice processes: here stand-ins, which listen, hang or die."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
import uvicorn
from aiohttp import web
from tests.fixtures.waiting import until

from frontdesk.ports import media
from frontdesk.process import listen
from frontdesk.voice import door
from frontdesk.voice.door import Door, places


class Process:
    """A voice process that says back what it hears."""

    def __init__(self) -> None:
        self.callers: set[web.WebSocketResponse] = set()
        self.transports: set[asyncio.Transport] = set()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        caller = web.WebSocketResponse(max_msg_size=0)
        await caller.prepare(request)
        self.callers.add(caller)
        assert request.transport is not None
        self.transports.add(request.transport)
        async for message in caller:
            await caller.send_str(f"heard {len(message.data)}")
        self.callers.discard(caller)
        return caller


Start = Callable[[], Awaitable[Process]]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Where voice processes say that they listen."""
    places(tmp_path).mkdir()
    return places(tmp_path)


@pytest.fixture
async def start(directory: Path) -> AsyncIterator[Start]:
    async with contextlib.AsyncExitStack() as stack:

        async def make() -> Process:
            process, app = Process(), web.Application()
            app.router.add_get(media.PATH, process.serve)
            runner = web.AppRunner(app, shutdown_timeout=0.1)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            said_at = directory / f"{10_000 + len(list(directory.iterdir()))}.port"
            said_at.write_text(str(runner.addresses[0][1]))
            return process

        yield make


@pytest.fixture
async def carrier(
    tmp_path: Path, directory: Path
) -> AsyncIterator[Callable[[], Awaitable[aiohttp.ClientWebSocketResponse]]]:
    """Opens media sockets at the web side."""
    bound = listen("127.0.0.1", 0)
    config = uvicorn.Config(Door(tmp_path), lifespan="off", log_config=None, access_log=False, ws="websockets-sansio")
    # The path is what is left of it below /voice, as the dispatcher hands it on.
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([bound]))
    await until(lambda: server.started)
    async with aiohttp.ClientSession() as http:

        async def connect() -> aiohttp.ClientWebSocketResponse:
            return await http.ws_connect(f"ws://127.0.0.1:{bound.getsockname()[1]}/media", max_msg_size=0)

        yield connect
    server.should_exit = True
    await serving
    bound.close()


Connect = Callable[[], Awaitable[aiohttp.ClientWebSocketResponse]]


async def said(line: aiohttp.ClientWebSocketResponse, words: str) -> str:
    await line.send_str(words)
    return await line.receive_str(timeout=10)


async def ends_with(line: aiohttp.ClientWebSocketResponse) -> int | None:
    """How the socket is closed to the carrier."""
    async with asyncio.timeout(10):
        async for _ in line:
            pass
    return line.close_code


async def test_what_is_said_passes_both_ways_and_callers_are_spread(start: Start, carrier: Connect) -> None:
    processes = [await start(), await start()]
    lines = [await carrier() for _ in range(4)]
    for length, line in enumerate(lines, start=1):
        assert await said(line, "x" * length) == f"heard {length}"
    assert await said(lines[0], "y" * 300_000) == "heard 300000"
    assert [len(process.callers) for process in processes] == [2, 2]
    for line in lines:
        await line.close()
    await until(lambda: not any(process.callers for process in processes))


async def test_the_carrier_is_told_how_it_ended(start: Start, carrier: Connect) -> None:
    process = await start()
    line = await carrier()
    assert await said(line, "hello") == "heard 5"
    [caller] = process.callers
    closing = asyncio.create_task(caller.close(code=1008))
    assert await ends_with(line) == 1008
    await closing


async def test_a_process_that_dies_lets_go_of_the_caller_at_once(start: Start, carrier: Connect) -> None:
    process = await start()
    line = await carrier()
    assert await said(line, "hello") == "heard 5"
    [transport] = process.transports
    transport.abort()  # as by SIGKILL: not a word
    assert await ends_with(line) == door.INTERNAL_ERROR


async def test_a_process_that_is_dead_or_hangs_is_passed_by(start: Start, carrier: Connect, directory: Path) -> None:
    silent = socket.create_server(("127.0.0.1", 0))  # connected to by the kernel, and never answered
    dead = listen("127.0.0.1", 0)
    (directory / "1.port").write_text(str(silent.getsockname()[1]))
    (directory / "2.port").write_text(str(dead.getsockname()[1]))
    (directory / "3.port").write_text("half writ")
    dead.close()
    process = await start()
    with silent:
        callers = [await carrier() for _ in range(3)]
        for caller in callers:
            assert await said(caller, "hello") == "heard 5"
    assert len(process.callers) == 3


async def test_a_caller_waits_for_a_process_that_is_about_to_start(start: Start, carrier: Connect) -> None:
    line = await carrier()
    await start()
    assert await said(line, "hello") == "heard 5"


async def test_where_there_is_none_the_carrier_is_told(carrier: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "FOUND_WITHIN", 0.2)
    assert await ends_with(await carrier()) == door.TRY_AGAIN_LATER
