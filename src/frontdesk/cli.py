"""The command line. Each command puts parts together and says what happens; what the parts do is elsewhere.

A command imports its parts itself: loading all of them takes seconds, for which a wrong setting need not wait.
"""

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from frontdesk import __version__
from frontdesk.cli_admin import admin
from frontdesk.kernel.errors import DomainError
from frontdesk.platform.postgres.errors import PostgresError
from frontdesk.platform.settings import SettingsError
from frontdesk.terminal import (
    Config,
    ContractName,
    DataDir,
    Port,
    bound_to,
    err,
    loopback_of,
    out,
    run_to_end,
    settings_of,
    telling,
)

if TYPE_CHECKING:
    from frontdesk.demo.seed import DemoAccount
    from frontdesk.runtime import Runtime

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Frontdesk: a self-hosted AI front desk.",
)
app.add_typer(admin, name="admin")


def main() -> None:
    """The program's entry point. What goes wrong is one line and exit status 1, and all of it at log level debug."""
    try:
        app()
    except Exception as problem:
        if os.environ.get("FRONTDESK_LOG_LEVEL", "").lower() == "debug":
            raise
        for line in dict.fromkeys(_lines(problem)):
            err.print(line, style="red", markup=False, soft_wrap=True)
        sys.exit(1)


def _lines(problem: BaseException) -> Iterator[str]:
    """What to tell the operator: the sentence of what was foreseen, else what it was and where in our code."""
    if isinstance(problem, BaseExceptionGroup):
        for part in cast("tuple[BaseException, ...]", problem.exceptions):
            yield from _lines(part)
        return
    if isinstance(problem, (SettingsError, PostgresError, DomainError)):
        yield str(problem)
        return
    import asyncpg

    from frontdesk.platform.loops import describe

    if isinstance(problem, (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)):
        yield f"Frontdesk had to stop: {problem} ({describe(problem)})."
    else:
        yield f"Frontdesk had to stop: {describe(problem)}. Set FRONTDESK_LOG_LEVEL=debug to see more."


@app.command()
def up(
    port: Port = None,
    data_dir: DataDir = None,
    demo: Annotated[bool, typer.Option("--demo", help="With a demo organisation to look at.")] = False,
    contract: ContractName = None,
    config: Config = None,
) -> None:
    """Everything in one process: database, web, background work."""
    settings = settings_of(config, port=port, data_dir=data_dir, contract=contract)
    from frontdesk import answering
    from frontdesk.demo import seed
    from frontdesk.platform.loops import supervise
    from frontdesk.platform.postgres.server import exclusive_up
    from frontdesk.process import serve, stopping_on_signals
    from frontdesk.runtime import open_runtime

    async def run() -> None:
        async with bound_to(settings) as bound, stopping_on_signals() as stop:
            with err.status("Starting the database …"):
                runtime_of = open_runtime(settings, loopback_url=loopback_of(settings))
                runtime = await runtime_of.__aenter__()
            try:
                signed_in = await seed.ensure(runtime) if demo else None

                async def ready() -> None:
                    _welcome(runtime, signed_in)

                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(runtime.run_background(stop))
                    tasks.create_task(serve(runtime, bound, stop, ready))
                    if settings.voice and not answering.missing():
                        voice_process = answering.VoiceProcess(settings, config)
                        tasks.create_task(supervise("voice", voice_process.run, stop))
            finally:
                await runtime_of.__aexit__(None, None, None)

    with exclusive_up(settings.data_dir):
        run_to_end(run())


@app.command()
def api(port: Port = None, data_dir: DataDir = None, contract: ContractName = None, config: Config = None) -> None:
    """The web side alone: contracts and console."""
    settings = settings_of(config, port=port, data_dir=data_dir, contract=contract)
    from frontdesk.process import serve, stopping_on_signals
    from frontdesk.runtime import open_runtime

    async def run() -> None:
        async with (
            bound_to(settings) as bound,
            stopping_on_signals() as stop,
            open_runtime(settings, loopback_url=loopback_of(settings)) as runtime,
        ):

            async def ready() -> None:
                out.print(f"Serving {settings.public_url}")

            await serve(runtime, bound, stop, ready)

    run_to_end(run())


@app.command()
def worker(data_dir: DataDir = None, config: Config = None) -> None:
    """Background work alone; as many as wanted."""
    settings = settings_of(config, data_dir=data_dir)
    from frontdesk.process import stopping_on_signals
    from frontdesk.runtime import open_runtime

    async def run() -> None:
        async with stopping_on_signals() as stop, open_runtime(settings) as runtime:
            out.print("Working.")
            await runtime.run_background(stop)

    run_to_end(run())


