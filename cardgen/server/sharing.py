"""Have Daphne share one listening socket fairly with other processes, and say that it listens.

Twisted takes up to 100 connections whenever there is one, so the process that wakes first would
have the whole burst, for as long as its clients keep their connections. It has no option for this,
so the class is replaced.
"""

import socket
import sys
from typing import Any

from daphne.server import Server  # type: ignore[import-untyped]
from django.conf import settings
from twisted.internet import tcp

from cardgen.logs import LISTENS

_listen_success = Server.listen_success


class FairPort(tcp.Port):
    """Takes one connection at a time and serves it before it looks for the next."""

    @property
    def numberAccepts(self) -> int:  # noqa: N802 (Twisted's name)
        """How many to take at once; Twisted adapts it after each time, and sets it in vain."""
        return 1

    @numberAccepts.setter
    def numberAccepts(self, wished: int) -> None:  # noqa: N802
        pass


def announced(server: Any, port: Any) -> None:
    """Say that connections are taken, in place of `Server.listen_success`."""
    _listen_success(server, port)
    sys.stdout.write(f"{LISTENS}\n")
    sys.stdout.flush()
    if settings.NOTIFY_SOCKET:
        _tell_service_manager(settings.NOTIFY_SOCKET)


def _tell_service_manager(address: str) -> None:
    """Say so to systemd (sd_notify(3)), which waits for it; `@` begins an abstract address."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.sendto(b"READY=1", f"\0{address[1:]}" if address[0] == "@" else address)
