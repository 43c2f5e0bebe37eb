"""A web process that is told to end, a real one: nothing in hand is dropped, nobody is kept."""

import json
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from jobs import work
from realtime.feeds import CloseCode
from tests.support.keys import create_key
from tests.support.processes import PATIENCE, Webs, end, web_at, webs
from tests.support.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def web(catalogue: None, tmp_path) -> Iterator[Webs]:
    """One web process that may be ended."""
    with webs(tmp_path / "web.log", 1) as found:
        yield found


@pytest.fixture
def key(user) -> str:
    """An API key."""
    return create_key(user=user, name="endings")


def test_a_request_in_hand_is_answered_and_its_connection_closed(web):
    with socket.create_connection(("127.0.0.1", web.port), PATIENCE) as client:
        client.sendall(b"GET /health/live HTTP/1.1\r\n")
        wait_until(lambda: connections_of(web) == 1)
        end(web.children[0])
        client.sendall(b"Host: 127.0.0.1\r\n\r\n")
        answer = b"".join(iter(lambda: client.recv(65_536), b""))
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"Connection: close\r\n" in answer
    assert web.children[0].wait(PATIENCE) == 0


def test_a_request_that_does_not_end_is_cut_off_in_the_end(web):
    with socket.create_connection(("127.0.0.1", web.port), PATIENCE) as client:
        client.sendall(b"GET /health/live HTTP/1.1\r\n")
        wait_until(lambda: connections_of(web) == 1)
        end(web.children[0])
        assert client.recv(1) == b""
    assert web.children[0].wait(PATIENCE) == 0


def test_one_that_listens_on_a_unix_socket_takes_no_more_either(django_db_setup, tmp_path):
    path = tmp_path / "web.sock"
    with web_at(path, tmp_path / "web.log") as child, unix_client(path) as client:
        client.sendall(b"GET /health/live HTTP/1.1\r\n")
        time.sleep(0.5)  # nobody sees from outside whether it was taken
        child.send_signal(signal.SIGTERM)
        wait_until(lambda: not path.exists())
        with pytest.raises(OSError, match=r"No such file|refused"), unix_client(path):
            pass
        client.sendall(b"Host: 127.0.0.1\r\n\r\n")
        answer = b"".join(iter(lambda: client.recv(65_536), b""))
        assert child.wait(PATIENCE) == 0
    assert answer.startswith(b"HTTP/1.1 200")


@contextmanager
def unix_client(path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(PATIENCE)
        client.connect(str(path))
        yield client


def connections_of(web: Webs) -> int:
    found = psutil.Process(web.children[0].pid).net_connections("tcp")
    return sum(one.status == psutil.CONN_ESTABLISHED for one in found)


def test_a_download_in_hand_arrives_whole(web, submit, key):
    job = submit(count=200_000)
    work.work(duration=timedelta(seconds=60))
    with closing(web.connection()) as client:
        client.request(
            "GET", f"/api/v1/cards/jobs/{job.id}/result?format=csv", headers={"X-API-Key": key}
        )
        answer = client.getresponse()
        end(web.children[0])
        assert answer.read().count(b"\n") == 200_001


def test_an_idle_connection_is_closed_and_keeps_nobody(web):
    with closing(web.connection()) as client:
        client.request("GET", "/health/live")
        assert client.getresponse().read()
        end(web.children[0])
        assert client.sock.recv(1) == b""
    assert web.children[0].wait(PATIENCE) == 0


def test_who_waits_for_news_is_answered_at_once(web, submit, key):
    path = f"/api/v1/cards/jobs/{submit().id}"
    with closing(web.connection()) as poll, closing(web.connection()) as events:
        events.request("GET", f"{path}/events", headers={"X-API-Key": key})
        stream = events.getresponse()
        stream.readline()
        poll.request("GET", f"{path}/status?wait=60", headers={"X-API-Key": key})
        wait_until(lambda: connections_of(web) == 2)
        end(web.children[0])
        assert json.load(poll.getresponse())["status"] == "queued"
        assert b'"status": "queued"' in stream.read()
    assert web.children[0].wait(PATIENCE) == 0


def test_a_socket_is_told_to_come_again_and_another_process_serves_it(web, key):
    address = f"ws://127.0.0.1:{web.port}/ws/jobs"
    with connect(address, additional_headers={"X-API-Key": key}) as feed:
        (old,) = web.children
        web.start()
        end(old)
        with pytest.raises(ConnectionClosed) as closed:
            feed.recv(timeout=PATIENCE)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == CloseCode.TRY_AGAIN
    with connect(address, additional_headers={"X-API-Key": key}):
        assert old.wait(PATIENCE) == 0
