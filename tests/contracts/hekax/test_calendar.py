"""Free times and appointments over the HEKAX API, and the systems that can be connected."""

from typing import Any

import httpx
import pytest
from tests.fixtures.organizations import Organization

from frontdesk.domain.leads.service import leads
from frontdesk.kernel.ids import new_id
from frontdesk.platform.database import Works

THURSDAY = "2026-03-12"
ADA = {"date": THURSDAY, "time": "10:00", "callerName": "Ada Byron", "callerPhone": "020 7946 0018"}


async def slots(api: httpx.AsyncClient, date: str = THURSDAY, **query: Any) -> list[tuple[str, str]]:
    answer = await api.get("/api/calendar/availability", params={"date": date, **query})
    assert answer.status_code == 200, answer.text
    return [(slot["start"], slot["end"]) for slot in answer.json()["slots"]]


async def test_the_free_times_of_a_day(api: httpx.AsyncClient) -> None:
    free = await slots(api)
    assert (free[0], free[-1], len(free)) == (("09:00", "09:30"), ("16:30", "17:00"), 16)
    assert (await slots(api, duration=60))[-1] == ("16:00", "17:00")
    assert (await slots(api, duration=15))[1] == ("09:15", "09:30")
    assert (await slots(api, "2026-03-10"))[0] == ("12:00", "12:30")  # it is eleven, and an hour's notice is given
    assert await slots(api, "2026-03-14") == await slots(api, "2026-03-01") == []  # a Saturday; the past


async def test_hours_are_the_organisations_own_across_the_change_of_the_clock(api: httpx.AsyncClient) -> None:
    nine = {"start": "09:00", "end": "10:00"}
    await api.patch("/api/organization", json={"businessHours": {"friday": nine, "monday": nine}})
    for date, instant in (("2026-03-27", "09:00"), ("2026-03-30", "08:00")):  # the clocks go forward on the 29th
        assert (await slots(api, date))[0] == ("09:00", "09:30")
        made = await api.post("/api/calendar/book", json={**ADA, "date": date, "time": "09:00"})
        assert made.json()["booking"]["scheduledAt"] == f"{date}T{instant}:00.000Z"
        assert ("09:00", "09:30") not in await slots(api, date)


async def test_a_business_may_be_open_until_midnight(api: httpx.AsyncClient) -> None:
    late = {"thursday": {"start": "22:30", "end": "24:00"}}
    told = (await api.patch("/api/organization", json={"businessHours": late})).json()
    assert told["businessHours"] == late
    assert await slots(api) == [("22:30", "23:00"), ("23:00", "23:30"), ("23:30", "00:00")]
    assert (await api.post("/api/calendar/book", json={**ADA, "time": "23:30"})).status_code == 201
    assert len(await slots(api)) == 2


async def test_booking_makes_a_lead_and_takes_the_time(api: httpx.AsyncClient, works: Works, org: Organization) -> None:
    more = {"duration": 60, "callerEmail": "ada@example.com", "purpose": "Product demo"}
    made = await api.post("/api/calendar/book", json={**ADA, **more})
    assert made.status_code == 201
    told = made.json()["booking"]
    assert (told["scheduledAt"], told["duration"], told["status"]) == (f"{THURSDAY}T10:00:00.000Z", 60, "CONFIRMED")
    assert {"10:00", "10:30", "09:30"} & {start for start, _ in await slots(api, duration=60)} == set()
    lead = (await api.get(f"/api/leads/{told['leadId']}")).json()
    assert (lead["name"], lead["phone"], lead["email"]) == ("Ada Byron", "+442079460018", "ada@example.com")
    assert (lead["status"], lead["serviceInterest"]) == ("QUALIFIED", "Product demo")
    for time in ("10:00", "10:30"):
        lost = await api.post("/api/calendar/book", json={**ADA, "time": time, "callerPhone": "+447700900299"})
        assert (lost.status_code, lost.json()["code"], lost.json()["details"]) == (400, "SLOT_TAKEN", {"field": "time"})
    async with works.read(org.actor) as work:
        assert await leads.of_phone(work, "+447700900299") is None


async def test_a_caller_may_have_two_appointments(api: httpx.AsyncClient) -> None:
    for time in ("10:00", "14:00"):
        assert (await api.post("/api/calendar/book", json={**ADA, "time": time})).status_code == 201
    free = {start for start, _ in await slots(api)}
    assert not free & {"10:00", "14:00"}


async def test_cancelling_frees_the_time(api: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    booking = (await api.post("/api/calendar/book", json=ADA)).json()["booking"]
    path = f"/api/calendar/bookings/{booking['id']}"
    assert (await stranger.delete(path)).status_code == 404
    for _ in range(2):
        assert (await api.delete(path)).json()["booking"]["status"] == "CANCELLED"
    assert ("10:00", "10:30") in await slots(api)
    assert (await api.delete(f"/api/calendar/bookings/{new_id()}")).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"date": "12.03.2026"}, "date"),
        ({"date": "2026-02-30"}, "date"),
        ({"time": "25:00"}, "time"),
        ({"time": "10:10"}, "time"),
        ({"time": "20:00"}, "time"),
        ({"date": "2025-03-12"}, "time"),
        ({"duration": 0}, "duration"),
        ({"duration": 1000}, "duration"),
        ({"callerName": " "}, "callerName"),
        ({"callerPhone": "12"}, "callerPhone"),
        ({"callerEmail": "nothing"}, "callerEmail"),
        ({"purpose": "x" * 2001}, "purpose"),
    ],
)
async def test_what_cannot_be_booked_is_named(api: httpx.AsyncClient, change: dict[str, Any], field: str) -> None:
    refused = await api.post("/api/calendar/book", json={**ADA, **change})
    assert (refused.status_code, refused.json()["details"]["field"]) == (400, field), refused.text


async def test_a_day_that_there_is_not(api: httpx.AsyncClient) -> None:
    wrong = (({}, "date"), ({"date": "tomorrow"}, "date"), ({"date": THURSDAY, "duration": "x"}, "duration"))
    for query, field in wrong:
        refused = await api.get("/api/calendar/availability", params=query)
        assert (refused.status_code, refused.json()["details"]["field"]) == (400, field)


async def test_what_can_be_connected(api: httpx.AsyncClient) -> None:
    crm = (await api.get("/api/crm/providers")).json()["providers"]
    assert crm[0] == {"id": "hubspot", "name": "HubSpot", "connected": False}
    calendars = (await api.get("/api/calendar/providers")).json()["providers"]
    assert [each["id"] for each in calendars] == ["google", "outlook"]
