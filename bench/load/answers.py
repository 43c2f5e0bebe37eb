"""From the answers of all rounds to rows: ratios with their aims, rates and percentiles."""

from collections.abc import Callable, Iterator

from bench.load.clients import Answered
from bench.row import Row

Cell = tuple[str, int]  # question and number of clients
Found = dict[Cell, list[Answered]]
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


def rows(found: Found) -> list[Row]:
    """Return the ratios with their aims, then rate, p50 and p99 of every cell."""
    figures = {row.key: row for row in _figures(found)}
    ratios = [_ratio(figures[f"single/{a}"], figures[f"single/{b}"], aim) for a, b, aim in _RATIOS]
    return [*ratios, *figures.values(), _clients(found)]


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


def _clients(found: Found) -> Row:
    """Tell what the clients take of the cores that they share with what they measure."""
    rounds = list(zip(*found.values(), strict=True))
    used = [sum(one.cpu for one in each) / sum(len(one.times) for one in each) for each in rounds]
    return Row(
        key="clients/processor time",
        name="clients: processor time for a request",
        unit="ms",
        ours=[seconds * 1_000 for seconds in used],
        smaller=True,
    )
