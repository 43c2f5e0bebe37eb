"""Web processes are replaced one after another, real ones, while clients ask without pause."""

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.support.keys import create_key
from tests.support.processes import PATIENCE, Webs, end, webs

pytestmark = pytest.mark.django_db(transaction=True)
CLIENTS = 4
NO_PAUSE = 0.5  # seconds; an idle connection is closed after one


class Client(threading.Thread):
    """Asks without pause over one connection, and opens another when an answer says so.

    If this machine makes it pause all the same, its connection may be closed as an idle one.
    """

    def __init__(self, web: Webs, *, key: str, orders: bool) -> None:
        super().__init__()
        self._web, self._orders = web, orders
        self._headers = {"X-API-Key": key, "Content-Type": "application/json"}
        self._answered_at = 0.0
        self.stopped = threading.Event()
        self.answers: list[int] = []
        self.error: Exception | None = None

    def run(self) -> None:
        """Ask until told to stop, or until something fails."""
        try:
            while not self.stopped.is_set():
                with closing(self._web.connection()) as client:
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
        if self._orders:
            body = json.dumps({"scheme": "visa", "count": 1})
            client.request("POST", "/api/v1/cards/generate", body, self._headers)
        else:
            client.request("GET", "/health/live")
        answer = client.getresponse()
        answer.read()
        self._answered_at = time.monotonic()
        return answer.status


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


def test_no_request_is_dropped_while_each_process_is_replaced(catalogue, user, tmp_path: Path):
    key = create_key(user=user, name="restarts")
    with webs(tmp_path / "web.log", 2) as web:
        clients = [Client(web, key=key, orders=number < 2) for number in range(CLIENTS)]
        with asking(clients):
            for old in web.children:
                web.start()
                end(old)
                assert old.wait(PATIENCE) == 0
    assert [client.error for client in clients] == [None] * CLIENTS
    assert [set(client.answers) for client in clients] == [{201}] * 2 + [{200}] * (CLIENTS - 2)
