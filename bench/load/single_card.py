"""The single card over HTTP, against a view of the same server that does one SELECT.

The yardstick passes the same web server, middleware and API key, and finds nothing to list. What a
card takes beyond that is its own: its number, its rows, its commit.
"""

from collections import defaultdict
from collections.abc import Iterator

from bench.load.answers import Cell, Found, rows
from bench.load.clients import Answered, Clients, clients
from bench.load.questions import Question, questions
from bench.row import Row
from bench.service import Service

CROWDS = (1, 16, 64)
_WARM_UP_SECONDS, _WARM_UP_CLIENTS = 1.0, 16


def measure(
    service: Service, *, rounds: int, seconds: float, warm_up: float = _WARM_UP_SECONDS
) -> list[Row]:
    """Ask all questions in turns, round after round; return the ratios, then all figures."""
    found: Found = defaultdict(list)
    asked = questions(service)
    with clients() as crowd:
        for question in asked:
            _ask(crowd, service, question, count=_WARM_UP_CLIENTS, seconds=warm_up)
        for _ in range(rounds):
            for cell, answered in _round(crowd, service, asked, seconds=seconds):
                found[cell].append(answered)
    return rows(found)


def _round(
    crowd: Clients, service: Service, asked: list[Question], *, seconds: float
) -> Iterator[tuple[Cell, Answered]]:
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
