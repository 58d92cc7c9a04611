"""The log's promises: every committed event gets one position, and every reader reacts to it once."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from tests.fixtures.organizations import Organization
from tests.fixtures.outages import end_sessions
from tests.fixtures.outcomes import emitted
from tests.fixtures.processes import start_python
from tests.fixtures.waiting import running, until

from frontdesk.kernel.errors import NotFound
from frontdesk.kernel.ids import new_id
from frontdesk.platform import event_log
from frontdesk.platform.database import PooledConnections, Work, Works
from frontdesk.platform.event_log import CHANNEL, Reader, ReaderLoop, Sequencer
from frontdesk.platform.events import Event, Fact, fact
from frontdesk.platform.loops import Bell, listening

pytestmark = pytest.mark.committed


@fact("test.happened", "thing")
class Happened(Fact, frozen=True, kw_only=True):
    n: int


@fact("test.ignored", "thing")
class Ignored(Fact, frozen=True, kw_only=True):
    pass


async def tell(works: Works, org: Organization, *numbers: int, subject: UUID | None = None) -> None:
    """One transaction that tells of `numbers`."""
    async with works.begin(org.actor) as work:
        for n in numbers:
            work.emit(Happened(subject_id=subject or new_id(), n=n))


async def mark(work: Work, event: Event) -> None:
    """An effect that shows when it is had twice: a line in the audit log."""
    await work.audit("seen", event.type, event.id, n=event.payload.get("n"), position=event.position)


async def marks(works: Works) -> list[int]:
    """The numbers that `mark` has seen, in order of position."""
    async with works.across_tenants("tests") as work:
        rows = await work.fetch("select details from audit_log where action = 'seen'")
    seen = sorted((row["details"] for row in rows), key=lambda details: details["position"])
    return [details["n"] for details in seen]


async def seen_all(works: Works, count: int) -> bool:
    return len(await marks(works)) >= count


def loop_of(works: Works, reader: Reader) -> ReaderLoop:
    return ReaderLoop(works, reader, asyncio.Event())


async def test_positions_are_in_order_and_sequences_without_gaps(
    committed_works: Works, committed_org: Organization, committed_database: str
) -> None:
    one, other = new_id(), new_id()
    await tell(committed_works, committed_org, 1, 2, 3, subject=one)
    await tell(committed_works, committed_org, 4, subject=other)
    heard: list[str] = []
    async with running(Sequencer(committed_database).run, listening(committed_database, CHANNEL, heard.append)):
        await until(lambda: numbered(committed_works, 4))
        await tell(committed_works, committed_org, 5, subject=one)
        await until(lambda: numbered(committed_works, 5))
        await until(lambda: "5" in heard)
    async with committed_works.across_tenants("tests") as work:
        rows = await work.fetch("select payload, subject_id, sequence, position from events order by position")
    assert [(row["payload"]["n"], row["position"]) for row in rows] == [(n, n) for n in range(1, 6)]
    assert [row["sequence"] for row in rows if row["subject_id"] == one] == [1, 2, 3, 4]
    assert [row["sequence"] for row in rows if row["subject_id"] == other] == [1]


async def numbered(works: Works, last: int) -> bool:
    async with works.across_tenants("tests") as work:
        return await work.fetchval("select last from event_positions") == last


async def test_an_event_that_commits_late_is_not_passed(
    committed_works: Works, committed_org: Organization, committed_database: str
) -> None:
    reader = Reader("test", mark)
    async with running(Sequencer(committed_database).run, loop_of(committed_works, reader).run):
        async with committed_works.begin(committed_org.actor) as early:
            early.emit(Happened(subject_id=new_id(), n=1))
            await early.flush()
            await tell(committed_works, committed_org, 2)
            await until(lambda: seen_all(committed_works, 1))
            assert await marks(committed_works) == [2]
        await until(lambda: seen_all(committed_works, 2))
    assert await marks(committed_works) == [2, 1]


async def test_another_sequencer_follows_one_whose_connection_is_lost(
    committed_works: Works, committed_org: Organization, committed_database: str
) -> None:
    async with running(*(Sequencer(committed_database).run for _ in range(3))):
        for round_ in range(1, 4):
            await tell(committed_works, committed_org, round_)
            await until(lambda n=round_: numbered(committed_works, n))
            assert await end_sessions(committed_database, lock_holders=True)


async def test_many_writers_and_every_event_once_in_order(
    committed_works: Works, committed_org: Organization, committed_other_org: Organization, committed_database: str
) -> None:
    subjects = [new_id() for _ in range(4)]
    last: dict[UUID, int] = {}

    async def in_order(work: Work, event: Event) -> None:
        assert event.sequence == last.get(event.subject_id, 0) + 1
        last[event.subject_id] = event.sequence
        await mark(work, event)

    async def write(writer: int) -> None:
        whose = (committed_org, committed_other_org)[writer % 2]
        for n in range(5):
            await tell(committed_works, whose, writer * 100 + n, subject=subjects[writer % 4])

    bell = Bell()
    reader = ReaderLoop(committed_works, Reader("test", in_order, attempts=1), bell.sleeper())
    ears = listening(committed_database, CHANNEL, lambda _: bell.ring())
    async with running(Sequencer(committed_database).run, reader.run, ears):
        await asyncio.gather(*(write(writer) for writer in range(20)))
        await until(lambda: seen_all(committed_works, 100))
    seen = await marks(committed_works)
    assert Counter(seen) == Counter(writer * 100 + n for writer in range(20) for n in range(5))
    for writer in range(20):
        assert [n for n in seen if n // 100 == writer] == [writer * 100 + n for n in range(5)]


async def test_an_effect_is_had_for_the_tenant_of_the_event(
    committed_works: Works, committed_org: Organization, committed_other_org: Organization, committed_database: str
) -> None:
    async def look(work: Work, event: Event) -> None:
        assert await work.fetchval("select array_agg(org_id) from organizations") == [event.org_id]
        await mark(work, event)

    await tell(committed_works, committed_org, 1)
    await tell(committed_works, committed_other_org, 2)
    async with running(Sequencer(committed_database).run, loop_of(committed_works, Reader("test", look)).run):
        await until(lambda: seen_all(committed_works, 2))


async def test_a_failing_event_is_put_aside_and_can_be_retried(
    committed_works: Works, committed_org: Organization, committed_other_org: Organization, committed_database: str
) -> None:
    attempts: list[int] = []
    broken = True

    async def react(work: Work, event: Event) -> None:
        attempts.append(event.payload["n"])
        await mark(work, event)
        if broken and event.payload["n"] == 2:
            raise RuntimeError("+447700900123 said no")

    reader = Reader("test", react, attempts=3)
    await tell(committed_works, committed_org, 1, 2, 3)
    async with running(Sequencer(committed_database).run, loop_of(committed_works, reader).run):
        await until(lambda: seen_all(committed_works, 2))
    assert attempts == [1, 2, 2, 2, 3]
    assert await marks(committed_works) == [1, 3]

    async with committed_works.read(committed_org.actor) as work:
        [failure] = await event_log.failures(work)
    assert (failure.reader, failure.type, failure.attempts) == ("test", "test.happened", 3)
    assert failure.error.startswith("RuntimeError")
    assert "447700" not in failure.error
    async with committed_works.read(committed_other_org.actor) as work:
        assert await event_log.failures(work) == []
        assert await work.fetch("select * from event_failures") == []

    async def retry(whose: Organization) -> None:
        async with committed_works.begin(whose.actor) as work:
            await event_log.retry(work, reader, failure.event_id)

    with pytest.raises(NotFound):
        await retry(committed_other_org)
    with pytest.raises(RuntimeError):
        await retry(committed_org)
    broken = False
    await retry(committed_org)
    with pytest.raises(NotFound):
        await retry(committed_org)
    assert await marks(committed_works) == [1, 2, 3]


async def test_a_lost_connection_is_not_the_events_fault(
    committed_works: Works, committed_org: Organization, committed_database: str
) -> None:
    admin = await asyncpg.connect(committed_database)
    cuts = 3

    async def react(work: Work, event: Event) -> None:
        nonlocal cuts
        await mark(work, event)
        if cuts:
            cuts -= 1
            await admin.execute("select pg_terminate_backend($1)", await work.fetchval("select pg_backend_pid()"))
            await work.fetchval("select 1")

    await tell(committed_works, committed_org, 1)
    reader = Reader("test", react, attempts=1)
    async with running(Sequencer(committed_database).run, loop_of(committed_works, reader).run):
        await until(lambda: seen_all(committed_works, 1))
    assert cuts == 0
    async with committed_works.read(committed_org.actor) as work:
        assert await event_log.failures(work) == []
    await admin.close()


async def test_a_reader_takes_the_types_it_wants_and_starts_where_it_says(
    committed_works: Works, committed_org: Organization, committed_database: str
) -> None:
    old: list[int] = []
    new: list[int] = []

    async def react_old(work: Work, event: Event) -> None:
        old.append(event.payload["n"])

    async def react_new(work: Work, event: Event) -> None:
        new.append(event.payload["n"])

    wanted = frozenset({"test.happened"})
    async with running(Sequencer(committed_database).run):
        await tell(committed_works, committed_org, 1)
        async with committed_works.begin(committed_org.actor) as work:
            for _ in range(600):
                work.emit(Ignored(subject_id=new_id()))
        await until(lambda: numbered(committed_works, 601))
        one = loop_of(committed_works, Reader("old", react_old, wanted))
        two = loop_of(committed_works, Reader("new", react_new, wanted, from_beginning=False))
        async with running(one.run, two.run):
            await until(lambda: cursors(committed_works, {"old": 601, "new": 601}))
            await tell(committed_works, committed_org, 2)
            await until(lambda: bool(new) and len(old) == 2)
    assert (old, new) == ([1, 2], [2])


async def cursors(works: Works, expected: dict[str, int]) -> bool:
    async with works.across_tenants("tests") as work:
        rows = await work.fetch("select name, position from event_readers")
    return {row["name"]: row["position"] for row in rows} == expected


async def test_a_tenant_moves_a_cursor_over_its_own_events_only(
    committed_works: Works, committed_org: Organization, committed_other_org: Organization, committed_database: str
) -> None:
    reader = loop_of(committed_works, Reader("test", mark))
    async with running(Sequencer(committed_database).run, reader.run):
        await tell(committed_works, committed_org, 1)
        await until(lambda: seen_all(committed_works, 1))
    async with running(Sequencer(committed_database).run):
        await tell(committed_works, committed_org, 2)
        await until(lambda: numbered(committed_works, 2))
    for whose, moves in ((committed_other_org, False), (committed_org, True)):
        async with committed_works.begin(whose.actor) as work:
            assert await work.fetchval("select advance_reader('test', 1, 2, $1)", work.now) is moves
    async with committed_works.read(committed_org.actor) as work:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await work.fetch("select * from event_readers")


@asynccontextmanager
async def reader_process(dsn: str, *, die_at: int = 0) -> AsyncIterator[asyncio.subprocess.Process]:
    """The reader of reader_process.py in a process of its own."""
    script = Path(__file__).with_name("reader_process.py")
    process = await start_python(script, dsn, str(die_at))
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@pytest.mark.process
async def test_effects_are_had_once_when_killed_between_effect_and_commit(
    committed_works: Works, committed_org: Organization, committed_database: str
) -> None:
    await tell(committed_works, committed_org, *range(1, 11))
    async with running(Sequencer(committed_database).run):
        await until(lambda: numbered(committed_works, 10))
    for die_at, before in ((4, 3), (9, 8)):
        async with reader_process(committed_database, die_at=die_at) as process:
            assert await asyncio.wait_for(process.wait(), 30) == -signal.SIGKILL
        assert await marks(committed_works) == list(range(1, before + 1))
    async with reader_process(committed_database):
        await until(lambda: seen_all(committed_works, 10))
    assert await marks(committed_works) == list(range(1, 11))


@pytest.mark.process
async def test_two_processes_of_one_reader_never_double_an_effect(
    committed_works: Works, committed_org: Organization, committed_database: str
) -> None:
    async with (
        running(Sequencer(committed_database).run),
        reader_process(committed_database),
        reader_process(committed_database),
    ):
        for n in range(1, 201, 5):
            await tell(committed_works, committed_org, *range(n, n + 5))
        await until(lambda: seen_all(committed_works, 200), 30)
    assert sorted(await marks(committed_works)) == list(range(1, 201))
    assert len(await emitted(committed_works, "test.happened")) == 200


async def test_two_loops_of_one_reader_in_turn(
    committed_works: Works, committed_org: Organization, committed_database: str
) -> None:
    others = await PooledConnections.open(committed_database, size=2, system_size=1)
    both = [loop_of(works, Reader("test", mark)) for works in (committed_works, Works(others, committed_works.clock))]
    async with running(Sequencer(committed_database).run, *(loop.run for loop in both)):
        for n in range(50):
            await tell(committed_works, committed_org, n)
        await until(lambda: seen_all(committed_works, 50))
    assert await marks(committed_works) == list(range(50))
    await others.close()