@app.command()
def voice(
    tied: Annotated[bool, typer.Option("--tied", hidden=True, help="End when standard input does.")] = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Answering calls alone; as many as wanted, on the machine of the web side."""
    settings = settings_of(config, data_dir=data_dir)
    from frontdesk import answering
    from frontdesk.process import stopping_on_signals
    from frontdesk.runtime import open_runtime

    async def run() -> None:
        async with stopping_on_signals() as stop, open_runtime(settings) as runtime:
            if tied:
                answering.stop_with_parent(stop)

            async def ready() -> None:
                if not tied:
                    out.print("Answering.")

            await answering.answer(runtime, stop, ready)

    run_to_end(run())


@app.command()
def migrate(data_dir: DataDir = None, config: Config = None) -> None:
    """Bring the database up to date and stop."""
    settings = settings_of(config, data_dir=data_dir)
    from frontdesk.runtime import database

    async def run() -> None:
        async with database(settings):
            out.print("The database is up to date.")

    run_to_end(run())


@app.command(name="doctor")
def check(data_dir: DataDir = None, config: Config = None) -> None:
    """Look whether everything is as it should be, and say what to do where it is not."""
    settings = settings_of(config, data_dir=data_dir)
    healthy = True
    from frontdesk import doctor

    async def run() -> None:
        nonlocal healthy
        async for finding in doctor.examine(settings):
            healthy = healthy and finding.ok
            mark = "[green]ok  [/green]" if finding.ok else "[red]bad [/red]"
            out.print(mark, end=" ")
            out.print(f"{finding.name}: {finding.says}", markup=False, soft_wrap=True)

    run_to_end(run())
    if not healthy:
        raise typer.Exit(1)


@app.command()
def demo(
    leads: Annotated[Path | None, typer.Option(help="A CSV export of old leads.", exists=True, dir_okay=False)] = None,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """The main job on a compressed clock: import, campaign, replies, bookings. Says what happened."""
    settings = settings_of(config, data_dir=data_dir, log_level="error")
    from frontdesk.demo import rehearsal
    from frontdesk.platform.postgres.server import exclusive_up

    done = False

    async def run() -> None:
        nonlocal done
        done = await rehearsal.run(settings, leads, out)

    with exclusive_up(settings.data_dir):
        run_to_end(run())
    if not done:
        raise typer.Exit(1)


@app.command(name="import")
def import_file(
    file: Annotated[Path, typer.Argument(help="A CSV export.", exists=True, dir_okay=False, readable=True)],
    dataset: Annotated[str, typer.Option(help="Into which dataset; made where there is none of the name.")],
    org: Annotated[str | None, typer.Option(help="Whose leads they are: the organisation's name or id.")] = None,
    email: Annotated[str | None, typer.Option(help="Or the address of a member of it.")] = None,
    maps: Annotated[list[str] | None, typer.Option("--map", help="field=Column, where the guess is wrong.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would come of it.")] = False,
    refused: Annotated[Path | None, typer.Option(help="Where to write the rows that did not come in.")] = None,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Bring leads in from a CSV file. Works beside an `up` that runs."""
    settings = settings_of(config, data_dir=data_dir, log_level="error")
    from frontdesk import bring

    with telling():
        run_to_end(bring.run(settings, bring.Wanted(file, org, email, dataset, maps or [], dry_run, refused), out))


@app.command()
def call(
    wav: Annotated[list[Path], typer.Option(help="What the caller says: a sound file for each of their turns.")],
    org: Annotated[str | None, typer.Option(help="Who is called: the organisation's name or id.")] = None,
    sender: Annotated[str, typer.Option("--from", help="The caller's number.")] = "+447700900123",
    save: Annotated[Path | None, typer.Option(help="Where the assistant's audio goes, as a WAV file.")] = None,
    data_dir: DataDir = None,
    port: Port = None,
    config: Config = None,
) -> None:
    """Ring the assistant of an `up` that runs with recorded speech, in real time. Says what came of it."""
    settings = settings_of(config, port=port, data_dir=data_dir, log_level="error")
    from frontdesk import ring

    with telling():
        run_to_end(ring.run(settings, ring.Wanted(wav, org, sender, save), loopback_of(settings), out))


@app.command()
def version() -> None:
    """The version of the program."""
    out.print(__version__)


def _welcome(runtime: "Runtime", signed_in: "DemoAccount | None") -> None:
    out.print(f"\nFrontdesk is up: [bold]{runtime.settings.public_url}[/bold]")
    if signed_in is not None:
        out.print(f"  Sign in as [bold]{signed_in.email}[/bold] with the password [bold]{signed_in.password}[/bold]")
    out.print(f"  Everything is kept in {runtime.settings.data_dir}. Ctrl-C stops it.\n", markup=False, soft_wrap=True)
