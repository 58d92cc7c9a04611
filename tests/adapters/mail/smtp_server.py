"""A small SMTP server on a real socket: takes one connection at a time and remembers what it was told."""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class SmtpServer:
    """What it was told, and how it behaves."""

    port: int = 0
    refuse: str = ""
    """A command that is answered with 550."""
    offers: list[str] = field(default_factory=lambda: ["AUTH PLAIN LOGIN"])
    tls: ssl.SSLContext | None = None
    messages: list[bytes] = field(default_factory=list)
    credentials: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(line: str) -> None:
            writer.write(line.encode() + b"\r\n")

        say("220 test ESMTP")
        while line := (await reader.readline()).decode().strip():
            command = line.split()[0].upper()
            self.commands.append(command)
            if command == self.refuse:
                say("550 no")
            elif command == "EHLO":
                offers = ["test", *self.offers]
                for offer in offers[:-1]:
                    say(f"250-{offer}")
                say(f"250 {offers[-1]}")
            elif command == "STARTTLS":
                say("220 go")
                await writer.start_tls(self.tls)
                self.offers = [offer for offer in self.offers if offer != "STARTTLS"]
            elif command == "AUTH":
                self.credentials.append(base64.b64decode(line.split()[2]).decode())
                say("235 ok")
            elif command == "DATA":
                say("354 go")
                body = await reader.readuntil(b"\r\n.\r\n")
                self.messages.append(body[:-5])
                say("250 taken")
            elif command == "QUIT":
                say("221 bye")
                break
            else:
                say("250 ok")
        writer.close()


@asynccontextmanager
async def running(server: SmtpServer, *, implicit_tls: bool = False) -> AsyncIterator[SmtpServer]:
    """`server`, listening on a port of its own until the end."""
    tls = server.tls if implicit_tls else None
    listening = await asyncio.start_server(server.talk, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield server
