"""Settings: which source wins, what each may be, and what an operator reads when one is wrong."""

import json
import os
import subprocess
import sys
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.fernet import Fernet

from frontdesk.platform.secrets import Secrets, load_or_make_secrets
from frontdesk.platform.settings import Settings, SettingsError, load_settings

HOME = {"HOME": "/home/ada"}


@pytest.fixture(autouse=True)
def in_an_empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def problems(env: dict[str, str], overrides: dict[str, object] | None = None, file: Path | None = None) -> list[str]:
    with pytest.raises(SettingsError) as wrong:
        load_settings(HOME | env, overrides, file)
    return wrong.value.problems


def test_nothing_needs_to_be_set() -> None:
    settings = load_settings(HOME)
    assert settings == Settings(
        data_dir=Path("/home/ada/.local/share/frontdesk"), public_url="http://127.0.0.1:8000", port=8000
    )
    assert settings.limits
    assert settings.signup == "open"
    assert not settings.email_confirmation


def test_each_variable_is_read(tmp_path: Path) -> None:
    key = Fernet.generate_key().decode()
    settings = load_settings(
        {
            "FRONTDESK_PORT": "9000",
            "FRONTDESK_HOST": "0.0.0.0",
            "FRONTDESK_DATA_DIR": "var/data",
            "FRONTDESK_DATABASE_URL": "postgresql://u:p@db:5432/desk",
            "FRONTDESK_PUBLIC_URL": "https://desk.example.com/",
            "FRONTDESK_CONTRACT": "hekax",
            "FRONTDESK_HOSTS": "api.HEKAX.com=hekax, dbr.example.com=reactivation",
            "FRONTDESK_MAX_BODY_MB": "5",
            "FRONTDESK_CORS_ORIGINS": "https://App.example.com/,http://localhost:3000",
            "FRONTDESK_TRUSTED_PROXIES": "10.0.0.0/8, ::1",
            "FRONTDESK_OUTBOUND_ALLOW": "127.0.0.1/32",
            "FRONTDESK_LIMITS": "off",
            "FRONTDESK_SIGNUP": "closed",
            "FRONTDESK_EMAIL_CONFIRMATION": "yes",
            "FRONTDESK_SMTP_URL": "smtp://user:pass@mail.example.com:587",
            "FRONTDESK_MAIL_FROM": "Desk <desk@example.com>",
            "FRONTDESK_CRON_SECRET": "tick",
            "FRONTDESK_JWT_SECRET": "j" * 32,
            "FRONTDESK_ENCRYPTION_KEYS": f"{key},{key}",
            "FRONTDESK_ANON_KEY": "anon",
            "FRONTDESK_SANDBOX_ACCOUNT_SID": "AC" + "0" * 32,
            "FRONTDESK_SANDBOX_AUTH_TOKEN": "t" * 32,
            "FRONTDESK_CONSENT_KEY": "k" * 32,
            "FRONTDESK_TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
            "FRONTDESK_TWILIO_AUTH_TOKEN": "token",
            "FRONTDESK_TWILIO_API_KEY_SID": "SK" + "1" * 32,
            "FRONTDESK_TWILIO_API_KEY_SECRET": "secret",
            "FRONTDESK_TWILIO_TWIML_APP_SID": "AP" + "1" * 32,
            "FRONTDESK_TWILIO_BASE_URL": "http://127.0.0.1:9999",
            "FRONTDESK_LOG_LEVEL": "DEBUG",
            "FRONTDESK_LOG_FORMAT": "json",
        }
    )
    assert settings == Settings(
        port=9000,
        host="0.0.0.0",
        data_dir=tmp_path / "var" / "data",
        database_url="postgresql://u:p@db:5432/desk",
        public_url="https://desk.example.com",
        contract="hekax",
        hosts={"api.hekax.com": "hekax", "dbr.example.com": "reactivation"},
        max_body_mb=5,
        cors_origins=("https://app.example.com", "http://localhost:3000"),
        trusted_proxies=(ip_network("10.0.0.0/8"), ip_network("::1")),
        outbound_allow=(ip_network("127.0.0.1/32"),),
        limits=False,
        signup="closed",
        email_confirmation=True,
        smtp_url="smtp://user:pass@mail.example.com:587",
        mail_from="Desk <desk@example.com>",
        cron_secret="tick",
        jwt_secret="j" * 32,
        encryption_keys=(key, key),
        anon_key="anon",
        sandbox_account_sid="AC" + "0" * 32,
        sandbox_auth_token="t" * 32,
        consent_key="k" * 32,
        twilio_account_sid="AC" + "1" * 32,
        twilio_auth_token="token",
        twilio_api_key_sid="SK" + "1" * 32,
        twilio_api_key_secret="secret",
        twilio_twiml_app_sid="AP" + "1" * 32,
        twilio_base_url="http://127.0.0.1:9999",
        log_level="debug",
        log_format="json",
    )


