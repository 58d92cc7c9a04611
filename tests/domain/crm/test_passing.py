"""Passing calls and appointments on to a CRM: each once, in order, whatever the CRM does."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace as replace_struct
from tests.fixtures.business import MakeLead
from tests.fixtures.calls import MakeCall
from tests.fixtures.organizations import Organization

from frontdesk.adapters.sandbox.consent import SandboxAccounts
from frontdesk.adapters.sandbox.crm import SandboxCrm
from frontdesk.domain.calls import service as calls
from frontdesk.domain.calls.events import CallAnalyzed
from frontdesk.domain.calls.model import EndedReason
from frontdesk.domain.crm.model import TRIES, Record, RecordStatus, pause_after
from frontdesk.domain.crm.service import owing, passing, reading
from frontdesk.domain.integrations import service as integrations
from frontdesk.domain.integrations import store as connections
from frontdesk.domain.integrations.model import ConnectionStatus, Kind
from frontdesk.domain.integrations.service.connecting import seal
from frontdesk.domain.leads.model import Lead
from frontdesk.domain.scheduling import service as scheduling
from frontdesk.kernel.access import system_actor
from frontdesk.kernel.clock import FrozenClock
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context
from frontdesk.platform.events import Event
from frontdesk.ports.consent import Account, ProviderTrouble, Tokens
from frontdesk.ports.crm import Activity, Crm, CrmRefused, Person


@dataclass
class Awkward:
    """A CRM that does as the sandbox does, and raises what it is told to: before it has done anything, or after."""

    inner: Crm
    before: list[Exception] = field(default_factory=list[Exception])
    after: list[Exception] = field(default_factory=list[Exception])
    forgets: bool = False
    """Its search does not find what was made just now."""
    meanwhile: Callable[[], Awaitable[None]] | None = None
    """What happens while an activity is made."""

    async def contact(self, tokens: Tokens, person: Person, known: str | None) -> str:
        if self.before:
            raise self.before.pop(0)
        return await self.inner.contact(tokens, person, known)

    async def activity(
        self, tokens: Tokens, contact: str, activity: Activity, known: str | None, *, maybe_there: bool
    ) -> str:
        if self.forgets:
            activity = replace_struct(activity, reference=new_id().hex)
        made = await self.inner.activity(tokens, contact, activity, known, maybe_there=maybe_there)
        if self.meanwhile is not None:
            await self.meanwhile()
        if self.after:
            raise self.after.pop(0)
        return made


@dataclass
class Desk:
    """The product with a CRM connected."""

    context: Context
    org: Organization
    crm: Awkward
    accounts: SandboxAccounts
    connection_id: UUID
    account_id: UUID
    seen: int = 0

    async def pass_on(self) -> None:
        """Let the reader see what is new, twice, and pass on what is due."""
        async with self.context.works.across_tenants("tests") as work:
            rows = await work.fetch(
                """select *, 1 as sequence, written as position from events
                   where org_id = $1 and written > $2 order by written""",
                self.org.id, self.seen,
            )  # fmt: skip
        events = [Event(**{name: row[name] for name in Event.__struct_fields__}) for row in rows]
        for event in events * 2:
            if event.type in owing.TYPES:
                async with self.context.works.begin(system_actor(self.org.id)) as work:
                    await owing.react(work, event)
        await passing.pass_due(self.context)

    async def records(self) -> list[Record]:
        """The log, oldest first."""
        async with self.context.works.read(self.org.actor) as work:
            return (await reading.page(work, self.connection_id, limit=100)).items[::-1]

    async def there(self, kind: str) -> list[dict[str, Any]]:
        """What the CRM has."""
        async with self.context.works.read(self.org.actor) as work:
            rows = await work.fetch(
                "select told from sandbox_crm_objects where kind = $1 order by created_at, id", kind
            )
        return [row["told"] for row in rows]


@pytest.fixture
async def desk(context: Context, org: Organization) -> Desk:
    """`org` with HubSpot, for which the sandbox stands in."""
    accounts = context.consent_page
    assert isinstance(accounts, SandboxAccounts)
    crm, account = Awkward(SandboxCrm(accounts)), new_id()
    async with context.works.begin(org.actor) as work:
        await work.execute(
            """insert into sandbox_accounts (org_id, id, provider, label, created_at)
               values ($1, $2, 'hubspot', 'ada@example.com', $3)""",
            org.id, account, work.now,
        )  # fmt: skip
    context = replace(context, crms={**context.crms, "hubspot": crm})
    made = Desk(context, org, crm, accounts, new_id(), account)
    made.connection_id = await consented(made)
    return made


async def consented(desk: Desk) -> UUID:
    """The connection, after somebody has consented, maybe again."""
    tokens = seal(desk.context, desk.accounts.tokens(desk.org.id, desk.account_id))
    async with desk.context.works.begin(desk.org.actor) as work:
        account = Account(str(desk.account_id), "ada@example.com")
        return (await connections.keep(work, Kind.CRM, "hubspot", account, tokens, sandbox=True)).id


ReadCall = Callable[..., Awaitable[Lead]]


@pytest.fixture
def read_call(context: Context, org: Organization, a_call: MakeCall, a_lead: MakeLead) -> ReadCall:
    """Makes a call of a lead's, over and read."""

    async def make(lead: Lead | None = None, **fields: Any) -> Lead:
        lead = lead or await a_lead(**fields)
        opened = await a_call("My tap leaks")
        await calls.complete(context.works, org.id, opened.call.id, EndedReason.CALLER_HUNG_UP)
        async with context.works.begin(org.actor) as work:
            read = {"sentiment": "neutral", "intent": "enquiry", "success": True, "captured": True}
            work.emit(CallAnalyzed(subject_id=opened.call.id, lead_id=lead.id, **read))
        return lead

    return make


