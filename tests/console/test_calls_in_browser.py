"""A call in a real browser: its waveform is drawn, a click into it plays, and everybody can use the rooms."""

import dataclasses
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect
from tests.console.test_calls import sound
from tests.console.test_office_rooms_in_browser import AXE, OpenWindow, Served, opened, served
from tests.fixtures.calls import make_call

from frontdesk.domain.calls import service as calls
from frontdesk.domain.calls.model import Call, EndedReason
from frontdesk.domain.calls.service import analyzing
from frontdesk.kernel.clock import FrozenClock
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works

pytestmark = pytest.mark.browser
__all__ = ["opened", "served"]
SHOTS = os.environ.get("FRONTDESK_TEST_SHOTS")
"""A directory that pictures of the rooms are put into, to be looked at."""

SAID = (
    "Hi, my name is Dana Fox. My kitchen tap is leaking and I need a repair, it's quite urgent.",
    "I'm sorry to hear that, Dana. I can send somebody tomorrow at nine or at eleven. Which suits you better?",
    "Nine would be perfect, thank you so much.",
    "You are booked for tomorrow at nine. Goodbye!",
)


@pytest.fixture
async def call(served: Served, context: Context, committed_works: Works, clock: FrozenClock) -> Call:
    """A recorded call, one that is cut off, and one that hears that lines are busy."""
    world = dataclasses.replace(context, works=committed_works)
    org = served.org
    broken = await make_call(world, org, "CA2", "Hello? Can you hear me?", sender="anonymous")
    clock.move(timedelta(minutes=3))
    await calls.sweep(world)
    await analyzing.analyze(world, org.id, broken.call.id)
    made = await make_call(world, org, "CA1", *SAID, every_ms=1000)

    async def chunks() -> AsyncIterator[bytes]:
        yield sound()

    await calls.keep_recording(
        world, org.id, made.call, chunks(), content_type="audio/wav", seconds=4, started_ms=0, announced=True
    )
    clock.move(timedelta(seconds=65))
    await calls.complete(committed_works, org.id, made.call.id, EndedReason.AGENT_ENDED)
    await analyzing.analyze(world, org.id, made.call.id)
    return made.call


async def test_the_waveform_is_drawn_and_a_click_into_it_plays(opened: OpenWindow, call: Call) -> None:
    _, page = await opened()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    await page.goto(f"/console/calls/{call.id}")
    wave = page.locator("canvas.wave")
    await expect(wave).to_be_visible()
    box = await wave.bounding_box()
    assert box is not None
    await wave.click(position={"x": box["width"] * 0.6, "y": 20})
    at = "document.querySelector('audio').currentTime"
    await page.wait_for_function(f"{at} > 2")
    assert await page.evaluate(at) <= 4
    await page.get_by_role("button", name="Play").first.click()
    await page.wait_for_function(f"{at} < 1.5")
    assert complaints == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 375)])
async def test_everybody_can_use_the_rooms(opened: OpenWindow, call: Call, scheme: Any, width: int) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed")
    how = {"color_scheme": scheme, "viewport": {"width": width, "height": 812}, "bypass_csp": True}
    _, page = await opened(**how)
    for name, room in (
        ("list", "calls"),
        ("call", f"calls/{call.id}"),
        ("none", "calls?q=nobody"),
        ("set", "settings/calls"),
    ):
        await page.goto(f"/console/{room}")
        await page.add_script_tag(path=AXE)
        broken = await page.evaluate(
            """async () => (await axe.run(document.querySelector('main'),
                {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})).violations
                .map(each => [each.id, each.nodes.map(node => node.html)])"""
        )
        wider = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if SHOTS:
            await page.screenshot(path=Path(SHOTS) / f"calls-{name}-{scheme}-{width}.png", full_page=True)
        assert (broken, wider) == ([], 0), room
