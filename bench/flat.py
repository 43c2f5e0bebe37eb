"""One very large job: its last tenth against its first, and the model's word on larger ledgers."""

import time
from collections.abc import Iterator, Sequence

import numpy as np

from bench.growth import Growth, fit
from bench.row import Row
from bench.service import Service

_PARTS = 10
_EVERY = 0.5  # seconds between two looks
_FARTHER = (10**9, 10**10)
Point = tuple[float, int]
"""Seconds since the order, and cards produced by then."""


def measure(service: Service, *, cards: int) -> Iterator[Row]:
    """Order a job of so many cards and watch it to its end."""
    rates = parted(list(_watched(service, cards)), cards=cards)
    yield Row(
        key=f"flat/{cards:,} cards",
        name=f"last tenth of a job of {cards:,} cards",
        against="its first tenth",
        unit="cards a second",
        ours=[rates[-1]],
        theirs=[rates[0]],
        aim=0.95,
    )
    yield from _modelled(rates, cards=cards)


def parted(points: Sequence[Point], *, cards: int) -> list[float]:
    """Give the rate of each tenth of the cards, in order."""
    seconds, produced = zip(*points, strict=True)
    ends = np.linspace(0, cards, _PARTS + 1)
    taken = np.diff(np.interp(ends, produced, seconds))
    return [cards / _PARTS / float(each) for each in taken]


def _watched(service: Service, cards: int) -> Iterator[Point]:
    started = time.perf_counter()
    body = {"scheme": "visa", "count": cards}
    job = service.call("/api/v1/cards/generate-async", body)
    yield 0.0, 0
    while True:
        status = service.call(f"/api/v1/cards/jobs/{job['id']}/status")
        yield time.perf_counter() - started, status["produced"]
        if status["status"] not in {"queued", "running"}:
            break
        time.sleep(_EVERY)
    if status["produced"] != cards:
        raise SystemExit(f"the job ended {status['status']} with {status['produced']} cards")


def _modelled(rates: Sequence[float], *, cards: int) -> Iterator[Row]:
    """Hold each tenth against the model, then let it speak of what was not measured."""
    middles = [(part + 0.5) * cards / _PARTS for part in range(_PARTS)]
    model = fit(middles, rates)
    for middle, rate in zip(middles, rates, strict=True):
        yield _row(f"{middle:,.0f}", "measured", [rate], [model.rate(middle)], "the model")
    for rows in _FARTHER:
        yield _farther(rows, model, first=rates[0])


def _farther(rows: int, model: Growth, *, first: float) -> Row:
    return _row(f"{rows:,}", "by the model", [model.rate(rows)], [first], "the first tenth")


def _row(rows: str, how: str, ours: Sequence[float], theirs: Sequence[float], against: str) -> Row:
    return Row(
        key=f"growth/{rows}",
        name=f"{rows} cards in the ledger, {how}",
        unit="cards a second",
        ours=ours,
        theirs=theirs,
        against=against,
    )
