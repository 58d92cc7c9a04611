"""Locks between processes: flock on files that are never removed. The kernel frees them when their holder dies."""

import fcntl
import os
import time
from pathlib import Path

from frontdesk.platform.postgres.errors import ServerFailed

POLL = 0.05
"""Seconds between two looks at something another process does."""


def attempt(path: Path, *, shared: bool = False) -> int | None:
    """The lock on `path` as an open descriptor (closing it frees the lock), or None when it is held. Raises OSError."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def take(path: Path, deadline: float, doing: str, *, shared: bool = False) -> int:
    """As `attempt`, waiting until `deadline` (time.monotonic()). Raises ServerFailed: somebody is still `doing`."""
    while (descriptor := attempt(path, shared=shared)) is None:
        if time.monotonic() > deadline:
            raise ServerFailed(f"Another process is still {doing} (it holds {path}). Wait for it, or stop it.")
        time.sleep(POLL)
    return descriptor


def raised(descriptor: int) -> bool:
    """Make the shared lock of `descriptor` an exclusive one. False, and no lock at all, when others share it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