def test_the_command_line_beats_the_environment_which_beats_the_file(tmp_path: Path) -> None:
    (tmp_path / "frontdesk.toml").write_text('port = 1001\nhost = "10.0.0.1"\nlog_level = "error"\nmax_body_mb = 7\n')
    env = HOME | {"FRONTDESK_PORT": "1002", "FRONTDESK_HOST": "10.0.0.2", "FRONTDESK_LOG_LEVEL": ""}
    settings = load_settings(env, {"port": 1003, "host": None})
    assert (settings.port, settings.host, settings.log_level, settings.max_body_mb) == (1003, "10.0.0.2", "error", 7)


def test_a_file_may_use_toml_to_the_full(tmp_path: Path) -> None:
    file = tmp_path / "etc" / "my.toml"
    file.parent.mkdir()
    file.write_text("""
        data_dir = "data"
        limits = false
        cors_origins = ["https://a.example.com", "https://b.example.com"]
        [hosts]
        "api.hekax.com" = "hekax"
        [twilio]
        account_sid = "AC1"
        auth_token = "x"
    """)
    settings = load_settings(HOME, file=file)
    assert settings.data_dir == tmp_path / "etc" / "data"
    assert not settings.limits
    assert settings.cors_origins == ("https://a.example.com", "https://b.example.com")
    assert settings.hosts == {"api.hekax.com": "hekax"}
    assert settings.twilio_account_sid == "AC1"


@pytest.mark.parametrize(
    ("env", "overrides", "data_dir"),
    [
        ({"XDG_DATA_HOME": "/data/xdg"}, {}, "/data/xdg/frontdesk"),
        ({"XDG_DATA_HOME": "relative"}, {}, "/home/ada/.local/share/frontdesk"),
        ({"FRONTDESK_DATA_DIR": "~/desk"}, {}, "/home/ada/desk"),
        ({"FRONTDESK_DATA_DIR": "~"}, {}, "/home/ada"),
        ({"FRONTDESK_DATA_DIR": "/a/../b/./c/"}, {}, "/b/c"),
        ({"FRONTDESK_DATA_DIR": "/a"}, {"data_dir": Path("/b")}, "/b"),
    ],
)
def test_where_the_data_lies(env: dict[str, str], overrides: dict[str, object], data_dir: str) -> None:
    assert load_settings(HOME | env, overrides).data_dir == Path(data_dir)


@pytest.mark.parametrize(
    ("env", "public_url"),
    [
        ({"FRONTDESK_PORT": "81"}, "http://127.0.0.1:81"),
        ({"FRONTDESK_HOST": "0.0.0.0"}, "http://127.0.0.1:8000"),
        ({"FRONTDESK_HOST": "::"}, "http://[::1]:8000"),
        ({"FRONTDESK_HOST": "fe80::1"}, "http://[fe80::1]:8000"),
        ({"FRONTDESK_HOST": "10.1.1.1"}, "http://10.1.1.1:8000"),
        ({"FRONTDESK_PUBLIC_URL": "https://x.example.com/desk/"}, "https://x.example.com/desk"),
    ],
)
def test_the_public_url_follows_from_host_and_port(env: dict[str, str], public_url: str) -> None:
    assert load_settings(HOME | env).public_url == public_url


