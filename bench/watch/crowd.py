"""The watchers: one process with plain sockets, so that the cores are left to what is measured.

    python -m bench.watch.crowd

It reads one order as a line of JSON, says "ready" when all are connected, and tells at last when
the last one saw the final state, in seconds since 1970.
"""

import json
import selectors
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

_PATIENCE = 120.0
_PIECE = 1 << 16
_AT_ONCE = 100
_PING, _PONG = 0x9, 0x8A  # RFC 6455, section 5.5; a client's frames are masked, here with zeros
_MASKED = 0x80


@dataclass(slots=True)
class Watcher:
    """One connection: its handshake, then whatever comes."""

    link: socket.socket
    request: bytes
    final: bytes
    came: bytearray = field(default_factory=bytearray)
    open: bool = False

    def receive(self) -> bool:
        """Take what has come, answer pings; tell whether the job's end was among it."""
        piece = self.link.recv(_PIECE)
        if not piece:
            raise SystemExit(f"the server closed a connection: {bytes(self.came[-300:])!r}")
        self.came += piece
        if not self.open:
            self._shake_hands()
        ended = self.final in self.came
        if self.request.startswith(b"GET /ws"):
            self._read_frames()
        return ended

    def _shake_hands(self) -> None:
        end = self.came.find(b"\r\n\r\n")
        if end >= 0:
            if bytes(self.came[9:12]) not in {b"101", b"200"}:
                raise SystemExit(f"not let in: {bytes(self.came[:300])!r}")
            del self.came[: end + 4]
            self.open = True

    def _read_frames(self) -> None:
        while self.open and (end := _frame_end(self.came)):
            if self.came[0] & 0xF == _PING:
                payload = self.came[2:end]
                self.link.sendall(bytes([_PONG, _MASKED | len(payload), 0, 0, 0, 0]) + payload)
            del self.came[:end]


def _frame_end(came: bytearray) -> int:
    """Say where the first frame ends; 0 if it is not whole yet."""
    head = 2 if len(came) > 1 and came[1] < 126 else 4
    if len(came) < head:
        return 0
    length = came[1] if head == 2 else int.from_bytes(came[2:4], "big")
    return head + length if len(came) >= head + length else 0


def run(order: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Connect all, then watch until the last one has seen the end."""
    with ExitStack() as stack, selectors.DefaultSelector() as selector:
        for wave in _waves(order["requests"]):
            coming = [_connected(order, request, stack) for request in wave]
            for one in coming:
                selector.register(one.link, selectors.EVENT_READ, one)
            _await(selector, lambda: all(one.open for one in coming))  # noqa: B023 (done by then)
        yield {"ready": len(order["requests"])}
        begun = time.process_time()
        seen = _await(selector, lambda: not selector.get_map())
        yield {"last_seen": seen, "cpu": time.process_time() - begun}


def _waves(requests: list[str]) -> Iterator[list[str]]:
    for first in range(0, len(requests), _AT_ONCE):
        yield requests[first : first + _AT_ONCE]


def _connected(order: dict[str, Any], request: str, stack: ExitStack) -> Watcher:
    link = stack.enter_context(socket.create_connection((order["host"], order["port"])))
    link.sendall(request.encode())
    return Watcher(link=link, request=request.encode(), final=order["final"].encode())


def _await(selector: selectors.BaseSelector, over: Any) -> float:
    """Take what comes until it is over; whoever has seen the end watches no more."""
    until, seen = time.monotonic() + _PATIENCE, 0.0
    while not over():
        if time.monotonic() > until:
            raise SystemExit(f"{len(selector.get_map())} saw no end in {_PATIENCE:.0f} s")
        for key, _ in selector.select(1.0):
            if key.data.receive():
                seen = time.time()
                selector.unregister(key.fileobj)
    return seen


if __name__ == "__main__":
    for line in run(json.loads(sys.stdin.readline())):
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
