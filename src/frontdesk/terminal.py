"""What commands share: their usual options, settings, how they run, and how they tell what went wrong."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncGenerator, Coroutine, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from frontdesk.kernel.errors import DomainError
from frontdesk.platform.settings import Settings, SettingsError, load_settings

out, err = Console(highlight=False), Console(stderr=True, highlight=False)

Port = Annotated[int | None, typer.Option(help="Port to serve on; 8000 unless set.")]
DataDir = Annotated[Path | None, typer.Option(help="Where everything is kept.")]
Config = Annotated[Path | None, typer.Option(help="A TOML file of settings, in place of ./frontdesk.toml.")]
ContractName = Annotated[str | None, typer.Option(help="The contract to serve at the root.")]


def settings_of(config: Path | None, **overrides: object) -> Settings:
    settings = load_settings(os.environ, overrides, config)
    from frontdesk.platform.telemetry import set_up_logs

    set_up_logs(settings.log_level, settings.log_format)
    return settings


def run_to_end(task: Coroutine[Any, Any, None]) -> None:
    """Run a command's work. Asked to end by SIGTERM it lets go of what it holds first, as it does at Ctrl-C."""
    import uvloop

    async def until_told_to_end() -> None:
        this = asyncio.current_task()
        assert this is not None
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
        await task

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(until_told_to_end())
    except asyncio.CancelledError:
        sys.exit(128 + signal.SIGTERM)


@asynccontextmanager
async def bound_to(settings: Settings) -> AsyncGenerator[Any]:
    from frontdesk.process import listen

    try:
        bound = listen(settings.host, settings.port)
    except OSError as error:
        raise SettingsError(
            [f"port {settings.port} of {settings.host} cannot be had: {error.strerror}. Give another with --port."]
        ) from error
    with contextlib.closing(bound):
        yield bound


def loopback_of(settings: Settings) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host and '[' not in host else host}:{settings.port}"


@contextmanager
def telling() -> Generator[None]:
    try:
        yield
    except DomainError as problem:
        err.print(problem.message, style="red", markup=False)
        raise typer.Exit(1) from problem
