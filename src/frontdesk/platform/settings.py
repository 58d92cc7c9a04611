"""What an operator may set, where it comes from, and what a wrong setting is told. Secrets: platform/secrets.py.

Sources, strongest first: the command line, `FRONTDESK_…` variables, `frontdesk.toml`, the defaults here. Nothing else
in the program reads the environment for its settings, apart from the SDKs of model vendors, which read their own.
"""

import difflib
import os
import tomllib
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any, Literal, cast

import msgspec

from frontdesk.platform.settings_rules import RULES

FILE_NAME = "frontdesk.toml"
OFFLINE = "offline"
USUAL_MODELS = {
    "ANTHROPIC_API_KEY": "anthropic:claude-haiku-5-5",
    "OPENAI_API_KEY": "openai:gpt-6-luna",
}
"""What each vendor's key alone chooses: small models, quick, cheap, and good with tools."""
HEARS = ("deepgram", "openai", "cartesia")
SPEAKS = ("elevenlabs", "cartesia", "deepgram", "openai")
"""Vendors of speech: the first that has a key is taken where none is chosen."""
PREFIX = "FRONTDESK_"

Network = IPv4Network | IPv6Network
Contract = Literal["hekax", "reactivation", "voice_config", "victorysync", "corecomm"]

SECRET_FIELDS = frozenset({
    "database_url", "smtp_url", "cron_secret", "jwt_secret", "encryption_keys", "anon_key",
    "sandbox_auth_token", "consent_key", "twilio_auth_token", "twilio_api_key_secret",
    "stripe_secret_key", "stripe_webhook_secret", "deepgram_api_key", "openai_api_key", "elevenlabs_api_key",
    "cartesia_api_key", "google_client_secret", "microsoft_client_secret", "hubspot_client_secret",
    "salesforce_client_secret",
})  # fmt: skip
"""Never printed: not in an error, not in a repr."""


