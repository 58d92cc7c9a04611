"""The embedded PostgreSQL: attach to it, detach from it; the first one in starts it and the last one out stops it.

Who is alive is told by locks that the kernel frees (locks.py), never by process numbers: those get reused, and mean
nothing in another container. All functions block; run them in a thread from a coroutine.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from frontdesk.platform.postgres import cluster, locks
from frontdesk.platform.postgres.cluster import OWNER, Place, Postmaster
from frontdesk.platform.postgres.errors import DataDirInUse, ServerFailed
from frontdesk.platform.postgres.identity import choose
from frontdesk.platform.settings import make_data_dir

_PATIENCE_WITH_A_DEAF_SERVER = 5.0
"""Seconds after which a server that says it is ready, and whose socket is gone, is stopped and started again."""
_FAST_STOP, _ROUGH_STOP = 60.0, 10.0
"""Seconds given to a clean stop, and then to one that leaves recovery to the next start."""

_children: list[subprocess.Popen[bytes]] = []
"""Servers this process started, kept so that they are reaped."""


class EmbeddedServer:
    """One process's hold on the embedded server. As long as it is held nobody stops the server."""

    def __init__(self, place: Place, socket_dir: Path, users: int) -> None:
        self._place, self._users, self._owner = place, users, os.getpid()
        self.socket_dir = socket_dir

    @property
    def data_dir(self) -> Path:
        """Where everything of it lies."""
        return self._place.data_dir

    @property
    def log(self) -> Path:
        """The server's log."""
        return self._place.log

    def dsn(self, dbname: str = OWNER) -> str:
        """A URL for asyncpg, libpq and their tools, as the role that owns `dbname` and is no superuser."""
        return f"postgresql://{OWNER}@/{quote(dbname, safe='')}?host={quote(str(self.socket_dir), safe='')}&port=5432"

    def ensure_running(self, timeout: float = 120.0) -> None:
        """Start the server again if it died (killed for want of memory, say); its address stays. For whoever finds that
        connections fail. `timeout` is in seconds. Raises ServerFailed."""
        deadline = time.monotonic() + timeout
        with _explaining(self.data_dir):
            self.socket_dir = _running(self._place, deadline, throwaway=False)

    def trim_log(self) -> None:
        """Keep the log within bounds. Attaching does it too; a process that stays up for long calls it now and then."""
        cluster.trim_log(self.log)

    def detach(self) -> None:
        """Let go, and stop the server if nobody else holds it. Close connections before. Doing it twice is once.

        Raises ServerFailed when the server would not stop.
        """
        users, self._users = self._users, -1
        if users < 0:
            return
        if os.getpid() != self._owner:
            os.close(users)  # a fork shares the lock, and has no say in it
            return
        _leave(self._place, users)

    def __enter__(self) -> "EmbeddedServer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.detach()


class UpLock:
    """The right to be the one `frontdesk up` of a data directory. Ends with the process, or with `release`."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def release(self) -> None:
        """Give it up. Doing it twice is once."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def __enter__(self) -> "UpLock":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def attach(data_dir: Path, *, throwaway: bool = False, timeout: float = 120.0) -> EmbeddedServer:
    """Hold the server of `data_dir`, making and starting it if need be, when it takes connections.

    Any number of processes may do so at once. `throwaway`, for tests, trades safety for speed in a server that this
    call starts. `timeout` is in seconds and covers recovery after a crash. Raises ServerFailed, with the end of the
    server's log where that tells why.
    """
    deadline = time.monotonic() + timeout
    with _explaining(data_dir):
        make_data_dir(data_dir)
        place = Place(data_dir.resolve())
        users = locks.take(place.users_lock, deadline, "stopping PostgreSQL", shared=True)
        try:
            return EmbeddedServer(place, _running(place, deadline, throwaway=throwaway), users)
        except (ServerFailed, OSError):
            os.close(users)  # a server that is slow to recover goes on with it
            raise
        except BaseException:
            _leave(place, users)
            raise


def exclusive_up(data_dir: Path) -> UpLock:
    """Become the one `frontdesk up` on `data_dir`. Raises DataDirInUse, ServerFailed."""
    with _explaining(data_dir):
        make_data_dir(data_dir)
        path = data_dir / "up.lock"
        descriptor = locks.attempt(path)
        if descriptor is None:
            text = path.read_text().strip()
            pid = int(text) if text.isdigit() else None
            raise DataDirInUse(
                f"Frontdesk is already up on {data_dir}" + (f" (process {pid})" if pid else "") + ". "
                "Stop it first, or give another directory with --data-dir.",
                pid,
            )
        os.truncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        return UpLock(descriptor)


