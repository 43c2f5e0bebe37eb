"""Which charts a run gives, from the rows that it has."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.report.chart import THEMES, Chart, draw
from bench.row import Row

_LOADS = {
    "bench-rate": ("rate", "Answers a second over HTTP"),
    "bench-p50": ("p50", "Milliseconds within which half of the answers came"),
    "bench-p99": ("p99", "Milliseconds within which 99 of 100 answers came"),
}


def charts(rows: Sequence[Row]) -> Iterator[tuple[str, Chart]]:
    """Give the charts, each with the name of its file."""
    for file, (what, title) in _LOADS.items():
        lines: dict[str, dict[str, float]] = defaultdict(dict)
        for name, clients, row in _loads(rows, what):
            lines[name][clients] = row.value
        if lines:
            yield file, _chart(title, "clients at a time", lines)


def _loads(rows: Sequence[Row], what: str) -> Iterator[tuple[str, str, Row]]:
    for row in rows:
        part, *place = row.key.split("/")
        if part == "single" and place[-1] == what:
            yield place[0], place[1], row


def _chart(title: str, across: str, lines: dict[str, dict[str, float]]) -> Chart:
    places = list(next(iter(lines.values())))
    values = {name: [line[place] for place in places] for name, line in lines.items()}
    return Chart(title=title, across=across, places=places, lines=values)


def save(rows: Sequence[Row], *, folder: Path) -> list[str]:
    """Write each chart in both themes, and return the names of the charts."""
    folder.mkdir(parents=True, exist_ok=True)
    made = dict(charts(rows))
    for name, chart in made.items():
        for theme in THEMES:
            (folder / f"{name}-{theme}.svg").write_text(draw(chart, theme), encoding="utf-8")
    return list(made)
