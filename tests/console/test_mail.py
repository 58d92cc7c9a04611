"""Captured mail: whose it is to read, its links, and that its HTML can do nothing."""

import re

import pytest
from tests.console.conftest import Browser, BrowserFor, words
from tests.fixtures.organizations import Organization

from frontdesk.adapters.mail.captured import CapturedMailer
from frontdesk.kernel.access import Role
from frontdesk.platform.database import Works
from frontdesk.platform.mail import letter

LINK = "http://127.0.0.1:8000/console/accept-invite?token=abc-DEF_123"


@pytest.fixture
async def captured(works: Works, org: Organization) -> None:
    """Two mails that concern `org`, and one that does not."""
    mailer = CapturedMailer(works)
    invitation = letter("ben@example.com", "You are <invited>", ["Hello Ben,"], action=("Accept", LINK), org_id=org.id)
    await mailer.send(invitation)
    await mailer.send(letter("eve@example.com", "For Eve", ["Hello Eve,"], org_id=org.id))
    await mailer.send(letter("eve@elsewhere.example", "Not yours", ["Hello,"]))


async def key_of(browser: Browser, subject: str) -> str:
    """The key of the mail with a subject, from the list."""
    shown = await browser.get("/mail")
    for key, rest in re.findall(r'href="/console/mail/([0-9a-f]+)[^"]*"(.*?)</a>', shown.text, re.DOTALL):
        if subject in rest:
            return key
    raise AssertionError(f"there is no mail about {subject}")


async def test_an_empty_list_says_what_lands_there(owner: Browser):
    assert "No mail yet" in words(await owner.get("/mail"))


@pytest.mark.usefixtures("captured")
async def test_mail_is_listed_and_found_by_recipient(owner: Browser):
    shown = words(await owner.get("/mail"))
    assert "You are <invited>" in shown
    assert "Not yours" not in shown
    found = words(await owner.get("/mail?to=EVE@example.com"))
    assert "For Eve" in found
    assert "You are <invited>" not in found
    assert "No mail to this address" in words(await owner.get("/mail?to=nobody@example.com"))


@pytest.mark.usefixtures("captured")
async def test_a_mail_is_read_with_its_link_working(owner: Browser):
    key = await key_of(owner, "invited")
    shown = await owner.get(f"/mail/{key}")
    assert f'<a href="{LINK}" rel="noopener">{LINK}</a>' in shown.text
    assert f'src="/console/mail/{key}/body"' in shown.text
    assert re.search(r'<iframe [^>]*sandbox="allow-popups allow-popups-to-escape-sandbox"', shown.text)


@pytest.mark.usefixtures("captured")
async def test_the_html_of_a_mail_runs_nothing_and_is_framed_by_us_only(owner: Browser):
    body = await owner.get(f"/mail/{await key_of(owner, 'invited')}/body")
    policy = body.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'self'" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert body.headers["x-frame-options"] == "SAMEORIGIN"
    assert '<head><base target="_blank">' in body.text
    assert "&lt;invited&gt;" in body.text


@pytest.mark.usefixtures("captured")
async def test_mail_of_others_is_not_there(
    owner: Browser, stranger: Browser, browser_for: BrowserFor, org: Organization
):
    key = await key_of(owner, "invited")
    agent = await browser_for(org, Role.AGENT)
    for browser in (stranger, agent):
        assert "No mail yet" in words(await browser.get("/mail"))
        assert (await browser.get(f"/mail/{key}")).status_code == 404
        assert (await browser.get(f"/mail/{key}/body")).status_code == 404
    assert (await owner.get("/mail/nonsense")).status_code == 404
