"""Mail out by SMTP: FRONTDESK_SMTP_URL.

`smtp://user:password@host:587` upgrades to TLS by STARTTLS, and insists on it where there is a password to protect and
the host is not this machine; `?starttls=off` for a relay that cannot. `smtps://host:465` is TLS from the start.
"""

import ssl
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid, parseaddr
from ipaddress import ip_address
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib

from frontdesk.kernel.clock import Clock, SystemClock
from frontdesk.kernel.errors import Upstream
from frontdesk.ports.email import Mail

TIMEOUT = 15.0
"""Seconds for one answer of the server, and for the connection."""


class SmtpMailer:
    """Sends each mail on a connection of its own."""

    def __init__(self, url: str, sender: str, *, tls: ssl.SSLContext | None = None, clock: Clock | None = None) -> None:
        """`url` as above; `sender` is the From, as `Name <address>`; `tls` where the server's certificate is not one
        that the machine trusts anyway."""
        parts = urlsplit(url)
        self._clock = clock or SystemClock()
        self._sender = sender
        self._implicit = parts.scheme == "smtps"
        self._host = parts.hostname or "localhost"
        self._port = parts.port or (465 if self._implicit else 587 if parts.username else 25)
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._tls = tls
        plain = parse_qs(parts.query).get("starttls", [""])[-1] == "off"
        self._upgrade = False if plain else True if self._user and not _is_here(self._host) else None

    async def send(self, mail: Mail) -> None:
        """Hand `mail` to the server. Raises Upstream when it is not taken, whatever the reason, and never repeats the
        address in the error."""
        message = self._message(mail)
        try:
            await aiosmtplib.send(
                message,
                hostname=self._host,
                port=self._port,
                username=self._user,
                password=self._password,
                use_tls=self._implicit,
                start_tls=None if self._implicit else self._upgrade,
                tls_context=self._tls,
                timeout=TIMEOUT,
            )
        except (aiosmtplib.SMTPException, OSError, ValueError, TimeoutError) as error:
            code = getattr(error, "code", None)
            raise Upstream(
                f"The mail server did not take the mail ({type(error).__name__}{f' {code}' if code else ''})."
            ) from error

    def _message(self, mail: Mail) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = self._sender
        message["To"] = mail.to
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(self._clock.wall_time(self._clock.now()))
        domain = parseaddr(self._sender)[1].rpartition("@")[2] or None
        message["Message-ID"] = f"<{mail.id}@{domain or 'frontdesk'}>" if mail.id else make_msgid(domain=domain)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        if mail.html:
            message.add_alternative(mail.html, subtype="html")
        return message


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
