"""What each setting may be. A rule turns a TOML value or a text into the field's value, or raises ValueError; the words
beside it end the sentence "... should be". `settings` says what the settings mean.
"""

import re
from collections.abc import Callable
from email.utils import parseaddr
from ipaddress import ip_network
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from cryptography.fernet import Fernet

CONTRACTS = ("hekax", "reactivation", "voice_config", "victorysync", "corecomm")

Rule = tuple[Callable[[object], object], str]


def _text(raw: object) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise ValueError
    return raw.strip()


def _matching(pattern: str) -> Callable[[object], str]:
    compiled = re.compile(pattern)

    def parse(raw: object) -> str:
        text = _text(raw)
        if not compiled.fullmatch(text):
            raise ValueError
        return text

    return parse


def _whole(least: int, most: int) -> Callable[[object], int]:
    def parse(raw: object) -> int:
        if isinstance(raw, bool) or not isinstance(raw, int | str):
            raise ValueError
        number = int(raw)
        if not least <= number <= most:
            raise ValueError
        return number

    return parse


def _switch(raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    meaning = {"on": True, "true": True, "yes": True, "1": True, "off": False, "false": False, "no": False, "0": False}
    try:
        return meaning[_text(raw).lower()]
    except KeyError as error:
        raise ValueError from error


def _one_of(*choices: str) -> Rule:
    def parse(raw: object) -> str:
        text = _text(raw).lower()
        if text not in choices:
            raise ValueError
        return text

    return parse, f"one of {', '.join(choices)}"


def _each(parse: Callable[[str], object]) -> Callable[[object], tuple[object, ...]]:
    def parse_all(raw: object) -> tuple[object, ...]:
        items = cast(list[object], raw) if isinstance(raw, list | tuple) else _text(raw).split(",")
        return tuple(parse(_text(item)) for item in items if item != "")

    return parse_all


def _url(*schemes: str, bare: bool = True) -> Callable[[object], str]:
    """A URL with a host; `bare` ones have no query and lose the slash at their end."""

    def parse(raw: object) -> str:
        text = _text(raw)
        parts = urlsplit(text)
        if parts.scheme not in schemes or not parts.hostname or re.search(r"\s", text):
            raise ValueError
        _ = parts.port  # raises ValueError when it is not a port
        if bare and (parts.query or parts.fragment):
            raise ValueError
        return text.rstrip("/") if bare else text

    return parse


def _database_url(raw: object) -> str:
    """Unlike other URLs it may have its host in the query (a socket directory)."""
    text = _text(raw)
    parts = urlsplit(text)
    if parts.scheme not in ("postgresql", "postgres") or not (parts.hostname or "host=" in parts.query):
        raise ValueError
    return text


def _origin(text: str) -> str:
    if text == "*":
        return text
    parts = urlsplit(text.rstrip("/"))
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path or parts.query:
        raise ValueError
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _hosts(raw: object) -> dict[str, str]:
    pairs = (
        list(cast(dict[str, object], raw).items())
        if isinstance(raw, dict)
        else [tuple(item.split("=", 1)) for item in _text(raw).split(",") if item.strip()]
    )
    hosts: dict[str, str] = {}
    for pair in pairs:
        if len(pair) != 2:
            raise ValueError
        host, contract = _text(pair[0]).lower(), _text(pair[1])
        if contract not in CONTRACTS or not re.fullmatch(r"[a-z0-9.\-]+", host):
            raise ValueError
        hosts[host] = contract
    return hosts


def _fernet_key(text: str) -> str:
    Fernet(text)
    return text


def _mail_address(raw: object) -> str:
    text = _text(raw)
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", parseaddr(text)[1]):
        raise ValueError
    return text


def _directory(raw: object) -> Path:
    return raw if isinstance(raw, Path) else Path(_text(raw))


_A_TEXT: Rule = (_text, "some text")
_NETWORKS: Rule = (_each(ip_network), "networks such as 10.0.0.0/8,127.0.0.1/32")
_SWITCH: Rule = (_switch, "on or off")
_WEB_URL: Rule = (_url("http", "https"), "a URL such as https://desk.example.com, without a query")
_SECRET: Rule = (_matching(r"\S{16,}"), "16 characters or more, without spaces")

_A_KEY: Rule = (_matching(r"\S+"), "an API key, without spaces")
_A_VOICE: Rule = (_matching(r"[A-Za-z0-9_-]+"), "the id of a voice")


def _vendors(*known: str) -> Rule:
    one = _matching(rf"(?:{'|'.join(known)})(?::[A-Za-z0-9._/-]+)?|offline")
    return _each(one), f"offline, or some of {', '.join(known)}, each with its model if wanted: {known[0]}:its-model"


RULES: dict[str, Rule] = {
    "port": (_whole(1, 65535), "a port number from 1 to 65535"),
    "host": (_matching(r"[A-Za-z0-9.:\-]+"), "an address to listen on, such as 127.0.0.1 or 0.0.0.0"),
    "data_dir": (_directory, "a directory"),
    "database_url": (_database_url, "a URL such as postgresql://user:password@host:5432/name"),
    "public_url": _WEB_URL,
    "contract": _one_of(*CONTRACTS),
    "hosts": (_hosts, f"pairs such as api.example.com=hekax, each with one of {', '.join(CONTRACTS)}"),
    "max_body_mb": (_whole(1, 10_000), "a whole number of MiB from 1 to 10000"),
    "max_upload_mb": (_whole(1, 10_000), "a whole number of MiB from 1 to 10000"),
    "cors_origins": (_each(_origin), "origins such as https://app.example.com, or *"),
    "trusted_proxies": _NETWORKS,
    "outbound_allow": _NETWORKS,
    "limits": _SWITCH,
    "signup": _one_of("open", "closed"),
    "email_confirmation": _SWITCH,
    "smtp_url": (_url("smtp", "smtps", bare=False), "a URL such as smtp://user:password@mail.example.com:587"),
    "mail_from": (_mail_address, "a mail address such as Front desk <desk@example.com>"),
    "cron_secret": (_matching(r"\S+"), "a text without spaces"),
    "jwt_secret": (_matching(r"\S{32,}"), "32 characters or more, without spaces"),
    "encryption_keys": (_each(_fernet_key), "Fernet keys (32 bytes in URL-safe base64), the encrypting one first"),
    "anon_key": (_matching(r"\S+"), "a text without spaces"),
    "sandbox_account_sid": (_matching(r"AC[0-9A-Za-z]+"), "AC and letters or digits, such as AC and 32 hex digits"),
    "sandbox_auth_token": _SECRET,
    "model": (
        _matching(r"offline|(?:anthropic|openai):\S+"),
        "offline, or a vendor and its model, such as anthropic:claude-haiku-5-5 or openai:gpt-6-luna",
    ),
    "model_timeout": (_whole(1, 60), "a whole number of seconds from 1 to 60"),
    "consent_key": (_matching(r"\S{32,}"), "32 characters or more, without spaces"),
    "twilio_account_sid": (_matching(r"AC[0-9A-Za-z]+"), "an account SID, which starts with AC"),
    "twilio_auth_token": _A_TEXT,
    "twilio_api_key_sid": (_matching(r"SK[0-9A-Za-z]+"), "an API key SID, which starts with SK"),
    "twilio_api_key_secret": _A_TEXT,
    "twilio_twiml_app_sid": (_matching(r"AP[0-9A-Za-z]+"), "a TwiML app SID, which starts with AP"),
    "twilio_messaging_service_sid": (_matching(r"MG[0-9A-Za-z]+"), "a messaging service SID, which starts with MG"),
    "twilio_answers_stop": _SWITCH,
    "twilio_sells_to_trials": _SWITCH,
    "twilio_base_url": _WEB_URL,
    "voice": _SWITCH,
    "calls_at_once": (_whole(1, 1000), "a whole number of calls from 1 to 1000"),
    "hearing": _vendors("deepgram", "openai", "cartesia"),
    "speaking": _vendors("elevenlabs", "cartesia", "deepgram", "openai"),
    "speech_timeout": (_whole(1, 30), "a whole number of seconds from 1 to 30"),
    **{f"{vendor}_api_key": _A_KEY for vendor in ("deepgram", "openai", "elevenlabs", "cartesia")},
    **{f"{vendor}_base_url": _WEB_URL for vendor in ("deepgram", "openai", "elevenlabs", "cartesia")},
    "elevenlabs_voice": _A_VOICE,
    "cartesia_voice": _A_VOICE,
    "stripe_secret_key": (_matching(r"(?:sk|rk)_\S+"), "a secret key, which starts with sk_ or rk_"),
    "stripe_webhook_secret": (_matching(r"whsec_\S+"), "a signing secret, which starts with whsec_"),
    "stripe_base_url": _WEB_URL,
    "google_client_id": (_matching(r"\S+"), "the id of an OAuth client, without spaces"),
    "google_client_secret": _A_TEXT,
    "google_base_url": _WEB_URL,
    "microsoft_client_id": (_matching(r"\S+"), "the id of a registered application, without spaces"),
    "microsoft_client_secret": _A_TEXT,
    "microsoft_tenant": (_matching(r"[A-Za-z0-9.\-]+"), "organizations, common, or a tenant's id or domain"),
    "microsoft_base_url": _WEB_URL,
    "hubspot_client_id": _A_TEXT,
    "hubspot_client_secret": _A_TEXT,
    "hubspot_base_url": _WEB_URL,
    "salesforce_client_id": _A_TEXT,
    "salesforce_client_secret": _A_TEXT,
    "salesforce_base_url": _WEB_URL,
    "log_level": _one_of("debug", "info", "warning", "error"),
    "log_format": _one_of("json", "console"),
}
