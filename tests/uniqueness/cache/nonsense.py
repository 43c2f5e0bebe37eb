"""A server that speaks the protocol and gives the same answer to nearly everything."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

_WELCOME = b"%1\r\n$5\r\nproto\r\n:3\r\n"
_GREETINGS = {b"CLIENT": b"+OK\r\n", b"SELECT": b"+OK\r\n", b"HELLO": _WELCOME}


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    answers: dict[bytes, bytes]
    answer = b""


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server = cast("_Server", self.server)
        while words := self._command():
            self.wfile.write(server.answers.get(words[0].upper(), server.answer))

    def _command(self) -> list[bytes]:
        count = int(self.rfile.readline()[1:] or 0)
        return [self._word() for _ in range(count)]

    def _word(self) -> bytes:
        size = int(self.rfile.readline()[1:])
        return self.rfile.read(size + 2)[:-2]


@contextmanager
def server(answer: str, *, generation: str | None = None) -> Iterator[str]:
    """Serve on a port of 127.0.0.1; give the address.

    :param answer: as it goes over the line (RESP), without the last line break
    :param generation: what scripts return, if they shall make sense
    """
    with _Server(("127.0.0.1", 0), _Handler) as running:
        running.answer = f"{answer}\r\n".encode()
        script = {b"EVAL": f"${len(generation)}\r\n{generation}\r\n".encode()} if generation else {}
        running.answers = _GREETINGS | script
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield "{}:{}".format(*running.server_address)
        running.shutdown()
