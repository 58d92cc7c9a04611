"""Roles: what holds tenants apart has to be in force before anything is served."""

import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from tests.platform.postgres.debian import DebianPostgres, as_another_user, free_port
from tests.platform.postgres.processes import until

from frontdesk.platform.postgres.errors import PoolerRefused, RoleRefused
from frontdesk.platform.postgres.migrations import migrate
from frontdesk.platform.postgres.roles import check_role, ensure_roles, refuse_transaction_pooler
from frontdesk.platform.postgres.server import EmbeddedServer


@pytest.fixture(params=["embedded", "debian"])
def owner_dsn(request: pytest.FixtureRequest) -> str:
    """An owner without powers, on the newest server and on the oldest."""
    if request.param == "embedded":
        return request.getfixturevalue("embedded").dsn()
    return request.getfixturevalue("debian_postgres").dsn("postgres")


@pytest.mark.parametrize("role", ["frontdesk_app", "frontdesk_system", "frontdesk_intake"])
async def test_the_owner_becomes_any_of_the_roles_and_none_has_powers(owner_dsn: str, role: str) -> None:
    owner = await asyncpg.connect(owner_dsn)
    await ensure_roles(owner)
    await ensure_roles(owner)
    powers = "select rolsuper, rolbypassrls, rolcanlogin, rolcreaterole, rolcreatedb from pg_roles where rolname = $1"
    assert tuple(await owner.fetchrow(powers, role)) == (False, False, False, False, False)
    await owner.close()
    conn = await asyncpg.connect(owner_dsn, server_settings={"role": role})
    assert await conn.fetchval("select current_user::text") == role
    await check_role(conn)
    await conn.execute("reset all; reset role")
    assert await conn.fetchval("select current_user::text") == role
    await conn.close()


async def test_a_superuser_and_one_who_bypasses_policies_are_refused(debian_postgres: DebianPostgres) -> None:
    conn = await asyncpg.connect(debian_postgres.superuser_dsn())
    await ensure_roles(conn)
    with pytest.raises(
        RoleRefused, match=r"postgres is a superuser and has BYPASSRLS.* alter role postgres nosuperuser"
    ):
        await check_role(conn)
    await conn.execute("set role frontdesk_app")
    await check_role(conn)
    await conn.execute("reset role; alter role frontdesk_app bypassrls")
    try:
        with pytest.raises(RoleRefused, match="frontdesk_app has BYPASSRLS, so it would see"):
            await ensure_roles(conn)
    finally:
        await conn.execute("alter role frontdesk_app nobypassrls")
        await conn.close()


async def test_an_owner_who_may_not_make_roles_is_told_what_an_administrator_runs(
    debian_postgres: DebianPostgres,
) -> None:
    admin = await asyncpg.connect(debian_postgres.superuser_dsn())
    await ensure_roles(admin)
    await admin.execute("create role \"Mod-est\" login password 'x'")
    modest = await asyncpg.connect(debian_postgres.superuser_dsn(), user="Mod-est", password="x")
    try:
        await admin.execute("alter role frontdesk_intake rename to elsewhere")  # as before a version that wants it
        with pytest.raises(RoleRefused, match=r"run: create role frontdesk_intake; grant frontdesk_app, "):
            await ensure_roles(modest)
        await admin.execute("alter role elsewhere rename to frontdesk_intake")
        with pytest.raises(RoleRefused) as refused:
            await ensure_roles(modest)
        remedy = str(refused.value).split("run: ")[1]
        assert remedy == 'grant frontdesk_app, frontdesk_system, frontdesk_intake to "Mod-est";'
        await admin.execute(remedy)
        await ensure_roles(modest)
        await modest.execute("set role frontdesk_system")
        await check_role(modest)
    finally:
        await modest.close()
        await admin.execute('drop owned by "Mod-est"; drop role "Mod-est"')
        await admin.close()


async def test_a_direct_connection_is_taken(embedded: EmbeddedServer) -> None:
    await refuse_transaction_pooler(embedded.dsn())


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def pooler(debian_postgres: DebianPostgres, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a PgBouncer in the mode the test names, in front of Debian's server."""
    program = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin")
    if program is None:
        pytest.skip("pgbouncer is not installed")
    directory, port = Path(tempfile.mkdtemp(prefix="fd-")), free_port()
    config = directory / "pgbouncer.ini"
    target = f"host=127.0.0.1 port={debian_postgres.port} user={debian_postgres.OWNER}"
    config.write_text(
        f"[databases]\n* = {target} password='{debian_postgres.PASSWORD}'\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = any\nunix_socket_dir =\n"
        f"pool_mode = {request.param}\n"
    )
    server = subprocess.Popen([program, "-q", config], **as_another_user(directory), stderr=subprocess.DEVNULL)
    try:
        until(lambda: server.poll() is not None or listens(port))
        yield f"postgresql://anyone@127.0.0.1:{port}/postgres"
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(directory)


@pytest.mark.parametrize("pooler", ["transaction", "statement"], indirect=True)
async def test_a_pooler_that_shares_sessions_is_refused(pooler: str) -> None:
    with pytest.raises(PoolerRefused, match=r"pooler in transaction mode .* FRONTDESK_DATABASE_URL"):
        await refuse_transaction_pooler(pooler)


@pytest.mark.parametrize("pooler", ["session"], indirect=True)
async def test_a_pooler_that_leaves_sessions_whole_is_taken(pooler: str, debian_database: str, tmp_path: Path) -> None:
    await refuse_transaction_pooler(pooler)
    name = debian_database.rsplit("/", 1)[1]
    (tmp_path / "0001_one.sql").write_text("create table one ()")
    admin = await asyncpg.connect(debian_database.replace(name, "postgres"))
    await admin.execute(f"create database {name}")
    await admin.close()
    assert await migrate(pooler.replace("/postgres", f"/{name}"), tmp_path) == ["0001_one"]
