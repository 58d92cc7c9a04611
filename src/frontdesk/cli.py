"""The command line. Each command puts parts together and says what happens; what the parts do is elsewhere.

A command imports its parts itself: loading all of them takes seconds, for which a wrong setting need not wait.
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator, Coroutine, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer
from rich.console import Console

from frontdesk import __version__
from frontdesk.kernel.errors import DomainError
from frontdesk.platform.postgres.errors import PostgresError
from frontdesk.platform.settings import Settings, SettingsError, load_settings

if TYPE_CHECKING:
    from frontdesk.demo.seed import DemoAccount
    from frontdesk.domain.contactability.service import Verdict
    from frontdesk.runtime import Runtime

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Frontdesk: a self-hosted AI front desk.",
)
admin = typer.Typer(no_args_is_help=True, help="What only the operator may do.")
app.add_typer(admin, name="admin")
out, err = Console(highlight=False), Console(stderr=True, highlight=False)

Port = Annotated[int | None, typer.Option(help="Port to serve on; 8000 unless set.")]
DataDir = Annotated[Path | None, typer.Option(help="Where everything is kept.")]
Config = Annotated[Path | None, typer.Option(help="A TOML file of settings, in place of ./frontdesk.toml.")]
ContractName = Annotated[str | None, typer.Option(help="The contract to serve at the root.")]


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


def _settings(config: Path | None, **overrides: object) -> Settings:
    settings = load_settings(os.environ, overrides, config)
    from frontdesk.platform.telemetry import set_up_logs

    set_up_logs(settings.log_level, settings.log_format)
    return settings


def _run(task: Coroutine[Any, Any, None]) -> None:
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


@app.command()
def up(
    port: Port = None,
    data_dir: DataDir = None,
    demo: Annotated[bool, typer.Option("--demo", help="With a demo organisation to look at.")] = False,
    contract: ContractName = None,
    config: Config = None,
) -> None:
    """Everything in one process: database, web, background work."""
    settings = _settings(config, port=port, data_dir=data_dir, contract=contract)
    from frontdesk.demo import seed
    from frontdesk.platform.postgres.server import exclusive_up
    from frontdesk.process import serve, stopping_on_signals
    from frontdesk.runtime import open_runtime

    async def run() -> None:
        async with _bound(settings) as bound, stopping_on_signals() as stop:
            with err.status("Starting the database …"):
                runtime_of = open_runtime(settings, loopback_url=_loopback(settings))
                runtime = await runtime_of.__aenter__()
            try:
                signed_in = await seed.ensure(runtime) if demo else None

                async def ready() -> None:
                    _welcome(runtime, signed_in)

                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(runtime.run_background(stop))
                    tasks.create_task(serve(runtime, bound, stop, ready))
            finally:
                await runtime_of.__aexit__(None, None, None)

    with exclusive_up(settings.data_dir):
        _run(run())


@app.command()
def api(port: Port = None, data_dir: DataDir = None, contract: ContractName = None, config: Config = None) -> None:
    """The web side alone: contracts and console."""
    settings = _settings(config, port=port, data_dir=data_dir, contract=contract)
    from frontdesk.process import serve, stopping_on_signals
    from frontdesk.runtime import open_runtime

    async def run() -> None:
        async with (
            _bound(settings) as bound,
            stopping_on_signals() as stop,
            open_runtime(settings, loopback_url=_loopback(settings)) as runtime,
        ):

            async def ready() -> None:
                out.print(f"Serving {settings.public_url}")

            await serve(runtime, bound, stop, ready)

    _run(run())


@app.command()
def worker(data_dir: DataDir = None, config: Config = None) -> None:
    """Background work alone; as many as wanted."""
    settings = _settings(config, data_dir=data_dir)
    from frontdesk.process import stopping_on_signals
    from frontdesk.runtime import open_runtime

    async def run() -> None:
        async with stopping_on_signals() as stop, open_runtime(settings) as runtime:
            out.print("Working.")
            await runtime.run_background(stop)

    _run(run())


@app.command()
def migrate(data_dir: DataDir = None, config: Config = None) -> None:
    """Bring the database up to date and stop."""
    settings = _settings(config, data_dir=data_dir)
    from frontdesk.runtime import database

    async def run() -> None:
        async with database(settings):
            out.print("The database is up to date.")

    _run(run())


@app.command(name="doctor")
def check(data_dir: DataDir = None, config: Config = None) -> None:
    """Look whether everything is as it should be, and say what to do where it is not."""
    settings = _settings(config, data_dir=data_dir)
    healthy = True
    from frontdesk import doctor

    async def run() -> None:
        nonlocal healthy
        async for finding in doctor.examine(settings):
            healthy = healthy and finding.ok
            mark = "[green]ok  [/green]" if finding.ok else "[red]bad [/red]"
            out.print(mark, end=" ")
            out.print(f"{finding.name}: {finding.says}", markup=False, soft_wrap=True)

    _run(run())
    if not healthy:
        raise typer.Exit(1)


@app.command()
def demo(
    leads: Annotated[Path | None, typer.Option(help="A CSV export of old leads.", exists=True, dir_okay=False)] = None,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """The main job on a compressed clock: import, campaign, replies, bookings. Says what happened."""
    settings = _settings(config, data_dir=data_dir, log_level="error")
    from frontdesk.demo import rehearsal
    from frontdesk.platform.postgres.server import exclusive_up

    done = False

    async def run() -> None:
        nonlocal done
        done = await rehearsal.run(settings, leads, out)

    with exclusive_up(settings.data_dir):
        _run(run())
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
    settings = _settings(config, data_dir=data_dir, log_level="error")
    from frontdesk import bring

    with _telling():
        _run(bring.run(settings, bring.Wanted(file, org, email, dataset, maps or [], dry_run, refused), out))


@app.command()
def version() -> None:
    """The version of the program."""
    out.print(__version__)


@admin.command(name="create-user")
def create_user(
    email: Annotated[str, typer.Option(prompt=True)],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Make a platform admin: an account that may do what concerns the whole installation."""
    settings = _settings(config, data_dir=data_dir, log_level="error")
    from frontdesk.domain.identity import service as identity
    from frontdesk.runtime import open_runtime

    async def run() -> None:
        async with open_runtime(settings) as runtime:
            with _telling():
                user = await identity.create_platform_admin(runtime.context.works, email, password)
                out.print(f"{user.email} is a platform admin.", markup=False)

    _run(run())


