"""Become somebody PostgreSQL is willing to run as, then become the program. Run as a script; imports nothing of ours.

    python -I -S run_as.py HOW UID GID DIRECTORY PROGRAM ARGUMENT...

HOW is `namespace` (a user namespace in which we are UID, and outside still ourselves: reaches all that we own),
`switch` (UID itself) or `reach` (UID itself, with the one capability to pass closed directories). DIRECTORY must be
reachable as that user. Exits with 97 and one line when it cannot be done.
"""

import ctypes
import os
import sys

CLONE_NEWUSER = 0x10000000
PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 8, 47, 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522


def _checked(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _enter_namespace(uid: int, gid: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    maps = {"setgroups": "deny", "uid_map": f"{uid} {os.geteuid()} 1", "gid_map": f"{gid} {os.getegid()} 1"}
    _checked(libc.unshare(CLONE_NEWUSER), "unshare")
    for name, text in maps.items():
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)


def _switch(uid: int, gid: int) -> None:
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)


def _switch_keeping_reach(uid: int, gid: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    _checked(libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), "prctl")
    _switch(uid, gid)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    bit = 1 << CAP_DAC_OVERRIDE
    sets = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)  # effective, permitted, inheritable; low words, then high
    _checked(libc.capset(ctypes.byref(header), ctypes.byref(sets)), "capset")
    _checked(libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0), "prctl")


def main() -> None:
    """See the module's docstring."""
    how, uid, gid, directory, *command = sys.argv[1:]
    become = {"namespace": _enter_namespace, "switch": _switch, "reach": _switch_keeping_reach}[how]
    try:
        become(int(uid), int(gid))
        os.chdir(directory)
        os.execv(command[0], command)  # noqa: S606 - the point of this program
    except (OSError, AttributeError) as error:
        sys.stderr.write(f"{how}: {error}\n")
        sys.exit(97)


if __name__ == "__main__":
    main()
