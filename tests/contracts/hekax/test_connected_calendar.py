"""Booking over the HEKAX API with a connected calendar, and twenty at once for one time."""

import asyncio
from dataclasses import replace

import httpx
import pytest
from tests.contracts.clients import PUBLIC_URL, make_token
from tests.contracts.hekax.test_calendar import ADA, THURSDAY, slots
from tests.fixtures.calendars import AtCalendar, at_sandbox
from tests.fixtures.organizations import Organization

from frontdesk.app import build_app
from frontdesk.domain.scheduling.service import calendars
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works
from frontdesk.platform.secrets import Secrets
from frontdesk.platform.settings import Settings


@pytest.fixture
async def at(context: Context, org: Organization) -> AtCalendar:
    """The organisation with a calendar of the sandbox."""
    made = at_sandbox(context, org)
    await made.connect()
    return made


async def test_the_link_is_in_the_answer_until_it_is_called_off(
    at: AtCalendar, api: httpx.AsyncClient, context: Context
) -> None:
    booking = (await api.post("/api/calendar/book", json=ADA)).json()["booking"]
    assert booking["meetLink"].startswith(f"{PUBLIC_URL}/console/sandbox/meeting/")
    gone = (await api.delete(f"/api/calendar/bookings/{booking['id']}")).json()["booking"]
    assert (gone["status"], gone["meetLink"]) == ("CANCELLED", None)
    assert ("10:00", "10:30") in await slots(api)
    async with context.works.read(at.org.actor) as work:
        assert await work.fetchval("select count(*) from calendar_events where status = 'removing'") == 1


async def test_a_calendar_that_hangs_keeps_nobody_waiting_for_long(
    at: AtCalendar, api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(*_: object) -> None:
        await asyncio.Event().wait()

    for name in ("busy", "place"):
        monkeypatch.setattr(type(at.calendar), name, hang)
    monkeypatch.setattr(calendars, "LOOKS_FOR", 0.05)
    monkeypatch.setattr(calendars, "ENTERS_FOR", 0.05)
    assert ("10:00", "10:30") in await slots(api)
    made = await api.post("/api/calendar/book", json=ADA)
    assert (made.status_code, made.json()["booking"]["meetLink"]) == (201, None)


@pytest.mark.committed
async def test_twenty_at_once_for_one_time(
    context: Context, committed_works: Works, committed_org: Organization, settings: Settings, secrets: Secrets
) -> None:
    at = at_sandbox(replace(context, works=committed_works), committed_org)
    await at.connect()
    token = await make_token(committed_works, secrets, committed_org)
    transport = httpx.ASGITransport(build_app(at.context, settings, secrets))  # pyright: ignore
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(transport=transport, base_url=f"{PUBLIC_URL}/hekax", headers=headers) as client:
        answers = await asyncio.gather(*(
            client.post("/api/calendar/book", json={**ADA, "callerPhone": f"+4477009002{n:02}"}) for n in range(20)
        ))  # fmt: skip
        free = (await client.get("/api/calendar/availability", params={"date": THURSDAY})).json()["slots"]
    won = [answer.json()["booking"] for answer in answers if answer.status_code == 201]
    assert len(won) == 1
    assert won[0]["meetLink"]
    assert {answer.json()["code"] for answer in answers if answer.status_code != 201} == {"SLOT_TAKEN"}
    assert "10:00" not in [slot["start"] for slot in free]
    async with committed_works.read(committed_org.actor) as work:
        assert await work.fetchval("select count(*) from sandbox_events where org_id = $1", committed_org.id) == 1
        assert await work.fetchval("select count(*) from bookings where org_id = $1", committed_org.id) == 1
        assert await work.fetchval("select count(*) from leads where org_id = $1", committed_org.id) == 1
