"""Become another program: as another user, and one that ends with its parent.

Run as a file (`python -I -S launch.py …`), never imported: a fork hook in the parent is not safe
with threads, and a fresh interpreter without site-packages costs 15 ms.
"""

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Read PARENT SIGNAL UID GID COMMAND…, then replace this process by COMMAND."""
    parent, number, uid, gid = (int(word) for word in arguments[:4])
    command = arguments[4:]
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    _end_with(parent, number)
    os.execv(command[0], command)  # noqa: S606 (no shell wanted: the command is a list)


def _end_with(parent: int, number: int) -> None:
    """Ask the kernel for signal `number` when the parent dies, however it dies (Linux only).

    This comes after setuid, which would cancel it.
    """
    if not number or not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:  # it died before the kernel knew
        raise SystemExit("the parent has ended")


if __name__ == "__main__":
    main(sys.argv[1:])
