"""The main job as a new user does it, in a real browser: sign up, import, start, and pick up the leads' phones."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from tests.end_to_end.business import csv_of, first_name, handsets
from tests.end_to_end.conftest import Installation

pytestmark = [pytest.mark.process, pytest.mark.browser, pytest.mark.xdist_group("desk")]

PATIENCE = 30_000
"""Milliseconds in which something must show."""


async def _texts(page: Page, phone: str, words: str) -> None:
    """Type on the open handset of a number, and send."""
    digits = phone.lstrip("+")
    await page.fill(f"#body-{digits}", words)
    await page.click(f"#phone-{digits} button[aria-label='Send']")


async def test_from_a_file_to_a_booked_call_and_a_stop(desk: Installation, chrome: Browser, tmp_path: Path):
    keen, stops, silent = handsets(3)
    file = tmp_path / "old leads.csv"
    file.write_text(csv_of([keen, stops, silent]))
    context = await chrome.new_context(base_url=desk.url)
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)

    await page.goto("/console/sign-up")
    await page.fill("input[name=first_name]", "Olive")
    await page.fill("input[name=company_name]", "Journey Kitchens")
    await page.fill("input[name=email]", "olive@journey.example")
    await page.fill("input[name=password]", "correct horse battery")
    await page.click("main button[type=submit]")
    await expect(page.get_by_role("heading", name="Overview")).to_be_visible()

    await page.goto("/console/imports")
    await page.set_input_files("input[type=file]", str(file))
    await page.get_by_role("button", name="Go on").click()
    await expect(page.get_by_role("heading", name="What is in the columns?")).to_be_visible()
    await page.fill("input[name=name]", "Spring campaign")
    await page.get_by_role("button", name="Import 3 rows").click()
    await expect(page.get_by_role("heading", name="3 leads imported")).to_be_visible()

    await page.get_by_role("link", name="Set up and start").click()
    await page.fill("input[name=ai_response_delay_seconds]", "1")
    await page.fill("input[name=rate_per_minute]", "600")
    await page.fill("input[name=m2_delay_hours]", "0.01")
    await page.get_by_role("button", name="Start: text 3 leads").click()
    await expect(page.get_by_text("Running").first).to_be_visible()

    await page.goto(f"/console/simulator?h={keen.lstrip('+')}&h={stops.lstrip('+')}")
    stopped = page.locator(f"#screen-{stops.lstrip('+')}")
    await expect(stopped).to_contain_text(f"Hi {first_name(1)}", timeout=PATIENCE)
    await _texts(page, stops, "STOP")
    await expect(stopped).to_contain_text("unsubscribed", timeout=PATIENCE)
    screen = page.locator(f"#screen-{keen.lstrip('+')}")
    await expect(screen).to_contain_text(f"Hi {first_name(0)}", timeout=PATIENCE)
    await _texts(page, keen, "yes, can you call me tomorrow afternoon")
    received = screen.locator("li:not(.mine):not(.day)")
    await expect(received).to_have_count(2, timeout=PATIENCE)
    await _texts(page, keen, "the first one please")
    await expect(received).to_have_count(3, timeout=PATIENCE)

    await page.goto("/console/leads")
    booked = page.locator("tr", has_text=first_name(0))
    await expect(booked).to_contain_text("Call booked", timeout=PATIENCE)
    await expect(page.locator("tr", has_text=first_name(1))).to_contain_text("Opted out")
    await page.goto("/console/calendar")
    await expect(page.get_by_role("main")).to_contain_text(f"{first_name(0)} Test")

    # M2 is due within a minute: the silent one gets it, and neither of the others does.
    await page.goto(f"/console/simulator?h={silent.lstrip('+')}&h={stops.lstrip('+')}")
    quiet = page.locator(f"#screen-{silent.lstrip('+')} li:not(.mine):not(.day)")
    await expect(quiet).to_have_count(2, timeout=90_000)
    await expect(stopped.locator("li:not(.mine):not(.day)")).to_have_count(2)
    await page.goto(f"/console/simulator?h={keen.lstrip('+')}")
    await expect(received).to_have_count(3)
    assert problems == []
    await context.close()