class SettingsError(Exception):
    """Settings that cannot be used. `problems` has one sentence for each, and the message shows all of them."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        head = "A setting is wrong:" if len(problems) == 1 else f"{len(problems)} settings are wrong:"
        super().__init__("\n  ".join([head, *problems]))


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of one process, checked. The variable of a field is its name in capitals after `FRONTDESK_`."""

    port: int = 8000
    host: str = "127.0.0.1"
    data_dir: Path
    """Everything the program writes is under it. Absolute."""
    database_url: str | None = None
    """None: the embedded PostgreSQL."""
    public_url: str
    """Base of links, callbacks and stream URLs, and of the URL that signatures cover. No slash at its end."""
    contract: Contract | None = None
    """The contract that sits at the root of every host, if any."""
    hosts: dict[str, str] = {}
    """Host name, lower case, to the contract that sits at its root."""
    max_body_mb: int = 10
    """The largest request body that is read, in MiB, uploads of files apart."""
    max_upload_mb: int = 200
    """The largest upload of a file, in MiB."""

    cors_origins: tuple[str, ...] = ()
    """Origins such as `https://app.example.com`, or the one entry `*`."""
    trusted_proxies: tuple[Network, ...] = ()
    outbound_allow: tuple[Network, ...] = ()
    """Networks that user-given URLs may reach besides public ones."""
    limits: bool = True
    """Rate limits. Off lifts them, and never the contactability gate."""

    signup: Literal["open", "closed"] = "open"
    email_confirmation: bool = False
    smtp_url: str | None = None
    """None: mail is captured, and shown in the console."""
    mail_from: str = "Frontdesk <frontdesk@localhost>"

    cron_secret: str | None = None
    jwt_secret: str | None = None
    encryption_keys: tuple[str, ...] = ()
    """Fernet keys, the one that encrypts first."""
    anon_key: str | None = None
    """None: any non-empty `apikey` is accepted as the anonymous key."""
    sandbox_account_sid: str | None = None
    sandbox_auth_token: str | None = None
    consent_key: str | None = None
    """Seals the consent log, and must stay what it was when the log began."""

    model: str = OFFLINE
    """The model that answers leads, as `vendor:name`; `offline` for the built-in brain. Where it is not given and a
    vendor's own key is in the environment, that vendor's usual one (`USUAL_MODELS`)."""
    model_timeout: int = 30
    """Seconds for a whole reply, after which the offline brain answers instead."""

    twilio_account_sid: str | None = None
    twilio_auth_token: str | None = None
    twilio_api_key_sid: str | None = None
    twilio_api_key_secret: str | None = None
    twilio_twiml_app_sid: str | None = None
    twilio_messaging_service_sid: str | None = None
    twilio_answers_stop: bool = True
    twilio_sells_to_trials: bool = False
    """Whether organisations on trial may buy numbers on the operator's account though anybody may sign up. Where
    sign-up is closed they may."""
    twilio_base_url: str | None = None

    voice: bool = True
    """Whether `up` answers calls: it starts a voice process for that."""
    calls_at_once: int | None = None
    """Callers who may talk to the assistant at once, of all organisations together; the next hears that all lines are
    busy. None: two for each processor, which is what speech on this machine has room for."""
    hearing: tuple[str, ...] = ()
    """Who hears callers, in the order in which they are asked: of HEARS, each as `vendor` or `vendor:model`. This
    machine comes last without being named; `offline` is it alone. Where it is not given, whoever has a key."""
    speaking: tuple[str, ...] = ()
    """Who speaks to callers, likewise, of SPEAKS."""
    speech_timeout: int = 4
    """Seconds until an outside provider's words, or the first of its audio, have to be there."""
    deepgram_api_key: str | None = None
    deepgram_base_url: str | None = None
    openai_api_key: str | None = None
    """For speech. The chat models' own, OPENAI_API_KEY, is used where speech by OpenAI is asked for and this is not
    given; that key alone sends nobody's voice anywhere."""
    openai_base_url: str | None = None
    """Of speech; with a path, such as `https://api.openai.com/v1`."""
    elevenlabs_api_key: str | None = None
    elevenlabs_base_url: str | None = None
    elevenlabs_voice: str | None = None
    """The id of a voice of the account."""
    cartesia_api_key: str | None = None
    cartesia_base_url: str | None = None
    cartesia_voice: str | None = None
    """The id of a voice of the account."""

    stripe_secret_key: str | None = None
    """None: plans and packs are paid for at the sandbox's till."""
    stripe_webhook_secret: str | None = None
    stripe_base_url: str | None = None

    google_client_id: str | None = None
    """None: the sandbox stands in for Google."""
    google_client_secret: str | None = None
    google_base_url: str | None = None
    """In place of all of Google's hosts."""
    microsoft_client_id: str | None = None
    """None: the sandbox stands in for Microsoft."""
    microsoft_client_secret: str | None = None
    microsoft_tenant: str = "organizations"
    """Whose accounts may consent: those of one tenant, or of all organisations."""
    microsoft_base_url: str | None = None
    """In place of all of Microsoft's hosts."""
    hubspot_client_id: str | None = None
    """None: the sandbox stands in for HubSpot. The keys are those of an app of the operator's there."""
    hubspot_client_secret: str | None = None
    hubspot_base_url: str | None = None
    salesforce_client_id: str | None = None
    salesforce_client_secret: str | None = None
    salesforce_base_url: str | None = None
    """Where people sign in: another host for a company's own domain or for Salesforce's test systems."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "console"

    def __repr__(self) -> str:
        return f"Settings({shown(self)})"


def load_settings(
    env: Mapping[str, str], overrides: Mapping[str, object] | None = None, file: Path | None = None
) -> Settings:
    """The settings from `overrides` (field names; None is not given), then `env`, then the TOML file.

    `file` must exist when it is given; without it `frontdesk.toml` of the working directory is read if there is one.
    An empty value in `env` is as good as none. Raises SettingsError with all that is wrong, unknown names included.
    """
    problems: list[str] = []
    given: dict[str, tuple[str, object]] = {}
    home = Path(env.get("HOME") or Path.home())
    path = file or Path.cwd() / FILE_NAME
    if file is not None or path.is_file():
        for key, value in _of_file(path).items():
            _note(given, problems, key, f"{key} in {path.name}", value, home, path.parent)
    if not env.get("FRONTDESK_CRON_SECRET") and env.get("CRON_SECRET"):
        _note(given, problems, "cron_secret", "CRON_SECRET", env["CRON_SECRET"], home, Path.cwd())
    for name, text in env.items():
        if name.startswith(PREFIX) and text.strip():
            _note(given, problems, name.removeprefix(PREFIX).lower(), name, text.strip(), home, Path.cwd())
    for key, value in (overrides or {}).items():
        if value is not None:
            _note(given, problems, key, f"--{key.replace('_', '-')}", value, home, Path.cwd())
    values = {key: value for key, (_, value) in given.items()}
    _choose_speech(values, env)
    problems += _across(values)
    if problems:
        raise SettingsError(problems)
    values.setdefault("data_dir", _default_data_dir(env, home))
    values.setdefault("model", next((USUAL_MODELS[key] for key in USUAL_MODELS if env.get(key)), OFFLINE))
    host = cast(str, values.get("host", "127.0.0.1"))
    reached = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    values.setdefault("public_url", f"http://{reached}:{values.get('port', 8000)}")
    return Settings(**cast(dict[str, Any], values))


def make_data_dir(path: Path) -> None:
    """Make the data directory, closed to others, if it is not there. Raises OSError.

    Root's may be passed through, because the database server then may have to run as another user; nothing in it is
    readable by that alone.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        return
    if os.geteuid() == 0:
        path.chmod(0o711)


