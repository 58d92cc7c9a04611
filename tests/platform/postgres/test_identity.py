"""As whom the server runs: as root under closed parents, with and without user namespaces, and as other users."""

import ctypes
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.platform.postgres.processes import Holder, is_alive, postmaster

from frontdesk.platform.postgres.cluster import Place
from frontdesk.platform.postgres.errors import ServerFailed
from frontdesk.platform.postgres.identity import Identity, choose
from frontdesk.platform.postgres.server import attach

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(os.geteuid() != 0 or sys.platform != "linux", reason="becoming other users takes root on Linux"),
]

Hold = Callable[..., Holder]
NAMELESS = 54_321
CLOSED, OPEN = 0o700, 0o755


@pytest.fixture
def parent() -> Iterator[Path]:
    """A directory that only root can pass."""
    directory = Path(tempfile.mkdtemp(prefix="fd-"))
    yield directory
    for data_dir in directory.iterdir():
        assert not is_alive(data_dir)
    shutil.rmtree(directory)


def without_namespaces() -> None:
    """Stay root, and lose the right to make user namespaces, as in a container with the usual rules.

    To be run in a child between fork and exec. The new namespace has all users, and its own limit of zero.
    """
    ready, mapped, child = os.pipe(), os.pipe(), os.getpid()
    if os.fork() == 0:
        os.read(ready[0], 1)
        for name in ("uid_map", "gid_map"):
            Path(f"/proc/{child}/{name}").write_text("0 0 65536")
        os.write(mapped[1], b".")
        os._exit(0)
    assert ctypes.CDLL(None).unshare(0x10000000) == 0
    os.write(ready[1], b".")
    os.read(mapped[0], 1)
    os.wait()
    Path("/proc/sys/user/max_user_namespaces").write_text("0")


def becoming(uid: int) -> dict[str, Any]:
    """How to start a process as `uid`, with our packages. Skips the test where they are closed to that user."""
    how: dict[str, Any] = {"user": uid, "group": uid, "extra_groups": [], "cwd": "/"}
    how["env"] = {"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(sys.path)}
    name = f"python3.{sys.version_info.minor}"
    for python in (sys.executable, shutil.which(name, path="/usr/local/bin:/usr/bin")):
        argv = [python, "-c", "import asyncpg, frontdesk.platform.postgres.server"]
        try:
            if python and subprocess.run(argv, **how, capture_output=True).returncode == 0:
                return how | {"python": python}
        except PermissionError:
            pass
    pytest.skip("this checkout or its Python is closed to other users")


def test_root_gives_up_its_powers_and_reaches_closed_directories(parent: Path) -> None:
    data_dir = parent / "root" / "data"
    with attach(data_dir, throwaway=True):
        status = Path(f"/proc/{postmaster(data_dir)}/status").read_text()
        assert "CapEff:\t0000000000000000" in status
        assert os.readlink(f"/proc/{postmaster(data_dir)}/ns/user") != os.readlink("/proc/self/ns/user")
    assert parent.stat().st_mode & 0o777 == CLOSED
    assert (data_dir / "postgres").owner() == "root"


@pytest.mark.parametrize("mode", [OPEN, CLOSED])
def test_without_namespaces_root_has_another_user_run_it(parent: Path, hold: Hold, mode: int) -> None:
    parent.chmod(mode)
    data_dir = parent / "data"
    holder = hold(data_dir, "throwaway", preexec_fn=without_namespaces)
    assert holder.says().startswith("attached")
    status = Path(f"/proc/{postmaster(data_dir)}/status").read_text()
    assert f"Uid:\t{(data_dir / 'postgres').stat().st_uid}\t" in status
    assert f"CapEff:\t{'0000000000000000' if mode == OPEN else '0000000000000002'}" in status
    assert holder.leave() == "detached"
    assert (data_dir / "postgres").owner() != "root"
    assert parent.stat().st_mode & 0o777 == mode
    with attach(data_dir):  # namespaces or not, it stays that user's
        assert (
            f"Uid:\t{(data_dir / 'postgres').stat().st_uid}\t"
            in Path(f"/proc/{postmaster(data_dir)}/status").read_text()
        )


def test_a_cluster_made_in_a_namespace_goes_on_without_them(parent: Path, mould: Path, hold: Hold) -> None:
    data_dir = parent / "data"
    shutil.copytree(mould, data_dir)
    holder = hold(data_dir, preexec_fn=without_namespaces)
    assert holder.says().startswith("attached")
    assert holder.leave() == "detached"
    assert {path.owner() for path in (data_dir / "postgres").rglob("*")} == {(data_dir / "postgres").owner()}
    attach(data_dir).detach()


@pytest.mark.parametrize("uid", [pwd.getpwnam("nobody").pw_uid, NAMELESS])
def test_an_ordinary_user_even_one_without_a_name(parent: Path, hold: Hold, uid: int) -> None:
    how = becoming(uid)
    parent.chmod(OPEN)
    home = parent / "home"
    home.mkdir(CLOSED)
    os.chown(home, uid, uid)
    first, second = hold(home / "data", **how), hold(home / "data", **how)
    assert first.says() == second.says() == f"attached {postmaster(home / 'data')}"
    first.kill()
    third = hold(home / "data", **how)
    assert third.says() == f"attached {postmaster(home / 'data')}"
    assert [second.leave(), third.leave()] == ["detached", "detached"]
    assert (home / "data" / "postgres").stat().st_uid == uid
    with attach(home / "data", throwaway=True):  # root on it: as its owner
        assert Path(f"/proc/{postmaster(home / 'data')}").stat().st_uid == uid
    again = hold(home / "data", **how)
    assert again.leave().startswith("attached")


def test_a_directory_of_somebody_else_is_refused_in_one_line(parent: Path, mould: Path, hold: Hold) -> None:
    how = becoming(pwd.getpwnam("nobody").pw_uid)
    parent.chmod(OPEN)
    said = hold(parent / "data", **how).leave()
    assert said == (
        f"refused: {parent / 'data'}: Permission denied. Make the data directory writable for the user that runs "
        "Frontdesk, or give another one."
    )
    data_dir = parent / "given"
    data_dir.mkdir(0o777)
    data_dir.chmod(0o777)
    shutil.copytree(mould / "postgres", data_dir / "postgres")
    said = hold(data_dir, **how).leave()
    assert said == (
        f"refused: {data_dir / 'postgres'} belongs to user root. "
        "Run Frontdesk as that user, or give another data directory."
    )


def test_when_nobody_can_run_it_one_sentence_says_what_to_do(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "postgres"
    broken.write_text("#!/bin/sh\necho it is broken >&2; exit 1\n")
    broken.chmod(0o755)
    with pytest.raises(
        ServerFailed, match=r"refuses to run as user root, .*it is broken.*Run Frontdesk as an ordinary"
    ):
        choose(data_dir, Place(data_dir).cluster, broken)


def test_a_walk_that_was_cut_short_is_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = tmp_path / "tree"
    (tree / "a").mkdir(parents=True)
    (tree / "a" / "file").touch()
    nobody = pwd.getpwnam("nobody")
    identity = Identity("switch", nobody.pw_uid, nobody.pw_gid)
    strength = iter((os.lchown, os.lchown))
    with monkeypatch.context() as patched:
        patched.setattr(os, "lchown", lambda *arguments: next(strength)(*arguments))
        with pytest.raises(StopIteration):
            identity.give(tree)
    assert not identity.owns(tree)
    identity.give(tree)
    assert {path.owner() for path in (tree, *tree.rglob("*"))} == {"nobody"}
