"""Migrations: each once, whole or not at all, by one process at a time, and loud about what is wrong."""

import asyncio
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
from tests.fixtures.server import drop_database
from tests.platform.postgres.debian import DebianPostgres

from frontdesk.platform.postgres import migrations
from frontdesk.platform.postgres.errors import MigrationFailed
from frontdesk.platform.postgres.migrations import Migration, default_directory, migrate, read_migrations
from frontdesk.platform.postgres.server import EmbeddedServer, attach

Write = Callable[..., Path]


@pytest.fixture
def files(tmp_path: Path) -> Write:
    """Writes migrations, by name, and returns their directory."""

    def write(**texts: str) -> Path:
        for name, text in texts.items():
            (tmp_path / f"{name.removeprefix('m')}.sql").write_text(text)
        return tmp_path

    return write


async def ask(dsn: str, sql: str) -> list[tuple[object, ...]]:
    conn = await asyncpg.connect(dsn)
    try:
        return [tuple(row) for row in await conn.fetch(sql)]
    finally:
        await conn.close()


HISTORY = "select version, name from schema_migrations order by version"


async def test_files_run_in_order_and_once(new_database: str, files: Write) -> None:
    directory = files(m0001_people="create table people (name text)", m0002_first="insert into people values ('Ada')")
    assert await migrate(new_database, directory) == ["0001_people", "0002_first"]
    assert await migrate(new_database, directory) == []
    files(m0003_second="insert into people values ('Bea')")
    assert await migrate(new_database, directory) == ["0003_second"]
    assert await ask(new_database, "select name from people") == [("Ada",), ("Bea",)]
    assert await ask(new_database, HISTORY) == [(1, "0001_people"), (2, "0002_first"), (3, "0003_second")]


async def test_connect_arguments_do_as_well_as_a_url(embedded: EmbeddedServer, new_database: str, files: Write) -> None:
    name = new_database.split("@/")[1].split("?")[0]
    where = {"host": str(embedded.socket_dir), "port": 5432, "user": "frontdesk", "database": name}
    assert await migrate(where, files(m0001_one="create table one ()")) == ["0001_one"]


async def test_the_products_own_migrations_run_on_the_embedded_server(new_database: str) -> None:
    assert await migrate(new_database) == [migration.name for migration in read_migrations(default_directory())]


async def test_the_products_own_migrations_run_on_the_oldest_server_as_a_hosting_companys_owner(
    debian_database: str,
) -> None:
    assert await migrate(debian_database)
    assert await migrate(debian_database) == []
    assert "PostgreSQL 15" in str(await ask(debian_database, "select version()"))


async def test_leads_from_before_places_were_counted_are_counted_by_a_hosting_companys_owner(
    debian_database: str, tmp_path: Path
) -> None:
    for path in default_directory().glob("*.sql"):
        if path.name < "0019":
            shutil.copy(path, tmp_path)
    await migrate(debian_database, tmp_path)
    owner = await asyncpg.connect(debian_database)
    try:
        await owner.execute(
            """set role frontdesk_system;
               insert into organizations (org_id, name, number, created_at, updated_at)
               values ('00000000-0000-0000-0000-000000000001', 'Acme', '+447700900001', now(), now());
               set role frontdesk_app;
               set app.org_id = '00000000-0000-0000-0000-000000000001';
               insert into datasets (org_id, id, name, created_at, updated_at)
               select app_org(), app_org(), '', now(), now();
               insert into leads (org_id, id, created_at, updated_at)
               select app_org(), gen_random_uuid(), now() - make_interval(days => n), now()
               from generate_series(1, 9) n;
               insert into dataset_leads (org_id, dataset_id, lead_id, created_at)
               select org_id, org_id, id, now() from leads limit 4"""
        )
    finally:
        await owner.close()
    await migrate(debian_database)
    for table in ("lead_days", "lead_blocks"):
        counted = f"select dataset_id is null, sum(change)::int, count(*)::int from {table} group by 1 order by 1"
        conn = await asyncpg.connect(debian_database)
        try:
            await conn.execute("set role frontdesk_system")
            assert [tuple(row) for row in await conn.fetch(counted)] == [(False, 4, 4), (True, 9, 9)]
        finally:
            await conn.close()


async def test_a_failed_file_leaves_nothing_and_says_where(new_database: str, files: Write) -> None:
    directory = files(
        m0001_fine="create table fine ()",
        m0002_broken="create table half ();\n\n-- what; follows\ncreate table other (\n    a int,\n    b nonsense\n);",
        m0003_never="create table never ()",
    )
    with pytest.raises(MigrationFailed) as failed:
        await migrate(new_database, directory)
    assert str(failed.value) == (
        '0002_broken, line 6: type "nonsense" does not exist. The file was undone. '
        "The statement: create table other ( a int, b nonsense );"
    )
    assert await ask(new_database, "select tablename from pg_tables where schemaname = 'public' order by 1") == [
        ("fine",),
        ("schema_migrations",),
    ]
    files(m0002_broken="create table mended ()")
    assert await migrate(new_database, directory) == ["0002_broken", "0003_never"]


