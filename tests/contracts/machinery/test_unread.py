"""Long bodies that are answered before they came: who gets the answer, and what becomes of the connection."""

import asyncio
from typing import Any

import pytest

from frontdesk.contracts._http import unread
from frontdesk.contracts._http.unread import LongBody, is_long

START = {"type": "http.response.start", "status": 400, "headers": [(b"content-length", b"2")]}
BODY = {"type": "http.response.body", "body": b"no"}


class Server:
    """A server whose client sends `pieces` of a MiB."""

    def __init__(self, pieces: int) -> None:
        self.left = pieces
        self.sent: list[dict[str, Any]] = []

    async def receive(self) -> Any:
        if not self.left:
            return {"type": "http.disconnect"}
        self.left -= 1
        return {"type": "http.request", "body": bytes(1024 * 1024), "more_body": self.left > 0}

    async def send(self, message: Any) -> None:
        self.sent.append({**message, "left": self.left})


@pytest.mark.parametrize(("pieces", "left"), [(5, 0), (1024, 1024 - 3 - 16)])
async def test_the_answer_goes_out_first_and_then_little_more_is_read(pieces: int, left: int):
    server = Server(pieces)
    body = LongBody(server.receive, server.send)
    for _ in range(3):
        await body.receive()
    await body.send(START)
    await body.send(BODY)
    start, answer, end = server.sent
    assert (b"connection", b"close") in start["headers"]
    assert (answer["body"], answer["more_body"], answer["left"]) == (b"no", True, pieces - 3)
    assert (end["body"], end["more_body"], end["left"]) == (b"", False, left)


async def test_a_body_that_was_read_leaves_the_connection_as_it_is():
    server = Server(3)
    body = LongBody(server.receive, server.send)
    for _ in range(3):
        await body.receive()
    await body.send(START)
    await body.send(BODY)
    assert server.sent == [{**START, "left": 0}, {**BODY, "left": 0}]


async def test_a_client_that_stops_sending_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(unread, "_LINGER_SECONDS", 0.01)
    server = Server(0)

    async def silence() -> Any:
        await asyncio.Event().wait()

    body = LongBody(silence, server.send)
    await body.send(START)
    await body.send(BODY)
    assert server.sent[-1]["more_body"] is False


def test_only_bodies_that_may_be_long_are_watched():
    assert is_long({b"transfer-encoding": b"chunked"})
    assert is_long({b"content-length": b"1048577"})
    assert not any(map(is_long, ({}, {b"content-length": b"1048576"}, {b"content-length": b"-5"})))
