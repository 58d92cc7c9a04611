"""The room of integrations: connecting by the sandbox's page, in the session that asked, and disconnecting."""

from urllib.parse import parse_qsl, urlsplit

from tests.console.conftest import Browser, BrowserFor, words
from tests.fixtures.organizations import Organization


async def consented(browser: Browser, provider: str = "google", kind: str = "calendar", **answer: str) -> str:
    """The path that the provider sends the browser back to, which was asked for consent."""
    begun = await browser.post(f"/integrations/{kind}/{provider}/connect")
    page = begun.headers["location"].removeprefix("/console")
    assert "asks to use your account" in words(await browser.get(page))
    ask = dict(parse_qsl(urlsplit(page).query))["ask"]
    given = answer or {"allow": "on", "label": "ada@example.com"}
    return (await browser.post("/sandbox/consent", ask=ask, **given)).headers["location"]


async def test_a_calendar_is_connected_and_disconnected(owner: Browser, viewer: Browser) -> None:
    assert "You may not do this" in words(await viewer.post("/integrations/calendar/google/connect"))
    to_console = (await owner.client.get(await consented(owner))).headers["location"]
    done = await owner.client.get(to_console)
    assert "Google Calendar is connected, as ada@example.com." in await owner.page(done)
    room = await owner.get("/integrations")
    assert "ada@example.com, since" in words(room)
    assert "Disconnect" not in words(await viewer.get("/integrations"))
    path = room.text.partition("/disconnect")[0].rpartition('action="/console')[2]
    assert "is disconnected" in await owner.page(await owner.post(f"{path}/disconnect", asked="yes"))


async def test_another_session_cannot_end_it(owner: Browser, browser_for: BrowserFor, org: Organization) -> None:
    to_console = (await owner.client.get(await consented(owner))).headers["location"]
    other = await browser_for(org)
    assert "was not begun here" in await other.page(await other.client.get(to_console))
    assert "is connected, as" in await owner.page(await owner.client.get(to_console))
    assert "was not begun here" in await owner.page(await owner.client.get(to_console))


async def test_who_says_no_connects_nothing(owner: Browser) -> None:
    to_console = (await owner.client.get(await consented(owner, no="on"))).headers["location"]
    assert "Nothing was connected" in await owner.page(await owner.client.get(to_console))
    begun = (await owner.post("/integrations/calendar/outlook/connect")).headers["location"]
    ask = dict(parse_qsl(urlsplit(begun).query))["ask"]
    wrong = await owner.post("/sandbox/consent", ask=ask, allow="on", label="nobody")
    assert (wrong.status_code, "This is an address" in words(wrong)) == (400, True)
    assert (await owner.get("/sandbox/consent?ask=x")).status_code == 404
    assert (await owner.post("/integrations/nothing/google/connect")).status_code == 404
