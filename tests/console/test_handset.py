"""The assistant's room and the calls of its handset: who may call, whose they are, what they prove, what they cost."""

from typing import Any

import pytest
from tests.console.conftest import Browser, BrowserFor, words
from tests.fixtures.calls import MakeCall
from tests.fixtures.organizations import Organization

from frontdesk.domain.billing.service import metering
from frontdesk.domain.calls import service as calls
from frontdesk.domain.calls import store
from frontdesk.domain.calls.errors import CallNotProved
from frontdesk.domain.calls.model import (
    NOBODY_ANSWERED,
    CallSettingsChange,
    CallStatus,
    EndedReason,
    Opened,
    Speaker,
    Turn,
)
from frontdesk.domain.calls.service import analyzing, reading, trying
from frontdesk.domain.calls.service import settings as call_settings
from frontdesk.domain.organizations import service as organizations
from frontdesk.kernel.access import Role
from frontdesk.kernel.ids import parse_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works

FORM = {
    "ai_enabled": "on", "agent_name": "Robin", "greeting": "Hello, this is Robin.", "voice_id": "sage",
    "system_prompt": "Be brief.\r\nBe kind.", "max_minutes": "2.5", "max_turns": "12", "ai_temperature": "0.4",
}  # fmt: skip


async def ring(browser: Browser) -> dict[str, Any]:
    """Press Talk: what the page's script is given."""
    answer = await browser.post("/handset")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def pick_up(works: Works, opening: dict[str, Any]) -> Opened:
    """Open the media socket of a call as its script does."""
    call_id = parse_id(opening["parameters"]["call"])
    assert call_id is not None
    return await calls.answer(works, call_id, opening["parameters"]["proof"])


async def test_what_the_assistant_says_is_changed(owner: Browser, works: Works, org: Organization) -> None:
    assert "Thank you for calling Acme Kitchens." in words(await owner.get("/assistant"))
    assert "Press Talk to hear it." in await owner.page(await owner.post("/assistant", **FORM))
    async with works.begin(org.actor) as work:
        now = await organizations.get(work)
    assert (now.greeting, now.agent_name, now.voice_id) == ("Hello, this is Robin.", "Robin", "sage")
    assert (now.system_prompt, now.max_call_seconds, now.max_turns) == ("Be brief.\nBe kind.", 150, 12)
    assert now.ai_temperature == 0.4
    shown = (await owner.get("/assistant")).text
    for kept in ("Hello, this is Robin.</textarea>", 'value="2.5"', 'value="sage" selected'):
        assert kept in shown
    emptied = await owner.post("/assistant", **{**FORM, "greeting": " ", "ai_temperature": "", "ai_enabled": ""})
    assert "Switched off" in await owner.page(emptied)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("agent_name", "", "must not be empty"),
        ("greeting", "x" * 1001, "1,000 characters"),
        ("voice_id", "darth", "There is no such voice"),
        ("max_minutes", "0.1", "A call lasts 10 to"),
        ("max_minutes", "long", "This is a number."),
        ("max_turns", "501", "1 to 500 turns"),
        ("ai_temperature", "3", "from 0 to 2"),
    ],
)
async def test_what_is_wrong_stands_at_its_field(owner: Browser, field: str, value: str, said: str) -> None:
    answer = await owner.post("/assistant", **{**FORM, field: value})
    assert answer.status_code == 400
    assert said in answer.text.partition(f'id="f-{field}-says"')[2].partition("</div>")[0]


async def test_a_call_is_opened_and_read_while_it_lasts(
    owner: Browser, works: Works, context: Context, org: Organization
) -> None:
    opening = await ring(owner)
    assert opening["path"] == "/voice/media"
    opened = await pick_up(works, opening)
    assert (opened.org_id, opened.says) == (org.id, "")
    turn = Turn(position=0, speaker=Speaker.ASSISTANT, text="Hi <b>there</b>", started_ms=0, ended_ms=900)
    await calls.add_turn(works, org.id, opened.call.id, turn)
    turn = Turn(position=1, speaker=Speaker.CALLER, text="My tap leaks.", started_ms=1000, ended_ms=2000)
    await calls.add_turn(works, org.id, opened.call.id, turn)
    told = (await owner.get(f"/handset/{opening['call']}")).json()
    assert [each["text"] for each in told["said"]] == ["Hi <b>there</b>", "My tap leaks."]
    assert (told["over"], told["said"][1]["who"]) == (False, "You")
    assert (await owner.post(f"/handset/{opening['call']}/next", gone="1")).json()["call"] == ""
    assert (await owner.get(f"/handset/{opening['call']}")).json()["ended"] == "The caller hung up"
    page = words(await owner.get(f"/calls/{opening['call']}"))
    for shown in ("Test from the browser", "Test call", "The handset in the console", "My tap leaks."):
        assert shown in page, shown
    assert "Test call" in words(await owner.get("/calls"))


async def test_a_proof_opens_one_socket(owner: Browser, works: Works) -> None:
    opening = await ring(owner)
    await pick_up(works, opening)
    with pytest.raises(CallNotProved):
        await pick_up(works, opening)
    other = await ring(owner)
    with pytest.raises(CallNotProved):
        await pick_up(works, {"parameters": {**opening["parameters"], "proof": other["parameters"]["proof"]}})