@pytest.mark.parametrize(
    ("env", "hearing", "speaking"),
    [
        ({}, (), ()),
        ({"OPENAI_API_KEY": "k"}, (), ()),
        ({"FRONTDESK_DEEPGRAM_API_KEY": "k"}, ("deepgram",), ("deepgram",)),
        ({"FRONTDESK_DEEPGRAM_API_KEY": "k", "FRONTDESK_ELEVENLABS_API_KEY": "k"}, ("deepgram",), ("elevenlabs",)),
        ({"FRONTDESK_OPENAI_API_KEY": "k", "FRONTDESK_SPEAKING": "offline"}, ("openai",), ("offline",)),
        ({"OPENAI_API_KEY": "k", "FRONTDESK_HEARING": "openai:whisper-1"}, ("openai:whisper-1",), ("openai",)),
        ({"FRONTDESK_OPENAI_BASE_URL": "http://10.0.0.5:8000/v1", "FRONTDESK_HEARING": "openai"}, ("openai",), ()),
    ],
)
def test_who_hears_and_who_speaks(env: dict[str, str], hearing: tuple[str, ...], speaking: tuple[str, ...]) -> None:
    settings = load_settings(HOME | env)
    assert (settings.hearing, settings.speaking) == (hearing, speaking)
    assert "_api_key='k'" not in repr(settings)


def test_who_cannot_hear_or_speak_is_told_of() -> None:
    env = {"FRONTDESK_HEARING": "elevenlabs", "FRONTDESK_SPEAKING": "cartesia:sonic-3,openai"}
    assert problems(env) == [
        "FRONTDESK_HEARING: 'elevenlabs' should be offline, or some of deepgram, openai, cartesia, each with its model "
        "if wanted: deepgram:its-model",
        "FRONTDESK_CARTESIA_API_KEY: must be given, for FRONTDESK_SPEAKING=cartesia:sonic-3",
        "FRONTDESK_OPENAI_API_KEY: must be given, for FRONTDESK_SPEAKING=openai",
    ]


def test_cron_secret_has_a_second_name() -> None:
    assert load_settings({"CRON_SECRET": "b"}).cron_secret == "b"
    assert load_settings({"CRON_SECRET": "b", "FRONTDESK_CRON_SECRET": "a"}).cron_secret == "a"
    assert problems({"CRON_SECRET": "two words"}) == ["CRON_SECRET: its value should be a text without spaces"]


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "frontdesk.toml").write_text("prot = 1\nport = true\n")
    env = {
        "FRONTDESK_DATA_DIRECTORY": "/x",
        "FRONTDESK_MAX_BODY_MB": "lots",
        "FRONTDESK_JWT_SECRET": "hunter2",
        "FRONTDESK_TWILIO_AUTH_TOKEN": "x",
        "FRONTDESK_TWILIO_API_KEY_SID": "wrong, but not missing",
        "FRONTDESK_TWILIO_API_KEY_SECRET": "x",
        "FRONTDESK_QQQ": "?",
        "OTHER_VARIABLE": "is none of ours",
    }
    assert problems(env, {"log_format": "xml", "colour": "red"}) == [
        "prot in frontdesk.toml: no such setting; did you mean port?",
        "port in frontdesk.toml: True should be a port number from 1 to 65535",
        "FRONTDESK_DATA_DIRECTORY: no such setting; did you mean FRONTDESK_DATA_DIR?",
        "FRONTDESK_MAX_BODY_MB: 'lots' should be a whole number of MiB from 1 to 10000",
        "FRONTDESK_JWT_SECRET: its value should be 32 characters or more, without spaces",
        "FRONTDESK_TWILIO_API_KEY_SID: 'wrong, but not missing' should be an API key SID, which starts with SK",
        "FRONTDESK_QQQ: no such setting",
        "--log-format: 'xml' should be one of json, console",
        "--colour: no such setting",
        "FRONTDESK_TWILIO_ACCOUNT_SID: must be given together with FRONTDESK_TWILIO_AUTH_TOKEN",
    ]


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("PORT", ["0", "65536", "8k", "-1", "1.5"]),
        ("HOST", ["two hosts", "http://x"]),
        ("DATABASE_URL", ["mysql://h/x", "postgresql:///x", "db"]),
        ("PUBLIC_URL", ["desk.example.com", "ftp://x", "https://x?y=1", "https://x:99999"]),
        ("CONTRACT", ["vapi"]),
        ("HOSTS", ["api.example.com", "api.example.com=none", "=hekax", "a b=hekax"]),
        ("CORS_ORIGINS", ["app.example.com", "https://x/path"]),
        ("TRUSTED_PROXIES", ["10.0.0.1/8", "proxy"]),
        ("OUTBOUND_ALLOW", ["all"]),
        ("LIMITS", ["maybe"]),
        ("SMTP_URL", ["mail.example.com:25", "http://x", "smtp://x:port"]),
        ("MAIL_FROM", ["desk", "Desk <desk>"]),
        ("ENCRYPTION_KEYS", ["short", Fernet.generate_key().decode()[:-4]]),
        ("SANDBOX_ACCOUNT_SID", ["SK1"]),
        ("TWILIO_API_KEY_SID", ["AC1"]),
        ("TWILIO_TWIML_APP_SID", ["AC1"]),
        ("LOG_LEVEL", ["loud"]),
    ],
)
def test_what_cannot_be_is_named_with_what_should_be(name: str, bad: list[str]) -> None:
    for text in bad:
        assert f"FRONTDESK_{name}: " in problems({f"FRONTDESK_{name}": text})[0], text
        assert " should be " in problems({f"FRONTDESK_{name}": text})[0]


