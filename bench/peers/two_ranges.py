"""Two ranges of 100,000 numbers, one of ours and one of the rival's, that are equally full."""

import random
from functools import partial

from redis import Redis

from bench.load.clients import Clients
from bench.load.questions import GENERATE, Question, posted
from bench.peers.five_layers import FiveLayers
from bench.service import Service, finish
from bench.timing import seconds
from toolkit.actor import shell_user
from uniqueness.registry import register_owned

ORDER = 10
"""Cards in an order."""
_SCHEME, _IIN, _PAN_LENGTH = "maestro", "67009900", 14


class Ranges:
    """Two ranges that are equally full, ours and the rival's."""

    def __init__(self, service: Service, cache: Redis) -> None:
        """Register our range, and give the rival its own."""
        statement = "a range for benchmarks"
        register_owned(
            scheme=_SCHEME,
            iin=_IIN,
            pan_length=_PAN_LENGTH,
            statement=statement,
            actor=shell_user(),
        )
        self._service = service
        self._rival = FiveLayers(iin=_IIN, pan_length=_PAN_LENGTH, cache=cache)
        self._range = f"{_IIN}-{_PAN_LENGTH}"
        self._issued = 0
        self._spare = [self._rival.number(place) for place in range(self._rival.capacity)]
        # Not the rival's seed: shuffling would leave for the end just what the rival draws next.
        random.Random(11).shuffle(self._spare)

    @property
    def left(self) -> int:
        """How many numbers nobody has, in each of the two."""
        return self._rival.capacity - self._issued

    def fill(self, level: float) -> None:
        """Issue numbers in both until this share is gone."""
        count = round(level * self._rival.capacity) - self._issued
        if count <= 0:
            return
        body = {"range": self._range, "count": count}
        finish(self._service, self._service.call("/api/v1/cards/generate-async", body)["id"])
        self._rival.fill(self._others(count))
        self._issued += count

    def _others(self, count: int) -> list[str]:
        """Take numbers that the rival has not issued while it was measured."""
        spare = [number for number in self._spare if not self._rival.knows(number)]
        self._spare = spare[count:]
        return spare[:count]

    def order(self, crowd: Clients) -> tuple[float, float]:
        """Have both issue one order; return the seconds that each took."""
        rush = self._question().rush(self._service, clients=1, seconds=0.0)
        (ours,) = crowd.run(rush).times
        theirs = seconds(partial(self._rival.issue, ORDER))
        self._issued += ORDER
        return ours / 1_000, theirs

    def _question(self) -> Question:
        body = {"range": self._range, "count": ORDER}
        return posted(self._service, "order", GENERATE, (body,), status=201)
