"""The queue's promises: a task enqueued is done, again when it fails, by another when its worker dies, or kept."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest
from tests.fixtures.contexts import bare_context
from tests.fixtures.organizations import Organization
from tests.fixtures.outages import end_sessions
from tests.fixtures.outcomes import queued
from tests.fixtures.processes import start_python
from tests.fixtures.waiting import running, until

from frontdesk.kernel.access import PERMISSIONS_OF, Role
from frontdesk.kernel.clock import CompressedClock
from frontdesk.kernel.errors import Conflict, Forbidden, NotFound
from frontdesk.platform import dead_letters, queue
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work, Works
from frontdesk.platform.loops import is_lost
from frontdesk.platform.queue import GiveUp, RetryAfter, TaskHandler, enqueue, handles
from frontdesk.platform.queue_runner import HEARTBEAT_TIMEOUT, POLL, QueueRunner

TASK = "test.task"


class Due(msgspec.Struct, frozen=True):
    """A payload as features make them."""

    org_id: UUID
    n: int


class Recorder:
    """A handler that notes its calls and does what it is told."""

    def __init__(self, act: Callable[[int], Awaitable[None]] | None = None, **how: Any) -> None:
        self.calls: list[int] = []
        self.done: list[int] = []
        self._act = act

        async def handle(context: Context, payload: Due) -> None:
            self.calls.append(payload.n)
            if self._act is not None:
                await self._act(payload.n)
            self.done.append(payload.n)

        quickly = {"first_delay": timedelta(milliseconds=50), "max_delay": timedelta(milliseconds=200)}
        self.handler: TaskHandler[Due] = handles(TASK, Due, **(quickly | how))(handle)


async def put(works: Works, org: Organization, *numbers: int, **how: Any) -> None:
    async with works.begin(org.actor) as work:
        for n in numbers:
            await enqueue(work, TASK, Due(org.id, n), **how)


def runner(works: Works, dsn: str, *recorders: Recorder, **how: Any) -> QueueRunner:
    return QueueRunner(bare_context(works), dsn, [recorder.handler for recorder in recorders], **how)


async def is_empty(works: Works) -> bool:
    return not await queued(works)


async def letters(works: Works, org: Organization, *, dealt_with: bool = False) -> list[dead_letters.DeadLetter]:
    async with works.read(org.actor) as work:
        return await dead_letters.listed(work, dealt_with=dealt_with)


# Enqueueing --------------------------------------------------------------------------------------------------------


async def test_a_task_is_enqueued_with_the_transaction_or_not_at_all(works: Works, org: Organization) -> None:
    async def fail() -> None:
        async with works.begin(org.actor) as work:
            await enqueue(work, TASK, Due(org.id, 1))
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert await queued(works) == []
    await put(works, org, 2, priority=3)
    [task] = await queued(works)
    assert (task.task, task.payload, task.priority) == (TASK, {"org_id": str(org.id), "n": 2}, 3)


async def test_the_organisation_is_added_and_another_is_refused(
    work: Work, works: Works, org: Organization, other_org: Organization
) -> None:
    await enqueue(work, TASK, {"n": 1})
    assert [task.payload for task in await queued(works)] == [{"n": 1, "org_id": str(org.id)}]
    with pytest.raises(ValueError, match="another organisation"):
        await enqueue(work, TASK, Due(other_org.id, 1))
    with pytest.raises(ValueError, match="for ids"):
        await enqueue(work, TASK, {"text": "x" * 9000})


async def test_run_at_is_of_the_clock_of_the_work(works: Works, org: Organization) -> None:
    start = datetime(2030, 1, 1, 9, 0, tzinfo=UTC)
    compressed = CompressedClock(start, 3600)
    before = datetime.now(UTC)
    async with Works(works._connections, compressed).begin(org.actor) as work:  # pyright: ignore[reportPrivateUsage]
        await enqueue(work, TASK, {}, run_at=start + timedelta(hours=10))
    [task] = await queued(works)
    assert timedelta(seconds=8) < task.run_at - before < timedelta(seconds=12)


@pytest.mark.committed
async def test_a_tenant_can_put_into_the_queue_and_not_look(
    committed_works: Works, committed_org: Organization
) -> None:
    await put(committed_works, committed_org, 1)
    for statement in (
        "select payload from pgqueuer",
        "select id from pgqueuer",
        "update pgqueuer set priority = 1",
        "delete from pgqueuer",
        "select * from pgqueuer_log",
    ):
        async with committed_works.read(committed_org.actor) as work:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await work.fetch(statement)


@pytest.mark.committed
async def test_installing_twice_changes_nothing(
    committed_works: Works, committed_database: str, committed_org: Organization
) -> None:
    await put(committed_works, committed_org, 1)
    owner = await asyncpg.connect(committed_database)
    await queue.install(owner)
    await owner.close()
    assert len(await queued(committed_works)) == 1


# Running -----------------------------------------------------------------------------------------------------------


@pytest.mark.committed
async def test_tasks_are_done_once_and_soon(
    committed_works: Works, committed_org: Organization, committed_database: str
) -> None:
    record = Recorder()
    async with running(runner(committed_works, committed_database, record).run):
        await put(committed_works, committed_org, 1)
        await until(lambda: record.done == [1])
        began = time.monotonic()
        await put(committed_works, committed_org, 2)
        await until(lambda: record.done == [1, 2])
        assert time.monotonic() - began < POLL.total_seconds()  # it was looked for, and not come upon
        await put(committed_works, committed_org, *range(3, 60))
        await until(lambda: len(record.done) == 59)
        await until(lambda: is_empty(committed_works))
    assert sorted(record.calls) == list(range(1, 60))


@pytest.mark.committed
async def test_at_most_so_many_run_at_once(
    committed_works: Works, committed_org: Organization, committed_database: str
) -> None:
    now, most = 0, 0

    async def act(n: int) -> None:
        nonlocal now, most
        now, most = now + 1, max(most, now + 1)
        await asyncio.sleep(0.02)
        now -= 1

    record = Recorder(act)
    await put(committed_works, committed_org, *range(40))
    async with running(runner(committed_works, committed_database, record, concurrency=4).run):
        await until(lambda: len(record.done) == 40)
    assert most == 4


@pytest.mark.committed
async def test_a_task_waits_for_its_time(
    committed_works: Works, committed_org: Organization, committed_database: str
) -> None:
    record = Recorder()
    when = datetime.now(UTC) + timedelta(seconds=1.5)
    await put(committed_works, committed_org, 1, run_at=when)
    await put(committed_works, committed_org, 2)
    async with running(runner(committed_works, committed_database, record).run):
        await until(lambda: record.done == [2, 1])
    assert datetime.now(UTC) >= when


@pytest.mark.committed
async def test_a_failing_task_is_tried_again(
    committed_works: Works, committed_org: Organization, committed_database: str
) -> None:
    async def act(n: int) -> None:
        if record.calls.count(n) < 3:
            raise RuntimeError("not yet")

    record = Recorder(act)
    async with running(runner(committed_works, committed_database, record).run):
        await put(committed_works, committed_org, 1, 2)
        await until(lambda: sorted(record.done) == [1, 2])
    assert sorted(record.calls) == [1, 1, 1, 2, 2, 2]
    assert await letters(committed_works, committed_org) == []


@pytest.mark.committed
async def test_a_task_that_keeps_failing_is_kept_and_can_be_replayed(
    committed_works: Works, committed_org: Organization, committed_other_org: Organization, committed_database: str
) -> None:
    broken = True

    async def act(n: int) -> None:
        if broken:
            raise RuntimeError("+447700900123 wrote: stop")

    record = Recorder(act, max_attempts=3)
    serve = runner(committed_works, committed_database, record)
    async with running(serve.run):
        await put(committed_works, committed_org, 1)
        await until(lambda: is_empty(committed_works))
        [letter] = await letters(committed_works, committed_org)
        assert (letter.task, letter.payload["n"], letter.attempts) == (TASK, 1, 3)
        assert letter.error.startswith("RuntimeError")
        assert record.calls == [1, 1, 1]
        await nothing_personal(committed_database)

        async def replay(whose: Organization) -> None:
            async with committed_works.begin(whose.actor) as work:
                await dead_letters.replay(work, letter.id)

        assert await letters(committed_works, committed_other_org) == []
        with pytest.raises(NotFound):
            await replay(committed_other_org)
        broken = False
        await replay(committed_org)
        await until(lambda: record.done == [1])
        with pytest.raises(Conflict):
            await replay(committed_org)
    assert await letters(committed_works, committed_org) == []
    assert [kept.id for kept in await letters(committed_works, committed_org, dealt_with=True)] == [letter.id]


async def nothing_personal(dsn: str) -> None:
    """Neither the dead letters nor the engine's own log have the words of an exception."""
    admin = await asyncpg.connect(dsn)
    await admin.execute("set role frontdesk_system")
    for table in ("pgqueuer", "pgqueuer_log", "dead_letters"):
        for row in await admin.fetch(f"select to_jsonb(t)::text as text from {table} t"):
            assert "447700" not in row["text"]
    await admin.close()


