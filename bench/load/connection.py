"""One client of the load: a connection that stays open, with plain bytes over it."""

import re
import socket
import time
from dataclasses import dataclass, field

_PIECE = 1 << 18
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(slots=True)
class Connection:
    """One client: it keeps its connection and has one request under way."""

    link: socket.socket
    sent: float = 0.0
    answer: bytearray = field(default_factory=bytearray)
    length: int = 0

    def send(self, request: bytes) -> None:
        """Send a request; the time counts from here."""
        self.answer.clear()
        self.length = 0
        self.sent = time.perf_counter()
        self.link.sendall(request)

    def receive(self) -> bool:
        """Take what has come; tell whether the answer is whole."""
        piece = self.link.recv(_PIECE)
        if not piece:
            raise SystemExit("the server closed a connection")
        self.answer += piece
        self.length = self.length or _whole_length(self.answer)
        return len(self.answer) == self.length


def _whole_length(answer: bytearray) -> int:
    """Read how long the whole answer is; 0 while the header is not there."""
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return 0
    found = _LENGTH.search(answer, 0, end)
    if found is None:
        raise SystemExit(f"an answer without its length: {bytes(answer[:end])!r}")
    return end + 4 + int(found[1])
