"""What is asked of the client process, and what it answers."""

import json
import math
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import IO


@dataclass(frozen=True, slots=True, kw_only=True)
class Rush:
    """So many clients send requests for so long, each its next one after the answer.

    :ivar requests: whole HTTP requests, sent in turns
    :ivar status: what each must be answered with
    """

    host: str
    port: int
    requests: tuple[str, ...]
    status: int
    clients: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """How long each answer took, in milliseconds, and the whole rush, in seconds.

    :ivar cpu: seconds of processor time that the clients used themselves
    """

    times: Sequence[float]
    seconds: float
    cpu: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.times) / self.seconds

    def percentile(self, share: float) -> float:
        """Return the time within which this share of the answers came (nearest rank)."""
        return sorted(self.times)[math.ceil(share * len(self.times)) - 1]


class Clients:
    """The client process: one for all rushes, so that starting it is not measured."""

    def __init__(self, orders: IO[str], answers: IO[str]) -> None:
        """Talk to a process that runs already, by its standard input and output."""
        self._orders = orders
        self._answers = answers

    def run(self, rush: Rush) -> Answered:
        """Have one rush run, and wait for it."""
        self._orders.write(json.dumps(asdict(rush)) + "\n")
        self._orders.flush()
        line = self._answers.readline()
        if not line:
            raise SystemExit("the clients ended: see above")
        return Answered(**json.loads(line))


@contextmanager
def clients() -> Iterator[Clients]:
    """Have the client process run during a block."""
    command = [sys.executable, "-m", "bench.load.sockets"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        if child.stdin is None or child.stdout is None:
            raise SystemExit("the clients have no pipes")
        yield Clients(child.stdin, child.stdout)
