"""The figures of a load, beside what the described system promises."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bench.scenarios import blame
from chaos.outcome import Outcome

CARD = "CARD"
"""The method of what is no request, but an order of one card as a whole."""

_HOUR = 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Requests of one kind; times in milliseconds. `refused` were told when to come again."""

    name: str
    method: str
    requests: int
    refused: int
    failures: int
    p50: float
    p99: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What was answered in so many seconds.

    :ivar card: orders of one card, from the client's first byte to its last
    :ivar cards: that reached the clients
    :ivar hit_rate: of the cache of one web process, none if nobody asked it
    """

    kinds: list[Kind]
    card: Kind
    cards: int
    hit_rate: float | None
    seconds: int

    @classmethod
    def of(cls, found: dict[str, Any], *, caches: dict[str, int], seconds: int) -> "Summary":
        """Read what Locust has left, and what a cache has counted."""
        kinds = [Kind(**row) for row in found["requests"]]
        hits = caches["local_hits"] + caches["server_hits"]
        asked = hits + caches["misses"]
        return cls(
            kinds=[kind for kind in kinds if kind.method != CARD],
            card=next(kind for kind in kinds if kind.method == CARD),
            cards=found["cards"],
            hit_rate=hits / asked if asked else None,
            seconds=seconds,
        )

    @property
    def requests(self) -> int:
        """All that were asked."""
        return sum(kind.requests for kind in self.kinds)

    @property
    def refused(self) -> int:
        """Those that were told when to come again."""
        return sum(kind.refused for kind in self.kinds)

    @property
    def failed(self) -> int:
        """Those that were cut off, or answered wrongly."""
        return sum(kind.failures for kind in self.kinds)

    @property
    def availability(self) -> float:
        """The share of requests that were answered as they should."""
        return 1 - (self.refused + self.failed) / self.requests


def text_of(found: Summary) -> str:
    """Write both tables, as they stand in docs/load.md."""
    return "\n".join([*_criteria(found), "", *_kinds(found)])


def text_of_faults(outcome: Outcome, failures: Mapping[str, Counter[str]]) -> str:
    """Write what was done to it meanwhile, what failed after it, and what became of the cards."""
    cards = (
        f"{outcome.cards:,} cards: {outcome.duplicates:,} twice, {outcome.lost:,} lost,"
        f" {outcome.jobs_failed:,} jobs failed"
    )
    problems = [f"* not so: {problem}" for problem in outcome.problems]
    return "\n".join([*blame.rows(outcome.faults, failures), "", cards, *problems])


def _criteria(found: Summary) -> Iterator[str]:
    hits = "nobody asked" if found.hit_rate is None else f"{found.hit_rate:.1%}"
    yield "| criterion | asked for | found |"
    yield "|---|---|---|"
    yield f"| one card, p99 | < 100 ms | {found.card.p99:.0f} ms (p50 {found.card.p50:.0f} ms) |"
    yield f"| cards an hour | > 100,000 | {found.cards * _HOUR // found.seconds:,} |"
    yield f"| cache hits | > 95 % | {hits} |"
    yield f"| availability | 99.9 % | {found.availability:.3%} of {found.requests:,} requests |"
    yield f"| refused as told, failed | | {found.refused:,}, {found.failed:,} |"


def _kinds(found: Summary) -> Iterator[str]:
    yield "| requests | number | refused | failed | a second | p50 | p99 |"
    yield "|---|---|---|---|---|---|---|"
    for kind in found.kinds:
        rate = kind.requests / found.seconds
        yield (
            f"| {kind.name} | {kind.requests:,} | {kind.refused:,} | {kind.failures:,} |"
            f" {rate:.1f} | {kind.p50:.0f} ms | {kind.p99:.0f} ms |"
        )
