"""Clients that ask without pause, while something is done to the web processes that answer."""

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

from tests.support.processes import PATIENCE

NO_PAUSE = 0.5  # seconds; an idle connection is closed after one
_OVER_TLS = {"X-Forwarded-Proto": "https"}  # as a proxy says; without HTTPS nobody reads it


class Client(threading.Thread):
    """Asks without pause over one connection, and opens another when an answer says so.

    If this machine makes it pause all the same, its connection may be closed as an idle one.
    """

    def __init__(self, port: int, *, key: str, orders: bool, pause: float = 0.0) -> None:
        super().__init__()
        self._port, self.orders, self._pause = port, orders, pause
        self._headers = {"X-API-Key": key, "Content-Type": "application/json"} | _OVER_TLS
        self._answered_at = 0.0
        self.stopped = threading.Event()
        self.answers: list[int] = []
        self.error: Exception | None = None

    def run(self) -> None:
        """Ask until told to stop, or until something fails."""
        try:
            while not self.stopped.is_set():
                with closing(_connection(self._port)) as client:
                    self._ask_all(client)
        except Exception as error:  # noqa: BLE001 (the test looks at it)
            self.error = error

    def _ask_all(self, client: http.client.HTTPConnection) -> None:
        """Ask over one connection until it is closed."""
        self.answers.append(self._ask(client))
        while not self.stopped.is_set() and client.sock is not None:
            try:
                self.answers.append(self._ask(client))
            except ConnectionError:
                if time.monotonic() - self._answered_at < NO_PAUSE:
                    raise
                return

    def _ask(self, client: http.client.HTTPConnection) -> int:
        if self.orders:
            body = json.dumps({"scheme": "visa", "count": 1})
            client.request("POST", "/api/v1/cards/generate", body, self._headers)
        else:
            client.request("GET", "/health/live")
        answer = client.getresponse()
        answer.read()
        self._answered_at = time.monotonic()
        time.sleep(self._pause)
        return answer.status


def _connection(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)


@contextmanager
def asking(clients: list[Client]) -> Iterator[None]:
    """Have clients ask meanwhile."""
    for client in clients:
        client.start()
    try:
        yield
    finally:
        for client in clients:
            client.stopped.set()
        for client in clients:
            client.join()
