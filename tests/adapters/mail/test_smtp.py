"""Mail by SMTP, against a server on a real socket."""

import asyncio
import email
import ssl
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.adapters.mail.smtp_server import SmtpServer, running

from frontdesk.adapters.mail import smtp
from frontdesk.adapters.mail.smtp import SmtpMailer
from frontdesk.kernel.errors import Upstream
from frontdesk.ports.email import Mail

SENDER = "Front desk <desk@example.com>"
MAIL = Mail("zoë@example.com", "Größe — a subject", "plain\n.\ntext ü\n", "<p>ü</p>")
PLAIN = Mail("ada@example.com", "Hello", "plain\n.\ntext ü\n", "<p>ü</p>")


def read(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw.replace(b"\r\n..", b"\r\n."), policy=default)  # pyright: ignore


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's and a client's side of one self-signed certificate for this machine."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path: Path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cadata=made.public_bytes(serialization.Encoding.PEM).decode())


async def test_a_mail_arrives_whole():
    async with running(SmtpServer()) as server:
        await SmtpMailer(f"smtp://127.0.0.1:{server.port}", SENDER).send(PLAIN)
    [raw] = server.messages
    message = read(raw)
    assert message["To"] == "ada@example.com"
    assert message["From"] == SENDER
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@example.com>")
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text.get_content().replace("\r\n", "\n") == PLAIN.text
    assert html.get_content().strip() == PLAIN.html
    assert server.credentials == []


async def test_names_and_subjects_in_any_script():
    async with running(SmtpServer(offers=["SMTPUTF8", "8BITMIME"])) as server:
        await SmtpMailer(f"smtp://127.0.0.1:{server.port}", SENDER).send(MAIL)
    assert read(server.messages[0])["Subject"] == MAIL.subject


async def test_it_signs_in_with_the_password_of_the_url():
    async with running(SmtpServer(offers=["AUTH PLAIN"])) as server:
        await SmtpMailer(f"smtp://me%40x:p%3Aw@127.0.0.1:{server.port}", SENDER).send(PLAIN)
    assert server.credentials == ["\0me@x\0p:w"]


async def test_tls_from_the_start_and_by_upgrade(certificate: tuple[ssl.SSLContext, ssl.SSLContext]):
    ours, theirs = certificate
    async with running(SmtpServer(tls=ours), implicit_tls=True) as server:
        await SmtpMailer(f"smtps://localhost:{server.port}", SENDER, tls=theirs).send(PLAIN)
    assert len(server.messages) == 1
    async with running(SmtpServer(tls=ours, offers=["STARTTLS", "AUTH PLAIN"])) as server:
        await SmtpMailer(f"smtp://u:p@localhost:{server.port}", SENDER, tls=theirs).send(PLAIN)
    assert len(server.messages) == 1
    assert server.commands.index("STARTTLS") < server.commands.index("AUTH")


async def test_a_password_is_not_sent_in_clear_to_another_machine(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(smtp, "_is_here", lambda host: False)
    async with running(SmtpServer()) as server:  # offers no STARTTLS
        with pytest.raises(Upstream):
            await SmtpMailer(f"smtp://u:p@127.0.0.1:{server.port}", SENDER).send(PLAIN)
        assert "AUTH" not in server.commands
        await SmtpMailer(f"smtp://u:p@127.0.0.1:{server.port}?starttls=off", SENDER).send(PLAIN)
    assert server.credentials == ["\0u\0p"]


@pytest.mark.parametrize("refuse", ["MAIL", "RCPT", "DATA", "AUTH"])
async def test_a_refusal_is_told_without_the_address(refuse: str):
    async with running(SmtpServer(refuse=refuse, offers=["AUTH PLAIN"])) as server:
        with pytest.raises(Upstream) as raised:
            await SmtpMailer(f"smtp://u:p@127.0.0.1:{server.port}", SENDER).send(PLAIN)
    assert "ada" not in raised.value.message


async def test_a_server_that_is_not_there_or_says_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(smtp, "TIMEOUT", 0.3)
    with pytest.raises(Upstream):
        await SmtpMailer("smtp://127.0.0.1:1", SENDER).send(PLAIN)
    waiting = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await waiting.wait()
        writer.close()

    listening = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        with pytest.raises(Upstream):
            await SmtpMailer(f"smtp://127.0.0.1:{port}", SENDER).send(PLAIN)
        waiting.set()
