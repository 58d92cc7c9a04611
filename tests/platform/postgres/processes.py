"""Other processes that hold the embedded server, and waiting for what they do."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from frontdesk.platform.postgres import locks
from frontdesk.platform.postgres.cluster import Place, Postmaster

HOLDER = Path(__file__).with_name("holder.py")


class Holder:
    """A process that runs holder.py."""

    def __init__(self, data_dir: Path, *options: str, python: str = sys.executable, **how: Any) -> None:
        self.process = subprocess.Popen(
            [python, str(HOLDER), str(data_dir), *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True, **how,
        )  # fmt: skip

    def says(self) -> str:
        """Its next line."""
        return self.process.stdout.readline().strip()

    def leave(self) -> str:
        """Let it end, and return what it says until then."""
        self.process.stdin.close()
        said = self.process.stdout.read().strip()
        self.end()
        return said

    def kill(self) -> None:
        """End it without notice."""
        self.process.kill()
        self.end()

    def end(self) -> None:
        """See it gone. Doing it twice is once."""
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()


def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait for `condition`, with a limit."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def postmaster(data_dir: Path) -> int | None:
    """The process of the server that runs in `data_dir`, if one does."""
    found = Postmaster.read(Place(data_dir).cluster)
    return found.pid if found and found.runs() else None


def is_alive(data_dir: Path) -> bool:
    """Whether any process of a server of `data_dir` is left."""
    alive = locks.attempt(Place(data_dir).server_lock)
    if alive is not None:
        os.close(alive)
    return alive is None
