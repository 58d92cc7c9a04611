"""As whom the embedded server runs. PostgreSQL refuses root, and we change no permission that is not ours."""

import os
import pwd
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from frontdesk.platform.postgres.errors import ServerFailed

_RUN_AS = Path(__file__).with_name("run_as.py")


class Identity(msgspec.Struct, frozen=True):
    """A way to run PostgreSQL's programs. `how` is one of run_as.py's, or empty: as ourselves."""

    how: str = ""
    uid: int = -1
    gid: int = -1

    def command(self, directory: Path, *argv: str | Path) -> list[str]:
        """`argv` as this user, in `directory`."""
        become = [sys.executable, "-I", "-S", str(_RUN_AS), self.how, str(self.uid), str(self.gid), str(directory)]
        return [*(become if self.how else []), *map(str, argv)]

    def give(self, ours: Path) -> None:
        """Hand over a directory that we made, with all in it, unless it is this user's already. Raises OSError."""
        if self.owns(ours):
            return
        for directory, _, files in os.walk(ours, topdown=False):  # itself last: a walk cut short is done again
            for name in (*files, "."):
                os.lchown(os.path.join(directory, name), self.uid, self.gid)

    def owns(self, path: Path) -> bool:
        """Whether `path` is this user's, as seen from outside."""
        return path.lstat().st_uid == (self.uid if self.how in ("switch", "reach") else os.geteuid())


def choose(data_dir: Path, cluster: Path, probe: Path) -> Identity:
    """How to run the server whose files are, or will be, in `cluster` under `data_dir`.

    As ourselves where PostgreSQL allows it. As root, or as a user without a name: in a user namespace, else as another
    user who can reach the directory and `probe` (the server's program), else as another user given that reach. What
    another user made is served as that user; what we made may have to be given away (`Identity.give`). Raises
    ServerFailed with the remedy.
    """
    us = os.geteuid()
    owner = cluster.stat().st_uid if cluster.exists() else None
    if us != 0:
        if owner not in (None, us):
            raise ServerFailed(
                f"{cluster} belongs to {_name(owner)}. Run Frontdesk as that user, or give another data directory."
            )
        if owner == us or _known(us):  # initdb wants a name for its user; the server does not
            return Identity()
    tried: list[str] = []
    for candidate in _candidates(us, data_dir, cluster):
        trouble = _trouble(candidate, data_dir, probe)
        if not trouble:
            return candidate
        tried.append(trouble)
    raise ServerFailed(
        f"PostgreSQL refuses to run as {_name(us)}, and nobody else here can run it "
        f"({'; '.join(tried) or 'there is no other user'}). Run Frontdesk as an ordinary user, or put it and its data "
        "directory where all may pass, such as /opt and /var/lib."
    )


def _candidates(us: int, data_dir: Path, cluster: Path) -> Iterator[Identity]:
    """The ways worth trying, best first."""
    kept = cluster.stat() if cluster.exists() else None
    if us == 0 and kept and kept.st_uid != us:
        yield from (Identity(how, kept.st_uid, kept.st_gid) for how in ("switch", "reach"))
        return
    others = {entry.pw_name: entry for entry in pwd.getpwall() if entry.pw_uid not in (0, us)}
    if sys.platform == "linux" and others:
        inside = others.get("nobody") or next(iter(others.values()))
        yield Identity("namespace", inside.pw_uid, inside.pw_gid)
    if us == 0:
        holder = data_dir.stat().st_uid
        able = [entry for entry in others.values() if entry.pw_uid == holder]
        able += [others[name] for name in ("postgres", "nobody") if name in others]
        yield from (Identity(how, entry.pw_uid, entry.pw_gid) for how in ("switch", "reach") for entry in able)


def _trouble(candidate: Identity, data_dir: Path, probe: Path) -> str:
    """Why `candidate` cannot run `probe` in `data_dir`; empty when it can."""
    argv = candidate.command(data_dir, probe, "--version")
    done = subprocess.run(argv, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)  # noqa: S603
    if done.returncode == 0:
        return ""
    said = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
    return f"{_name(candidate.uid)}, {said[-1]}" if candidate.how != "namespace" else said[-1]


def _known(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _name(uid: int | None) -> str:
    try:
        return f"user {pwd.getpwuid(uid or 0).pw_name}"
    except KeyError:
        return f"user {uid}"
