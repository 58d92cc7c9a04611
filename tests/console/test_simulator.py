"""The simulator: handsets that text, what their screens show, faults, and who may play."""

from datetime import timedelta
from uuid import uuid4

import pytest
from tests.adapters.sandbox.test_calling import CONNECT
from tests.console.conftest import Browser, BrowserFor, words
from tests.fixtures.business import MakeLead
from tests.fixtures.organizations import Organization

from frontdesk.adapters.sandbox import SandboxCarrier
from frontdesk.console.state import House
from frontdesk.domain.leads.service import leads
from frontdesk.kernel.access import Role
from frontdesk.kernel.clock import FrozenClock
from frontdesk.platform.database import Works
from frontdesk.ports.calling import OutgoingCall
from frontdesk.ports.carrier import OutgoingText
from frontdesk.ports.simulator import Direction

HANDSET, DIGITS = "+447700900123", "447700900123"


async def texts_on(house: House, org: Organization, handset: str = HANDSET) -> list[tuple[Direction, str]]:
    return [(each.direction, each.body) for each in await house.simulator.messages(org.actor, handset, 50)]


async def test_leads_are_offered_and_opened(owner: Browser, a_lead: MakeLead):
    lead = await a_lead(first_name="Dana", phone=HANDSET)
    offered = await owner.get("/simulator")
    assert f'href="/console/simulator?h={DIGITS}"' in offered.text
    opened = await owner.get(f"/simulator?h={DIGITS}")
    assert f'id="phone-{DIGITS}"' in opened.text
    assert f'href="/console/leads/{lead.id}"' in opened.text
    assert "No texts yet." in words(opened)
    assert "Dana" in words(await owner.get("/simulator?q=dan"))
    assert "Nobody matches that." in words(await owner.get("/simulator?q=zebra"))


async def test_a_number_is_typed_as_people_write_it(owner: Browser):
    answer = await owner.get(f"/simulator?h={DIGITS}&add=07700 900456")
    assert answer.headers["location"] == f"/console/simulator?h={DIGITS}&h=447700900456"
    wrong = await owner.get("/simulator?add=12")
    assert wrong.status_code == 400
    assert "too short" in words(wrong)
    assert 'value="12"' in wrong.text


async def test_a_new_handset_has_a_number_that_no_lead_has(owner: Browser):
    answer = await owner.get(f"/simulator/new?h={DIGITS}")
    assert answer.headers["location"].startswith(f"/console/simulator?h={DIGITS}&h=447700900")


async def test_a_handset_texts_without_javascript(owner: Browser, house: House, org: Organization):
    answer = await owner.post(f"/simulator/{DIGITS}/text", body="Yes\r\nplease", h=[DIGITS, "447700900124"])
    assert answer.headers["location"] == f"/console/simulator?h={DIGITS}&h=447700900124#phone-{DIGITS}"
    assert "You wrote: Yes please" in await owner.page(answer)
    assert await texts_on(house, org) == [(Direction.INBOUND, "Yes\nplease")]


async def test_a_quick_reply_by_htmx_gives_the_handset_anew(owner: Browser, house: House, org: Organization):
    await owner.get("/team")
    owner.client.headers["HX-Request"] = "true"
    answer = await owner.post(f"/simulator/{DIGITS}/text", body="", quick="STOP", h=DIGITS)
    assert answer.status_code == 200
    assert answer.text.startswith(f'<article class="phone" id="phone-{DIGITS}"')
    assert (Direction.INBOUND, "STOP") in await texts_on(house, org)


async def test_an_empty_text_is_refused_beside_its_field(owner: Browser, house: House, org: Organization):
    answer = await owner.post(f"/simulator/{DIGITS}/text", body="  ", h=DIGITS)
    assert answer.status_code == 400
    assert "Write something first." in words(answer)
    assert await texts_on(house, org) == []


async def test_a_screen_shows_what_arrives_and_is_quiet_otherwise(
    owner: Browser, sandbox: SandboxCarrier, org: Organization
):
    await sandbox.send(OutgoingText(org.number, HANDSET, "Hello <Dana>", uuid4()))
    screen = await owner.get(f"/simulator/{DIGITS}/screen?seen=")
    assert "You got: Hello <Dana> 11:00" in words(screen)
    seen = screen.text.partition("screen?seen=")[2].partition('"')[0]
    assert (await owner.get(f"/simulator/{DIGITS}/screen?seen={seen}")).status_code == 204


async def test_a_screen_shows_where_the_lead_stands(owner: Browser, works: Works, org: Organization, a_lead: MakeLead):
    lead = await a_lead(phone=HANDSET)
    shown = await owner.get(f"/simulator/{DIGITS}/screen")
    assert "Ready" in words(shown)
    seen = shown.text.partition("screen?seen=")[2].partition('"')[0]
    async with works.begin(org.actor) as work:
        await leads.set_manual_mode(work, lead.id, True)
    assert "Left to a person" in words(await owner.get(f"/simulator/{DIGITS}/screen?seen={seen}"))


