"""Whether everybody can use the console: axe on every page, in a real browser."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from tests.end_to_end.conftest import Installation

from frontdesk.kernel.ids import new_id

pytestmark = [pytest.mark.process, pytest.mark.browser, pytest.mark.xdist_group("desk")]

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PASSWORD = "correct horse battery"
PATIENCE = 20_000
OPEN_PAGES = (
    "/sign-in",
    "/sign-up",
    "/forgotten",
    "/reset-password?token=x",
    "/verify?token=x",
    "/accept-invite?token=x",
)
ROOMS = (
    "", "/inbox", "/leads", "/imports", "/campaigns", "/calendar", "/knowledge", "/simulator", "/mail", "/team",
    "/keys", "/settings", "/settings/number", "/jobs", "/jobs?show=standing", "/account", "/organizations", "/nowhere",
)  # fmt: skip


async def signed_up(page: Page, name: str = "Olive") -> str:
    """Make an account as a person does; its address."""
    email = f"{new_id().hex}@console.example"
    await page.goto("/console/sign-up")
    await page.fill("input[name=first_name]", name)
    await page.fill("input[name=company_name]", "Console Kitchens")
    await page.fill("input[name=email]", email)
    await page.fill("input[name=password]", PASSWORD)
    await page.click("main button[type=submit]")
    await expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    return email


async def violations(page: Page) -> list[str]:
    """What axe finds, in a line each."""
    # Read by the driver, past the page's policy, which is for scripts of others.
    found = await page.evaluate(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
    )
    return [
        f"{page.url}: {rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"][:3]
    ]


async def wider_than_the_window(page: Page) -> bool:
    return await page.evaluate("document.documentElement.scrollWidth > innerWidth")


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not fetched: python -m frontdesk.console.assets --dev")
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light")])
async def test_everybody_can_use_every_page(desk: Installation, chrome: Browser, width: int, scheme: str):
    context = await chrome.new_context(
        base_url=desk.url, viewport={"width": width, "height": 812}, color_scheme=scheme, reduced_motion="reduce",
        bypass_csp=True,
    )  # fmt: skip
    context.set_default_timeout(PATIENCE)
    await context.add_init_script(path=AXE)
    page = await context.new_page()
    wrong: list[str] = []
    for path in OPEN_PAGES:
        await page.goto(f"/console{path}")
        wrong += await violations(page)
    await signed_up(page)
    for path in ROOMS:
        await page.goto(f"/console{path}")
        wrong += await violations(page)
        if await wider_than_the_window(page):
            wrong.append(f"{path} is wider than {width}")
    await context.close()
    assert wrong == [], "\n".join(wrong)
