"""The handset's script in a real browser: the sound of a telephone line, and what it says when it cannot call."""

from pathlib import Path
from typing import Any

import numpy
import pytest
from playwright.async_api import expect
from tests.console.test_calls_in_browser import SHOTS
from tests.console.test_office_rooms_in_browser import AXE, OpenWindow, Served, opened, served

from frontdesk.voice import mulaw

pytestmark = pytest.mark.browser
__all__ = ["opened", "served"]

LINE = "const line = await import('/console/static/js/line.js');"


async def test_it_speaks_the_mu_law_of_carriers(opened: OpenWindow) -> None:
    _, page = await opened()
    await page.goto("/console/assistant")
    samples = numpy.arange(-32768, 32768, dtype="<i2")
    codes = await page.evaluate(
        f"""async () => {{ {LINE}
            const samples = Float32Array.from({{length: 65536}}, (_, i) => (i - 32768) / 32767);
            return [...line.encode(samples)]; }}"""
    )
    assert bytes(codes) == mulaw.encode(samples.tobytes())
    values = await page.evaluate(
        f"async () => {{ {LINE} return [...line.decode(Uint8Array.from({{length: 256}}, (_, i) => i))]; }}"
    )
    ours = numpy.frombuffer(mulaw.decode(bytes(range(256))), dtype="<i2")
    assert [round(value * 32768) for value in values] == ours.tolist()


TONES = [
    (1000, 48000, 8000, True), (3000, 44100, 8000, True), (5500, 48000, 8000, False), (1000, 8000, 48000, True),
    (3000, 8000, 44100, True), (700, 8000, 8000, True),
]  # fmt: skip
"""Hertz, from which rate, to which, and whether that one can carry it."""


async def test_sound_keeps_its_pitch_and_strength_at_another_rate(opened: OpenWindow) -> None:
    _, page = await opened()
    await page.goto("/console/assistant")
    for hertz, from_rate, to_rate, passes in TONES:
        out = await page.evaluate(
            f"""async ([hertz, from, to]) => {{ {LINE}
                const change = new line.Resampler(from, to), out = [], turn = 2 * Math.PI * hertz / from;
                const all = Float32Array.from({{length: from}}, (_, i) => 0.5 * Math.sin(turn * i));
                for (let at = 0; at < from; at += 128) out.push(...change.push(all.subarray(at, at + 128)));
                return out; }}""",
            [hertz, from_rate, to_rate],
        )
        assert abs(len(out) - to_rate) < to_rate / 50
        heard = numpy.array(out)[to_rate // 10 : -to_rate // 10]
        strength = float(numpy.sqrt((heard**2).mean()) * 2**0.5)
        assert (0.47 < strength < 0.53) if passes else strength < 0.01, (hertz, from_rate, to_rate)
        if passes:
            loudest = numpy.abs(numpy.fft.rfft(heard)).argmax() * to_rate / len(heard)
            assert abs(loudest - hertz) < 3


async def test_a_server_without_a_voice_says_so_and_the_call_is_over(opened: OpenWindow, served: Served) -> None:
    window, page = await opened()
    await window.grant_permissions(["microphone"])
    await page.add_init_script(  # a microphone that hums, for a machine without one
        """navigator.mediaDevices.getUserMedia = async () => {
            const sound = new AudioContext(), to = sound.createMediaStreamDestination(), hum = sound.createOscillator();
            hum.connect(to); hum.start();
            return to.stream; }"""
    )
    await page.goto("/console/assistant")
    await page.get_by_role("button", name="Talk", exact=True).click()
    status = page.locator("[data-says]")
    await expect(status).to_contain_text("Nothing answers calls on the server just now", timeout=20_000)
    await expect(page.get_by_role("button", name="Talk", exact=True)).to_be_focused()
    await page.goto("/console/calls")
    await expect(page.locator("#results")).to_contain_text("Test call")
    await expect(page.locator("#results")).to_contain_text("Missed")


async def test_without_a_microphone_it_says_why(opened: OpenWindow) -> None:
    _, page = await opened()
    await page.goto("/console/assistant")
    for error, said in (
        ("NotAllowedError", "The microphone is not allowed."),
        ("NotFoundError", "No microphone was found."),
        ("NotReadableError", "Another program holds the microphone."),
    ):
        await page.evaluate(
            "name => { navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', name); }; }",
            error,
        )
        await page.get_by_role("button", name="Talk", exact=True).click()
        await expect(page.locator("[data-says]")).to_contain_text(said)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 375)])
async def test_everybody_can_use_the_room(opened: OpenWindow, scheme: Any, width: int) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed")
    how = {"color_scheme": scheme, "viewport": {"width": width, "height": 812}, "bypass_csp": True}
    _, page = await opened(**how)
    await page.goto("/console/assistant")
    await page.add_script_tag(path=AXE)
    broken = await page.evaluate(
        """async () => (await axe.run(document.querySelector('main'),
            {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})).violations
            .map(each => [each.id, each.nodes.map(node => node.html)])"""
    )
    wider = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"assistant-{scheme}-{width}.png", full_page=True)
    assert (broken, wider) == ([], 0)