async def test_dead_letters_are_for_those_who_operate_jobs(works: Works, org: Organization) -> None:
    agent = msgspec.structs.replace(org.actor, role=Role.AGENT, permissions=PERMISSIONS_OF[Role.AGENT])
    async with works.read(agent) as work:
        with pytest.raises(Forbidden):
            await dead_letters.listed(work)


@pytest.mark.committed
async def test_handlers_say_when_and_whether_to_try_again(
    committed_works: Works, committed_org: Organization, committed_database: str
) -> None:
    times: list[float] = []

    async def act(n: int) -> None:
        times.append(time.monotonic())
        if n == 1 and len(times) == 1:
            raise RetryAfter(timedelta(seconds=1))
        if n == 2:
            raise GiveUp("the account is closed")

    record = Recorder(act)
    async with running(runner(committed_works, committed_database, record).run):
        await put(committed_works, committed_org, 1)
        await until(lambda: record.done == [1])
        assert times[1] - times[0] >= 1
        await put(committed_works, committed_org, 2)
        await until(lambda: has_letter(committed_works, committed_org))
    [letter] = await letters(committed_works, committed_org)
    assert (letter.error, letter.attempts) == ("the account is closed", 1)


async def has_letter(works: Works, org: Organization) -> bool:
    return bool(await letters(works, org))


