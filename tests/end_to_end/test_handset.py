"""The console's handset, with all that a newcomer has: `frontdesk up`, a browser, a microphone, and no carrier."""

import re
import wave
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import numpy
import pytest
import soxr
from playwright.async_api import Page, async_playwright, expect
from tests.end_to_end.business import handsets
from tests.end_to_end.conftest import Found, Install
from tests.fixtures.chromium import FLAGS, chromium
from tests.fixtures.waiting import until
from tests.voice.conftest import voice

from frontdesk.voice.handset import RATE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("speech")]

BEFORE, BETWEEN = 6, 14
"""Seconds of silence before somebody speaks, and before they say it again: a machine with other things to do may have
answered by then, if it had not the first time."""
WORDS = "My name is Sarah Jones. My boiler is leaking."
UNDERSTOOD = re.compile("Sarah Jones")
SLOWLY = 90_000
"""Milliseconds for what takes a few seconds on a machine that has nothing else to do."""


def microphone(file: Path) -> str:
    """A microphone for Chromium that somebody speaks into, a few times."""
    rate = 48_000
    said = numpy.frombuffer(voice(WORDS), dtype="<i2").astype(numpy.float32)
    words = soxr.resample(said, RATE, rate).astype("<i2")
    silence = numpy.zeros(rate, dtype="<i2")
    parts = [*[silence] * BEFORE, words]
    for _ in range(4):
        parts += [*[silence] * BETWEEN, words]
    with wave.open(str(file), "wb") as to:
        to.setnchannels(1)
        to.setsampwidth(2)
        to.setframerate(rate)
        to.writeframes(numpy.concatenate(parts).tobytes())
    return f"{file}%noloop"


@pytest.fixture
async def window(tmp_path: Path) -> AsyncIterator[Callable[[str, str], Coroutine[Any, Any, Page]]]:
    """Opens a page, signed in, in a browser of its own with that microphone."""
    program = chromium()
    if program is None:
        pytest.skip("no Chromium on this machine")
    hears = microphone(tmp_path / "microphone.wav")
    fake = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    flags = [*FLAGS, *fake, f"--use-file-for-fake-audio-capture={hears}"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=flags)

        async def open_page(url: str, token: str) -> Page:
            context = await browser.new_context(base_url=url)
            await context.add_cookies([{"name": "fd_session", "value": token, "url": f"{url}/console"}])
            page = await context.new_page()
            page.set_default_timeout(SLOWLY)
            return page

        yield open_page
        await browser.close()


async def test_a_newcomer_changes_the_greeting_and_talks_to_the_assistant(
    install: Install, found: Found, window: Callable[[str, str], Coroutine[Any, Any, Page]]
) -> None:
    installation = install(VOICE="on")
    program = await installation.serve("up")
    business = await found(installation)
    await until(lambda: any((installation.data_dir / "voice").glob("*.port")), 90)
    page = await window(installation.url, business.http.headers["Authorization"].removeprefix("Bearer "))
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)

    await page.goto("/console/assistant")
    await page.get_by_label("Greeting").fill("Hello, this is the boiler shop.")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Press Talk to hear it.")).to_be_visible()
    await page.get_by_role("button", name="Talk", exact=True).click()
    ours, theirs = page.locator("[data-said] .ours"), page.locator("[data-said] .theirs")
    await expect(ours.first).to_be_visible(timeout=SLOWLY)
    await expect(theirs.filter(has_text=UNDERSTOOD).first).to_be_visible(timeout=SLOWLY)
    await expect(page.locator("[data-said] .theirs ~ .ours").first).to_be_visible(timeout=SLOWLY)
    await page.get_by_role("button", name="Hang up").click()
    await expect(page.locator("[data-says]")).to_have_text("The call is over.")

    await page.get_by_role("link", name="See the call").click()
    said = page.locator(".spoken")
    await expect(said.locator(".theirs").filter(has_text=UNDERSTOOD)).not_to_have_count(0)
    canvas = page.locator("canvas.wave")
    await expect(canvas).to_be_visible(timeout=SLOWLY)  # the recording is kept a moment after the end
    await said.get_by_role("button", name="Play").last.click()
    await page.wait_for_function("document.querySelector('audio').currentTime > 0.5")
    peaks = await page.evaluate("fetch(document.querySelector('[data-player]').dataset.player).then(a => a.json())")
    assert [max(side) > 0.1 for side in peaks] == [True, True]
    lead = page.locator("[aria-labelledby=lead-name] a[href^='/console/leads/']")
    await expect(lead).to_be_visible(timeout=SLOWLY)  # without a reload, while the recording plays

    # It rings the other way round too: at a virtual handset, which is taken up and put down.
    handset = handsets(1)[0]
    asked = await business.http.post("/hekax/api/calls", json={"to": handset})
    assert asked.status_code == 201, asked.text
    await page.goto(f"/console/simulator?h={handset.removeprefix('+')}")
    await page.get_by_role("button", name="Answer").click()
    await expect(ours.first).to_be_visible(timeout=SLOWLY)
    await page.get_by_role("article").get_by_role("button", name="Hang up").click()
    await expect(page.locator("[data-says]")).to_have_text("The call is over.")
    await expect(page.get_by_role("log")).to_contain_text("Call")

    async def is_over() -> bool:
        told = (await business.http.get(f"/hekax/api/calls/{asked.json()['id']}")).json()
        return (told["status"], told["endedReason"]) == ("COMPLETED", "caller_hung_up")

    await until(is_over, 30)
    assert complaints == []
    assert await program.stop() == 0
