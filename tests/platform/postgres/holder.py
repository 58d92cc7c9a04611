"""A process that holds the embedded server, for tests. Run as `python holder.py DATA_DIR [up] [throwaway]`.

Says `attached POSTMASTER_PID`, and detaches at the end of its input or at Ctrl-C; then says `detached`.
"""

import sys
from pathlib import Path

from frontdesk.platform.postgres.errors import PostgresError
from frontdesk.platform.postgres.server import attach, exclusive_up


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    data_dir = Path(sys.argv[1])
    try:
        if "up" in sys.argv:
            up = exclusive_up(data_dir)  # noqa: F841 - held until the process ends
        with attach(data_dir, throwaway="throwaway" in sys.argv):
            pid = (data_dir / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0]
            try:
                say(f"attached {pid}")
                sys.stdin.read()
            except KeyboardInterrupt:
                say("interrupted")
        say("detached")
    except PostgresError as error:
        say(f"refused: {error}")
        sys.exit(1)


if __name__ == "__main__":
    main()
