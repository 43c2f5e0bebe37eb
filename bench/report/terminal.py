"""The figures on a terminal; what got worse is red."""

import sys
from collections.abc import Mapping, Sequence
from statistics import median

from bench.row import Row

LOSS = 0.10
"""A drop that is shown in red."""
_RED, _END = "\033[31m", "\033[0m"


def show(rows: Sequence[Row], *, before: Mapping[str, float]) -> None:
    """Print a line for each row, with how it was the last time on this machine."""
    print(_line("bench", "ours", "theirs", "figure", "spread", "aim", ""))  # noqa: T201
    for row in rows:
        line = _line(*_cells(row), _verdict(row, before.get(row.key)))
        print(_red(line) if dropped(row, before) else line)  # noqa: T201


def dropped(row: Row, before: Mapping[str, float]) -> bool:
    """Tell whether it is worse by more than a tenth than the last time."""
    return row.key in before and row.loss(before[row.key]) > LOSS


def _line(*cells: str) -> str:
    name, *numbers, verdict = cells
    return f"{name:<40}" + "".join(f"{number:>13}" for number in numbers) + f"  {verdict}"


def _cells(row: Row) -> list[str]:
    theirs = written(median(row.theirs)) if row.theirs else ""
    sign = "" if row.aim is None else f"{'<=' if row.smaller else '>='} {written(row.aim)}"
    return [
        row.name,
        written(median(row.ours)),
        theirs,
        written(row.value),
        f"{row.spread:.0%}",
        sign,
    ]


def _verdict(row: Row, before: float | None) -> str:
    words = [row.unit]
    if row.against:
        words.append(f"against {row.against}")
    if not row.met:
        words.append("misses the aim")
    if before is not None:
        words.append(f"{-row.loss(before):+.0%}")
    return ", ".join(words)


def written(number: float) -> str:
    """Write a number with as many digits as tell something."""
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def _red(line: str) -> str:
    return f"{_RED}{line}{_END}" if sys.stdout.isatty() else line
