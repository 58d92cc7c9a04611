"""Debian's own PostgreSQL 15 over TCP: the lower bound of what we support, and a server that is not ours."""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BIN = Path("/usr/lib/postgresql/15/bin")


class DebianPostgres:
    """Debian's PostgreSQL 15 on TCP with passwords, with an owner as a hosting company gives one: no superuser."""

    OWNER, PASSWORD = "tenant_owner", "correct horse"

    def __init__(self, port: int) -> None:
        self.port = port

    def dsn(self, dbname: str) -> str:
        """As the owner, who may make roles and databases."""
        return f"postgresql://{self.OWNER}:correct%20horse@127.0.0.1:{self.port}/{dbname}"

    def superuser_dsn(self, dbname: str = "postgres") -> str:
        return f"postgresql://postgres:correct%20horse@127.0.0.1:{self.port}/{dbname}"


def free_port() -> int:
    """A TCP port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def as_another_user(directory: Path) -> dict[str, Any]:
    """How to start a program that refuses root, in a directory that becomes its own."""
    if os.geteuid() != 0:
        return {"cwd": directory}
    other = pwd.getpwnam("nobody")
    for path in (directory, *directory.iterdir()):
        os.chown(path, other.pw_uid, other.pw_gid)
    return {"cwd": directory, "user": other.pw_uid, "group": other.pw_gid, "extra_groups": []}


@contextlib.contextmanager
def running() -> Iterator[DebianPostgres]:
    """A server in a directory of its own, for as long as the block runs."""
    directory, server = Path(tempfile.mkdtemp(prefix="fd-debian-")), DebianPostgres(free_port())
    cluster, secret = directory / "cluster", directory / "password"
    secret.write_text(server.PASSWORD)
    how = as_another_user(directory) | {"check": True, "stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    control = [BIN / "pg_ctl", "-D", cluster, "-l", directory / "log", "-w"]
    options = f"-c listen_addresses=127.0.0.1 -c port={server.port} -c unix_socket_directories= -c fsync=off"
    make = f"create role {server.OWNER} login createdb createrole password '{server.PASSWORD}'"
    initdb = [BIN / "initdb", "-D", cluster, "-U", "postgres", "-A", "scram-sha-256", f"--pwfile={secret}", "-N"]
    try:
        subprocess.run([*initdb, "--locale=C.UTF-8", "--encoding=UTF8"], **how)
        subprocess.run([*control, "-o", options, "start"], **how)
        subprocess.run([BIN / "psql", server.superuser_dsn(), "-qc", make], **how)
        yield server
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], **(how | {"check": False}))
        shutil.rmtree(directory)
