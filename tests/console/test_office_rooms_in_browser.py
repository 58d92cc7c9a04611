"""The simulator and the office rooms in a real browser: live texts, framed mail, and that everybody can use them."""

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, expect
from tests.contracts.clients import make_token
from tests.fixtures.organizations import Organization

from frontdesk.adapters.mail.captured import CapturedMailer
from frontdesk.adapters.sandbox import SandboxCarrier, SandboxSimulator, Timing
from frontdesk.app import build_app
from frontdesk.console.app import console_app
from frontdesk.console.state import House
from frontdesk.contracts._http.dispatcher import Mount
from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.organizations.model import NewInvitation
from frontdesk.kernel.access import Role
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works
from frontdesk.ports.carrier import OutgoingText
from frontdesk.process import listen

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
HANDSET, DIGITS = "+447700900123", "447700900123"
ROOMS = [
    "/team", "/keys", "/settings", "/settings/number", "/numbers?country=US", "/suppressions", "/knowledge?q=cost",
    "/calendar", "/calendar/book", "/jobs", "/webhooks", "/account", "/notifications", "/notifications/settings",
    "/mail", f"/simulator?h={DIGITS}&h=447700900124",
]  # fmt: skip


@dataclasses.dataclass
class Served:
    """The console on a socket."""

    url: str
    token: str
    carrier: SandboxCarrier
    org: Organization


@pytest.fixture
async def served(
    house: House, context: Context, committed_works: Works, committed_org: Organization
) -> AsyncIterator[Served]:
    """`house`, on a database of its own, with an invitation in its captured mail."""
    works, org = committed_works, committed_org
    carrier = SandboxCarrier(
        works, "AC1", "token-of-the-sandbox", "http://127.0.0.1:1", "http://127.0.0.1:1", works.clock,
        Timing(sent_after=0, delivered_after=0),
    )  # fmt: skip
    bound = listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    world = dataclasses.replace(context, works=works, mailer=CapturedMailer(works), public_url=url)
    at_work = dataclasses.replace(house, context=world, simulator=SandboxSimulator(carrier))
    app: Any = build_app(
        world, house.settings, house.secrets, mounts=[Mount("console", "/console", console_app(at_work))]
    )
    await organizations.invite(world, org.actor, NewInvitation("ben@example.com", Role.AGENT))
    token = await make_token(works, house.secrets, org)
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, timeout_graceful_shutdown=2))
    server.install_signal_handlers = lambda: None  # pyright: ignore
    serving = asyncio.create_task(server.serve([bound]))
    while not server.started:
        await asyncio.sleep(0.02)
    yield Served(url, token, carrier, org)
    server.should_exit = True
    await serving


OpenWindow = Callable[..., Awaitable[tuple[BrowserContext, Page]]]


@pytest.fixture
async def opened(chrome: Browser, served: Served) -> AsyncIterator[OpenWindow]:
    """Opens windows of the owner's, and closes them after the test."""
    async with contextlib.AsyncExitStack() as stack:

        async def make(**how: Any) -> tuple[BrowserContext, Page]:
            window = await stack.enter_async_context(await chrome.new_context(base_url=served.url, **how))
            await window.add_cookies([{"name": "fd_session", "value": served.token, "url": f"{served.url}/console"}])
            return window, await window.new_page()

        yield make


async def test_handsets_text_and_get_texts_without_a_reload(opened: OpenWindow, served: Served):
    _, page = await opened()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    await page.goto(f"/console/simulator?h={DIGITS}")
    box, texts = page.locator(f"#body-{DIGITS}"), page.locator(".phone .text")
    await box.fill("Can you call me?")
    await box.press("Enter")
    await expect(texts).to_have_text(["Can you call me?"])
    await expect(box).to_have_value("")
    await expect(box).to_be_focused()
    await page.get_by_role("button", name="Yes please").click()
    await expect(texts).to_have_count(2)
    await box.fill("half a sentence")
    await served.carrier.send(OutgoingText(served.org.number, HANDSET, "Tomorrow at ten?", uuid4()))
    await expect(texts).to_have_count(3)  # it comes by itself, and what was being typed stays
    await expect(texts.last).to_be_in_viewport()
    await expect(box).to_have_value("half a sentence")
    assert complaints == []


async def test_a_framed_mail_shows_and_its_link_opens(opened: OpenWindow, served: Served):
    window, page = await opened()
    await page.goto("/console/mail")
    await page.locator(".letters a").first.click()
    link = page.frame_locator("iframe").get_by_role("link", name="Accept the invitation")
    address = await link.get_attribute("href")
    assert address
    assert "/console/accept-invite?token=" in address
    async with window.expect_page() as opening:
        await link.click()
    await expect(await opening.value).to_have_url(address)


async def test_a_handset_works_without_scripts(opened: OpenWindow, served: Served):
    _window, page = await opened(java_script_enabled=False)
    await page.goto("/console/simulator")
    await page.get_by_label("Or type a number").fill("07700 900123")
    await page.get_by_role("button", name="Open").click()
    await page.get_by_label("Text from +44 7700 900123").fill("Hello")
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator(".phone .text")).to_have_text(["Hello"])


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 375)])
async def test_everybody_can_use_the_rooms(opened: OpenWindow, scheme: Any, width: int):
    if not AXE.is_file():
        pytest.skip("axe-core is not installed")
    how = {"color_scheme": scheme, "viewport": {"width": width, "height": 812}, "bypass_csp": True}
    _window, page = await opened(**how)
    found: dict[str, Any] = {}
    for room in ROOMS:
        await page.goto(f"/console{room}")
        await page.add_script_tag(path=AXE)
        broken = await page.evaluate(
            """async () => (await axe.run(document.querySelector('main'),
                {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})).violations
                .map(each => [each.id, each.nodes.map(node => node.html)])"""
        )
        wider = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if broken or wider > 0:
            found[room] = (broken, wider)
    assert found == {}
