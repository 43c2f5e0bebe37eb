"""Files of a large job over HTTP: how fast they come, and what memory they take."""

from collections.abc import Iterator

from bench.downloads import memory, rates
from bench.row import Row
from bench.service import Service


def measure(service: Service, *, cards: int, rounds: int) -> Iterator[Row]:
    """Measure memory first, while the processes have not seen larger jobs; then rates."""
    large, rows = memory.measure(service, cards=cards)
    yield from rates.measure(service, large.job_id, cards=cards, rounds=rounds)
    yield from rows
