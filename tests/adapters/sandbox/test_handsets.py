"""The simulator: members use the handsets, faults and captured mail of their own organisation, and no other's."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from msgspec import structs
from tests.adapters.sandbox.conftest import HANDSET, OTHER_HANDSET, QUICK, make_carrier
from tests.fixtures.organizations import Organization

from frontdesk.adapters.sandbox import SandboxCarrier, SandboxSimulator
from frontdesk.kernel.access import PERMISSIONS_OF, Actor, ActorType, Role, system_actor
from frontdesk.kernel.clock import FrozenClock
from frontdesk.kernel.errors import Forbidden, Invalid, NotFound
from frontdesk.kernel.ids import new_id
from frontdesk.platform.database import Works
from frontdesk.ports.carrier import OutgoingText, Rejected
from frontdesk.ports.simulator import Direction, FaultKind


@pytest.fixture
def carrier(works: Works, org: Organization, other_org: Organization) -> SandboxCarrier:
    """A carrier that both organisations have numbers with, on a clock that stands still. Nobody posts its webhooks."""
    return make_carrier(works, "http://127.0.0.1:1")


@pytest.fixture
def simulator(carrier: SandboxCarrier) -> SandboxSimulator:
    return SandboxSimulator(carrier)


def a_member(org: Organization, role: Role = Role.VIEWER, type_: ActorType = ActorType.USER) -> Actor:
    return Actor(
        type=type_, id=uuid4(), org_id=org.id, role=role, permissions=PERMISSIONS_OF[role], email="vi@acme.example"
    )


async def bodies(simulator: SandboxSimulator, actor: Actor, handset: str = HANDSET) -> list[str]:
    return [each.body for each in await simulator.messages(actor, handset, 100)]


async def send(carrier: SandboxCarrier, org: Organization, body: str, to: str = HANDSET) -> None:
    await carrier.send(OutgoingText(org.number, to, body, uuid4()))


async def test_a_handset_shows_both_sides_oldest_first_once_delivered(
    simulator: SandboxSimulator, carrier: SandboxCarrier, clock: FrozenClock, org: Organization
):
    await send(carrier, org, "Still thinking of a new kitchen?")
    assert await bodies(simulator, org.actor) == []
    clock.move(timedelta(seconds=QUICK.delivered_after))
    await simulator.text(org.actor, HANDSET, org.number, "Yes")
    messages = await simulator.messages(org.actor, HANDSET, 100)
    assert [(each.direction, each.number, each.handset, each.body) for each in messages] == [
        (Direction.OUTBOUND, org.number, HANDSET, "Still thinking of a new kitchen?"),
        (Direction.INBOUND, org.number, HANDSET, "Yes"),
    ]
    assert [each.body for each in await simulator.messages(org.actor, HANDSET, 1)] == ["Yes"]
    assert await bodies(simulator, org.actor, OTHER_HANDSET) == []


async def test_what_is_undelivered_never_shows(
    simulator: SandboxSimulator, carrier: SandboxCarrier, clock: FrozenClock, org: Organization
):
    await carrier.set_fault("fail", 1, 60)
    await send(carrier, org, "Lost")
    await carrier.set_fault("fail", 0, 60)
    await send(carrier, org, "Found")
    clock.move(timedelta(minutes=1))
    assert await bodies(simulator, org.actor) == ["Found"]


async def test_a_handset_keeps_organisations_apart(
    simulator: SandboxSimulator, carrier: SandboxCarrier, org: Organization, other_org: Organization
):
    await simulator.text(org.actor, HANDSET, org.number, "To Acme")
    await simulator.text(other_org.actor, HANDSET, other_org.number, "To Borough")
    assert await bodies(simulator, org.actor) == ["To Acme"]
    assert await bodies(simulator, other_org.actor) == ["To Borough"]


async def test_a_text_to_a_foreign_number_is_refused_as_one_that_is_not_there(
    simulator: SandboxSimulator, org: Organization, other_org: Organization
):
    for number in (other_org.number, "+447700900777"):
        with pytest.raises(NotFound):
            await simulator.text(org.actor, HANDSET, number, "Hello")
    assert await bodies(simulator, other_org.actor) == []


async def test_numbers_are_read_as_people_write_them(simulator: SandboxSimulator, org: Organization):
    sent = await simulator.text(org.actor, "07700 900123", "07700 900 001", "Hi")
    assert (sent.handset, sent.number) == (HANDSET, org.number)
    for spelling in ("+447700900123", "447700900123", " 447700900123", "07700 900123"):
        assert await bodies(simulator, org.actor, spelling) == ["Hi"]


@pytest.mark.parametrize(
    ("handset", "body", "field"),
    [
        ("12", "Hi", "from"),
        (HANDSET, "  ", "body"),
        (HANDSET, "a\0b", "body"),
        (HANDSET, "a" * 1601, "body"),
    ],
)
async def test_a_text_that_cannot_be_is_refused(
    simulator: SandboxSimulator, org: Organization, handset: str, body: str, field: str
):
    with pytest.raises(Invalid) as refused:
        await simulator.text(org.actor, handset, org.number, body)
    assert refused.value.fields["field"] == field


@pytest.mark.parametrize("handset", ["nobody", "", "+4477009001234"])
async def test_a_handset_that_cannot_be_is_not_there(simulator: SandboxSimulator, org: Organization, handset: str):
    with pytest.raises(NotFound):
        await simulator.messages(org.actor, handset, 10)


async def test_a_fault_set_by_a_member_strikes_the_own_organisation_only(
    simulator: SandboxSimulator, carrier: SandboxCarrier, org: Organization, other_org: Organization
):
    fault = await simulator.set_fault(a_member(org), "reject", 1, 60)
    assert fault.kind is FaultKind.REJECT
    assert await simulator.faults(org.actor) == [fault]
    assert await simulator.faults(other_org.actor) == []
    with pytest.raises(Rejected):
        await send(carrier, org, "Hi")
    await send(carrier, other_org, "Hi")
    await simulator.set_fault(org.actor, "reject", 0, 60)
    assert await simulator.faults(org.actor) == []


async def test_only_members_and_keys_of_an_organisation_use_the_simulator(
    simulator: SandboxSimulator, org: Organization
):
    await simulator.faults(a_member(org, type_=ActorType.API_KEY))
    for stranger in (system_actor(org.id), structs.replace(org.actor, org_id=None)):
        with pytest.raises(Forbidden):
            await simulator.text(stranger, HANDSET, org.number, "Hi")
        with pytest.raises(Forbidden):
            await simulator.messages(stranger, HANDSET, 10)
        with pytest.raises(Forbidden):
            await simulator.set_fault(stranger, "late", 1, 10)
        with pytest.raises(Forbidden):
            await simulator.faults(stranger)


async def capture(works: Works, to: str, subject: str, org_id: UUID | None = None) -> None:
    async with works.across_tenants("tests") as work:
        await work.execute(
            """insert into captured_mail (id, org_id, recipient, subject, body_text, body_html, sent_at)
               values ($1, $2, $3, $4, 'text', '<p>html</p>', $5)""",
            new_id(), org_id, to, subject, work.now,
        )  # fmt: skip


async def test_mail_is_read_by_its_recipient_and_by_those_who_manage_its_organisation(
    simulator: SandboxSimulator, works: Works, org: Organization, other_org: Organization
):
    await capture(works, "new@acme.example", "invitation", org.id)
    await capture(works, "Vi@Acme.example", "own reset")
    await capture(works, "new@borough.example", "foreign invitation", other_org.id)
    await capture(works, "somebody@else.example", "foreign reset")

    async def subjects(actor: Actor, to: str | None = None, limit: int = 100) -> list[str]:
        return [mail.subject for mail in await simulator.mail(actor, to, limit)]

    assert await subjects(a_member(org)) == ["own reset"]
    assert await subjects(org.actor) == ["invitation"]
    assert await subjects(a_member(org, Role.ADMIN)) == ["own reset", "invitation"]
    assert await subjects(a_member(org, Role.ADMIN), "NEW@acme.example") == ["invitation"]
    assert await subjects(a_member(org, Role.ADMIN), "new@borough.example") == []
    assert await subjects(a_member(org, Role.ADMIN), limit=1) == ["own reset"]
    assert await subjects(structs.replace(org.actor, org_id=None)) == []
    assert len(await subjects(structs.replace(org.actor, platform_admin=True))) == 4
    with pytest.raises(Forbidden):
        await simulator.mail(a_member(org, Role.ADMIN, ActorType.API_KEY), None, 100)


async def test_the_mail_of_nobody_is_not_for_somebody_without_an_address(
    simulator: SandboxSimulator, works: Works, org: Organization
):
    await capture(works, "", "odd")
    assert await simulator.mail(structs.replace(a_member(org), email=""), None, 100) == []