def test_a_wrong_value_is_not_hidden_by_a_right_one_of_a_weaker_source(tmp_path: Path) -> None:
    (tmp_path / "frontdesk.toml").write_text("port = 1001")
    assert len(problems({"FRONTDESK_PORT": "x"})) == 1


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    assert "cannot be read (No such file" in problems({}, file=tmp_path / "none.toml")[0]
    (tmp_path / "bad.toml").write_text("port = = 1")
    assert "bad.toml: is not TOML" in problems({}, file=tmp_path / "bad.toml")[0]


def test_secrets_are_never_shown() -> None:
    env = {"FRONTDESK_JWT_SECRET": "s" * 40, "FRONTDESK_DATABASE_URL": "postgresql://u:sesame@h/d"}
    settings = load_settings(HOME | env)
    assert "sss" not in repr(settings)
    assert "sesame" not in repr(settings)
    assert "jwt_secret=***" in repr(settings)
    for name, text in (("DATABASE_URL", "mysql://u:sesame@h"), ("SMTP_URL", "sesame"), ("ENCRYPTION_KEYS", "sesame")):
        assert "sesame" not in str(problems({f"FRONTDESK_{name}": text}))


# The program's own secrets.


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({"FRONTDESK_DATA_DIR": str(tmp_path / "new" / "data")})


def test_secrets_are_made_once_and_kept(settings: Settings) -> None:
    made = load_or_make_secrets(settings)
    assert load_or_make_secrets(settings) == made
    assert made.sandbox_account_sid.startswith("AC")
    assert len(made.sandbox_account_sid) == 34
    assert len(made.jwt_secret) >= 32
    assert len({made.jwt_secret, made.cron_secret, made.sandbox_auth_token}) == 3
    assert Fernet(made.encryption_keys[0])
    claims = jwt.decode(made.anon_key, made.jwt_secret, algorithms=["HS256"])
    assert claims["role"] == "anon"
    assert "sub" not in claims
    assert repr(made) == "Secrets(***)"
    kept = settings.data_dir / "secrets.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert settings.data_dir.stat().st_mode & 0o066 == 0
    assert [path.name for path in settings.data_dir.iterdir() if path.suffix == ".new"] == []


