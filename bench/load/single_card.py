"""The single card over HTTP, against a view of the same server that does one SELECT.

The yardstick passes the same web server, middleware and API key, and finds nothing to list. What a
card takes beyond that is its own: its number, its rows, its commit.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator

from bench.load.clients import Answered, Clients, clients
from bench.load.questions import Question, questions
from bench.row import Row
from bench.service import Service

CROWDS = (1, 16, 64)
_WARM_UP_SECONDS = 1.0
_Cell = tuple[str, int]  # question and number of clients
Found = dict[_Cell, list[Answered]]
_FIGURES: dict[str, tuple[str, Callable[[Answered], float]]] = {
    "rate": ("a second", lambda answered: answered.rate),
    "p50": ("ms", lambda answered: answered.percentile(0.50)),
    "p99": ("ms", lambda answered: answered.percentile(0.99)),
}
_AIMS = {"view/1/p50": 2.5, "one card/16/rate": 250.0, "one card/16/p99": 100.0}
_RATIOS = [
    ("one card/1/p50", "view/1/p50", 2.0),
    ("1,000 cards/1/p50", "one card/1/p50", 3.0),
    ("check/1/p50", "view/1/p50", 1.5),
    ("one card/16/rate", "view/16/rate", 0.5),
]


def measure(
    service: Service, *, rounds: int, seconds: float, warm_up: float = _WARM_UP_SECONDS
) -> list[Row]:
    """Ask all questions in turns, round after round; return the ratios, then all figures."""
    found: Found = defaultdict(list)
    asked = questions(service)
    with clients() as crowd:
        for question in asked:
            _ask(crowd, service, question, count=max(CROWDS), seconds=warm_up)
        for _ in range(rounds):
            for cell, answered in _round(crowd, service, asked, seconds=seconds):
                found[cell].append(answered)
    return rows(found)


def _round(
    crowd: Clients, service: Service, asked: list[Question], *, seconds: float
) -> Iterator[tuple[_Cell, Answered]]:
    for count in CROWDS:
        for question in asked:
            yield (
                (question.name, count),
                _ask(crowd, service, question, count=count, seconds=seconds),
            )


def _ask(
    crowd: Clients, service: Service, question: Question, *, count: int, seconds: float
) -> Answered:
    return crowd.run(question.rush(service, clients=count, seconds=seconds))


def rows(found: Found) -> list[Row]:
    """Return the ratios with their aims, then rate, p50 and p99 of every cell."""
    figures = {row.key: row for row in _figures(found)}
    ratios = [_ratio(figures[f"single/{a}"], figures[f"single/{b}"], aim) for a, b, aim in _RATIOS]
    return [*ratios, *figures.values()]


def _figures(found: Found) -> Iterator[Row]:
    for (name, count), answered in found.items():
        for what, (unit, figure) in _FIGURES.items():
            cell = f"{name}/{count}/{what}"
            yield Row(
                key=f"single/{cell}",
                name=f"{name}, {count} clients: {what}" if count > 1 else f"{name}, alone: {what}",
                unit=unit,
                ours=[figure(one) for one in answered],
                aim=_AIMS.get(cell),
                smaller=unit == "ms",
            )


def _ratio(mine: Row, other: Row, aim: float) -> Row:
    against = other.key.split("/")[1]
    return Row(
        key=f"{mine.key} against {against}",
        name=mine.name,
        unit=mine.unit,
        ours=mine.ours,
        theirs=other.ours,
        against=against,
        aim=aim,
        smaller=mine.smaller,
    )
