"""Putting load on a server, and reading what it cost."""

import asyncio
import json
import os
from pathlib import Path

from msgspec import Struct

HERE = Path(__file__).parent
CLIENTS = 16
"""Requests under way at once: `wrk` with one thread."""

_TICK = os.sysconf("SC_CLK_TCK")


class Cpu(Struct, frozen=True):
    """Seconds of processor time, user and system, that processes have used."""

    server: float
    database: float

    def __sub__(self, other: "Cpu") -> "Cpu":
        return Cpu(self.server - other.server, self.database - other.database)


class Round(Struct, frozen=True):
    """One round of load on one server. Times in milliseconds."""

    requests: int
    per_second: float
    p50: float
    p99: float
    server_ms: float
    """Processor time of the server's processes for one request."""
    database_ms: float
    """The same of PostgreSQL."""

    @property
    def total_ms(self) -> float:
        """Both."""
        return self.server_ms + self.database_ms


class LoadFailed(Exception):
    """A round in which not every request was answered well."""


class NothingAnswered(LoadFailed):
    """A round that was over before the first answer: the machine was at something else."""


async def put(script: str, url: str, requests: Path, seconds: float, server: int, database: int) -> Round:
    """A round of load: `requests` is the script's file, `server` and `database` the processes that pay for it."""
    before = Cpu(spent(server), spent(database))
    process = await asyncio.create_subprocess_exec(
        "wrk", "-t1", f"-c{CLIENTS}", f"-d{seconds:g}s", "--timeout", "20s", "-s", str(HERE / f"{script}.lua"),
        url, "--", str(requests), stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _ = await process.communicate()
    cost = Cpu(spent(server), spent(database)) - before
    if process.returncode != 0:
        raise LoadFailed(f"wrk ended with {process.returncode}")
    told = json.loads(said.decode().splitlines()[-1])
    if told["failed"] or told["broken"]:
        raise LoadFailed(f"{url}: {told}")
    if not told["requests"]:
        raise NothingAnswered(url)
    count = told["requests"]
    return Round(
        requests=count,
        per_second=count / (told["micros"] / 1e6),
        p50=told["p50"] / 1000,
        p99=told["p99"] / 1000,
        server_ms=cost.server * 1000 / count,
        database_ms=cost.database * 1000 / count,
    )


def spent(root: int) -> float:
    """Seconds of processor time of a process and of all that came of it, ended children included."""
    of: dict[int, tuple[int, float]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            of[int(entry.name)] = int(fields[1]), sum(map(int, fields[11:15])) / _TICK
    total, wanted = 0.0, [root]
    while wanted:
        pid = wanted.pop()
        if pid in of:
            total += of[pid][1]
            wanted += [child for child, (parent, _) in of.items() if parent == pid]
    return total