@pytest.mark.committed
async def test_unknown_tasks_and_payloads_that_do_not_fit_are_kept(
    committed_works: Works, committed_org: Organization, committed_database: str
) -> None:
    record = Recorder()
    async with committed_works.begin(committed_org.actor) as work:
        await enqueue(work, "test.unheard_of", {"thing_id": 7})
        await enqueue(work, TASK, {"n": "seven"})
    serve = runner(committed_works, committed_database, record, unknown_after=timedelta(seconds=0.5))
    async with running(serve.run):
        await until(lambda: is_empty(committed_works))
    kept = {letter.task: letter for letter in await letters(committed_works, committed_org)}
    assert kept["test.unheard_of"].error == "no worker knows this task"
    assert kept["test.unheard_of"].payload["thing_id"] == 7
    assert kept[TASK].error.startswith("the payload is not what test.task takes: Expected `int`, got `str`")
    assert record.calls == []


@pytest.mark.committed
async def test_a_task_of_an_organisation_that_is_gone_is_kept_as_nobodys(
    committed_works: Works, committed_org: Organization, committed_database: str
) -> None:
    async def act(n: int) -> None:
        raise GiveUp("no such organisation")

    await put(committed_works, committed_org, 1)
    async with committed_works.across_tenants("tests") as work:
        await work.execute("delete from organizations")
    async with running(runner(committed_works, committed_database, Recorder(act)).run):
        await until(lambda: is_empty(committed_works))
    async with committed_works.across_tenants("tests") as work:
        [row] = await work.fetch("select org_id, error from dead_letters")
    assert dict(row) == {"org_id": None, "error": "no such organisation"}


