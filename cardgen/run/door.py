"""The socket that serves: opened once, by us, and handed down to every web process.

It stays open here whatever becomes of them. So a web process that dies costs nobody a connection:
the others take the new ones, or the kernel keeps them until there is somebody again.
"""

import errno
import socket

from django.conf import settings
from django.core.management.base import CommandError

from cardgen.run.console import Console
from toolkit.exit_codes import ExitCode

_PORTS = range(65_536)
_PORTS_TRIED = 100
_QUEUE = 1024  # connections that the kernel keeps until a web process takes them


def listen(wished: int, console: Console) -> socket.socket:
    """Listen on the wished port or on the next free one, and say so.

    :raises CommandError: if it is none, a hundred in a row are taken, or the address is not ours
    """
    if wished not in _PORTS:
        raise CommandError(
            f"{wished} is no port: write one from 1 to {_PORTS[-1]}, 0 for any that is free",
            returncode=ExitCode.BAD_REQUEST,
        )
    for port in _PORTS[wished : wished + _PORTS_TRIED]:
        if listener := _listener(settings.CARDGEN_BIND, port):
            if port != wished:
                console.say(f"Port {wished} is taken by another program: using {port}.")
            return listener
    raise CommandError(
        f"no port from {wished} on is free for us: choose another with PORT=…",
        returncode=ExitCode.REFUSED,
    )


def reached_at(listener: socket.socket) -> tuple[str, int]:
    """Return an address and the port by which this machine reaches it."""
    host, port = listener.getsockname()[:2]
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # nosec B104 (we only compare)
    return everywhere.get(host, host), port


def _listener(host: str, port: int) -> socket.socket | None:
    """Listen there, or return None; only who is started with open descriptors inherits it.

    :raises CommandError: if the address is none of this machine's
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=_QUEUE)
    except OSError as error:
        if error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
            raise CommandError(
                f"CARDGEN_BIND: {host} is no address of this machine",
                returncode=ExitCode.BAD_REQUEST,
            ) from None
        return None
    listener.set_inheritable(True)
    return listener
