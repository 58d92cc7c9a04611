"""The program's own secrets: what the operator gave, and for the rest what was made on the first start and kept."""

import fcntl
import json
import os
import secrets
import time
from pathlib import Path
from typing import Any, cast

import jwt
import msgspec
from cryptography.fernet import Fernet

from frontdesk.platform.settings import Settings, SettingsError, make_data_dir

FILE_NAME = "secrets.json"


class Secrets(msgspec.Struct, frozen=True, kw_only=True):
    """Every secret, known. Those of providers are settings or stored credentials, not these."""

    jwt_secret: str
    cron_secret: str
    encryption_keys: tuple[str, ...]
    """Fernet keys, the one that encrypts first."""
    anon_key: str
    """For supabase-js. Whether it is demanded is for `Settings.anon_key` to say. One that was made is a JWT of role
    `anon` without a subject, signed with `jwt_secret`, because that client looks inside: it proves nobody."""
    sandbox_account_sid: str
    sandbox_auth_token: str
    consent_key: str
    """Seals the consent log. It never changes: what it sealed could not be checked any more."""

    def __repr__(self) -> str:
        return "Secrets(***)"


class _Kept(msgspec.Struct):
    """What the file may hold. Names that are not here are left in it as they are."""

    jwt_secret: str | None = None
    cron_secret: str | None = None
    encryption_keys: tuple[str, ...] | None = None
    anon_key: str | None = None
    sandbox_account_sid: str | None = None
    sandbox_auth_token: str | None = None
    consent_key: str | None = None


def load_or_make_secrets(settings: Settings) -> Secrets:
    """The secrets given in `settings`, and for the rest those kept in `data_dir/secrets.json`, made if need be.

    What was kept is never replaced: a file that cannot be understood stops the start. Two processes that start at once
    get the same. Nothing is read or written when all are given. Raises SettingsError.
    """
    given: dict[str, Any] = {name: value for name in Secrets.__struct_fields__ if (value := getattr(settings, name))}
    path = settings.data_dir / FILE_NAME
    wanted = [name for name in Secrets.__struct_fields__ if name not in given]
    kept = _read(path) if wanted else {}
    if any(name not in kept for name in wanted):
        kept = _complete(path, given, wanted)
    return Secrets(**{name: given.get(name) or kept[name] for name in Secrets.__struct_fields__})


def _complete(path: Path, given: dict[str, Any], wanted: list[str]) -> dict[str, Any]:
    """Add what is wanted and not kept, under a lock, and replace the file at one stroke."""
    try:
        make_data_dir(path.parent)
        guard = os.open(path.with_name("secrets.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        names = ", ".join(f"FRONTDESK_{name.upper()}" for name in wanted)
        raise SettingsError(
            [f"{path.parent}: cannot be written ({error.strerror}); make it writable, or give {names}"]
        ) from error
    try:
        fcntl.flock(guard, fcntl.LOCK_EX)
        kept = _read(path)
        for name in wanted:
            if name not in kept:
                kept[name] = _made(name, cast(str, given.get("jwt_secret") or kept.get("jwt_secret", "")))
        _replace(path, json.dumps(kept, indent=2) + "\n")
    except OSError as error:
        raise SettingsError([f"{path}: cannot be written ({error.strerror})"]) from error
    finally:
        os.close(guard)
    return kept


def _made(name: str, jwt_secret: str) -> object:
    match name:
        case "sandbox_account_sid":
            return "AC" + secrets.token_hex(16)
        case "sandbox_auth_token":
            return secrets.token_hex(16)
        case "encryption_keys":
            return (Fernet.generate_key().decode(),)
        case "anon_key":
            made = int(time.time())
            claims = {"iss": "frontdesk", "role": "anon", "iat": made, "exp": made + 10 * 365 * 86_400}
            return jwt.encode(claims, jwt_secret, algorithm="HS256")
        case _:
            return secrets.token_urlsafe(48)


def _read(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        known = msgspec.convert(found, _Kept)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise SettingsError([f"{path}: cannot be read ({error.strerror})"]) from error
    except (ValueError, msgspec.ValidationError) as error:
        raise SettingsError(
            [f"{path}: is damaged, and holds the keys of stored credentials; restore it from a backup"]
        ) from error
    return found | {name: value for name, value in msgspec.structs.asdict(known).items() if value}


def _replace(path: Path, text: str) -> None:
    """Write `text` to `path` so that a crash leaves the old file or the new one."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
