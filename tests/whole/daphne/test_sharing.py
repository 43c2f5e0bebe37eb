"""Several web processes behind one socket, real ones: who takes what."""

import signal
import socket
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from tests.support.processes import Webs, webs

BURST, BURSTS = 16, 5
ASK = b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def taken_by(child: int, port: int) -> int:
    """Count the connections to the port that a process serves."""
    found = psutil.Process(child).net_connections("tcp")
    return sum(one.status == psutil.CONN_ESTABLISHED and one.laddr.port == port for one in found)


def burst(web: Webs) -> Counter[int]:
    """Open connections while nobody takes any, have all taken at once; say who has how many."""
    for child in web.children:
        child.send_signal(signal.SIGSTOP)
    with ExitStack() as stack:
        where = ("127.0.0.1", web.port)
        clients = [stack.enter_context(socket.create_connection(where, 30)) for _ in range(BURST)]
        for client in clients:
            client.sendall(ASK)
        for child in web.children:
            child.send_signal(signal.SIGCONT)
        assert all(client.recv(12) == b"HTTP/1.1 200" for client in clients)
        return Counter({child.pid: taken_by(child.pid, web.port) for child in web.children})


@pytest.mark.django_db(transaction=True)
def test_connections_opened_at_once_spread_over_both_processes(tmp_path: Path) -> None:
    with webs(tmp_path / "web.log", 2) as web:
        taken: Counter[int] = sum((burst(web) for _ in range(BURSTS)), Counter())
    assert len(taken) == 2
    assert taken.total() == BURSTS * BURST
    assert min(taken.values()) >= taken.total() // 4
