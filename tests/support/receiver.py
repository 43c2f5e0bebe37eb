"""A real HTTP server on loopback that keeps what it was sent."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread


@dataclass(frozen=True)
class Request:
    """One request that arrived."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """What arrived, and what the next answers are: 200 when `answers` is used up.

    `echoes`: the answer is what was sent.
    """

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    echoes: bool = False
    arrived: Event = field(default_factory=Event)
    may_answer: Event = field(default_factory=Event)


def handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.requests.append(Request(self.path, dict(self.headers), body))
            status = receiver.answers.pop(0) if receiver.answers else 200
            receiver.arrived.set()
            receiver.may_answer.wait(30)
            self.send_response(status)
            self.send_header("Location", f"{receiver.url}/elsewhere")
            self.end_headers()
            self.wfile.write(body if receiver.echoes else b"x" * 100_000)

        def do_GET(self) -> None:
            raise AssertionError("nobody follows redirects")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


class Server(ThreadingHTTPServer):
    """A client that goes away is no error."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing."""


@contextmanager
def listening(*, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> Iterator[Receiver]:
    """Listen on a free port; answers at once unless the test clears `may_answer`."""
    receiver = Receiver()
    receiver.may_answer.set()
    with Server(("127.0.0.1", 0), handler(receiver)) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        receiver.url = f"http{'s' if tls else ''}://{host}:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield receiver
        finally:
            receiver.may_answer.set()
            server.shutdown()
            thread.join()
