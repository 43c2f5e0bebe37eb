"""Several web processes behind one socket, real ones: who takes what."""

import signal
import socket
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from tests.support.processes import Webs, webs

# So many that to serve them takes longer than a busy machine lets a process wait for a core.
BURST, BURSTS = 64, 6
ASK = b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def taken_by(child: int, port: int) -> int:
    """Count the connections to the port that a process serves."""
    found = psutil.Process(child).net_connections("tcp")
    return sum(one.status == psutil.CONN_ESTABLISHED and one.laddr.port == port for one in found)


def burst(web: Webs, *, first: int) -> Counter[int]:
    """Open connections while nobody takes any, have all taken at once; say who has how many.

    :param first: which of the two may begin a moment earlier
    """
    for child in web.children:
        child.send_signal(signal.SIGSTOP)
    with ExitStack() as stack:
        where = ("127.0.0.1", web.port)
        clients = [stack.enter_context(socket.create_connection(where, 30)) for _ in range(BURST)]
        for client in clients:
            client.sendall(ASK)
        for child in (web.children[first], web.children[1 - first]):
            child.send_signal(signal.SIGCONT)
        assert all(client.recv(12) == b"HTTP/1.1 200" for client in clients)
        return Counter({child.pid: taken_by(child.pid, web.port) for child in web.children})


@pytest.mark.django_db(transaction=True)
def test_connections_opened_at_once_spread_over_both_processes(tmp_path: Path) -> None:
    with webs(tmp_path / "web.log", 2) as web:
        bursts = [burst(web, first=number % 2) for number in range(BURSTS)]
    assert {taken.total() for taken in bursts} == {BURST}
    assert all(len(taken) == 2 and min(taken.values()) >= BURST // 8 for taken in bursts), bursts
    assert min(sum(bursts, Counter()).values()) >= BURSTS * BURST // 4