async def test_a_lead_its_calls_and_appointments_stand_there_once(
    desk: Desk, read_call: ReadCall, context: Context, org: Organization
) -> None:
    lead = await read_call(first_name="Dana", last_name="Doe", email="dana@example.com")
    await desk.pass_on()
    [dana] = await desk.there("contact")
    assert (dana["first_name"], dana["email"], dana["phone"]) == ("Dana", "dana@example.com", lead.phone)
    [call] = await desk.there("call")
    assert (call["title"], call["inbound"]) == ("Call from Dana Doe", True)
    async with context.works.begin(org.actor) as work:
        slot = (await scheduling.free_slots(work))[0]
        booking = await scheduling.book(work, lead.id, slot.start, notes="New tap")
    await desk.pass_on()
    [appointment] = await desk.there("appointment")
    assert (appointment["cancelled"], "New tap" in appointment["body"]) == (False, True)
    async with context.works.begin(org.actor) as work:
        await scheduling.cancel(work, booking.id)
    await desk.pass_on()
    await read_call(lead)
    await desk.pass_on()
    [appointment] = await desk.there("appointment")
    assert appointment["cancelled"]
    assert (len(await desk.there("contact")), len(await desk.there("call"))) == (1, 2)
    log = await desk.records()
    assert [each.event for each in log] == [
        "call.analyzed", "appointment.created", "appointment.cancelled", "call.analyzed",
    ]  # fmt: skip
    assert {(each.status, each.tries) for each in log} == {(RecordStatus.DONE, 1)}
    assert all(each.contact and each.activity and each.done_at for each in log)


async def test_what_the_crm_knows_already_is_kept_and_completed(desk: Desk, read_call: ReadCall) -> None:
    tokens = desk.accounts.tokens(desk.org.id, desk.account_id)
    await desk.crm.contact(tokens, Person(first_name="Daniela", phone="+447700900555"), None)
    await read_call(first_name="Dana", email="dana@example.com", phone="+447700900555")
    await desk.pass_on()
    [known] = await desk.there("contact")
    assert (known["first_name"], known["email"]) == ("Daniela", "dana@example.com")


async def test_a_crm_that_is_busy_is_left_alone_and_nothing_overtakes(
    desk: Desk, read_call: ReadCall, clock: FrozenClock
) -> None:
    await read_call(first_name="One")
    await read_call(first_name="Two")
    desk.crm.before = [ProviderTrouble("busy", retry_after=90)]
    await desk.pass_on()
    waits, behind = await desk.records()
    assert (waits.status, waits.tries, waits.next_try_at - clock.now()) == (
        RecordStatus.PENDING, 1, timedelta(seconds=90),
    )  # fmt: skip
    assert (behind.status, behind.tries) == (RecordStatus.PENDING, 0)
    clock.move(timedelta(seconds=89))
    await desk.pass_on()
    assert await desk.there("contact") == []
    clock.move(timedelta(seconds=1))
    await desk.pass_on()
    assert [each["first_name"] for each in await desk.there("contact")] == ["One", "Two"]


async def test_an_answer_without_sense_is_not_asked_for_again_at_once(
    desk: Desk, read_call: ReadCall, clock: FrozenClock
) -> None:
    await read_call(first_name="One")
    desk.crm.before = [KeyError("id")]
    await desk.pass_on()
    await desk.pass_on()
    [waits] = await desk.records()
    assert (waits.status, waits.tries, waits.next_try_at > clock.now()) == (RecordStatus.PENDING, 1, True)


async def test_what_it_refuses_fails_alone_and_can_be_passed_on_again(desk: Desk, read_call: ReadCall) -> None:
    await read_call(first_name="One")
    await read_call(first_name="Two")
    desk.crm.before = [CrmRefused("HubSpot: no such property")]
    await desk.pass_on()
    refused, passed = await desk.records()
    assert (refused.status, refused.error) == (RecordStatus.FAILED, "HubSpot: no such property")
    assert passed.status is RecordStatus.DONE
    async with desk.context.works.begin(desk.org.actor) as work:
        assert await reading.try_again(work, desk.connection_id) == 1
    await desk.pass_on()
    assert {each.status for each in await desk.records()} == {RecordStatus.DONE}


