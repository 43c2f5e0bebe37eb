"""The socket that serves: opened once, by us, and handed down to every web process.

It stays open here whatever becomes of them. So a web process that dies costs nobody a connection:
the others take the new ones, or the kernel keeps them until there is somebody again.
"""

import errno
import socket

from django.conf import settings

from cardgen.run.console import Console

_PORTS_TRIED = 100
_QUEUE = 1024  # connections that the kernel keeps until a web process takes them


def listen(wished: int, console: Console) -> socket.socket:
    """Listen on the wished port or on the next free one, and say so.

    :raises OSError: if a hundred in a row are taken
    """
    for port in range(wished, min(wished + _PORTS_TRIED, 65536)):
        if listener := _listener(settings.CARDGEN_BIND, port):
            if port != wished:
                console.say(f"Port {wished} is taken by another program: using {port}.")
            return listener
    raise OSError(f"no free port from {wished} on: choose another with PORT=…")


def reached_at(listener: socket.socket) -> tuple[str, int]:
    """Return an address and the port by which this machine reaches it."""
    host, port = listener.getsockname()[:2]
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # nosec B104 (we only compare)
    return everywhere.get(host, host), port


def _listener(host: str, port: int) -> socket.socket | None:
    """Listen there, or return None; only who is started with open descriptors inherits it.

    :raises OSError: if the address is none of this machine's
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=_QUEUE)
    except OSError as error:
        if error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
            raise OSError(f"CARDGEN_BIND: {host} is no address of this machine") from None
        return None
    listener.set_inheritable(True)
    return listener