@pytest.mark.committed
async def test_a_task_that_hangs_is_cut_off_and_tried_again(
    committed_works: Works, committed_org: Organization, committed_database: str
) -> None:
    async def act(n: int) -> None:
        if len(record.calls) == 1:
            await asyncio.Event().wait()

    record = Recorder(act, time_limit=timedelta(seconds=0.5))
    async with running(runner(committed_works, committed_database, record).run):
        await put(committed_works, committed_org, 1)
        await until(lambda: record.done == [1])


# Ends and accidents ------------------------------------------------------------------------------------------------


@pytest.mark.committed
async def test_stopping_finishes_what_runs(
    committed_works: Works, committed_org: Organization, committed_database: str
) -> None:
    async def act(n: int) -> None:
        await asyncio.sleep(0.7)

    record = Recorder(act)
    await put(committed_works, committed_org, 1)
    async with running(runner(committed_works, committed_database, record).run):
        await until(lambda: record.calls == [1])
    assert record.done == [1]
    assert await is_empty(committed_works)


@pytest.mark.committed
async def test_what_does_not_finish_in_time_goes_to_another_worker(
    committed_works: Works, committed_org: Organization, committed_database: str
) -> None:
    async def act(n: int) -> None:
        await asyncio.Event().wait()

    stuck, healthy = Recorder(act), Recorder()
    await put(committed_works, committed_org, 1)
    async with running(runner(committed_works, committed_database, stuck, grace=timedelta(seconds=0.3)).run):
        await until(lambda: stuck.calls == [1])
    async with running(runner(committed_works, committed_database, healthy).run):
        began = time.monotonic()
        await until(lambda: healthy.done == [1])
    assert time.monotonic() - began < HEARTBEAT_TIMEOUT.total_seconds()
    assert await letters(committed_works, committed_org) == []


@pytest.mark.committed
async def test_it_outlives_lost_connections(
    committed_works: Works, committed_org: Organization, committed_database: str
) -> None:
    release = asyncio.Event()

    async def act(n: int) -> None:
        if n == 1:
            await release.wait()

    record = Recorder(act)
    async with running(runner(committed_works, committed_database, record).run):
        await put(committed_works, committed_org, 1)
        await until(lambda: record.calls == [1])
        for n in (2, 3):
            assert await end_sessions(committed_database)
            await until(lambda n=n: was_put(committed_works, committed_org, n))
            await until(lambda n=n: n in record.done)
        release.set()  # the one that ran all the while is recorded as done
        await until(lambda: is_empty(committed_works))
    assert record.calls.count(1) == 1


async def was_put(works: Works, org: Organization, n: int) -> bool:
    try:
        await put(works, org, n)
    except Exception as error:
        if not is_lost(error):
            raise
        return False
    return True


@pytest.mark.committed
@pytest.mark.process
async def test_the_job_of_a_killed_worker_is_done_by_another_within_ten_seconds(
    committed_works: Works, committed_org: Organization, committed_database: str
) -> None:
    await put(committed_works, committed_org, 1)
    script = Path(__file__).with_name("queue_process.py")
    victim = await start_python(script, committed_database, stdout=asyncio.subprocess.PIPE)
    assert victim.stdout is not None
    assert await asyncio.wait_for(victim.stdout.readline(), 30) == b"has it\n"
    record = Recorder()
    async with running(runner(committed_works, committed_database, record).run):
        victim.send_signal(signal.SIGKILL)
        killed = time.monotonic()
        await victim.wait()
        await until(lambda: record.done == [1])
        assert time.monotonic() - killed < 10
        await until(lambda: is_empty(committed_works))


