"""The sandbox places calls: virtual handsets ring, are busy, are taken up by people and machines, and it is told."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest
from aiohttp import web
from msgspec import structs
from tests.adapters.sandbox.conftest import AUTH_TOKEN, HANDSET, PUBLIC_URL, delivering, make_carrier
from tests.fixtures.organizations import Organization
from tests.fixtures.waiting import until
from twilio.request_validator import RequestValidator

from frontdesk.adapters.sandbox import SandboxCarrier, SandboxSimulator, Timing
from frontdesk.kernel.errors import NotFound
from frontdesk.platform.database import Works
from frontdesk.ports.calling import Dialler, OutgoingCall
from frontdesk.ports.carrier import Busy, Rejected, Uncertain
from frontdesk.ports.simulator import FaultKind

QUICK = Timing(
    rings_after=0.01, answers_after=0.03, machine_greets=0.03, machine_records=0.03, talks_for=0.1, slow_by=0.05
)  # fmt: skip
CONNECT = '<Response><Connect><Stream url="wss://desk.example.com/voice/media"><Parameter name="call" value="7"/>' \
    "</Stream></Connect></Response>"  # fmt: skip


class Desk:
    """The product as the carrier sees it: what it was told, in order, and what it answers."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.answer = CONNECT
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        signature = request.headers["X-Twilio-Signature"]
        assert RequestValidator(AUTH_TOKEN).validate(PUBLIC_URL + request.path_qs, form, signature)
        word = form.get("AnsweredBy") or form.get("DialCallStatus") or form["CallStatus"]
        self.told.append((request.path.rpartition("/")[2], word))
        return web.Response(text=self.answer, content_type="text/xml")

    def words(self) -> list[str]:
        return [word for place, word in self.told if place == "status"]


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    taking = Desk()
    app = web.Application()
    app.router.add_post("/{rest:.*}", taking.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    taking.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield taking
    await runner.cleanup()


@pytest.fixture
async def carrier(running_works: Works, desk: Desk, org: Organization) -> AsyncIterator[SandboxCarrier]:
    """A sandbox at work that `org` has a number with."""
    made = make_carrier(running_works, desk.url, QUICK)
    async with delivering(made):
        yield made


def wanted(org: Organization, rings_for: int = 30) -> OutgoingCall:
    return OutgoingCall(
        org_id=org.id, reference=uuid4(), sender=org.number, to=HANDSET, rings_for=rings_for, spots_machines=True
    )


async def test_a_handset_rings_and_is_taken_up(carrier: SandboxCarrier, desk: Desk, org: Organization) -> None:
    assert isinstance(carrier, Dialler)
    simulator = SandboxSimulator(carrier)
    sid = await carrier.place(wanted(org))
    await until(lambda: "ringing" in desk.words())
    assert [(call.sid, call.status) for call in await simulator.calls(org.actor, HANDSET, 9)] == [(sid, "ringing")]
    taken = await simulator.answer(org.actor, HANDSET)
    assert (taken.sid, taken.address, taken.parameters) == (sid, "wss://desk.example.com/voice/media", {"call": "7"})
    with pytest.raises(NotFound):
        await simulator.answer(org.actor, HANDSET)
    over = await simulator.hang_up(org.actor, HANDSET)
    assert over.status == "completed"
    await until(lambda: "completed" in desk.words())
    assert desk.words() == ["initiated", "ringing", "in-progress", "completed"]
    assert [call.status for call in await carrier.placed_to(HANDSET, carrier.clock.now() - timedelta(minutes=1))] == [
        "completed"
    ]


async def test_a_call_is_ended_from_our_side(carrier: SandboxCarrier, desk: Desk, org: Organization) -> None:
    rings = await carrier.place(wanted(org))
    await until(lambda: "ringing" in desk.words())
    assert await carrier.end(rings, answered=False) == "canceled"
    with pytest.raises(NotFound):
        await SandboxSimulator(carrier).answer(org.actor, HANDSET)
    talks = await carrier.place(wanted(org))
    await SandboxSimulator(carrier).answer(org.actor, HANDSET)
    assert await carrier.end(talks, answered=False) == "completed"
    await until(lambda: "completed" in desk.words())
    assert [word for word in desk.words() if word in ("canceled", "completed", "no-answer")] == [
        "canceled", "completed",
    ]  # fmt: skip
    for sid, code in ((talks, "21220"), ("CA1", "20404")):
        with pytest.raises(Rejected) as refused:
            await carrier.end(sid, answered=True)
        assert refused.value.code == code


async def test_a_handset_declines_or_is_left_to_ring(carrier: SandboxCarrier, desk: Desk, org: Organization) -> None:
    await carrier.place(wanted(org, rings_for=0))
    await until(lambda: "no-answer" in desk.words())
    await carrier.place(wanted(org))
    assert (await SandboxSimulator(carrier).hang_up(org.actor, HANDSET)).status == "busy"
    await until(lambda: "busy" in desk.words())


@pytest.mark.parametrize(("kind", "word"), [(FaultKind.LINE_BUSY, "busy"), (FaultKind.NO_ANSWER, "no-answer")])
async def test_nobody_is_reached(
    carrier: SandboxCarrier, desk: Desk, org: Organization, kind: FaultKind, word: str
) -> None:
    await carrier.set_fault(kind, 1, 600)
    await carrier.set_fault(FaultKind.REORDER, 1, 600)
    await carrier.place(wanted(org))
    await until(lambda: len(desk.told) == 3)
    assert desk.words()[0] == word


async def test_a_machine_is_found_out_and_takes_a_message(
    carrier: SandboxCarrier, desk: Desk, org: Organization
) -> None:
    await carrier.set_fault(FaultKind.MACHINE, 1, 600)
    call = wanted(org)
    sid = await carrier.place(call)
    await until(lambda: ("answered-by", "machine_end_beep") in desk.told)
    desk.answer = "<Response><Say>Hello</Say><Hangup/></Response>"
    await carrier.ask_anew(sid, call)
    await until(lambda: "completed" in desk.words())
    assert [place for place, _ in desk.told].count("outgoing") == 2
    with pytest.raises(Rejected) as over:
        await carrier.ask_anew(sid, call)
    assert over.value.code == "21220"


async def test_a_member_is_put_through_to_another_handset(
    carrier: SandboxCarrier, desk: Desk, org: Organization
) -> None:
    desk.answer = (
        f'<Response><Dial action="{PUBLIC_URL}/hekax/api/voice/dialled?call=1"><Number '
        f'statusCallback="{PUBLIC_URL}/hekax/api/voice/status?leg=1"/></Dial></Response>'
    )
    await carrier.place(wanted(org))
    taken = await SandboxSimulator(carrier).answer(org.actor, HANDSET)
    assert taken.address == ""
    await until(lambda: "completed" in desk.words())
    assert ("dialled", "completed") in desk.told
    assert desk.words()[-2:] == ["in-progress", "completed"]
    assert desk.words().count("in-progress") == 2  # the member, and then the other handset


async def test_who_was_put_through_is_cut_off(carrier: SandboxCarrier, desk: Desk, org: Organization) -> None:
    carrier.timing = structs.replace(QUICK, talks_for=600)
    desk.answer = f'<Response><Dial action="{PUBLIC_URL}/hekax/api/voice/dialled?call=1"><Number/></Dial></Response>'
    sid = await carrier.place(wanted(org))
    await SandboxSimulator(carrier).answer(org.actor, HANDSET)
    assert await carrier.end(sid, answered=True) == "completed"
    await until(lambda: "completed" in desk.words())
    assert ("dialled", "completed") not in desk.told


@pytest.mark.parametrize(
    ("kind", "raises", "held"),
    [
        (FaultKind.BUSY, Busy, 0), (FaultKind.REJECT, Rejected, 0), (FaultKind.UNCERTAIN_LOST, Uncertain, 0),
        (FaultKind.UNCERTAIN_ACCEPTED, Uncertain, 1),
    ],
)  # fmt: skip
async def test_the_placing_of_a_call_goes_wrong(
    carrier: SandboxCarrier, org: Organization, kind: FaultKind, raises: type[Exception], held: int
) -> None:
    await carrier.set_fault(kind, 1, 600)
    with pytest.raises(raises):
        await carrier.place(wanted(org))
    await carrier.set_fault(kind, 0, 1)
    assert len(await carrier.placed_to(HANDSET, carrier.clock.now() - timedelta(minutes=1))) == held
