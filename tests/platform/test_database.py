"""Units of work when they end badly: nothing that failed passes for done, and no connection is lost."""

import asyncio

import asyncpg
import pytest
from tests.fixtures.organizations import Organization

from frontdesk.domain.leads.events import LeadHot
from frontdesk.domain.leads.service import datasets
from frontdesk.kernel.ids import new_id
from frontdesk.platform.database import PooledConnections, Works

pytestmark = pytest.mark.committed


@pytest.fixture
async def narrow(committed_database: str, committed_works: Works):
    """Units of work on one connection: one that is not given back is noticed."""
    connections = await PooledConnections.open(committed_database, size=1, system_size=1)
    yield Works(connections, committed_works.clock)
    await connections.close()


async def test_a_swallowed_failure_does_not_pass_for_a_commit(narrow: Works, committed_org: Organization) -> None:
    async def fails_midway() -> None:
        async with narrow.begin(committed_org.actor) as work:
            await datasets.create(work, "Lost")
            with pytest.raises(asyncpg.DivisionByZeroError):
                await work.fetchval("select 1 / 0")

    with pytest.raises(asyncpg.InFailedSQLTransactionError):
        await fails_midway()
    async with narrow.begin(committed_org.actor) as work:
        assert await datasets.list_all(work) == []


async def test_facts_told_where_nothing_is_written_are_an_error(narrow: Works, committed_org: Organization) -> None:
    with pytest.raises(RuntimeError, match=r"lead\.hot"):
        async with narrow.read(committed_org.actor) as work:
            work.emit(LeadHot(subject_id=new_id(), reason="keen"))


async def test_the_connection_comes_back_however_the_work_ends(narrow: Works, committed_org: Organization) -> None:
    async def fails() -> None:
        async with narrow.begin(committed_org.actor) as work:
            await work.execute("select no_such_column")

    async def is_killed() -> None:
        async with narrow.begin(committed_org.actor) as work:
            await work.execute("select pg_terminate_backend(pg_backend_pid())")

    async def fails_reading() -> None:
        async with narrow.read(committed_org.actor) as work:
            await work.execute("select no_such_column")

    for ends in (fails, is_killed, fails_reading):
        with pytest.raises(asyncpg.PostgresError) as told:
            await ends()
        assert "rollback" not in str(told.value)
    sleeping = asyncio.create_task(_sleep(narrow, committed_org))
    await asyncio.sleep(0.1)
    sleeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sleeping
    async with narrow.begin(committed_org.actor) as work:
        assert await work.fetchval("select 1") == 1


async def _sleep(works: Works, org: Organization) -> None:
    async with works.begin(org.actor) as work:
        await work.execute("select pg_sleep(30)")


async def test_the_tenant_of_the_one_before_is_not_left_behind(
    narrow: Works, committed_org: Organization, committed_other_org: Organization
) -> None:
    async with narrow.read(committed_org.actor) as work:
        assert await work.fetchval("select count(*) from organizations") == 1
    async with narrow.read(committed_other_org.actor) as work:
        assert await work.fetchval("select org_id from organizations") == committed_other_org.id
    nobody = type(committed_org.actor)(type=committed_org.actor.type, id=None, org_id=None)
    for opened in (narrow.read, narrow.begin):
        async with opened(nobody) as work:
            assert await work.fetchval("select count(*) from organizations") == 0


async def test_counts_lose_nothing_when_they_are_folded_while_leads_come_and_go(
    committed_works: Works,
    committed_org: Organization,
) -> None:
    org = committed_org
    async with committed_works.begin(org.actor) as work:
        dataset = await datasets.create(work, "Old leads")

    async def come_and_go(place: int) -> None:
        for turn in range(12):
            lead_id = new_id()
            async with committed_works.begin(org.actor) as work:
                await work.execute(
                    "insert into leads (org_id, id, created_at, updated_at) values ($1, $2, $3, $3)",
                    org.id, lead_id, work.now,
                )  # fmt: skip
                await work.execute(
                    "insert into dataset_leads (org_id, dataset_id, lead_id, created_at) values ($1, $2, $3, $4)",
                    org.id, dataset.id, lead_id, work.now,
                )  # fmt: skip
            async with committed_works.begin(org.actor) as work:
                await work.execute("update leads set stage = 'lost' where id = $1", lead_id)
            if (place + turn) % 3 == 0:
                async with committed_works.begin(org.actor) as work:
                    await work.execute("delete from leads where id = $1", lead_id)

    async def fold() -> None:
        for _ in range(20):
            await datasets.roll_up_counts(committed_works)
            async with committed_works.begin(org.actor) as work:
                assert min((await datasets.totals(work)).values(), default=0) >= 0

    await asyncio.gather(*(come_and_go(place) for place in range(4)), fold(), fold())
    async with committed_works.begin(org.actor) as work:
        there = await work.fetchval("select count(*) from leads")
        assert there == 32
        assert sum((await datasets.totals(work)).values()) == there
        assert (await datasets.get(work, dataset.id)).total_leads == there