async def test_an_error_while_running_names_its_statement(new_database: str, files: Write) -> None:
    text = "create table n (x int unique);\ninsert into n values (1);\n\n  insert into n\n  values (1);\nselect 1;"
    with pytest.raises(MigrationFailed, match=r"0001_n, line 4: duplicate key .*Key \(x\)=\(1\) already exists"):
        await migrate(new_database, files(m0001_n=text))


async def test_an_applied_file_may_not_change(new_database: str, files: Write) -> None:
    directory = files(m0001_one="create table one ()")
    await migrate(new_database, directory)
    files(m0001_one="create table one (more int)")
    with pytest.raises(MigrationFailed, match=r"0001_one is not what was applied .* restore the file"):
        await migrate(new_database, directory)
    (directory / "0001_one.sql").rename(directory / "0001_other.sql")
    files(m0001_other="create table one ()")
    with pytest.raises(MigrationFailed, match="0001_other is not what was applied to this database as 0001_one"):
        await migrate(new_database, directory)


async def test_an_older_program_refuses_a_newer_database(new_database: str, files: Write) -> None:
    directory = files(m0001_one="create table one ()", m0002_two="create table two ()")
    await migrate(new_database, directory)
    (directory / "0002_two.sql").unlink()
    with pytest.raises(MigrationFailed, match="newer than this program: it has 0002_two"):
        await migrate(new_database, directory)


async def test_a_hole_in_the_history_is_refused(new_database: str, files: Write) -> None:
    directory = files(m0001_one="create table one ()", m0002_two="create table two ()")
    await migrate(new_database, directory)
    await ask(new_database, "delete from schema_migrations where version = 1")
    with pytest.raises(MigrationFailed, match="0001_one was never applied to this database, and later ones were"):
        await migrate(new_database, directory)


@pytest.mark.parametrize(
    ("names", "complaint"),
    [
        (("m0002_two",), "number 0001 was expected"),
        (("m0001_one", "m0003_three"), "number 0002 was expected"),
        (("m0001_one", "m0001_uno"), "number 0002 was expected"),
        (("m0001_One",), "named NNNN_what.sql"),
        (("m1_one",), "named NNNN_what.sql"),
    ],
)
def test_numbers_are_one_two_three(files: Write, names: tuple[str, ...], complaint: str) -> None:
    with pytest.raises(MigrationFailed, match=complaint):
        read_migrations(files(**dict.fromkeys(names, "select 1")))


async def test_without_a_transaction_each_statement_stands_alone(new_database: str, files: Write) -> None:
    directory = files(
        m0001_people="create table people (name text)",
        m0002_index=(
            "-- no-transaction\ncreate index concurrently if not exists by_name on people (name);\n"
            "create index concurrently if not exists by_nothing on people (nothing);\n"
        ),
    )
    with pytest.raises(MigrationFailed, match=r"0002_index, line 3: .* What ran before it is kept"):
        await migrate(new_database, directory)
    assert await ask(new_database, "select indexname from pg_indexes where tablename = 'people'") == [("by_name",)]
    assert await ask(new_database, HISTORY) == [(1, "0001_people")]
    files(m0002_index="-- no-transaction\ncreate index concurrently if not exists by_name on people (name)")
    assert await migrate(new_database, directory) == ["0002_index"]


@pytest.mark.parametrize("word", ["commit", "ROLLBACK", "begin", "start transaction", "end"])
async def test_a_file_may_not_end_its_transaction(new_database: str, files: Write, word: str) -> None:
    text = f"create table one ();\n{word};\nselect 1 / 0"
    with pytest.raises(MigrationFailed, match="0001_one, line 2: a migration is one transaction and may not end it"):
        await migrate(new_database, files(m0001_one=text))
    assert await ask(new_database, "select count(*) from pg_tables where tablename = 'one'") == [(0,)]


def test_statements_end_where_the_server_thinks_so() -> None:
    pieces = [
        "create function f() returns text language plpgsql as $$ begin perform 1; return ';'; end $$;",
        "do $outer$ begin execute $$ select ';' $$; end $outer$;",
        "select 'it''s; so', E'a\\'; b', \"odd;name\" /* not; here */;",
        "create function g() returns int begin atomic select 1; select 2; end;",
        "select $1;",
        "select 'last'",
    ]
    text = "-- first; a comment\n\n" + "\n".join(pieces) + "\n;;\n-- the end;\n"
    found = list(Migration(1, "x", text, "").statements())
    assert [line for line, _ in found] == [3, 4, 5, 6, 7, 8]
    assert [piece.strip().removesuffix("\n;") for _, piece in found] == pieces


async def test_many_processes_migrate_at_once(new_database: str, files: Write) -> None:
    directory = files(m0001_one="create table one (); select pg_sleep(0.2)", m0002_two="create table two ()")
    done = await asyncio.gather(*(migrate(new_database, directory) for _ in range(6)))
    assert sorted(done) == [[], [], [], [], [], ["0001_one", "0002_two"]]


