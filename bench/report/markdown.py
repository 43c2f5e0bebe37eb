"""The figures as Markdown tables."""

from collections.abc import Iterator, Sequence
from statistics import median

from bench.report.machine import Machine
from bench.report.terminal import written
from bench.row import Row

_HELD = ("what", "unit", "ours", "against", "theirs", "figure", "spread", "aim", "")
_LOADS = ("request", "clients", "answers a second", "p50, ms", "p99, ms")


def tables(rows: Sequence[Row]) -> Iterator[str]:
    """Give the table of what is held against something, then that of the loads."""
    yield table(_HELD, [_held(row) for row in rows if row.theirs or row.aim is not None])
    if loads := list(_loads(rows)):
        yield table(_LOADS, loads)


def facts(machine: Machine, *, when: str, quick: bool) -> str:
    """Say on what it was measured."""
    short = " with `--quick`" if quick else ""
    return (
        f"Measured{short} {when} on {machine.name}; {machine.kernel}, Python {machine.python},"
        f" PostgreSQL {machine.postgres}. Load before: {machine.load:.2f}."
    )


def table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Write a table; empty if it has no lines."""
    if not lines:
        return ""
    rule = ["---"] * len(head)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *lines))


def _held(row: Row) -> list[str]:
    return [
        row.name,
        row.unit,
        written(median(row.ours)),
        row.against,
        written(median(row.theirs)) if row.theirs else "",
        f"**{written(row.value)}**",
        f"{row.spread:.0%}",
        *_verdict(row),
    ]


def _verdict(row: Row) -> tuple[str, str]:
    if row.aim is None:
        return "", ""
    sign = "≤" if row.smaller else "≥"
    return f"{sign} {written(row.aim)}", "reached" if row.met else "missed"


def _loads(rows: Sequence[Row]) -> Iterator[list[str]]:
    """Give a line for each request and number of clients: its three rows follow one another."""
    loads = [row for row in rows if row.key.startswith("single/") and not row.theirs]
    for rate, half, most in zip(loads[::3], loads[1::3], loads[2::3], strict=True):
        _, name, clients, _ = rate.key.split("/")
        yield [name, clients, *map(_with_spread, (rate, half, most))]


def _with_spread(row: Row) -> str:
    """Write the median, and how far the rounds lie from one another."""
    return f"{written(row.value)} ({row.spread:.0%})"
