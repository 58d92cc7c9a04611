"""Running as a process: signals, the web server, readiness. Composition only; what runs is `runtime` and `app`."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import uvicorn

from frontdesk.adapters.sandbox.deliveries import DeliveryLoop
from frontdesk.adapters.sandbox.handsets import SandboxSimulator
from frontdesk.app import build_app
from frontdesk.console.app import console_app
from frontdesk.console.state import House
from frontdesk.contracts._http.dispatcher import Mount
from frontdesk.contracts.sandbox.routes import sandbox_contract
from frontdesk.jobs.periodic import PERIODIC
from frontdesk.jobs.readers import READERS
from frontdesk.platform.loops import supervise
from frontdesk.platform.realtime import Hub
from frontdesk.runtime import Runtime
from frontdesk.voice.door import Door

DRAINING = 10
"""Seconds that requests under way get when the process stops."""

ECHO = 1.0
"""Seconds in which a further signal is the same one: terminals and those who pass signals on send it twice."""


class _Server(uvicorn.Server):
    """uvicorn, without its own signal handlers: the process has one for all its parts."""

    @contextlib.contextmanager
    def capture_signals(self):  # pyright: ignore[reportIncompatibleMethodOverride]
        yield


@asynccontextmanager
async def stopping_on_signals() -> AsyncGenerator[asyncio.Event]:
    """An event that Ctrl-C and SIGTERM set. Another one, a second or more later, ends the process at once."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)

    def asked() -> None:
        if not stop.is_set():
            stop.set()
            loop.call_later(ECHO, let_it_kill)

    def let_it_kill() -> None:
        for number in signals:
            loop.remove_signal_handler(number)

    for number in signals:
        loop.add_signal_handler(number, asked)
    yield stop


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes a free one. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        bound.listen(2048)
    except OSError:
        bound.close()
        raise
    return bound


async def serve(
    runtime: Runtime, bound: socket.socket, stop: asyncio.Event, ready: Callable[[], Awaitable[None]] | None = None
) -> None:
    """Serve everything on `bound` until `stop`, then let requests under way end. `ready` is called once it answers.

    The sandbox's webhooks come from here too.
    """
    hub = Hub(runtime.context.works, runtime.dsn)
    simulator = SandboxSimulator(runtime.sandbox)
    house = House(
        runtime.context, runtime.settings, runtime.secrets, runtime.realm, simulator, hub, READERS, PERIODIC
    )  # fmt: skip
    app = build_app(
        runtime.context, runtime.settings, runtime.secrets, hub=hub,
        contracts=[sandbox_contract(simulator)], mounts=[
            Mount("console", "/console", console_app(house)),
            Mount("voice", "/voice", Door(runtime.settings.data_dir)),
        ],
    )  # fmt: skip
    server = _Server(
        uvicorn.Config(
            app,
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=DRAINING,
            timeout_keep_alive=30,
        )
    )

    async def end_when_asked() -> None:
        await stop.wait()
        server.should_exit = True

    async def tell_ready() -> None:
        while not server.started and not stop.is_set():  # noqa: ASYNC110 - uvicorn tells it in no other way
            await asyncio.sleep(0.02)
        if ready is not None and not stop.is_set():
            await ready()

    async def web() -> None:
        await server.serve([bound])
        stop.set()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(hub.run(stop))
        # Here and not in the workers: this process knows where its own routes are.
        tasks.create_task(supervise("sandbox", DeliveryLoop(runtime.sandbox).run, stop))
        tasks.create_task(web())
        tasks.create_task(end_when_asked())
        tasks.create_task(tell_ready())
