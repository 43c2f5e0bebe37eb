"""A proxy in front of Valkey that swallows some of the messages that are published (R18)."""

import random
import socket
import threading
from pathlib import Path

_WHOLE = 1 << 16
_NOBODY_HEARD = b":0\r\n"  # what PUBLISH is answered when nobody listens


class Muffler(threading.Thread):
    """Passes bytes on between clients and a Unix socket, all but a share of PUBLISH commands.

    A swallowed command is answered as if nobody listened. Clients speak RESP: a command is an array
    of strings with their lengths, and redis-py waits for its answer before it sends another.
    """

    def __init__(self, valkey: Path, *, share: float, seed: str) -> None:
        """Listen on a free port of the loopback interface; `start` serves."""
        super().__init__(daemon=True)
        self.swallowed = self.passed = 0
        self._valkey, self._share = valkey, share
        self._random = random.Random(seed)  # noqa: S311 (it must be repeatable, not secret)
        self._listener = socket.create_server(("127.0.0.1", 0))

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listener.getsockname()[1])

    def run(self) -> None:
        """Serve clients until the process ends."""
        while True:
            client, _ = self._listener.accept()
            server = socket.socket(socket.AF_UNIX)
            server.connect(str(self._valkey))
            threading.Thread(target=_pass_on, args=(server, client), daemon=True).start()
            threading.Thread(target=self._muffle, args=(client, server), daemon=True).start()

    def _muffle(self, client: socket.socket, server: socket.socket) -> None:
        pending = b""
        try:
            while piece := client.recv(_WHOLE):
                pending += piece
                while length := _command_length(pending):
                    command, pending = pending[:length], pending[length:]
                    self._take(command, client=client, server=server)
        except OSError:
            pass
        finally:
            server.close()
            client.close()

    def _take(self, command: bytes, *, client: socket.socket, server: socket.socket) -> None:
        if b"\r\nPUBLISH\r\n" not in command[:32].upper():
            server.sendall(command)
        elif self._random.random() < self._share:
            self.swallowed += 1
            client.sendall(_NOBODY_HEARD)
        else:
            self.passed += 1
            server.sendall(command)


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    try:
        while piece := source.recv(_WHOLE):
            target.sendall(piece)
    except OSError:
        pass
    finally:
        source.close()
        target.close()


def _command_length(data: bytes) -> int:
    """Return how many bytes the first command has, 0 if it is not whole yet."""
    end = data.find(b"\r\n")
    if end < 0:
        return 0
    place = end + 2
    for _ in range(int(data[1:end])):
        end = data.find(b"\r\n", place)
        if end < 0:
            return 0
        place = end + 2 + int(data[place + 1 : end]) + 2
    return place if place <= len(data) else 0
