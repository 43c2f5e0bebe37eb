"""The clients: one process with plain sockets, so that the cores are left to what is measured.

    python -m bench.load.sockets

It reads one rush a line and answers each with one line, both JSON. Measured, processor time for a
request: 70 to 85 us; asyncio's streams took 76 to 122, threads with http.client 191 to 270.
"""

import itertools
import json
import selectors
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from bench.load.connection import Connection

_PATIENCE = 60.0


def run(rush: dict[str, Any]) -> dict[str, Any]:
    """Keep all clients busy for some seconds; return how long each answer took, and the whole."""
    requests = itertools.cycle([text.encode() for text in rush["requests"]])
    status = str(rush["status"]).encode()
    with ExitStack() as stack, selectors.DefaultSelector() as selector:
        for connection in _connected(rush, stack):
            selector.register(connection.link, selectors.EVENT_READ, connection)
        used, started = time.process_time(), time.perf_counter()
        times = _rushed(selector, requests, status=status, until=started + rush["seconds"])
        seconds, used = time.perf_counter() - started, time.process_time() - used
    return {"times": times, "seconds": seconds, "cpu": used}


def _connected(rush: dict[str, Any], stack: ExitStack) -> Iterator[Connection]:
    for _ in range(rush["clients"]):
        link = stack.enter_context(socket.create_connection((rush["host"], rush["port"])))
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield Connection(link)


def _rushed(
    selector: selectors.BaseSelector, requests: Iterator[bytes], *, status: bytes, until: float
) -> list[float]:
    """Send a request on each connection, and the next one as soon as the answer is whole."""
    times: list[float] = []
    waiting = [key.data for key in selector.get_map().values()]
    for connection in waiting:
        connection.send(next(requests))
    left = len(waiting)
    while left:
        for connection in _ready(selector):
            if connection.receive():
                times.append(_taken(connection, status))
                left -= _ended(connection, requests, until)
    return times


def _ready(selector: selectors.BaseSelector) -> list[Connection]:
    ready = [key.data for key, _ in selector.select(_PATIENCE)]
    if not ready:
        raise SystemExit(f"no answer within {_PATIENCE:.0f} s")
    return ready


def _taken(connection: Connection, status: bytes) -> float:
    """Return the milliseconds that the answer took, if it is the one expected."""
    taken = (time.perf_counter() - connection.sent) * 1_000
    if connection.answer[9:12] != status:
        raise SystemExit(f"not {status.decode()}: {bytes(connection.answer[:500])!r}")
    return taken


def _ended(connection: Connection, requests: Iterator[bytes], until: float) -> bool:
    """Send the next request, or none once the time is over."""
    if time.perf_counter() >= until:
        return True
    connection.send(next(requests))
    return False


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(json.dumps(run(json.loads(line))) + "\n")
        sys.stdout.flush()
