"""The client process asks as often as it is told, and takes no wrong answer."""

import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.load.clients import Answered, Rush, clients

_LARGE = 300_000


class Teller(BaseHTTPRequestHandler):
    """Answers every request, and remembers which connection asked for what."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_GET(self) -> None:
        """Answer what the path wishes for."""
        self.server.asked[self.path] += 1
        self.server.connections.add(self.client_address)
        self.send_response(503 if self.path == "/full" else 200)
        if self.path != "/endless":
            self.send_header("Content-Length", str(_LARGE))
        self.end_headers()
        self.wfile.write(b"x" * _LARGE)

    def log_message(self, *_: object) -> None:
        """Stay silent."""


class Server(ThreadingHTTPServer):
    """Threads end with the test."""

    daemon_threads = True
    asked: Counter[str]
    connections: set[object]


@pytest.fixture
def server() -> Iterator[Server]:
    """A web server in a thread."""
    with Server(("127.0.0.1", 0), Teller) as server:
        server.asked, server.connections = Counter(), set()
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def rush(server: Server, *paths: str, **changes: object) -> Rush:
    requests = tuple(f"GET {path} HTTP/1.1\r\nHost: here\r\n\r\n" for path in paths)
    usual = {"requests": requests, "status": 200, "clients": 1, "seconds": 0.2}
    return Rush(host="127.0.0.1", port=server.server_port, **(usual | changes))


def test_each_client_keeps_its_connection(server):
    with clients() as crowd:
        answered = crowd.run(rush(server, "/", clients=5))
    assert len(server.connections) == 5
    assert len(answered.times) == server.asked["/"] > 5


def test_requests_are_sent_in_turns(server):
    with clients() as crowd:
        crowd.run(rush(server, "/a", "/b"))
    assert abs(server.asked["/a"] - server.asked["/b"]) <= 1


def test_every_client_is_answered_once_however_short_it_is(server):
    with clients() as crowd:
        answered = crowd.run(rush(server, "/", clients=3, seconds=0.0))
    assert len(answered.times) == 3


def test_one_process_runs_many_rushes(server):
    with clients() as crowd:
        for _ in range(3):
            assert crowd.run(rush(server, "/", seconds=0.05)).times


@pytest.mark.parametrize(("path", "told"), [("/full", "not 200"), ("/endless", "its length")])
def test_an_answer_that_is_not_expected_ends_it(server, path, told, capfd):
    with pytest.raises(SystemExit, match="the clients ended"), clients() as crowd:
        crowd.run(rush(server, path))
    assert told in capfd.readouterr().err


def test_percentiles_are_answers_that_came():
    answered = Answered(times=[float(n) for n in range(100, 0, -1)], seconds=4.0, cpu=0.0)
    assert answered.rate == 25.0
    assert (answered.percentile(0.5), answered.percentile(0.99)) == (50.0, 99.0)
    assert Answered(times=[7.0], seconds=1.0, cpu=0.0).percentile(0.99) == 7.0
