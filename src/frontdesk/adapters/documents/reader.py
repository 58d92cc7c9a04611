"""Documents are read in a process of their own: a hostile one costs that process its memory and time, and no more."""

import asyncio
import os
import sys
from typing import Any

import msgspec
import structlog

from frontdesk.ports.documents import Progress, Section, Unreadable

log = structlog.get_logger(__name__)

SECONDS = 90.0
"""Time that one document may take."""
ANSWER_BYTES = 32 * 1024 * 1024
"""The longest answer that is taken from the process."""
_AT_ONCE = 2

_PASSED_ON = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "SYSTEMROOT")


class ProcessReader:
    """A `DocumentReader` that starts `frontdesk.adapters.documents.program` for each document, two at once."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def read(self, kind: str, data: bytes, progress: Progress) -> list[Section]:
        """The text of the document. Raises Unreadable."""
        async with self._room:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "frontdesk.adapters.documents.program", kind,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
                env={name: os.environ[name] for name in _PASSED_ON if name in os.environ}, limit=ANSWER_BYTES,
            )  # fmt: skip
            try:
                async with asyncio.timeout(self._seconds):
                    answer = await self._talk(process, data, progress)
            except TimeoutError:
                raise Unreadable(f"Reading it took longer than {self._seconds:g} seconds.") from None
            except ValueError:  # a line beyond the limit
                raise Unreadable("It holds more text than can be taken.") from None
            finally:
                if process.returncode is None:
                    process.kill()
                await process.wait()
        if answer is None:
            log.warning("document_reader_died", kind=kind, code=process.returncode)
            raise Unreadable("It could not be read: it is broken, or takes too much memory.")
        if "problem" in answer:
            raise Unreadable(str(answer["problem"]))
        return msgspec.convert(answer["sections"], list[Section])

    @staticmethod
    async def _talk(process: asyncio.subprocess.Process, data: bytes, progress: Progress) -> dict[str, Any] | None:
        assert process.stdin is not None
        assert process.stdout is not None
        feeding = asyncio.create_task(_feed(process.stdin, data))
        try:
            while line := await process.stdout.readline():
                told: dict[str, Any] = msgspec.json.decode(line)
                if "done" not in told:
                    return told
                await progress(int(told["done"]), int(told["of"]))
        except msgspec.DecodeError:  # it died in the middle of a line
            return None
        finally:
            feeding.cancel()
            await asyncio.gather(feeding, return_exceptions=True)
        return None


async def _feed(pipe: asyncio.StreamWriter, data: bytes) -> None:
    pipe.write(data)
    await pipe.drain()
    pipe.close()
    await pipe.wait_closed()