def shown(of: msgspec.Struct) -> str:
    """The fields of `of` that differ from nothing, as text, with secrets masked."""
    pairs = ((name, getattr(of, name)) for name in of.__struct_fields__)
    return ", ".join(f"{name}={'***' if name in SECRET_FIELDS else repr(value)}" for name, value in pairs if value)


def _of_file(path: Path) -> dict[str, object]:
    """The file's keys; a table such as [twilio] prefixes its own, [hosts] is a value."""
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError([f"{path}: cannot be read ({error.strerror})"]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError([f"{path}: is not TOML: {error}"]) from error
    flat: dict[str, object] = {}
    for key, value in tree.items():
        if isinstance(value, dict) and key != "hosts":
            flat |= {f"{key}_{inner}": each for inner, each in cast(dict[str, object], value).items()}
        else:
            flat[key] = value
    return flat


def _note(
    given: dict[str, tuple[str, object]],
    problems: list[str],
    key: str,
    source: str,
    raw: object,
    home: Path,
    base: Path,
) -> None:
    """Keep the checked value of one setting over that of a weaker source, or say what is wrong with it."""
    rule = RULES.get(key)
    if rule is None:
        near = difflib.get_close_matches(key, RULES, n=1, cutoff=0.6)
        like = source.replace(key, near[0]).replace(key.upper(), near[0].upper()).split(" in ")[0] if near else ""
        problems.append(f"{source}: no such setting" + (f"; did you mean {like}?" if near else ""))
        return
    parse, should_be = rule
    try:
        value = parse(raw)
    except ValueError:
        was = "its value" if key in SECRET_FIELDS else repr(raw)
        problems.append(f"{source}: {was} should be {should_be}")
        given[key] = (source, None)
        return
    if isinstance(value, Path):
        spelled = str(value)
        value = home / spelled[2:] if spelled.startswith("~/") else home if spelled == "~" else base / value
        value = Path(os.path.normpath(value))
    given[key] = (source, value)


def _choose_speech(values: dict[str, object], env: Mapping[str, str]) -> None:
    """Whoever has a key, where nobody is chosen."""
    chosen = [each for leg in ("hearing", "speaking") for each in cast("tuple[str, ...]", values.get(leg) or ())]
    if any(each.startswith("openai") for each in chosen) and (key := env.get("OPENAI_API_KEY")):
        values.setdefault("openai_api_key", key)
    for leg, vendors in (("hearing", HEARS), ("speaking", SPEAKS)):
        values.setdefault(leg, tuple(vendor for vendor in vendors if values.get(f"{vendor}_api_key"))[:1])


def _across(values: Mapping[str, object]) -> list[str]:
    """What is wrong between settings that are each right."""
    problems: list[str] = []
    for one, other in (
        ("twilio_account_sid", "twilio_auth_token"),
        ("stripe_secret_key", "stripe_webhook_secret"),
        ("hubspot_client_id", "hubspot_client_secret"),
        ("salesforce_client_id", "salesforce_client_secret"),
        ("twilio_api_key_sid", "twilio_api_key_secret"),
        ("google_client_id", "google_client_secret"),
        ("microsoft_client_id", "microsoft_client_secret"),
        ("sandbox_auth_token", "sandbox_account_sid"),
    ):
        for has, lacks in ((one, other), (other, one)):
            if has in values and lacks not in values and has != "sandbox_account_sid":
                problems.append(f"{PREFIX}{lacks.upper()}: must be given together with {PREFIX}{has.upper()}")
    for leg in ("hearing", "speaking"):
        for each in cast("tuple[str, ...]", values.get(leg) or ()):
            vendor = each.partition(":")[0]
            keyless = vendor == OFFLINE or (vendor == "openai" and "openai_base_url" in values)
            if not keyless and f"{vendor}_api_key" not in values:
                problems.append(f"{PREFIX}{vendor.upper()}_API_KEY: must be given, for {PREFIX}{leg.upper()}={each}")
    return problems


def _default_data_dir(env: Mapping[str, str], home: Path) -> Path:
    base = Path(env.get("XDG_DATA_HOME") or "")
    return (base if base.is_absolute() else home / ".local" / "share") / "frontdesk"
