"""Settings: each part is saved by itself, and what cannot be is said at its field."""

from typing import Any

import pytest
from tests.console.conftest import Browser, words
from tests.fixtures.organizations import Organization

from frontdesk.domain.organizations import model, service
from frontdesk.platform.database import Works

BUSINESS = {
    "name": "Acme Kitchens", "country": "GB", "time_zone": "Europe/London", "email": "", "phone": "",
    "primary_color": "", "logo_url": "",
}  # fmt: skip


async def saved(works: Works, org: Organization) -> model.Organization:
    async with works.begin(org.actor) as work:
        return await service.get(work)


def hours(**days: tuple[str, str]) -> dict[str, str]:
    """The form of a week that is open on `days`."""
    fields: dict[str, str] = {}
    for day, (start, end) in days.items():
        fields |= {f"{day}_open": "on", f"{day}_start": start, f"{day}_end": end}
    return fields


async def test_the_organisation_is_changed(owner: Browser, works: Works, org: Organization):
    fields = {**BUSINESS, "name": "Acme", "country": "US", "time_zone": "America/New_York", "phone": "212 555 0123"}
    answer = await owner.post(
        "/settings/business", **{**fields, "email": "hi@acme.example", "primary_color": "#ABCDEF"}
    )
    assert "The organisation's details are saved." in await owner.page(answer)
    now = await saved(works, org)
    assert (now.name, now.country, now.time_zone) == ("Acme", "US", "America/New_York")
    assert (now.phone, now.email, now.primary_color) == ("+12125550123", "hi@acme.example", "#abcdef")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "", "This must not be empty."),
        ("email", "nobody", "This is not an e-mail address."),
        ("phone", "12", "too short"),
        ("primary_color", "red", "A colour is written as #1a2b3c."),
        ("logo_url", "javascript:alert(1)", "This is not a web address."),
        ("time_zone", "Mars/Olympus", "There is no such time zone"),
        ("country", "XX", "There is no such country"),
    ],
)
async def test_what_is_wrong_stands_at_its_field(
    owner: Browser, works: Works, org: Organization, field: str, value: str, said: str
):
    before = await saved(works, org)
    answer = await owner.post("/settings/business", **{**BUSINESS, "name": "Changed", field: value})
    assert answer.status_code == 400
    assert said in words(answer)
    if field not in ("time_zone", "country"):
        says = answer.text.partition(f'id="f-{field}-says"')[2].partition("</div>")[0]
        assert said in " ".join(says.split())
    assert await saved(works, org) == before


async def test_hours_are_saved_with_midnight_as_an_end(owner: Browser, works: Works, org: Organization):
    shown = await owner.get("/settings")
    assert "You have set none yet" in words(shown)
    answer = await owner.post("/settings/hours", **hours(monday=("08:00", "18:30"), saturday=("10:00", "00:00")))
    assert "The business hours are saved." in await owner.page(answer)
    now = (await saved(works, org)).business_hours
    assert now["monday"] == model.Hours("08:00", "18:30")
    assert now["saturday"] == model.Hours("10:00", "24:00")
    assert now["sunday"] is None
    assert 'name="saturday_end" value="00:00"' in (await owner.get("/settings")).text


async def test_hours_that_cannot_be_keep_what_was_typed(owner: Browser, works: Works, org: Organization):
    answer = await owner.post("/settings/hours", **hours(tuesday=("17:00", "09:00")))
    assert answer.status_code == 400
    assert 'id="tuesday-wrong"' in answer.text
    assert 'name="tuesday_start" value="17:00"' in answer.text
    assert (await saved(works, org)).business_hours == {}


async def test_the_assistant_is_switched_off_and_on(owner: Browser, works: Works, org: Organization):
    await owner.page(await owner.post("/settings/assistant", agent_name="Robin"))
    now = await saved(works, org)
    assert (now.ai_enabled, now.agent_name) == (False, "Robin")
    await owner.page(await owner.post("/settings/assistant", agent_name="Robin", ai_enabled="on"))
    assert (await saved(works, org)).ai_enabled


async def test_limits_of_contact_are_changed(owner: Browser, works: Works, org: Organization):
    limits = {"daily_cap": "2", "weekly_cap": "4", "decisions_kept_days": "90", "ai_daily_cap": "12"}
    assert "The limits of contact are saved." in await owner.page(await owner.post("/settings/contact", **limits))
    now = await saved(works, org)
    assert (now.daily_cap, now.weekly_cap, now.decisions_kept_days, now.ai_daily_cap) == (2, 4, 90, 12)


@pytest.mark.parametrize("cap", ["0", "101", "many", "", "1e9", "²"])
async def test_a_cap_that_cannot_be(owner: Browser, cap: str):
    answer = await owner.post(
        "/settings/contact", daily_cap=cap, weekly_cap="5", decisions_kept_days="400", ai_daily_cap="9"
    )
    assert answer.status_code == 400
    assert f'value="{cap}"' in answer.text
    assert "from 1 to 100" in words(answer)


async def test_a_viewer_sees_settings_and_no_forms(viewer: Browser):
    shown = await viewer.get("/settings")
    assert "Acme Kitchens" in words(shown)
    assert 'action="/console/settings' not in shown.text
    posts: list[tuple[str, dict[str, Any]]] = [
        ("business", BUSINESS), ("hours", {}), ("assistant", {"agent_name": "X"}),
        ("contact", {"daily_cap": "x"}),
    ]  # fmt: skip
    for part, fields in posts:
        assert (await viewer.post(f"/settings/{part}", **fields)).status_code == 403
