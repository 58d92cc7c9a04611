"""Processes that do work that would hold up every call of this one: so many, shared by all calls, served in turn."""

import asyncio
import os
import sys
from contextlib import suppress

import structlog

from frontdesk.adapters.speech.program import FAILED, LENGTH
from frontdesk.ports.speech import SpeechFailed

log = structlog.get_logger(__name__)

READY_WITHIN = 60.0
"""Seconds in which a process has to be ready: it reads its weights."""

_PASSED_ON = ("PATH", "PYTHONPATH", "HOME", "LANG", "LC_ALL", "SYSTEMROOT")


class Pool:
    """At most `size` processes of one job of `program`. They are started when they are first wanted, or by `warm`."""

    def __init__(self, job: str, *, size: int, threads: int, seconds: float) -> None:
        """`seconds` is the time that one piece of work may take once it is begun; a process that takes longer is
        ended, and another takes its place."""
        self._job, self._threads, self._seconds = job, threads, seconds
        self._room = asyncio.Semaphore(size)
        self._idle: list[asyncio.subprocess.Process] = []
        self._under_way: set[asyncio.Task[bytes]] = set()
        self._closed = False

    async def warm(self) -> None:
        """Have one process ready. Raises SpeechFailed."""
        async with self._room:
            self._idle.append(await self._process())

    async def ask(self, request: bytes) -> bytes:
        """The answer to `request`. Whoever waits in the order of asking. Raises SpeechFailed.

        Work that nobody waits for any more is finished all the same: to begin a process anew takes longer.
        """
        task = asyncio.create_task(self._ask(request))
        self._under_way.add(task)
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    def _done(self, task: asyncio.Task[bytes]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()  # has been told to whoever asked, if they still listen

    async def _ask(self, request: bytes) -> bytes:
        async with self._room:
            if self._closed:
                raise SpeechFailed(f"{self._job} is closed")
            process = await self._process()
            try:
                async with asyncio.timeout(self._seconds):
                    answer = await _exchange(process, request)
            except BaseException as error:
                await _end(process)
                if isinstance(error, TimeoutError):
                    log.warning("speech_process_hung", job=self._job, seconds=self._seconds)
                    raise SpeechFailed(f"{self._job} took longer than {self._seconds:g} seconds") from None
                if isinstance(error, (OSError, EOFError)):
                    log.warning("speech_process_died", job=self._job, code=process.returncode)
                    raise SpeechFailed(f"{self._job} ended while it worked") from None
                raise
            self._idle.append(process)
        if answer[:1] == FAILED:
            raise SpeechFailed(f"{self._job}: {answer[1:].decode(errors='replace')}")
        return answer[1:]

    async def _process(self) -> asyncio.subprocess.Process:
        """A process that is ready."""
        while self._idle:
            process = self._idle.pop()
            if process.returncode is None:
                return process
            await _end(process)
        env = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "frontdesk.adapters.speech.program", self._job, str(self._threads),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            env=env | {"OMP_WAIT_POLICY": "PASSIVE", "HF_HUB_OFFLINE": "1"}, start_new_session=True,
        )  # fmt: skip
        try:
            async with asyncio.timeout(READY_WITHIN):
                said = await _read(process)
        except (TimeoutError, OSError, EOFError):
            await _end(process)
            raise SpeechFailed(f"{self._job} could not be started") from None
        except BaseException:
            await _end(process)
            raise
        if said[:1] == FAILED:
            await _end(process)
            raise SpeechFailed(f"{self._job} could not be started: {said[1:].decode(errors='replace')}")
        return process

    async def close(self) -> None:
        """End all processes."""
        self._closed = True
        for task in list(self._under_way):
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        while self._idle:
            await _end(self._idle.pop())


async def _exchange(process: asyncio.subprocess.Process, request: bytes) -> bytes:
    assert process.stdin is not None
    process.stdin.write(LENGTH.pack(len(request)) + request)
    await process.stdin.drain()
    return await _read(process)


async def _read(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout is not None
    (length,) = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))
    return await process.stdout.readexactly(length)


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
    await process.wait()
    if process.stdin is not None:
        process.stdin.close()
