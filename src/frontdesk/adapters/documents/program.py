"""What runs in the process of its own: a document comes in, its text goes out, a line of JSON each.

`{"done": 3, "of": 40}` now and then, then `{"sections": [...]}` or `{"problem": "…"}`.
"""

import contextlib
import json
import logging
import sys
import time
import warnings
from collections.abc import Callable

from frontdesk.adapters.documents import office, pdf, plain
from frontdesk.adapters.documents.limits import Trouble
from frontdesk.ports.documents import Section

MEMORY = 1024 * 1024 * 1024
CPU_SECONDS = 80
_EVERY = 0.4

Tell = Callable[[int, int], None]
READERS: dict[str, Callable[[bytes, Tell], list[Section]]] = {
    "txt": plain.read_text,
    "md": plain.read_text,
    "csv": plain.read_table,
    "pdf": pdf.read,
    "docx": office.read,
}


def main(kind: str) -> None:
    """Read one document of `kind` from standard input."""
    _hold()
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    told_at = 0.0

    def tell(done: int, of: int) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= _EVERY:
            told_at = time.monotonic()
            _say({"done": done, "of": of})

    try:
        sections = READERS[kind](sys.stdin.buffer.read(), tell)
        if not any(section.text.strip() for section in sections):
            raise Trouble("There is no text in it.")
        _say({"sections": [{"heading": section.heading, "text": section.text} for section in sections]})
    except Trouble as trouble:
        _say({"problem": str(trouble)})
    except (MemoryError, RecursionError):
        _say({"problem": "It is built in a way that takes too much memory to read."})
    except Exception:  # whatever a broken document makes the libraries raise
        _say({"problem": "It could not be read: the file is broken, or not what its name says."})


def _hold() -> None:
    """Bound what this process may take."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _say(told: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
