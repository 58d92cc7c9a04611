"""The programs that hear and speak: held to their weights, ended when they hang, replaced when they die."""

import os
import signal
from pathlib import Path

import pytest

from frontdesk.adapters.speech import weights
from frontdesk.adapters.speech.pool import Pool
from frontdesk.ports.speech import SpeechFailed


def test_weights_other_than_those_that_were_tried_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "model.bin"
    file.write_bytes(b"something else")
    with pytest.raises(SpeechFailed, match=r"model\.bin is not the file that was tried"):
        weights.check(file, weights.WHISPER)
    with pytest.raises(SpeechFailed, match="cannot be read"):
        weights.check(tmp_path / "none", weights.WHISPER)


async def test_a_process_that_dies_is_replaced() -> None:
    pool = Pool("pico", size=1, threads=1, seconds=30)
    assert await pool.ask(b"Hello.")
    (process,) = pool._idle
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    assert await pool.ask(b"Hello.")
    await pool.close()
    with pytest.raises(SpeechFailed):
        await pool.ask(b"Hello.")


async def test_a_process_that_hangs_is_ended_and_replaced() -> None:
    pool = Pool("pico", size=1, threads=1, seconds=30)
    assert await pool.ask(b"Hello.")
    (process,) = pool._idle
    os.kill(process.pid, signal.SIGSTOP)
    pool._seconds = 0.2
    with pytest.raises(SpeechFailed, match=r"took longer than 0\.2 seconds"):
        await pool.ask(b"Hello.")
    assert process.returncode is not None
    pool._seconds = 30
    assert await pool.ask(b"Hello.")
    await pool.close()


async def test_a_program_that_is_not_there_says_so() -> None:
    with pytest.raises(SpeechFailed, match="could not be started"):
        await Pool("nothing", size=1, threads=1, seconds=1).ask(b"")
