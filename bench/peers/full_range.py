"""Orders of ten cards from a range that gets fuller: ours against random and check.

Each has a range of 100,000 numbers of its own, on the same servers. Ours is the whole way: HTTP,
order, job, cards. Theirs is called in this process, so it may be faster while there is room.
"""

from collections.abc import Iterator, Sequence

from django.conf import settings
from redis import Redis

from bench.load.clients import clients
from bench.peers.two_ranges import ORDER, Ranges
from bench.row import Row
from bench.service import Service

LEVELS = {"empty": 0.0, "50 %": 0.5, "90 %": 0.9, "99 %": 0.99, "99.9 %": 0.999}
_MOST_ORDERS, _PARTS = 30, 3
_SHARE = 0.3
"""Of what is left: a level must not become the next one while it is measured."""
_AIM = 10.0
"""How many times as much of its rate ours must keep."""


_Pair = tuple[Sequence[float], Sequence[float]]


def measure(service: Service) -> Iterator[Row]:
    """Fill both ranges level by level, and order from both in turns."""
    ranges = Ranges(service, Redis.from_url(settings.CACHE_URL))
    rows: list[Row] = []
    with clients() as crowd:
        ranges.order(crowd)  # to warm up
        for name, level in LEVELS.items():
            ranges.fill(level)
            count = min(_MOST_ORDERS, int(ranges.left * _SHARE) // ORDER)
            rows.append(_row(name, [ranges.order(crowd) for _ in range(count)]))
    yield from [_kept(rows[0], rows[-1]), *rows]


def _row(level: str, times: list[tuple[float, float]]) -> Row:
    ours, theirs = (_rates(side) for side in zip(*times, strict=True))
    return Row(
        key=f"full/{level}",
        name=f"orders of {ORDER} cards, range {level}{' full' if '%' in level else ''}",
        unit="cards a second",
        ours=ours,
        theirs=theirs,
        against="random and check, five layers",
    )


def _kept(empty: Row, full: Row) -> Row:
    """Hold against each other how much of its rate in an empty range each has in the full one."""
    ours, theirs = ([b / a for a, b in zip(*sides, strict=True)] for sides in _sides(empty, full))
    return Row(
        key=f"kept/{full.key}",
        name=f"what is kept of the rate, {full.name}",
        unit="of the rate when empty",
        ours=ours,
        theirs=theirs,
        against=full.against,
        aim=_AIM,
    )


def _sides(empty: Row, full: Row) -> tuple[_Pair, _Pair]:
    return (empty.ours, full.ours), (empty.theirs, full.theirs)


def _rates(times: tuple[float, ...]) -> list[float]:
    """Part the orders in three, so that there is a median and a spread."""
    parts = [times[part::_PARTS] for part in range(_PARTS)]
    return [ORDER * len(part) / sum(part) for part in parts]
