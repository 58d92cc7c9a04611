"""The programs that are measured, each one process on a port of its own: Frontdesk, and its peers."""

import asyncio
import contextlib
import os
import shutil
import socket
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from msgspec import Struct

from bench.stand import PUBLIC_URL, Stand

PEERS = Path(__file__).parent / "peers"
STARTS_WITHIN = 120.0


class Server(Struct, frozen=True):
    """A server that answers. `pid` is the process whose cost is counted, with its children."""

    name: str
    url: str
    pid: int


class PeerMissing(Exception):
    """A peer that cannot be had here; the message says why."""


async def install(peer: str, *, build: bool = False) -> None:
    """Install a peer from its lock file, where that has not been done. Raises PeerMissing."""
    directory = PEERS / peer
    done = directory / "node_modules" / ".installed"
    lock = (directory / "package-lock.json").read_bytes()
    if shutil.which("npm") is None:
        raise PeerMissing("there is no npm")
    if not done.exists() or done.read_bytes() != lock:
        # Not `ci`, which refuses a lock without the packages of other platforms where an index has them not.
        await _npm(directory, "install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts")
        if build:
            await _npm(directory, "run", "build")
        done.write_bytes(lock)


async def _npm(directory: Path, *args: str) -> None:
    env = os.environ | {"NEXT_TELEMETRY_DISABLED": "1"}
    process = await asyncio.create_subprocess_exec(
        "npm", *args, cwd=directory, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    if process.returncode != 0:
        raise PeerMissing(f"npm {args[0]} failed: {said.decode(errors='replace')[-400:]}")


@asynccontextmanager
async def frontdesk(stand: Stand) -> AsyncGenerator[Server]:
    """`frontdesk api` on the stand: limits lifted, log at warnings."""
    port = free_port()
    env = {
        "FRONTDESK_LIMITS": "off", "FRONTDESK_LOG_LEVEL": "warning", "FRONTDESK_PUBLIC_URL": PUBLIC_URL,
        "FRONTDESK_PORT": str(port), "FRONTDESK_DATA_DIR": str(stand.data_dir),
    }  # fmt: skip
    command = [sys.executable, "-c", "from frontdesk.cli import main; main()", "api"]
    async with running("Frontdesk", command, env, port, Path.cwd()) as server:
        yield server


@asynccontextmanager
async def express(stand: Stand, totals: str = "counted") -> AsyncGenerator[Server]:
    """The Express peer. `totals`: `counted` as such programs do, or `rolled-up` from the sums that Frontdesk keeps."""
    port = free_port()
    name = "Express + pg" if totals == "counted" else "Express + pg, our totals"
    env = _peer_env(stand, port) | {"TOTALS": totals}
    async with running(name, ["node", "server.js"], env, port, PEERS / "express") as server:
        yield server


@asynccontextmanager
async def next_prisma(stand: Stand) -> AsyncGenerator[Server]:
    """The Next.js peer, in its production build."""
    port = free_port()
    program = ["node", "node_modules/next/dist/bin/next", "start", "-H", "127.0.0.1", "-p", str(port)]
    async with running("Next.js + Prisma", program, _peer_env(stand, port), port, PEERS / "next") as server:
        yield server


def _peer_env(stand: Stand, port: int) -> dict[str, str]:
    secrets = stand.runtime.secrets
    return stand.peer_env | {
        "JWT_SECRET": secrets.jwt_secret, "TWILIO_AUTH_TOKEN": secrets.sandbox_auth_token, "PUBLIC_URL": PUBLIC_URL,
        "PORT": str(port), "NODE_ENV": "production", "NEXT_TELEMETRY_DISABLED": "1",
    }  # fmt: skip


@asynccontextmanager
async def running(
    name: str, command: list[str], env: Mapping[str, str], port: int, cwd: Path
) -> AsyncGenerator[Server]:
    process = await asyncio.create_subprocess_exec(
        *command, env=os.environ | env, cwd=cwd, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        url = f"http://127.0.0.1:{port}"
        await asyncio.wait_for(_answering(process, url), STARTS_WITHIN)
        yield Server(name, url, process.pid)
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), 20)
            except TimeoutError:
                process.kill()
                await process.wait()


async def _answering(process: asyncio.subprocess.Process, url: str) -> None:
    def answers() -> bool:
        with contextlib.suppress(URLError, OSError), urlopen(f"{url}/health", timeout=5) as answer:
            return answer.status == 200
        return False

    while not await asyncio.to_thread(answers):
        if process.returncode is not None:
            raise PeerMissing(f"the server ended with {process.returncode}")
        await asyncio.sleep(0.2)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
