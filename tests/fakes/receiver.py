"""A program of somebody else's that takes webhooks, on a real socket."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Taken:
    """A request that came."""

    headers: dict[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        return json.loads(self.body)


@dataclass
class Receiver:
    """Answers 200 unless told otherwise; each answer told of is given once."""

    port: int = 0
    taken: list[Taken] = field(default_factory=list[Taken])
    stuck: str = ""
    """Requests for this path are never answered."""
    _answers: list[tuple[int, dict[str, str]] | None] = field(default_factory=list[tuple[int, dict[str, str]] | None])
    _server: asyncio.Server | None = None
    _tasks: set["asyncio.Task[Any]"] = field(default_factory=set["asyncio.Task[Any]"])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def answer(self, *statuses: int, **headers: str) -> None:
        """Answer the next requests so."""
        self._answers += [(status, headers) for status in statuses]

    def hang(self) -> None:
        """Never answer the next request."""
        self._answers.append(None)

    async def open(self) -> "Receiver":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def let_go(self) -> None:
        """Hang up on all who wait."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        assert self._server
        self._server.close()
        await self.let_go()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            asked, *head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[:-2]
            headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head)}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            self.taken.append(Taken(headers, body))
            planned = self._answers.pop(0) if self._answers else (200, {})
            if planned is None or asked.split(" ")[1] == self.stuck:
                await reader.read()  # until the other side has had enough
                return
            status, more = planned
            lines = [
                f"HTTP/1.1 {status} So",
                "Content-Length: 0",
                *(f"{name}: {value}" for name, value in more.items()),
            ]
            writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
