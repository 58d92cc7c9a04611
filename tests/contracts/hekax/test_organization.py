"""The organisation and its assistant over the HEKAX API."""

from typing import Any

import httpx
import pytest
from tests.fixtures.organizations import Organization

from frontdesk.domain.agents import service as agents
from frontdesk.platform.database import Works


async def test_a_new_organisation(api: httpx.AsyncClient, org: Organization) -> None:
    told = (await api.get("/api/organization")).json()
    assert (told["plan"], told["status"], told["twilioNumber"]) == ("TRIAL", "ACTIVE", org.number)
    assert (told["monthlyCallMinutes"], told["monthlyAIMinutes"]) == (30, 30)
    assert told["businessHours"] == {
        day: {"start": "09:00", "end": "17:00"} for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
    }


async def test_changing_and_writing_back(api: httpx.AsyncClient) -> None:
    change = {
        "name": "Acme Corporation",
        "greeting": "Hello, thanks for calling",
        "voiceId": "sage",
        "aiEnabled": False,
        "timezone": "America/Los_Angeles",
        "businessHours": {"saturday": {"start": "10:00", "end": "14:00"}, "sunday": None},
    }
    told = (await api.patch("/api/organization", json=change)).json()
    assert {name: told[name] for name in change if name != "businessHours"} == {
        name: value for name, value in change.items() if name != "businessHours"
    }
    assert told["businessHours"] == {"saturday": {"start": "10:00", "end": "14:00"}}
    assert (await api.patch("/api/organization", json=told)).json() == told
    closed = (await api.patch("/api/organization", json={"businessHours": {}})).json()
    assert closed["businessHours"] == {}


async def test_ai_settings_are_what_the_assistant_works_by(
    api: httpx.AsyncClient, works: Works, org: Organization
) -> None:
    change = {
        "systemPrompt": "You are a professional receptionist.",
        "voiceId": "nova",
        "maxCallDuration": 300,
        "maxTurns": 12,
        "aiTemperature": 0.7,
    }
    told = (await api.patch("/api/organization/ai-settings", json=change)).json()
    assert told == {"id": str(org.id), **change}
    assert (await api.patch("/api/organization/ai-settings", json={})).json() == told
    async with works.read(org.actor) as work:
        used = await agents.profile(work)
    assert (used.system_prompt, used.max_call_seconds, used.max_turns) == (change["systemPrompt"], 300, 12)
    assert used.ai_temperature == pytest.approx(0.7)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("", {"name": " "}, "name"),
        ("", {"timezone": "New York"}, "timezone"),
        ("", {"timezone": "localtime"}, "timezone"),
        ("", {"voiceId": "darth"}, "voiceId"),
        ("", {"aiEnabled": "yes"}, "aiEnabled"),
        ("", {"greeting": "x" * 1001}, "greeting"),
        ("", {"businessHours": {"funday": None}}, "businessHours"),
        ("", {"businessHours": {"monday": {"start": "17:00", "end": "09:00"}}}, "businessHours"),
        ("", {"businessHours": {"monday": {"start": "9", "end": "17"}}}, "businessHours"),
        ("/ai-settings", {"maxCallDuration": 0}, "maxCallDuration"),
        ("/ai-settings", {"maxTurns": 0}, "maxTurns"),
        ("/ai-settings", {"maxTurns": 2.5}, "maxTurns"),
        ("/ai-settings", {"aiTemperature": 2.1}, "aiTemperature"),
        ("/ai-settings", {"systemPrompt": "x" * 20_001}, "systemPrompt"),
    ],
)
async def test_what_cannot_be_is_named(api: httpx.AsyncClient, path: str, body: dict[str, Any], field: str) -> None:
    was = (await api.get("/api/organization")).json()
    refused = await api.patch(f"/api/organization{path}", json=body)
    assert (refused.status_code, refused.json()["details"]["field"]) == (400, field)
    assert (await api.get("/api/organization")).json() == was


async def test_an_agent_may_look_and_not_change(agent: httpx.AsyncClient) -> None:
    assert (await agent.get("/api/organization")).status_code == 200
    for path in ("/api/organization", "/api/organization/ai-settings"):
        assert (await agent.patch(path, json={"voiceId": "sage"})).status_code == 403
