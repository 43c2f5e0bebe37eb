"""Which charts a run gives, from the rows that it has."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

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
    if full := [row for row in rows if row.key.startswith("full/")]:
        yield "bench-full", _full(full)
    if growth := [row for row in rows if row.key.startswith("growth/")]:
        yield "bench-growth", _growth(growth)


def _growth(rows: Sequence[Row]) -> Chart:
    """Draw what was measured, and the model through it and beyond."""
    measured = [row for row in rows if row.against == "the model"]
    beyond = rows[len(measured) :]
    places = [int(row.key.partition("/")[2].replace(",", "")) for row in rows]
    return Chart(
        title="Cards a second as the ledger grows",
        across="million cards in the ledger",
        places=[f"{place / 1e6:,g}" for place in places],
        lines={
            "measured": [row.ours[0] for row in measured],
            "model": [row.theirs[0] for row in measured] + [row.ours[0] for row in beyond],
        },
    )


def _full(rows: Sequence[Row]) -> Chart:
    return Chart(
        title="Cards a second, in orders of ten",
        across="how full the range is",
        places=[row.key.partition("/")[2] for row in rows],
        lines={
            "cardgen, over HTTP": [median(row.ours) for row in rows],
            "random and check": [median(row.theirs) for row in rows],
        },
    )


def _loads(rows: Sequence[Row], what: str) -> Iterator[tuple[str, str, Row]]:
    for row in rows:
        part, *place = row.key.split("/")
        if part == "single" and place[-1] == what:
            yield place[0], place[1], row


def _chart(title: str, across: str, lines: dict[str, dict[str, float]]) -> Chart:
    places = list(next(iter(lines.values())))
    values = {name: [line[place] for place in places] for name, line in lines.items()}
    return Chart(title=title, across=across, places=places, lines=values)


def save(rows: Sequence[Row], *, folder: Path) -> dict[str, str]:
    """Write each chart in both themes; return the titles of the charts by their names."""
    folder.mkdir(parents=True, exist_ok=True)
    made = dict(charts(rows))
    for name, chart in made.items():
        for theme in THEMES:
            (folder / f"{name}-{theme}.svg").write_text(draw(chart, theme), encoding="utf-8")
    return {name: chart.title for name, chart in made.items()}