@pytest.mark.committed
async def test_jobs_that_a_worker_has_without_knowing_do_not_fill_it(
    committed_works: Works, committed_org: Organization, committed_database: str
) -> None:
    """As when answers to its claims are lost, or a database comes back older than it was."""
    release = asyncio.Event()

    async def act(n: int) -> None:
        await release.wait()

    record, brief = Recorder(act), timedelta(seconds=1)
    only = runner(committed_works, committed_database, record, concurrency=2, heartbeat_timeout=brief)
    async with running(only.run):
        await put(committed_works, committed_org, 1)
        await until(lambda: record.calls == [1])
        async with committed_works.across_tenants("tests") as work:
            for n in (2, 3):
                await enqueue(work, TASK, Due(committed_org.id, n))
            await work.execute(
                """update pgqueuer set status = 'picked', heartbeat = now() - interval '1 minute',
                       queue_manager_id = (select queue_manager_id from pgqueuer where status = 'picked')
                   where status = 'queued'"""
            )
        release.set()
        await put(committed_works, committed_org, 4)
        await until(lambda: sorted(record.done) == [1, 2, 3, 4])
        await until(lambda: is_empty(committed_works))


@pytest.mark.committed
async def test_a_worker_that_was_taken_for_dead_gives_up_no_job_of_another(
    committed_works: Works, committed_org: Organization, committed_database: str
) -> None:
    async def act(n: int) -> None:
        async with committed_works.across_tenants("tests") as work:
            await work.execute("update pgqueuer set queue_manager_id = gen_random_uuid() where status = 'picked'")
        raise GiveUp("the account is closed")

    record = Recorder(act)
    async with running(runner(committed_works, committed_database, record).run):
        await put(committed_works, committed_org, 1)
        await until(lambda: record.calls == [1])
    assert len(await queued(committed_works)) == 1
    assert not await letters(committed_works, committed_org)


@pytest.mark.committed
async def test_a_long_job_stays_with_its_worker(
    committed_works: Works, committed_org: Organization, committed_database: str
) -> None:
    async def act(n: int) -> None:
        if n == 1:
            await asyncio.sleep(4.5)

    record = Recorder(act)
    brief = timedelta(seconds=2)
    runners = [runner(committed_works, committed_database, record, heartbeat_timeout=brief) for _ in range(2)]
    await put(committed_works, committed_org, 1)
    async with running(*(one.run for one in runners)):
        await until(lambda: record.done == [1])
        await until(lambda: is_empty(committed_works))
    assert record.calls == [1]


@pytest.mark.committed
async def test_a_job_that_kills_its_workers_is_kept_at_last(
    committed_works: Works, committed_org: Organization, committed_database: str
) -> None:
    await put(committed_works, committed_org, 1)
    async with committed_works.across_tenants("tests") as work:  # as seven dead workers leave it behind
        await work.execute(
            """update pgqueuer set created = now() - interval '1 minute', execute_after = now() - interval '1 minute',
                   status = 'picked', heartbeat = now() - interval '1 minute', queue_manager_id = gen_random_uuid()"""
        )
        await work.execute(
            """insert into pgqueuer_log (job_id, status, priority, entrypoint)
               select id, 'picked', 0, entrypoint from pgqueuer, generate_series(1, 7)"""
        )
    record = Recorder()
    async with running(runner(committed_works, committed_database, record).run):
        await until(lambda: has_letter(committed_works, committed_org))
    [letter] = await letters(committed_works, committed_org)
    assert letter.error == "its worker died 7 times while it ran"
    assert record.calls == []
