"""The socket that serves: opened once, by us, and handed down to every web process.

It stays open here whatever becomes of them. So a web process that dies costs nobody a connection:
the others take the new ones, or the kernel keeps them until there is somebody again.
"""

import socket

from cardgen.run.console import Console

HOST = "127.0.0.1"
_PORTS_TRIED = 100
_QUEUE = 1024  # connections that the kernel keeps until a web process takes them


def listen(wished: int, console: Console) -> socket.socket:
    """Listen on the wished port or on the next free one, and say so.

    :raises OSError: if a hundred in a row are taken
    """
    for port in range(wished, min(wished + _PORTS_TRIED, 65536)):
        if listener := _listener(port):
            if port != wished:
                console.say(f"Port {wished} is taken by another program: using {port}.")
            return listener
    raise OSError(f"no free port from {wished} on: choose another with PORT=…")


def _listener(port: int) -> socket.socket | None:
    """Listen on a port, or return None; only who is started with open descriptors inherits it."""
    try:
        listener = socket.create_server((HOST, port), backlog=_QUEUE)
    except OSError:
        return None
    listener.set_inheritable(True)
    return listener
