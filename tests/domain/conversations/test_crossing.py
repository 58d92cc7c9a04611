"""Everything at once at the same few leads: nobody waits in a circle, and nothing is claimed after a suppression."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import cast
from uuid import UUID

import asyncpg
import pytest
from cryptography.fernet import Fernet
from tests.fixtures.business import MemoryFiles, RememberingCarrier, RememberingMailer
from tests.fixtures.database import KEYED
from tests.fixtures.organizations import Organization, make_organization
from tests.fixtures.waiting import until

from frontdesk.adapters.documents.reader import ProcessReader
from frontdesk.adapters.offline.brain import OfflineBrain
from frontdesk.adapters.offline.call_reader import OfflineCallReader
from frontdesk.adapters.outbound.poster import GuardedPoster
from frontdesk.adapters.sandbox.payments import SandboxPayments
from frontdesk.domain.campaigns.model import SettingsChange
from frontdesk.domain.campaigns.service import campaigns, stopping
from frontdesk.domain.campaigns.service import sending as campaign_sending
from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.conversations.arrival_store import Arrival, ArrivingText
from frontdesk.domain.conversations.service import delivery, inbound, replies, sending, threads
from frontdesk.domain.leads.model import LeadChange
from frontdesk.domain.leads.service import datasets, leads
from frontdesk.domain.numbers.events import NumberOutOfService
from frontdesk.domain.scheduling import service as scheduling
from frontdesk.kernel.access import system_actor
from frontdesk.kernel.clock import FrozenClock
from frontdesk.kernel.errors import DomainError
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context
from frontdesk.platform.crypto import Vault
from frontdesk.platform.database import PooledConnections, Works, connect
from frontdesk.platform.events import Event
from frontdesk.ports.carrier import AccountRefused, Busy, CarrierStatus, OutgoingText, Receipt, Rejected, Uncertain

pytestmark = pytest.mark.committed

PHONES = [f"+4477009003{place:02}" for place in range(8)]


class MoodyCarrier(RememberingCarrier):
    """Takes most messages, and has every way of not taking one."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self._chance = chance

    async def send(self, text: OutgoingText) -> Receipt:
        await asyncio.sleep(self._chance.random() / 100)
        mood = self._chance.random()
        if mood < 0.05:
            raise Busy(0.001)
        if mood < 0.08:
            raise Rejected("21610", "opted out")
        if mood < 0.1:
            raise Rejected("30007", "filtered")
        if mood < 0.15:
            raise Uncertain
        if mood < 0.2:
            raise AccountRefused("30002", "suspended")
        return await super().send(text)


@pytest.fixture
async def pooled(committed_database: str) -> AsyncIterator[PooledConnections]:
    connections = await PooledConnections.open(committed_database, size=12)
    yield connections
    await connections.close()


