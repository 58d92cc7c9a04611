"""What a person was told: the bell, the list, going where one leads, choosing."""

import pytest
from tests.console.conftest import Browser, BrowserFor, words
from tests.fixtures.business import MakeLead
from tests.fixtures.organizations import Organization

from frontdesk.domain.notifications.service import telling
from frontdesk.domain.notifications.service.telling import Told
from frontdesk.kernel.access import Role, system_actor
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works
from frontdesk.platform.events import Event


@pytest.fixture
async def hot(works: Works, org: Organization, a_lead: MakeLead) -> str:
    """The owner has been told of a hot lead: where it leads."""
    lead = await a_lead(first_name="Dana", last_name="<b>Fox")
    async with works.begin(system_actor(org.id)) as work:
        event = Event(new_id(), org.id, "lead.hot", "lead", lead.id, "system", None, {}, 1, work.now, 1, 1)
        await telling.react(work, event)
    return f"/console/leads/{lead.id}"


async def test_the_bell_rings_until_it_is_read(owner: Browser, hot: str):
    shown = await owner.get("/notifications")
    assert "Dana <b>Fox is hot , unread" in words(shown)
    assert "1 unread" in words(await owner.get("/team"))
    assert (await owner.get("/waiting")).json()["told"] == 1
    where = shown.text.split("/console/notifications/")[1:]
    one = next(each.split("/")[0] for each in where if each.split('"')[0].endswith("/open"))
    opened = await owner.post(f"/notifications/{one}/open")
    assert opened.headers["location"] == hot
    assert (await owner.get("/waiting")).json()["told"] == 0
    assert "You have read everything" in words(await owner.get("/notifications?show=unread"))
    await owner.post(f"/notifications/{one}/read", unread="on")
    assert (await owner.get("/waiting")).json()["told"] == 1
    assert "All are marked as read." in await owner.page(await owner.post("/notifications/read-all"))
    assert (await owner.get("/waiting")).json()["told"] == 0


async def test_an_empty_list_says_what_will_come(viewer: Browser):
    assert "Nothing to tell you yet" in words(await viewer.get("/notifications"))
    assert (await viewer.get("/notifications?page=x&show=y")).status_code == 200


async def test_long_lists_have_pages(owner: Browser, context: Context, org: Organization):
    for number in range(26):
        told = Told(title=f"Number {number}.", message="", channels=frozenset({"in_app"}))
        await telling.send(context, org.owner_id, told)
    assert "Number 25." in words(await owner.get("/notifications"))
    assert "Number 0." not in words(await owner.get("/notifications"))
    assert "Number 0." in words(await owner.get("/notifications?page=2"))


async def test_a_page_elsewhere_is_a_link_of_its_own(owner: Browser, context: Context, org: Organization):
    told = Told(title="Look", message="", link="https://app.example/x", channels=frozenset({"in_app"}))
    one = await telling.send(context, org.owner_id, told)
    assert 'href="https://app.example/x"' in (await owner.get("/notifications")).text
    assert (await owner.post(f"/notifications/{one}/open")).headers["location"] == "/console/notifications"
    assert (await owner.post(f"/notifications/{one}/read", back="https://evil.example")).headers["location"] == (
        "/console/notifications"
    )


async def test_people_choose_what_they_are_told(
    owner: Browser, browser_for: BrowserFor, org: Organization, works: Works
):
    assert 'name="lead_hot_mail" checked' in (await owner.get("/notifications/settings")).text
    saved = await owner.post("/notifications/settings", lead_hot_console="on")
    assert "Your choice is saved." in await owner.page(saved)
    shown = (await owner.get("/notifications/settings")).text
    assert 'name="lead_hot_console" checked' in shown
    assert 'name="lead_hot_mail" checked' not in shown
    viewer = words(await (await browser_for(org, Role.VIEWER)).get("/notifications/settings"))
    assert "A lead turns hot" not in viewer
    assert "Another program tells you something" in viewer


async def test_nobody_opens_what_another_was_told(
    stranger: Browser, viewer: Browser, context: Context, org: Organization
):
    told = Told(title="Look", message="", channels=frozenset({"in_app"}))
    one = await telling.send(context, org.owner_id, told)
    for who in (stranger, viewer):
        for wrong in (one, new_id(), "nonsense"):
            assert (await who.post(f"/notifications/{wrong}/open")).status_code == 404
            assert (await who.post(f"/notifications/{wrong}/read")).status_code == 404