@admin.command(name="use-number")
def use_number(
    organization: Annotated[str, typer.Argument(help="The organisation's id, or its name where that is unique.")],
    phone: Annotated[str, typer.Argument(help="A number of the server's own Twilio account, such as +447700900123.")],
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Let an organisation text from a number of the server's own Twilio account (FRONTDESK_TWILIO_ACCOUNT_SID)."""
    settings = _settings(config, data_dir=data_dir, log_level="error")
    from frontdesk.domain.numbers.service import accounts
    from frontdesk.domain.organizations.service import organizations
    from frontdesk.kernel.access import system_actor
    from frontdesk.runtime import open_runtime

    async def run() -> None:
        async with open_runtime(settings) as runtime:
            with _telling():
                found = await organizations.named(runtime.context.works, organization)
                number = await accounts.use(runtime.context, system_actor(found), phone)
                out.print(f"Texts of the organisation go out from {number.phone}.", markup=False)

    _run(run())


@admin.command(name="show-secrets")
def show_secrets(
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Print the installation's secrets: for the operator's eyes."""
    from msgspec import structs

    from frontdesk.platform.secrets import load_or_make_secrets

    secrets: dict[str, str | tuple[str, ...]] = structs.asdict(
        load_or_make_secrets(_settings(config, data_dir=data_dir))
    )
    if as_json:
        typer.echo(json.dumps(secrets))
        return
    for name, value in secrets.items():
        typer.echo(f"{name}: {', '.join(value) if isinstance(value, tuple) else value}")


@admin.command(name="verify-consent")
def verify_consent(
    org: Annotated[str | None, typer.Option(help="The id of one organisation; all without it.")] = None,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Check that the consent logs are what was written. Exit status 1 where one is not."""
    settings = _settings(config, data_dir=data_dir, log_level="error")
    from frontdesk.domain.contactability import service as contactability
    from frontdesk.kernel.ids import parse_id
    from frontdesk.runtime import open_runtime

    only = None if org is None else parse_id(org)
    if org is not None and only is None:
        raise SettingsError(["--org: an organisation's id is a UUID"])
    whole = True

    async def run() -> None:
        nonlocal whole
        async with open_runtime(settings) as runtime:
            for verdict in await contactability.verify(runtime.context.works, only):
                whole = whole and verdict.fault is None
                out.print("[green]ok  [/green]" if verdict.fault is None else "[red]bad [/red]", end=" ")
                out.print(f"{verdict.name} ({verdict.org_id}): {_said(verdict)}", markup=False, soft_wrap=True)

    with _telling():
        _run(run())
    if not whole:
        raise typer.Exit(1)


def _said(verdict: "Verdict") -> str:
    if verdict.fault is not None:
        return f"{verdict.fault}."
    counts = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in verdict.counts.items())
    older = f"; {verdict.before_log} suppressions are older than the log" if verdict.before_log else ""
    total = sum(verdict.counts.values())
    return (
        f"{total} {'entry' if total == 1 else 'entries'}{f' ({counts})' if counts else ''}, ends {verdict.head}{older}"
    )


@asynccontextmanager
async def _bound(settings: Settings) -> AsyncGenerator[Any]:
    from frontdesk.process import listen

    try:
        bound = listen(settings.host, settings.port)
    except OSError as error:
        raise SettingsError(
            [f"port {settings.port} of {settings.host} cannot be had: {error.strerror}. Give another with --port."]
        ) from error
    with contextlib.closing(bound):
        yield bound


def _loopback(settings: Settings) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host and '[' not in host else host}:{settings.port}"


@contextmanager
def _telling() -> Generator[None]:
    try:
        yield
    except DomainError as problem:
        err.print(problem.message, style="red", markup=False)
        raise typer.Exit(1) from problem


def _welcome(runtime: "Runtime", signed_in: "DemoAccount | None") -> None:
    out.print(f"\nFrontdesk is up: [bold]{runtime.settings.public_url}[/bold]")
    if signed_in is not None:
        out.print(f"  Sign in as [bold]{signed_in.email}[/bold] with the password [bold]{signed_in.password}[/bold]")
    out.print(f"  Everything is kept in {runtime.settings.data_dir}. Ctrl-C stops it.\n", markup=False, soft_wrap=True)
