"""The consent log: everything that is said about contact is in it, in one chain, and whatever is changed shows."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from tests.fixtures.business import MakeDataset, MakeLead
from tests.fixtures.organizations import Organization

from frontdesk.domain.campaigns.model import ImportOutcome
from frontdesk.domain.campaigns.service import campaigns
from frontdesk.domain.contactability import consent, store
from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.conversations.service import inbound, replies
from frontdesk.domain.leads.service import datasets, imports
from frontdesk.kernel.access import system_actor
from frontdesk.kernel.clock import FrozenClock
from frontdesk.kernel.phone import E164, PhoneRefused
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work, Works, connect

PHONE = "+447700900123"


async def log_of(works: Works, org: Organization) -> list[tuple[str, str, int]]:
    """(kind, how, count) of each entry."""
    async with works.begin(org.actor) as work:
        rows = await work.fetch("select kind, how, count from consent_log where org_id = $1 order by seq", org.id)
    return [(row["kind"], row["how"], row["count"]) for row in rows]


async def test_what_a_lead_says_is_recorded_once(context: Context, works: Works, org: Organization, a_lead: MakeLead):
    lead = await a_lead()
    for number, words in enumerate(["STOP", "Stop", "START", "start"]):
        await inbound.receive(context, org.number, lead.phone or "", words, "sandbox", f"IN{number}")
    await inbound.receive(context, org.number, "+447700900777", "STOP", "sandbox", "IN9")  # nobody's number
    assert await log_of(works, org) == [
        ("suppressed", "keyword", 1), ("lifted", "keyword", 1), ("suppressed", "keyword", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "entry"),
    [
        ("Please stop texting me", ("suppressed", "plain_language", 1)),
        ("You have the wrong number, I am not her", ("wrong_number", "plain_language", 1)),
    ],
)
async def test_what_a_lead_says_in_its_own_words_is_recorded(
    context: Context, works: Works, org: Organization, a_lead: MakeLead, clock: FrozenClock, words: str,
    entry: tuple[str, str, int],
):  # fmt: skip
    lead = await a_lead()
    await inbound.receive(context, org.number, lead.phone or "", words, "sandbox", "IN1")
    clock.move(timedelta(minutes=2))
    await replies.process_pending(context)
    assert await log_of(works, org) == [entry]


async def test_what_people_do_by_hand_is_recorded_and_audited(works: Works, org: Organization, a_lead: MakeLead):
    lead = await a_lead()
    async with works.begin(org.actor) as work:
        await contactability.suppress_by_hand(work, lead.id)
        assert await contactability.suppress_number(work, "07700 900777", "rang us") == (E164("+447700900777"), True)
        assert await contactability.suppress_number(work, "07700 900777", "again") == (E164("+447700900777"), False)
        with pytest.raises(PhoneRefused):
            await contactability.suppress_number(work, "12", "")
        assert await contactability.lift_by_hand(work, "+447700900777", "asked us to on the phone")
        found = await contactability.list_suppressions(work, 1, 10)
        reasons = await work.fetch("select details->>'reason' from audit_log where action = 'suppression.lifted'")
    assert [one.phone for one in found.items] == [lead.phone]
    assert [row[0] for row in reasons] == ["asked us to on the phone"]
    assert await log_of(works, org) == [
        ("suppressed", "by_hand", 1), ("suppressed", "by_hand", 1), ("lifted", "by_hand", 1),
    ]  # fmt: skip


async def _brought_in(context: Context, org: Organization, dataset_id: UUID) -> ImportOutcome:
    async def file() -> AsyncIterator[bytes]:
        yield b"name,phone\nDana,07700900201\nEd,07700900202\nEd again,07700900202\nNobody,12\n"

    upload = await imports.upload(context, org.actor, "leads.csv", file())
    mapping = {"first_name": "name", "phone_number": "phone"}
    return await campaigns.import_leads(context, org.actor, upload.id, dataset_id, mapping)


async def test_an_import_is_recorded_with_its_numbers(
    context: Context, works: Works, org: Organization, a_dataset: MakeDataset
):
    outcome = await _brought_in(context, org, (await a_dataset()).id)
    assert await log_of(works, org) == [("imported", "file", 2)]
    async with works.begin(org.actor) as work:
        row = await work.fetchrow("select reference, numbers, subject from consent_log")
        assert row is not None
        known = consent.number_digest(work.keyed, org.id, "+447700900202")
    assert row["reference"] == outcome.result.id
    assert known in {row["numbers"][:16], row["numbers"][16:]}, "it can be shown that a number was among them"


async def test_an_import_that_is_undone_is_recorded_with_the_numbers_that_left(
    context: Context, works: Works, org: Organization, a_dataset: MakeDataset
):
    outcome = await _brought_in(context, org, (await a_dataset()).id)
    async with works.begin(org.actor) as work:
        await work.execute("delete from leads where org_id = $1 and first_name = 'Ed'", org.id)  # is forgotten
    for _ in range(2):  # a second time records nothing more
        async with works.begin(org.actor) as work:
            await campaigns.undo_import(work, outcome.result.id)
    assert await log_of(works, org) == [("imported", "file", 2), ("import_undone", "by_hand", 1)]
    async with works.begin(org.actor) as work:
        row = await work.fetchrow("select reference, numbers, actor_id from consent_log where seq = 2")
        assert row is not None
        dana = consent.number_digest(work.keyed, org.id, "+447700900201")
    assert tuple(row) == (outcome.result.id, dana, org.owner_id)


async def test_what_is_rolled_back_is_not_recorded(works: Works, org: Organization):
    async def suppress_in_vain() -> None:
        async with works.begin(org.actor) as work:
            await contactability.suppress(work, PHONE, "by_hand")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await suppress_in_vain()
    assert await log_of(works, org) == []


async def test_a_log_can_only_be_added_to(works: Works, org: Organization):
    async with works.begin(org.actor) as work:
        await contactability.suppress(work, PHONE, "by_hand")
    for statement in ("delete from consent_log", "update consent_log set how = 'x'", "delete from suppressions"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with works.begin(org.actor) as work:
                await work.execute(statement)
    with pytest.raises(asyncpg.RestrictViolationError):
        async with works.begin(org.actor) as work:
            await work.execute("update consent_heads set count = 0")


# --- on a database of its own -----------------------------------------------------------------------------------------


@pytest.fixture
async def written(committed_works: Works, committed_org: Organization, committed_other_org: Organization) -> Works:
    """Five entries of one organisation, the third of an import, and two of another."""
    works, org = committed_works, committed_org
    for phone in (PHONE, "+447700900124"):
        async with works.begin(org.actor) as work:
            await contactability.suppress(work, phone, "keyword", "STOP")
        async with works.begin(committed_other_org.actor) as work:
            await contactability.suppress(work, phone, "keyword", "STOP")
    async with works.begin(org.actor) as work:
        await _imported(work, org)
    for how in (contactability.lift, contactability.suppress):
        async with works.begin(org.actor) as work:
            await how(work, PHONE, "keyword", "as they said")
    return works


async def _imported(work: Work, org: Organization) -> None:
    dataset = await datasets.create(work, "Old leads")
    import_id, lead_id = UUID(int=7), UUID(int=8)
    await work.execute(
        "insert into leads (org_id, id, phone, created_at, updated_at) values ($1, $2, $3, $4, $4)",
        org.id, lead_id, "+447700900300", work.now,
    )  # fmt: skip
    await work.execute(
        "insert into dataset_leads (org_id, dataset_id, lead_id, import_id, created_at) values ($1, $2, $3, $4, $5)",
        org.id, dataset.id, lead_id, import_id, work.now,
    )  # fmt: skip
    await contactability.record_import(work, import_id)


@pytest.mark.committed
async def test_a_log_that_nobody_touched_is_whole(written: Works, committed_org: Organization):
    mine, others = await contactability.verify(written)
    assert mine.org_id == committed_org.id
    assert (mine.fault, others.fault) == (None, None)
    assert mine.counts == {"imported": 1, "lifted": 1, "suppressed": 3}
    assert mine.head.startswith("5:")
    [alone] = await contactability.verify(written, committed_org.id)
    assert alone == mine


TAMPERED = {
    "a word changed": ("update consent_log set how = 'by_hand' where seq = 2", "entry 2 is not what was sealed"),
    "a time changed": (
        "update consent_log set recorded_at = recorded_at - interval '1 day' where seq = 1",
        "entry 1 is not what was sealed",
    ),
    "a row deleted": ("delete from consent_log where seq = 2", "entry 2 is missing"),
    "the first deleted": ("delete from consent_log where seq = 1", "entry 1 is missing"),
    "two rows deleted": ("delete from consent_log where seq in (2, 3)", "entries 2 to 3 are missing"),
    "two rows exchanged": (
        """update consent_log set seq = -2 where seq = 2; update consent_log set seq = 2 where seq = 4;
           update consent_log set seq = 4 where seq = -2""",
        "entry 2 is not what was sealed",
    ),
    "a row deleted, those behind moved up": (
        """delete from consent_log where seq = 2; update consent_log set seq = seq - 1 where seq > 2;
           update consent_heads set count = count - 1""",
        "entry 2 is not what was sealed",
    ),
    "the tail cut": ("delete from consent_log where seq > 3", "entries 4 to 5 are missing at the end"),
    "the tail cut and the head moved": (
        """delete from consent_log where seq = 5;
           update consent_heads h set count = 4, mac = l.mac from consent_log l
           where l.seq = 4 and l.org_id = h.org_id""",
        "the head of the log is not what was sealed",
    ),
    "a row of another organisation put in": (
        """update consent_log l set mac = o.mac, subject = o.subject from consent_log o
           where o.seq = l.seq and o.org_id <> l.org_id and l.seq = 1""",
        "entry 1 is not what was sealed",
    ),
    "a row added": (
        """insert into consent_log select org_id, 6, kind, how, subject, evidence, count, reference, numbers,
           actor_type, actor_id, recorded_at, mac from consent_log where seq = 5""",
        "entry 6 is not what was sealed",
    ),
    "numbers of an import changed": (
        "update consent_log set numbers = decode(repeat('00', 16), 'hex') where seq = 3",
        "the numbers of the import were changed",
    ),
    "all of it deleted": ("delete from consent_log; delete from consent_heads", "has one that the log does not know"),
    "the log kept and the list cleared": ("delete from suppressions", "lacks the one of entry 2"),
    "a suppression lifted past the log": (
        "update suppressions set lifted_at = created_at where phone = '+447700900124'",
        "does not say what entry 2 does",
    ),
    "other words put in somebody's mouth": (
        "update suppressions set evidence = 'see you soon' where phone = '+447700900124'",
        "the evidence of a suppression is not what entry 2 was given",
    ),
}


@pytest.mark.committed
async def test_whatever_is_done_to_a_log_shows(written: Works, committed_database: str, committed_org: Organization):
    """As the owner of the database, with the triggers out of the way."""
    connection = await connect(committed_database)
    try:
        for table in ("consent_log", "consent_heads", "suppressions"):
            await connection.execute(f"alter table {table} no force row level security, disable trigger user")
        for what, (statements, fault) in TAMPERED.items():
            await connection.execute("create table kept_log as table consent_log")
            await connection.execute("create table kept_heads as table consent_heads")
            await connection.execute("create table kept_list as table suppressions")
            await connection.execute(statements)
            [verdict] = await contactability.verify(written, committed_org.id)
            assert fault in str(verdict.fault), what
            await connection.execute(
                """truncate consent_log, consent_heads, suppressions; insert into consent_log table kept_log;
                   insert into consent_heads table kept_heads; insert into suppressions table kept_list;
                   drop table kept_log, kept_heads, kept_list"""
            )
            [verdict] = await contactability.verify(written, committed_org.id)
            assert verdict.fault is None, what
    finally:
        await connection.close()


@pytest.mark.committed
async def test_many_writers_make_one_chain_and_none_waits_for_claims(
    committed_works: Works, committed_org: Organization
):
    """While a claim holds its numbers, suppressions of others go through; of its own, after it."""
    works, org = committed_works, committed_org
    order: list[str] = []

    async def suppress(phone: str) -> None:
        async with works.begin(system_actor(org.id)) as work:
            await contactability.suppress(work, phone, "keyword", "STOP")
        order.append(phone)

    others = [f"+4477009002{place:02}" for place in range(12)]
    async with works.begin(system_actor(org.id)) as claiming:
        await store.lock_shared(claiming, [PHONE])
        mine = asyncio.create_task(suppress(PHONE))
        await asyncio.wait_for(asyncio.gather(*map(suppress, others)), 20)
        assert not mine.done()
        async with works.begin(system_actor(org.id)) as another:  # nor does a claim wait for the chain
            await asyncio.wait_for(store.lock_shared(another, [others[0]]), 5)
    await mine
    assert order[-1] == PHONE
    [verdict] = await contactability.verify(works, org.id)
    assert (verdict.fault, verdict.counts) == (None, {"suppressed": 13})
