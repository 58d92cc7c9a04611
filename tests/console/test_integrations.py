"""The room of integrations: connecting by the sandbox's page, in the session that asked, and disconnecting."""

import re
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

from tests.console.conftest import Browser, BrowserFor, words
from tests.fixtures.business import MakeLead
from tests.fixtures.organizations import Organization

from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context


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


async def test_the_log_of_a_crm_tells_what_it_was_told_and_tries_again(
    owner: Browser, viewer: Browser, stranger: Browser, org: Organization, context: Context, a_lead: MakeLead
) -> None:
    made = (await owner.client.get(await consented(owner, "hubspot", "crm"))).headers["location"]
    await owner.client.get(made)
    found = re.search(r'href="/console(/crm/[0-9a-f-]{36})"', (await owner.get("/integrations")).text)
    assert found
    log = found[1]
    assert "Nothing was passed on yet" in words(await owner.get(log))
    assert (await viewer.get(log)).status_code == 403
    assert (await stranger.get(log)).status_code == 404
    dana, gone = await a_lead(first_name="Dana", last_name="Doe"), new_id()
    async with context.works.begin(org.actor) as work:
        await work.executemany(
            """insert into crm_records (org_id, id, connection_id, event_id, event, subject, subject_id, lead_id,
                                        status, tries, next_try_at, error, created_at, done_at)
               values ($1, $2, $3, $2, $4, $5, $2, $6, $7, $8, $9, $10, $11, $12)""",
            [
                (org.id, new_id(), log[5:], event, event.partition(".")[0], lead_id, status, tries,
                 work.now + timedelta(minutes=5), error, work.now - timedelta(minutes=n), done)
                for n, (event, lead_id, status, tries, error, done) in enumerate([
                    ("call.analyzed", dana.id, "pending", 2, "The provider did not answer.", None),
                    ("call.analyzed", dana.id, "done", 1, "", work.now),
                    ("appointment.created", dana.id, "failed", 1, "HubSpot: no such property", None),
                    ("call.analyzed", gone, "skipped", 1, "", None),
                    *[("call.analyzed", gone, "done", 1, "", work.now)] * 25,
                ])
            ],
        )  # fmt: skip
    everything = words(await owner.get(log))
    assert "1–25 of 29" in everything
    assert "Try the one that failed again" in everything
    assert "HubSpot: no such property" in everything
    assert "The provider did not answer. Again" in everything
    assert "26–29 of 29" in words(await owner.get(f"{log}?page=2"))
    failed = words(await owner.get(f"{log}?status=failed"))
    assert ("An appointment" in failed, "1–1 of 1" in failed) == (True, True)
    assert "1–3 of 3" in words(await owner.get(f"{log}?q=dana d"))
    assert "None of these" in words(await owner.get(f"{log}?q=nobody"))
    assert (await stranger.post(f"{log}/retry")).status_code == 404
    assert "1 is tried again." in await owner.page(await owner.post(f"{log}/retry"))
    assert "Nothing has failed." in await owner.page(await owner.post(f"{log}/retry"))
    assert "None of these" in words(await owner.get(f"{log}?status=failed"))