async def test_an_answer_that_was_lost_makes_nothing_twice(desk: Desk, read_call: ReadCall, clock: FrozenClock) -> None:
    await read_call(first_name="Dana")
    desk.crm.after = [ProviderTrouble("no answer")]
    await desk.pass_on()
    clock.move(timedelta(minutes=1))
    await desk.pass_on()
    assert (len(await desk.there("contact")), len(await desk.there("call"))) == (1, 1)
    [record] = await desk.records()
    assert (record.status, record.tries) == (RecordStatus.DONE, 2)


async def test_two_who_pass_on_at_once_make_nothing_twice(desk: Desk, read_call: ReadCall, clock: FrozenClock) -> None:
    await read_call(first_name="Dana")
    desk.crm.forgets = True

    async def another() -> None:
        """A second process, after this one lost its lock."""
        desk.crm.meanwhile = None
        await passing.pass_due(desk.context)

    desk.crm.meanwhile = another
    await desk.pass_on()
    assert len(await desk.there("call")) == 1
    [record] = await desk.records()
    assert (record.status, record.tries) == (RecordStatus.DONE, 1)


async def test_one_that_was_cut_off_is_tried_again_when_the_crm_can_find_what_it_made(
    desk: Desk, read_call: ReadCall, clock: FrozenClock
) -> None:
    await read_call(first_name="Dana")
    desk.crm.after = [asyncio.CancelledError()]  # pyright: ignore[reportAttributeAccessIssue]
    await desk.pass_on()
    await desk.pass_on()
    [record] = await desk.records()
    assert (record.status, record.tries) == (RecordStatus.PENDING, 1)
    clock.move(passing.LEASE)
    await desk.pass_on()
    [record] = await desk.records()
    assert (record.status, record.tries, len(await desk.there("call"))) == (RecordStatus.DONE, 2, 1)


async def test_a_crm_that_hangs_is_let_go(
    desk: Desk, read_call: ReadCall, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await read_call(first_name="Dana")
    monkeypatch.setattr(passing, "PATIENCE", 0.05)
    desk.crm.meanwhile = asyncio.Event().wait  # pyright: ignore[reportAttributeAccessIssue]
    await desk.pass_on()
    [record] = await desk.records()
    assert (record.status, record.error) == (RecordStatus.PENDING, "The CRM took too long.")
    assert record.next_try_at > clock.now()


async def test_consent_taken_back_asks_for_it_again_and_goes_on_from_there(desk: Desk, read_call: ReadCall) -> None:
    await desk.accounts.revoke(desk.org.id, desk.account_id)
    await read_call(first_name="Dana")
    await desk.pass_on()
    async with desk.context.works.begin(desk.org.actor) as work:
        [connection] = await integrations.connections(work, Kind.CRM)
        await work.execute("update sandbox_accounts set revoked_at = null where org_id = $1", desk.org.id)
    assert connection.status is ConnectionStatus.RECONNECT
    await desk.pass_on()
    [waits] = await desk.records()
    assert (waits.status, waits.tries) == (RecordStatus.PENDING, 0)
    assert await consented(desk) == desk.connection_id
    await desk.pass_on()
    assert [each.status for each in await desk.records()] == [RecordStatus.DONE]


async def test_what_is_gone_is_left_out_and_what_is_nobodys_or_a_trial_too(
    desk: Desk, read_call: ReadCall, context: Context, org: Organization, a_call: MakeCall, a_lead: MakeLead
) -> None:
    lead = await read_call(first_name="Dana")
    opened, tried = await a_call("Wrong number"), await a_lead()
    async with context.works.begin(org.actor) as work:
        read = {"sentiment": "neutral", "intent": "wrong_number", "success": True, "captured": False}
        work.emit(CallAnalyzed(subject_id=opened.call.id, lead_id=None, **read))
        work.emit(CallAnalyzed(subject_id=opened.call.id, lead_id=tried.id, trial=True, **read))
        await work.execute("delete from leads where org_id = $1 and id = $2", org.id, lead.id)
    await desk.pass_on()
    assert [each.status for each in await desk.records()] == [RecordStatus.SKIPPED]
    assert await desk.there("contact") == []


async def test_next_door_sees_none_of_it(desk: Desk, read_call: ReadCall, other_org: Organization) -> None:
    await read_call(first_name="Dana")
    await desk.pass_on()
    async with desk.context.works.read(other_org.actor) as work:
        for table in ("crm_records", "crm_links", "sandbox_crm_objects"):
            assert await work.fetchval(f"select count(*) from {table}") == 0


def test_it_is_given_up_after_a_day() -> None:
    pauses = [pause_after(tries, None) for tries in range(1, TRIES)]
    total = sum((pause for pause in pauses if pause), timedelta())
    assert timedelta(hours=20) < total < timedelta(hours=30)
    assert pause_after(TRIES, None) is None
    assert pause_after(1, 99_999) == timedelta(hours=1)