@contextlib.contextmanager
def _explaining(data_dir: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ServerFailed(cluster.explained_error(error, data_dir)) from error


def _running(place: Place, deadline: float, *, throwaway: bool) -> Path:
    """Wait for the server that is alive, or start one; the directory of its socket. One process at a time looks."""
    starter = locks.take(place.start_lock, deadline, "starting PostgreSQL")
    try:
        return _found_or_started(place, starter, deadline, throwaway=throwaway)
    finally:
        os.close(starter)


def _found_or_started(place: Place, starter: int, deadline: float, *, throwaway: bool) -> Path:
    deaf_since: float | None = None
    while True:
        alive = locks.attempt(place.server_lock)
        if alive is not None:
            try:
                return _start(place, starter, alive, deadline, throwaway=throwaway)
            finally:
                os.close(alive)
        found = Postmaster.read(place.cluster)
        if found and found.ready and found.socket_dir and found.answers():
            cluster.trim_log(place.log)
            return found.socket_dir
        now = time.monotonic()
        if found and found.ready:
            deaf_since = deaf_since or now
            if now - deaf_since > _PATIENCE_WITH_A_DEAF_SERVER and found.runs():
                os.kill(found.pid, signal.SIGINT)
                deaf_since = now
        else:
            deaf_since = None
        if now > deadline:
            raise ServerFailed(
                cluster.explained(
                    f"PostgreSQL of {place.data_dir} is alive and takes no connections. Its log:", _tail(place)
                )
            )
        time.sleep(locks.POLL)


def _start(place: Place, starter: int, alive: int, deadline: float, *, throwaway: bool) -> Path:
    """Start the server, which inherits `alive`, and wait until it takes connections."""
    identity = choose(place.data_dir, place.cluster, cluster.program("postgres"))
    if not place.cluster.exists():
        cluster.make(place, identity, starter, throwaway=throwaway)
    cluster.check(place)
    identity.give(place.cluster)
    sockets = cluster.socket_dir(place, identity)
    cluster.clear_stale_files(place, sockets)
    cluster.trim_log(place.log)
    log = os.open(place.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        start = os.fstat(log).st_size
        server = subprocess.Popen(  # noqa: S603
            cluster.serve_command(place, identity, sockets, throwaway=throwaway),
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=cluster.environment(), cwd=place.data_dir,
            pass_fds=[alive],
            start_new_session=True,  # Ctrl-C in the terminal must not reach it
        )  # fmt: skip
    finally:
        os.close(log)
    _children.append(server)
    while True:
        if (status := server.poll()) is not None:
            _children.remove(server)
            what = f"PostgreSQL did not start in {place.data_dir} (exit status {status})."
            raise ServerFailed(cluster.explained(what, _tail(place, start)))
        found = Postmaster.read(place.cluster)
        if found and found.pid == server.pid and found.ready and found.answers():
            return sockets
        if time.monotonic() > deadline:
            what = f"PostgreSQL of {place.data_dir} is still starting. Try again when it is done. Its log:"
            raise ServerFailed(cluster.explained(what, _tail(place, start)))
        time.sleep(locks.POLL)


def _leave(place: Place, users: int) -> None:
    """Give up the users' lock; as the last one, stop the server before."""
    try:
        if locks.raised(users):
            _stop(place)
    finally:
        os.close(users)


def _stop(place: Place) -> None:
    """Stop the server, cleanly if it can be done. To be called while nobody is attached, and nobody can."""
    for how, patience in ((signal.SIGINT, _FAST_STOP), (signal.SIGQUIT, _ROUGH_STOP)):
        found = Postmaster.read(place.cluster)
        if found and found.runs():
            with contextlib.suppress(ProcessLookupError):
                os.kill(found.pid, how)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            _children[:] = [child for child in _children if child.poll() is None]
            alive = locks.attempt(place.server_lock)
            if alive is not None:
                os.close(alive)
                return
            time.sleep(locks.POLL)
    raise ServerFailed(cluster.explained(f"PostgreSQL of {place.data_dir} does not stop. Its log:", _tail(place)))


def _tail(place: Place, start: int = 0) -> str:
    """The end of the log, of what was written from `start` on."""
    try:
        with place.log.open("rb") as file:
            file.seek(max(start, place.log.stat().st_size - 8192))
            return file.read().decode(errors="replace")
    except OSError:
        return ""
