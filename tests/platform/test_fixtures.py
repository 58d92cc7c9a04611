"""The fixtures keep their promises: other tests stand on them."""

import asyncio
import socket
from uuid import UUID

import asyncpg
import pytest
from tests.fixtures.network import OutsideSocket
from tests.fixtures.organizations import Organization

from frontdesk.kernel.clock import FrozenClock
from frontdesk.platform.database import Work, Works


async def scope(work: Work) -> tuple[str, UUID | None]:
    row = await work.fetchrow("select current_user::text as role, app_org() as org_id")
    assert row is not None
    return row["role"], row["org_id"]


async def visible(work: Work) -> set[UUID]:
    return {row["org_id"] for row in await work.fetch("select org_id from organizations")}


async def test_a_unit_of_work_sees_its_own_organisation_only(
    works: Works, org: Organization, other_org: Organization
) -> None:
    async with works.begin(org.actor) as work:
        assert await scope(work) == ("frontdesk_app", org.id)
        assert await visible(work) == {org.id}
    async with works.read(other_org.actor) as work:
        assert await visible(work) == {other_org.id}


async def test_role_and_tenant_come_back_after_nested_units(
    works: Works, work: Work, org: Organization, other_org: Organization
) -> None:
    async with works.across_tenants("tests") as system:
        assert await scope(system) == ("frontdesk_system", None)
        assert await visible(system) == {org.id, other_org.id}
        async with works.begin(other_org.actor) as nested:
            assert await visible(nested) == {other_org.id}
        assert await scope(system) == ("frontdesk_system", None)
    async with works.read(other_org.actor) as reading:
        assert await visible(reading) == {other_org.id}
    assert await scope(work) == ("frontdesk_app", org.id)


async def test_a_failed_unit_is_undone_and_the_next_goes_on(works: Works, org: Organization) -> None:
    async def rename_and_fail() -> None:
        async with works.begin(org.actor) as work:
            await work.execute("update organizations set name = 'Renamed'")
            await work.execute("insert into numbers select * from numbers")

    async def read_nonsense() -> None:
        async with works.read(org.actor) as work:
            await work.fetch("select * from no_such_table")

    with pytest.raises(asyncpg.UniqueViolationError):
        await rename_and_fail()
    with pytest.raises(asyncpg.UndefinedTableError):
        await read_nonsense()
    async with works.read(org.actor) as work:
        assert await work.fetchval("select name from organizations") == org.name


async def test_units_of_other_tasks_take_turns(works: Works, org: Organization, other_org: Organization) -> None:
    async def one(whose: Organization) -> None:
        async with works.begin(whose.actor) as work:
            for _ in range(3):
                await asyncio.sleep(0)
                assert await visible(work) == {whose.id}

    await asyncio.gather(*(one(whose) for whose in (org, other_org) * 5))


async def test_a_unit_in_another_task_nests_in_the_fixture(works: Works, work: Work, org: Organization) -> None:
    async def elsewhere() -> None:
        async with works.begin(org.actor) as inner:
            await inner.execute("update organizations set name = 'Renamed'")

    await asyncio.create_task(elsewhere())
    assert await work.fetchval("select name from organizations") == "Renamed"


@pytest.mark.parametrize("turn", [1, 2])
async def test_nothing_is_left_for_the_next_test(turn: int, works: Works, org: Organization) -> None:
    async with works.across_tenants("tests") as work:
        assert await visible(work) == {org.id}


@pytest.mark.committed
async def test_committed_units_are_seen_by_others(committed_works: Works, committed_org: Organization) -> None:
    async with committed_works.begin(committed_org.actor) as one:
        await one.execute("update organizations set name = 'Renamed'")
        async with committed_works.read(committed_org.actor) as two:
            assert await two.fetchval("select name from organizations") == committed_org.name
    async with committed_works.read(committed_org.actor) as two:
        assert await two.fetchval("select name from organizations") == "Renamed"


async def test_the_clock_stands(clock: FrozenClock, work: Work) -> None:
    assert work.now == clock.now()
    assert f"{work.now:%A %H:%M}" == "Tuesday 11:00"


def test_outside_sockets_are_blocked() -> None:
    with socket.socket() as client, pytest.raises(OutsideSocket):
        client.connect(("192.0.2.1", 80))
    with pytest.raises(OutsideSocket):
        socket.getaddrinfo("example.com", 443)
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        with socket.create_connection(server.getsockname(), timeout=5):
            pass