async def test_a_line_that_broke_is_taken_up_again_with_another_proof(owner: Browser, works: Works) -> None:
    opening = await ring(owner)
    opened = await pick_up(works, opening)
    await calls.complete(works, opened.org_id, opened.call.id, EndedReason.CONNECTION_LOST)
    anew = (await owner.post(f"/handset/{opening['call']}/next")).json()
    assert anew["call"] == opening["call"]
    assert anew["parameters"]["proof"] != opening["parameters"]["proof"]
    assert (await pick_up(works, anew)).call.leg == 2


async def test_who_would_be_rung_is_told_and_nobody_is(owner: Browser, works: Works, org: Organization) -> None:
    async with works.begin(org.actor) as work:
        rung = CallSettingsChange(ring_numbers=["+447700900888"], ring_members=[org.owner_id], ring_seconds=25)
        await call_settings.update(work, rung)
    opening = await ring(owner)
    opened = await pick_up(works, opening)
    assert await calls.transfer(works, org.id, opened.call.id, "wants a person")
    await calls.complete(works, org.id, opened.call.id, EndedReason.TRANSFERRED)
    told = (await owner.post(f"/handset/{opening['call']}/next")).json()
    assert told["says"].startswith("On the phone it would now ring ")
    assert "and +44 7700 900888, for 25 seconds. Nobody is rung for a test: leave a message." in told["says"]
    # As when none of them answers, a message is taken.
    message = await pick_up(works, told)
    assert message.says == NOBODY_ANSWERED
    turn = Turn(position=9, speaker=Speaker.CALLER, text="Please ring me back.", started_ms=0, ended_ms=900)
    await calls.add_turn(works, org.id, opened.call.id, turn)
    await calls.complete(works, org.id, opened.call.id, EndedReason.CALLER_HUNG_UP)
    async with works.begin(org.actor) as work:
        call = await store.get(work, opened.call.id)
    assert (call.status, call.ended_reason) == (CallStatus.COMPLETED, EndedReason.MESSAGE_TAKEN)
    assert "Would have been: it was a test" in words(await owner.get(f"/calls/{call.id}"))


async def test_it_costs_no_minutes_and_stands_in_no_figures(
    owner: Browser, works: Works, context: Context, org: Organization, a_call: MakeCall
) -> None:
    real = (await a_call("My tap leaks.")).call.id
    tried = (await pick_up(works, await ring(owner))).call.id
    for call_id in (real, tried):
        await calls.complete(works, org.id, call_id, EndedReason.CALLER_HUNG_UP)
        await analyzing.analyze(context, org.id, call_id)
    async with works.begin(org.actor) as work:
        events = await work.fetch("select type, subject_id, payload from events where type like 'call.%'")
        paid = [row["subject_id"] for row in events if row["type"] == "call.completed" and not row["payload"]["trial"]]
        figures = (await reading.dashboard(work)).today
    assert {"call.completed", "call.analyzed"} == metering.TYPES
    assert paid == [real]
    assert figures.calls == 1


async def test_all_lines_busy_is_said(owner: Browser, works: Works, org: Organization) -> None:
    async with works.begin(org.actor) as work:
        await call_settings.update(work, CallSettingsChange(concurrent_calls=1))
    await ring(owner)
    busy = await owner.post("/handset")
    assert (busy.status_code, "All lines are busy" in busy.text) == (409, True)


async def test_it_cannot_be_tried_without_end(owner: Browser, monkeypatch: pytest.MonkeyPatch, works: Works) -> None:
    monkeypatch.setattr(trying, "MOST_A_DAY", 1)
    await ring(owner)
    assert (await owner.post("/handset")).status_code == 429


async def test_it_is_nobody_elses(
    owner: Browser, stranger: Browser, viewer: Browser, browser_for: BrowserFor, org: Organization
) -> None:
    opening = await ring(owner)
    here = f"/handset/{opening['call']}"
    assert (await stranger.get(here)).status_code == 404
    assert (await stranger.post(f"{here}/next", gone="1")).status_code == 404
    assert (await viewer.post("/handset")).status_code == 403
    assert (await viewer.post(f"{here}/next", gone="1")).status_code == 403
    assert (await viewer.post("/assistant", **FORM)).status_code == 403
    shown = words(await viewer.get("/assistant"))
    assert "Owners and admins change it." in shown
    assert "Talk to it" not in shown
    agent = await browser_for(org, Role.AGENT)
    assert "Talk to it" in words(await agent.get("/assistant"))
    nobody = await browser_for()
    assert (await nobody.get(here)).status_code == 303
    assert (await nobody.client.post("/console/handset")).status_code == 303
    assert (await owner.post("/handset", _token="0" * 64)).status_code == 403
    assert (await owner.get("/handset/none")).status_code == 404


async def test_calls_of_carriers_are_not_driven_by_it(owner: Browser, works: Works, a_call: MakeCall) -> None:
    real = (await a_call("Hello?")).call
    assert (await owner.post(f"/handset/{real.id}/next", gone="1")).status_code == 404
