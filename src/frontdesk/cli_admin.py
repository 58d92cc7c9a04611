"""`frontdesk admin …`: what only the operator may do."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from frontdesk.platform.settings import SettingsError
from frontdesk.terminal import Config, DataDir, out, run_to_end, settings_of, telling

if TYPE_CHECKING:
    from frontdesk.domain.contactability.service import Verdict

admin = typer.Typer(no_args_is_help=True, help="What only the operator may do.")


@admin.command(name="create-user")
def create_user(
    email: Annotated[str, typer.Option(prompt=True)],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Make a platform admin: an account that may do what concerns the whole installation."""
    settings = settings_of(config, data_dir=data_dir, log_level="error")
    from frontdesk.domain.identity import service as identity
    from frontdesk.runtime import open_runtime

    async def run() -> None:
        async with open_runtime(settings) as runtime:
            with telling():
                user = await identity.create_platform_admin(runtime.context.works, email, password)
                out.print(f"{user.email} is a platform admin.", markup=False)

    run_to_end(run())


@admin.command(name="use-number")
def use_number(
    organization: Annotated[str, typer.Argument(help="The organisation's id, or its name where that is unique.")],
    phone: Annotated[str, typer.Argument(help="A number of the server's own Twilio account, such as +447700900123.")],
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Let an organisation text from a number of the server's own Twilio account (FRONTDESK_TWILIO_ACCOUNT_SID)."""
    settings = settings_of(config, data_dir=data_dir, log_level="error")
    from frontdesk.domain.numbers.service import accounts
    from frontdesk.domain.organizations.service import organizations
    from frontdesk.kernel.access import system_actor
    from frontdesk.runtime import open_runtime

    async def run() -> None:
        async with open_runtime(settings) as runtime:
            with telling():
                found = await organizations.named(runtime.context.works, organization)
                number = await accounts.use(runtime.context, system_actor(found), phone)
                out.print(f"Texts of the organisation go out from {number.phone}.", markup=False)

    run_to_end(run())


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
        load_or_make_secrets(settings_of(config, data_dir=data_dir))
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
    settings = settings_of(config, data_dir=data_dir, log_level="error")
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

    with telling():
        run_to_end(run())
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
