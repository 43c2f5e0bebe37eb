"""Which of the things done to a service cost which requests."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

Stamped = Sequence[tuple[float, str]]

BEFORE = "nothing yet"
"""What is blamed for a failure before the first thing was done."""


def blamed(failed: Stamped, *, done: Stamped) -> dict[str, Counter[str]]:
    """Lay each failure at the door of what was done last before it.

    :param failed: when, and how, by the same clock as `done`
    :param done: when, and what, the earliest first
    """
    begun = [moment for moment, _ in done]
    names = [BEFORE, *(name for _, name in done)]
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for moment, how in failed:
        found[names[bisect_right(begun, moment)]][how] += 1
    return found


def rows(times: Counter[str], failures: Mapping[str, Counter[str]]) -> Iterator[str]:
    """Write a table of what was done, how often, and what failed after it."""
    yield "| done to it | times | requests failed after it |"
    yield "|---|---|---|"
    for name in sorted(times.keys() | failures.keys()):
        lost = ", ".join(f"{count:,} {how}" for how, count in failures.get(name, Counter()).items())
        yield f"| {name} | {times[name]:,} | {lost or 'none'} |"