async def test_many_databases_of_a_new_cluster_are_migrated_at_once(
    debian_postgres: DebianPostgres, files: Write
) -> None:
    """The roles belong to the cluster, whose databases do not see each other's locks."""
    directory = files(m0001_one="create table one ()")
    admin = await asyncpg.connect(debian_postgres.superuser_dsn())
    roles = [row[0] for row in await admin.fetch("select rolname from pg_roles where rolname like 'frontdesk_%'")]
    names = [f"race_{number}" for number in range(8)]
    try:
        if not roles:
            done = await asyncio.gather(*(migrate(debian_postgres.dsn(name), directory) for name in names))
            assert done == [["0001_one"]] * 8
    finally:
        for name in names:
            await drop_database(debian_postgres.superuser_dsn(), name)
        await admin.close()


async def test_waiting_for_another_process_has_an_end(new_database: str, files: Write) -> None:
    directory = files(m0001_one="create table one ()")
    await migrate(new_database, directory)
    other = await asyncpg.connect(new_database)
    await other.execute("select pg_advisory_lock($1)", migrations._LOCK)
    with pytest.raises(MigrationFailed, match=r"has been migrating this database for 0\.3 seconds"):
        await migrate(new_database, directory, lock_timeout=0.3)
    other.terminate()  # as SIGKILL does
    assert await migrate(new_database, directory) == []


async def test_an_index_made_concurrently_is_not_held_up_by_those_who_wait(new_database: str, files: Write) -> None:
    directory = files(m0001_one="create table one (a int); insert into one select generate_series(1, 100)")
    await migrate(new_database, directory)
    files(m0002_two="-- no-transaction\nselect pg_sleep(0.3);\ncreate index concurrently a on one (a);")
    done = await asyncio.wait_for(asyncio.gather(*(migrate(new_database, directory) for _ in range(3))), timeout=30)
    assert sorted(done) == [[], [], ["0002_two"]]


async def test_what_comes_after_runs_each_time_under_the_lock(new_database: str, files: Write) -> None:
    directory = files(m0001_one="create table one (n int)")
    inside = 0

    async def hook(conn: asyncpg.Connection) -> None:
        nonlocal inside
        inside += 1
        assert inside == 1
        await conn.execute("insert into one values (1); select pg_sleep(0.05)")
        inside -= 1

    await asyncio.gather(*(migrate(new_database, directory, after=[hook, hook]) for _ in range(3)))
    assert await ask(new_database, "select count(*) from one") == [(6,)]


async def test_an_old_server_is_refused(new_database: str, files: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "OLDEST_SERVER", 99)
    with pytest.raises(MigrationFailed, match=r"The server is PostgreSQL 18; 99 or newer is needed\."):
        await migrate(new_database, files(m0001_one="create table one ()"))


@pytest.mark.parametrize(
    ("dsn", "complaint"),
    [
        ("postgresql://me@127.0.0.1:1/x", "cannot be reached: .*Connect call failed"),
        ("postgresql://me@/x?host=/nowhere", "cannot be reached"),
    ],
)
async def test_a_server_that_is_not_there(files: Write, dsn: str, complaint: str) -> None:
    with pytest.raises(MigrationFailed, match=complaint):
        await migrate(dsn, files(m0001_one="create table one ()"))


async def test_a_wrong_password(debian_postgres: DebianPostgres, files: Write) -> None:
    with pytest.raises(MigrationFailed, match=r"cannot be reached: password authentication failed"):
        await migrate(debian_postgres.dsn("x").replace("correct", "wrong"), files(m0001_one="create table one ()"))


async def test_a_user_who_may_make_no_database_is_told_so(debian_postgres: DebianPostgres, files: Write) -> None:
    admin = await asyncpg.connect(debian_postgres.superuser_dsn())
    await admin.execute("create role modest login password 'x'")
    try:
        dsn = f"postgresql://modest:x@127.0.0.1:{debian_postgres.port}/not_there"
        with pytest.raises(MigrationFailed, match="permission denied to create database"):
            await migrate(dsn, files(m0001_one="create table one ()"))
    finally:
        await admin.execute("drop role modest")
        await admin.close()


@pytest.mark.process
async def test_killed_in_the_middle_of_a_file(data_dir: Path, files: Write) -> None:
    """The server undoes it and gives up the lock, though the statement would go on for a minute."""
    directory = files(m0001_slow="create table one (); select pg_sleep(60)")
    program = (
        "import asyncio, pathlib, sys; from frontdesk.platform.postgres.migrations import migrate; "
        "asyncio.run(migrate(sys.argv[1], pathlib.Path(sys.argv[2])))"
    )
    with attach(data_dir, throwaway=True) as held:
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, held.dsn(), str(directory))
        busy = "select 1 from pg_stat_activity where query like '%pg_sleep(60)%' and wait_event = 'PgSleep'"
        async with asyncio.timeout(30):
            while not await ask(held.dsn(), busy):
                await asyncio.sleep(0.05)
        process.kill()
        await process.wait()
        files(m0001_slow="create table one ()")
        assert await migrate(held.dsn(), directory, lock_timeout=20) == ["0001_slow"]
