"""Live events as a client follows them: a stream of server-sent events that can be taken up again."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from tests.end_to_end.business import Business, handsets
from tests.end_to_end.conftest import Found, Install
from tests.end_to_end.installation import Installation
from tests.fixtures.waiting import until

pytestmark = pytest.mark.process

Event = tuple[int, str, dict[str, Any]]


class Stream:
    """One connection to the events. What came is in `events`: position, type, data."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self.events: list[Event] = []

    async def read(self) -> None:
        """Collect events until the connection ends."""
        fields: dict[str, str] = {}
        async for line in self.answer.aiter_lines():
            if line:
                name, _, value = line.partition(":")
                fields[name] = value.strip()
                continue
            if "event" in fields:
                self.events.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
            fields = {}

    async def comes(self, kind: str, count: int = 1) -> Event:
        """Wait for the `count`th event of a type."""

        def has_come() -> bool:
            return sum(event[1] == kind for event in self.events) >= count

        await until(has_come, 150)  # an answer that a killed worker was about is taken up when its lease is over
        return [event for event in self.events if event[1] == kind][count - 1]


@contextlib.asynccontextmanager
async def following(us: Business, **headers: str) -> AsyncIterator[Stream]:
    """Follow the business's events for as long as the block runs."""
    async with us.http.stream("GET", "/reactivation/api/events", headers=headers, timeout=120) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        stream = Stream(answer)
        reading = asyncio.create_task(stream.read())
        try:
            yield stream
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)


@pytest.mark.xdist_group("desk")
async def test_a_text_is_told_as_it_comes_and_again_to_whoever_was_away(desk: Installation, found: Found) -> None:
    us, others = await found(desk), await found(desk, "Borough Baths")
    [number] = handsets(1)
    async with following(us) as stream, following(others) as theirs:
        await us.campaign([number], m2_delay_hours=1000)
        await stream.comes("campaign.started")
        _, _, sent = await stream.comes("message.sent")
        await stream.comes("message.delivered")
        await us.text(number, "How much does it cost?")
        seen, _, received = await stream.comes("message.received")
        assert received["payload"]["conversation_id"] == sent["payload"]["conversation_id"]
        assert "How much" not in json.dumps(received), "events carry no words of people"
        await stream.comes("message.sent", 2)
        assert [event[0] for event in stream.events] == sorted({event[0] for event in stream.events})
        assert not any(kind.startswith(("message.", "campaign.")) for _, kind, _ in theirs.events)
    await us.text(number, "STOP")  # while nobody listens

    async def is_confirmed() -> bool:
        return "unsubscribed" in (await us.received(number))[-1]

    await until(is_confirmed, 60)
    async with following(us, **{"Last-Event-ID": str(seen)}) as again:
        await again.comes("message.received")
        await again.comes("message.delivered", 2)
        assert again.events[0][0] > seen
        missed = [event for event in stream.events if event[0] > seen]
        assert again.events[: len(missed)] == missed, "what was seen after that is told again, the same"


async def test_a_stream_is_taken_up_at_a_server_that_was_killed(install: Install, found: Found) -> None:
    here = install()
    up = await here.serve("up")
    us = await found(here)
    numbers = handsets(2)
    await us.campaign(numbers, m2_delay_hours=1000)
    async with following(us) as stream:
        await us.text(numbers[0], "How much does it cost?")
        seen, _, _ = await stream.comes("message.received")
        await us.text(numbers[1], "How long does it take?")
        await up.kill()
    await here.serve("up")
    async with following(us, **{"Last-Event-ID": str(seen)}) as again:
        await again.comes("message.received")
        await again.comes("message.sent", 2)
        told = [event[2]["subject_id"] for event in again.events if event[1] == "message.received"]
        assert len(told) == len(set(told)) == 1


@pytest.mark.xdist_group("desk")
async def test_nobody_follows_without_a_credential_or_from_nowhere(desk: Installation, found: Found) -> None:
    us = await found(desk)
    assert (await us.http.get("/reactivation/api/events", headers={"Authorization": ""})).status_code == 401
    assert (await us.http.get("/reactivation/api/events", headers={"Last-Event-ID": "x"})).status_code == 400
