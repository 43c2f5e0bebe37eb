"""Ports for the servers that tests start: each is one process', from the choice to the server.

A port that the kernel has given out and got back, it gives to the next who asks. These lie below
those, so that no connection has one either; who chose one keeps it locked until the process ends.
"""

import fcntl
import os
import socket
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

_PORTS = range(10_000, 20_000)
_BUS = 10_000  # a cluster node's second port lies so much higher


def free_port() -> int:
    """Give a port that nobody else is given, free together with the cluster bus's."""
    return next(_free())


@cache
def _free() -> Iterator[int]:
    """Go on where the last one was given: none comes twice."""
    file = Path(tempfile.gettempdir()) / f"cardgen-test-ports-{os.getuid()}"
    locks = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    return (
        port
        for port in _PORTS
        if _is_locked(locks, port) and _is_free(port) and _is_free(port + _BUS)
    )


def _is_locked(locks: int, port: int) -> bool:
    try:
        fcntl.lockf(locks, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except (BlockingIOError, PermissionError):  # POSIX allows either
        return False
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