def test_given_ones_win_and_are_not_kept(tmp_path: Path, settings: Settings) -> None:
    before = load_or_make_secrets(settings)
    env = {"FRONTDESK_DATA_DIR": str(settings.data_dir), "FRONTDESK_CRON_SECRET": "tick"}
    given = load_or_make_secrets(load_settings(env))
    assert given.cron_secret == "tick"
    assert given.jwt_secret == before.jwt_secret
    assert load_or_make_secrets(settings) == before


def test_with_all_given_the_disk_is_not_touched(tmp_path: Path) -> None:
    env = {
        "FRONTDESK_DATA_DIR": str(tmp_path / "none"),
        "FRONTDESK_CRON_SECRET": "tick",
        "FRONTDESK_JWT_SECRET": "j" * 32,
        "FRONTDESK_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "FRONTDESK_ANON_KEY": "anon",
        "FRONTDESK_SANDBOX_ACCOUNT_SID": "AC1",
        "FRONTDESK_SANDBOX_AUTH_TOKEN": "t" * 32,
        "FRONTDESK_CONSENT_KEY": "k" * 32,
    }
    assert load_or_make_secrets(load_settings(env)).anon_key == "anon"
    assert not (tmp_path / "none").exists()


def test_where_nothing_can_be_written_it_says_which_to_give(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings = load_settings({"FRONTDESK_DATA_DIR": str(tmp_path / "file" / "data"), "FRONTDESK_JWT_SECRET": "j" * 32})
    with pytest.raises(SettingsError) as wrong:
        load_or_make_secrets(settings)
    assert "data: cannot be written (" in str(wrong.value)
    assert "or give FRONTDESK_CRON_SECRET, FRONTDESK_ENCRYPTION_KEYS, FRONTDESK_ANON_KEY" in str(wrong.value)
    assert "FRONTDESK_JWT_SECRET" not in str(wrong.value)


@pytest.mark.parametrize("text", ["{", "[]", '{"jwt_secret": 5}', '{"encryption_keys": "x"}', "\ufffe"])
def test_a_damaged_file_is_never_replaced(settings: Settings, text: str) -> None:
    settings.data_dir.mkdir(parents=True)
    kept = settings.data_dir / "secrets.json"
    kept.write_text(text)
    with pytest.raises(SettingsError, match=r"is damaged, .* restore it from a backup"):
        load_or_make_secrets(settings)
    assert kept.read_text() == text


def test_what_a_file_lacks_is_added_and_the_rest_stays(settings: Settings) -> None:
    made = load_or_make_secrets(settings)
    kept = settings.data_dir / "secrets.json"
    less: dict[str, Any] = json.loads(kept.read_text()) | {"of_a_later_version": "x"}
    del less["cron_secret"]
    kept.write_text(json.dumps(less))
    added = load_or_make_secrets(settings)
    assert added.cron_secret != made.cron_secret
    assert added.jwt_secret == made.jwt_secret
    assert json.loads(kept.read_text())["of_a_later_version"] == "x"


@pytest.mark.process
def test_processes_that_start_at_once_get_the_same(settings: Settings) -> None:
    program = (
        "import sys; from frontdesk.platform.settings import load_settings; "
        "from frontdesk.platform.secrets import load_or_make_secrets; sys.stdin.readline(); "
        "print(load_or_make_secrets(load_settings({'FRONTDESK_DATA_DIR': sys.argv[1]})).jwt_secret)"
    )
    argv = [sys.executable, "-c", program, str(settings.data_dir)]
    racers = [subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    for racer in racers:
        assert racer.stdin
        racer.stdin.write("go\n")
        racer.stdin.flush()
    said = {racer.communicate(timeout=60)[0].strip() for racer in racers}
    assert said == {load_or_make_secrets(settings).jwt_secret}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_kept_ones_are_read_where_nothing_can_be_written(settings: Settings) -> None:
    made: Secrets = load_or_make_secrets(settings)
    settings.data_dir.chmod(0o500)
    assert load_or_make_secrets(settings) == made
    settings.data_dir.chmod(0o700)
