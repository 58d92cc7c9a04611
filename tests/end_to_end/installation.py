"""The program as an operator has it: a data directory, a port, and commands in processes of their own."""

import asyncio
import contextlib
import ctypes
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import httpx
from tests.fixtures.waiting import until
from tests.platform.postgres.debian import free_port
from tests.platform.postgres.processes import is_alive

from frontdesk.platform.postgres.server import attach

FRONTDESK = Path(sys.executable).with_name("frontdesk")
_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
PATIENCE = 90.0
"""Seconds for a start or a stop, on a machine that has other things to do."""


def _end_with_the_tests() -> None:
    """In the child: be told to stop when the tests' process is gone, however it went. Linux alone can do that."""
    if sys.platform == "linux":
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM))


class Program:
    """A command that runs, in a session of its own as in a terminal. What it says is in `log`."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process, self._log = process, log

    def __str__(self) -> str:
        return self._log.name

    @property
    def pid(self) -> int:
        """Its process, and its process group."""
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.returncode is None

    @property
    def said(self) -> str:
        """All it has written so far, to either output."""
        return self._log.read_text(errors="replace")

    async def ended(self, limit: float = PATIENCE) -> int:
        """Wait for its end; the exit status."""
        try:
            return await asyncio.wait_for(self._process.wait(), limit)
        except TimeoutError:
            raise AssertionError(f"it still runs after {limit:g} s:\n{self.said[-3000:]}") from None

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end; the exit status."""
        self._process.send_signal(how)
        return await self.ended()

    async def interrupt(self) -> int:
        """Ctrl-C in its terminal: every process of its group gets the signal."""
        os.killpg(self.pid, signal.SIGINT)
        return await self.ended()

    async def kill(self) -> None:
        """SIGKILL, as the kernel does when memory runs out. Nothing happens to one that has ended."""
        if self.runs:
            self._process.kill()
        await self._process.wait()

    async def saying(self, words: str, limit: float = PATIENCE) -> "Program":
        """Wait until it has said `words`."""
        await until(lambda: words in self.said or not self.runs, limit)
        assert words in self.said, f"it ended without saying {words!r}:\n{self.said[-3000:]}"
        return self


class Installation:
    """A data directory with a port, and what is started on it. `close` ends all of that."""

    def __init__(self, mould: Path | None = None, **settings: str) -> None:
        """`mould` is a data directory to begin with a copy of. `settings` are variables without their prefix."""
        self._directory = Path(tempfile.mkdtemp(prefix="fd-e2e-"))  # short: sockets have short names
        self.data_dir = self._directory / "data"
        self.port = free_port()
        self._settings = {
            "PORT": str(self.port),
            "LIMITS": "off",
            "MODEL": "offline",
            "VOICE": "off",
            "DATA_DIR": str(self.data_dir),
            **settings,
        }
        self._programs: list[Program] = []
        if mould is not None:
            shutil.copytree(mould, self.data_dir, ignore=shutil.ignore_patterns("postgres.log", "run", "*.lock"))

    @property
    def url(self) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process of what was started first."""
        return self._programs[0].pid

    async def start(self, *command: str, typed: str = "", **settings: str) -> Program:
        """Start `frontdesk …`, with `typed` to read; nothing is waited for."""
        log = self._directory / f"{len(self._programs)}-{command[0]}.log"
        mine = {name: value for name, value in os.environ.items() if not name.startswith("FRONTDESK_")}
        given = {f"FRONTDESK_{name}": value for name, value in (self._settings | settings).items()}
        with log.open("wb") as out:
            process = await asyncio.create_subprocess_exec(
                FRONTDESK, *command, cwd=self._directory, start_new_session=True, stdin=asyncio.subprocess.PIPE,
                stdout=out, stderr=out, preexec_fn=_end_with_the_tests,
                env=mine | {"HOME": str(self._directory), "COLUMNS": "200"} | given,
            )  # fmt: skip
        assert process.stdin is not None
        process.stdin.write(typed.encode())
        process.stdin.close()
        self._programs.append(Program(process, log))
        return self._programs[-1]

    async def run(self, *command: str, typed: str = "", **settings: str) -> tuple[int, str]:
        """Run `frontdesk …` to its end: exit status, and what it said."""
        program = await self.start(*command, typed=typed, **settings)
        return await program.ended(), program.said.strip()

    async def serve(self, *command: str, **settings: str) -> Program:
        """Start a command that serves, `up` or `api`, and wait until it answers."""
        program = await self.start(*command, **settings)
        await self.healthy(program)
        return program

    async def healthy(self, program: Program) -> None:
        """Wait until GET /health answers 200."""
        async with httpx.AsyncClient(base_url=self.url, timeout=5) as http:

            async def answers() -> bool:
                if not program.runs:
                    raise AssertionError(f"it ended instead of serving:\n{program.said[-3000:]}")
                with contextlib.suppress(httpx.TransportError):
                    return (await http.get("/health")).status_code == 200
                return False

            await until(answers, PATIENCE)

    async def worker(self) -> Program:
        """Start a worker, and wait until it works."""
        return await (await self.start("worker")).saying("Working.")

    def serves(self) -> bool:
        """Whether any server of the embedded PostgreSQL is alive here."""
        return self.data_dir.is_dir() and is_alive(self.data_dir)

    @contextlib.asynccontextmanager
    async def database(self) -> AsyncIterator[asyncpg.Connection]:
        """A look into its embedded database, as the role that sees all tenants."""
        server = await asyncio.to_thread(attach, self.data_dir)
        try:
            connection = await asyncpg.connect(server.dsn(), server_settings={"role": "frontdesk_system"})
            try:
                yield connection
            finally:
                await connection.close()
        finally:
            await asyncio.to_thread(server.detach)

    def strike_database(self, how: signal.Signals) -> None:
        """Have its embedded database stop, as an operator would (SIGINT) or as by a crash (SIGQUIT)."""
        [pid_file] = self.data_dir.glob("postgres/**/postmaster.pid")
        os.kill(int(pid_file.read_text().splitlines()[0]), how)

    async def close(self) -> None:
        """End all that runs, the database included, and remove everything."""
        for program in self._programs:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(program.pid, signal.SIGKILL)
            await program.ended()
            sys.stdout.write(f"--- {program}\n{program.said[-4000:]}\n")  # shown where the test fails
        if self.serves():  # the last one out stops it, and they all were killed
            (await asyncio.to_thread(attach, self.data_dir, throwaway=True)).detach()
        shutil.rmtree(self._directory)