async def test_whatever_crosses_at_one_lead_ends_well(
    committed_database: str, pooled: PooledConnections, clock: FrozenClock
) -> None:
    chance = random.Random(20260310)
    works = Works(pooled, clock, KEYED)
    carrier = MoodyCarrier(chance)
    context = _context(works, carrier)
    org = await make_organization(works, "Acme Kitchens", "+447700900001")
    ids = await _leads(works, org)
    start = datetime(2026, 3, 11, 9, 0, tzinfo=UTC)

    async def text(place: int, words: str) -> None:
        await inbound.receive(context, org.number, PHONES[place], words, "sandbox", f"IN{new_id().hex}")

    async def by_hand(place: int) -> None:
        await sending.send_by_hand(context, org.actor, ids[place], "Hello, it is Olive.")

    async def approve(place: int) -> None:
        async with works.read(org.actor) as work:
            thread = await threads.thread_of_lead(work, ids[place])
        if thread is not None:
            draft = await sending.draft_reply(context, org.actor, ids[place], thread.conversation.id)
            await sending.send_ai(context, org.actor, ids[place], draft.message.id)

    async def callback(place: int) -> None:
        status, code = chance.choice(
            [
                (CarrierStatus.DELIVERED, ""),
                (CarrierStatus.FAILED, "21610"),
                (CarrierStatus.FAILED, "30005"),
                (CarrierStatus.SENT, ""),
            ]
        )
        for taken in [taken for taken in carrier.taken if taken.to == PHONES[place]][-2:]:
            sid = f"SM{taken.reference.hex}"
            await inbound.record_status(context, org.number, taken.reference, "sandbox", sid, status, code)

    async def change_hands(place: int) -> None:
        async with works.begin(org.actor) as work:
            thread = await threads.thread_of_lead(work, ids[place])
        if thread is not None:
            move = chance.choice([threads.take_over, threads.give_back])
            async with works.begin(org.actor) as work:
                await move(work, thread.conversation.id)

    async def edit(place: int) -> None:
        async with works.begin(org.actor) as work:
            await leads.change(work, ids[place], LeadChange(notes=str(chance.random()), manual_mode=False))

    async def book(place: int) -> None:
        async with works.begin(org.actor) as work:
            booked = await scheduling.book(work, ids[place], start + timedelta(minutes=30 * chance.randrange(4)))
        async with works.begin(org.actor) as work:
            await scheduling.cancel(work, booked.id)

    async def account(_place: int) -> None:
        out = {"code": "30002", "stops": True}
        told = Event(
            new_id(), org.id, NumberOutOfService.TYPE, "number", new_id(), "system", None, out, 1, clock.now(), 1, 1
        )
        async with works.begin(system_actor(org.id)) as work:
            await stopping.heed(work, told)

    async def steer(_place: int) -> None:
        async with works.begin(org.actor) as work:
            (dataset,) = await datasets.list_all(work)
        async with works.begin(org.actor) as work:
            delay = SettingsChange(ai_response_delay_seconds=chance.choice([0, 0.01]))
            await campaigns.change_settings(work, dataset.id, delay)
        async with works.begin(org.actor) as work:
            await campaigns.resume(work, dataset.id)

    async def suppress(place: int) -> None:
        async with works.begin(org.actor) as work:
            await contactability.suppress_by_hand(work, ids[place])

    async def machinery(_place: int) -> None:
        await campaign_sending.run_due(context)
        await delivery.send_waiting(context)
        await replies.process_pending(context)
        await delivery.reconcile(context)

    usual: list[Callable[[int], Awaitable[None]]] = [
        by_hand, approve, callback, callback, change_hands, edit, book, machinery,
        account, steer, steer,
        lambda place: text(place, chance.choice(["yes tell me more", "can you call me tomorrow", "who is this?"])),
        lambda place: text(place, "yes please"),
    ]  # fmt: skip
    ends: list[Callable[[int], Awaitable[None]]] = [suppress, lambda place: text(place, "STOP")]
    surprises: list[BaseException] = []

    async def one(act: Callable[[int], Awaitable[None]], place: int) -> None:
        try:
            await act(place)
        except DomainError:
            pass  # refused: opted out, the time is gone, sent already
        except Exception as error:
            surprises.append(error)

    for round_ in range(30):
        clock.move(timedelta(seconds=1))
        acts = [(chance.choice(usual), chance.randrange(len(PHONES))) for _ in range(12)]
        if round_ >= 6 and round_ % 3 == 0:
            acts.append((chance.choice(ends), (round_ // 3 - 2) % len(PHONES)))
        await asyncio.gather(*(one(act, place) for act, place in acts))

    assert surprises == []
    assert len(carrier.taken) > 10, "the storm was not worth its name"
    await pooled.close()
    connection = await connect(committed_database)
    try:
        assert await _claims_after_suppression(connection) == []
        assert (
            await connection.fetchval("select deadlocks from pg_stat_database where datname = current_database()") == 0
        )
        assert await _totals(connection) == []
    finally:
        await connection.close()
    references = [taken.reference for taken in carrier.taken]
    assert len(references) == len(set(references)), "a message was handed over twice"


async def test_two_copies_of_a_webhook_at_once_are_one_message_whichever_way_they_go(
    committed_database: str, pooled: PooledConnections, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    works = Works(pooled, clock, KEYED)
    context = _context(works, RememberingCarrier())
    org = await make_organization(works, "Acme Kitchens", "+447700900001")
    ids = await _leads(works, org)
    at_once = inbound._take_in_at_once  # pyright: ignore[reportPrivateUsage]

    async def if_short(works: Works, text: ArrivingText) -> Arrival:
        task = asyncio.current_task()
        return await at_once(works, text) if task is not None and task.get_name() == "short" else Arrival.APART

    monkeypatch.setattr(inbound, "_take_in_at_once", if_short)
    watcher = await connect(committed_database)

    async def waiting(count: int) -> bool:
        sql = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        return await watcher.fetchval(sql) >= count

    try:
        for place, ways in enumerate((("short", "long"), ("long", "short"))):
            copies: list[asyncio.Task[bool]] = []
            async with works.begin(org.actor) as work:
                await leads.locked(work, ids[place])
                for way in ways:
                    receiving = inbound.receive(
                        context, org.number, PHONES[place], "yes please", "sandbox", f"SM{place}"
                    )
                    copies.append(asyncio.create_task(receiving, name=way))
                    await until(partial(waiting, len(copies)))
            assert await asyncio.gather(*copies) == [True, False]
        assert await watcher.fetchval("select deadlocks from pg_stat_database where datname = current_database()") == 0
    finally:
        await watcher.close()


@pytest.mark.parametrize("meanwhile", ["note", "manual_mode", "opted_out"])
async def test_a_text_that_waited_for_its_lead_finds_it_as_it_is_then(
    committed_database: str, pooled: PooledConnections, clock: FrozenClock, meanwhile: str
) -> None:
    works = Works(pooled, clock, KEYED)
    org = await make_organization(works, "Acme Kitchens", "+447700900001")
    ids = await _leads(works, org)
    text = ArrivingText(
        called=org.number, sender=PHONES[0], body="Yes please", provider="sandbox", provider_id="SM1", only=None
    )
    watcher = await connect(committed_database)

    async def waits() -> bool:
        sql = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        return await watcher.fetchval(sql) > 0

    try:
        async with works.begin(org.actor) as work:
            change = {
                "note": "company = 'Ford Ltd'",
                "manual_mode": "manual_mode = true",
                "opted_out": "stage = 'opted_out'",
            }[meanwhile]
            await work.execute(f"update leads set {change} where org_id = $1 and id = $2", org.id, ids[0])
            arriving = asyncio.create_task(inbound._take_in_at_once(works, text))  # pyright: ignore[reportPrivateUsage]
            await until(waits)
        arrival = await arriving
        async with works.read(org.actor) as work:
            lead = await work.fetchrow(
                "select company, latest_reply from leads where org_id = $1 and id = $2", org.id, ids[0]
            )
            kept = await work.fetchval("select count(*) from messages where lead_id = $1", ids[0])
    finally:
        await watcher.close()
    assert lead is not None
    if meanwhile == "note":
        assert (arrival, tuple(lead), kept) == (Arrival.TAKEN, ("Ford Ltd", "Yes please"), 1)
    else:
        assert (arrival, lead["latest_reply"], kept) == (Arrival.APART, None, 0)


def _context(works: Works, carrier: RememberingCarrier) -> Context:
    return Context(
        works=works, carriers={"sandbox": carrier}, llm=OfflineBrain(), call_reader=OfflineCallReader(),
        mailer=RememberingMailer(), files=MemoryFiles(), documents=ProcessReader(), poster=GuardedPoster(),
        public_url="http://127.0.0.1:8000",
        vault=Vault([Fernet.generate_key().decode()]),
        payments=SandboxPayments(works, "http://127.0.0.1:8000"),
    )  # fmt: skip


async def _leads(works: Works, org: Organization) -> list[UUID]:
    """Leads in a dataset whose campaign runs and answers at once."""
    ids = [new_id() for _ in PHONES]
    random.Random(1).shuffle(ids)  # who locks by number does not lock by id
    async with works.begin(org.actor) as work:
        dataset = await datasets.create(work, "Old leads")
        await work.executemany(
            """insert into leads (org_id, id, phone, first_name, created_at, updated_at)
               values ($1, $2, $3, 'Al', $4, $4)""",
            [(org.id, lead_id, phone, work.now) for lead_id, phone in zip(ids, PHONES, strict=True)],
        )
        await work.executemany(
            "insert into lead_identities (org_id, kind, value, lead_id, created_at) values ($1, 'phone', $2, $3, $4)",
            [(org.id, phone, lead_id, work.now) for lead_id, phone in zip(ids, PHONES, strict=True)],
        )
        await work.executemany(
            "insert into dataset_leads (org_id, dataset_id, lead_id, created_at) values ($1, $2, $3, $4)",
            [(org.id, dataset.id, lead_id, work.now) for lead_id in ids],
        )
        settings = SettingsChange(
            rate_per_minute=600, ai_response_delay_seconds=0, m2_delay_hours=0.001, m3_delay_hours=0.001
        )
        await campaigns.start(work, dataset.id, settings)
    return ids


async def _claims_after_suppression(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    """Sends that the gate allowed after the number was suppressed. Ids of one process ascend, and both are made while
    the number is locked."""
    await connection.execute("set role frontdesk_system")
    found = await connection.fetch(
        """select g.phone, g.category from gate_decisions g join leads l on l.phone = g.phone
           join events e on e.type = 'contact.suppressed' and e.subject_id = l.id
           where g.allowed and g.category <> 'system' and g.id > e.id"""
    )
    assert await connection.fetchval("select count(*) from suppressions") > 3
    return cast("list[asyncpg.Record]", found)


async def _totals(connection: asyncpg.Connection) -> list[asyncpg.Record]:
    """Where the counts of leads by status, or those of campaigns, differ from the rows."""
    by_status = await connection.fetch(
        """select * from (
               select contact_status, sum(change) as n from lead_counts where dataset_id is null group by 1) c
           full join (select contact_status, count(*) as n from leads group by 1) l using (contact_status)
           where coalesce(c.n, 0) <> coalesce(l.n, 0)"""
    )
    of_campaigns = await connection.fetch(
        """select * from (
               select counted, step, code, sum(change) as n from campaign_counts group by 1, 2, 3) c
           full join (
               select 'due' as counted, step + 1 as step, '' as code, count(*) as n from dataset_leads
               where due_at is not null group by 2
               union all
               select 'ended', 0, ended_reason, count(*) from dataset_leads where ended_reason is not null group by 3
               union all
               select status, right(category, 1)::int,
                      case when status = 'failed' then coalesce(error_code, '') else '' end, count(*)
               from messages where category in ('m1', 'm2', 'm3') group by 1, 2, 3) r
           using (counted, step, code) where coalesce(c.n, 0) <> coalesce(r.n, 0)"""
    )
    return cast("list[asyncpg.Record]", [*by_status, *of_campaigns])