async def ring(sandbox: SandboxCarrier, org: Organization) -> str:
    call = OutgoingCall(
        org_id=org.id, reference=uuid4(), sender=org.number, to=HANDSET, rings_for=30, spots_machines=True
    )  # fmt: skip
    return await sandbox.place(call)


async def test_a_handset_rings_and_declines_or_is_left_to_ring(
    owner: Browser, viewer: Browser, sandbox: SandboxCarrier, org: Organization, house: House, clock: FrozenClock
):
    await ring(sandbox, org)
    shown = await owner.get(f"/simulator/{DIGITS}/screen?seen=.")
    assert "Ringing +44 7700 900001 Answer Decline" in words(shown)
    assert "Answer" not in words(await viewer.get(f"/simulator?h={DIGITS}"))
    for path in ("put-down", "line", "line/1/next"):
        assert (await viewer.post(f"/simulator/{DIGITS}/{path}")).status_code == 403
    answer = await owner.post(f"/simulator/{DIGITS}/put-down", h=[DIGITS, "447700900124"])
    assert answer.headers["location"] == f"/console/simulator?h={DIGITS}&h=447700900124#phone-{DIGITS}"
    assert "Call declined 11:00" in await owner.page(answer)
    assert (await owner.post(f"/simulator/{DIGITS}/put-down", h=DIGITS)).status_code == 303  # they have given up
    sid = await ring(sandbox, org)
    clock.move(timedelta(seconds=31))
    assert "Missed call 11:00" in words(await owner.get(f"/simulator?h={DIGITS}"))
    assert (await owner.post(f"/simulator/{DIGITS}/line")).status_code == 404
    assert [call.sid for call in await house.simulator.calls(org.actor, HANDSET, 1)] == [sid]


async def test_a_handset_that_is_answered_is_given_its_line(
    owner: Browser, sandbox: SandboxCarrier, org: Organization, monkeypatch: pytest.MonkeyPatch
):
    async def desk(post: object) -> str:
        return CONNECT

    monkeypatch.setattr(sandbox.calls, "_ask", desk)  # no server runs here that could be asked
    await ring(sandbox, org)
    opening = (await owner.post(f"/simulator/{DIGITS}/line")).json()
    assert (opening["call"], opening["path"], opening["parameters"]) == ("7", "/voice/media", {"call": "7"})
    assert "On the phone +44 7700 900001 Hang up" in words(await owner.get(f"/simulator?h={DIGITS}"))
    for _ in range(2):
        assert (await owner.post(f"/simulator/{DIGITS}/line/7/next", gone="1")).json()["call"] == ""
    assert "Call 11:00" in words(await owner.get(f"/simulator?h={DIGITS}"))


async def test_faults_are_set_shown_and_ended(owner: Browser, house: House, org: Organization):
    shown = await owner.page(await owner.post("/simulator/faults", kind="late", rate="0.5", seconds="300"))
    assert "“Late notices” strikes for 5 min." in shown
    assert "50% of texts, until 11:05" in shown
    await owner.page(await owner.post("/simulator/faults", kind="late", rate="0", seconds="1"))
    assert await house.simulator.faults(org.actor) == []


@pytest.mark.parametrize("fields", [{"kind": "earthquake"}, {"rate": "7"}, {"rate": "x"}, {"seconds": ""}])
async def test_a_fault_that_cannot_be_is_explained(owner: Browser, fields: dict[str, str]):
    answer = await owner.post("/simulator/faults", **{"kind": "late", "rate": "1", "seconds": "60", **fields})
    assert answer.status_code == 303
    assert 'class="notice bad"' in (await owner.client.get(answer.headers["location"])).text


async def test_a_viewer_looks_and_does_not_touch(viewer: Browser):
    shown = await viewer.get(f"/simulator?h={DIGITS}")
    assert "<textarea" not in shown.text
    assert "Choose a fault" not in shown.text
    assert (await viewer.post(f"/simulator/{DIGITS}/text", body="Hi")).status_code == 403
    assert (await viewer.post("/simulator/faults", kind="late", rate="1", seconds="60")).status_code == 403


async def test_a_developer_may_play(browser_for: BrowserFor, org: Organization):
    developer = await browser_for(org, Role.DEVELOPER)
    assert (await developer.post(f"/simulator/{DIGITS}/text", body="Hi", h=DIGITS)).status_code == 303


async def test_a_handset_that_cannot_be_is_not_found(owner: Browser):
    assert (await owner.get("/simulator/nobody/screen")).status_code == 404
    assert (await owner.post("/simulator/nobody/text", body="Hi")).status_code == 404
    assert (await owner.get("/simulator?h=nobody&h=%00")).status_code == 200


async def test_next_door_sees_no_texts(stranger: Browser, owner: Browser):
    await owner.post(f"/simulator/{DIGITS}/text", body="Private", h=DIGITS)
    assert "Private" not in (await stranger.get(f"/simulator?h={DIGITS}")).text
