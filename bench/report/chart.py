"""A line chart as SVG, for pages with a light and a dark theme. Its scale is logarithmic."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

THEMES = {
    "light": {"paper": "#ffffff", "grid": "#d8dee6", "text": "#1f2328", "faint": "#57606a"},
    "dark": {"paper": "#0d1117", "grid": "#2b3440", "text": "#e9eff6", "faint": "#a3adb9"},
}
_INKS = {
    "light": ("#0a4fa3", "#b3261e", "#1a7f37", "#8250df", "#9a6700"),
    "dark": ("#8cc2ff", "#ff8f85", "#6fdd8b", "#d2a8ff", "#e3b341"),
}
_ROLE = 'role="img" aria-labelledby="title about"'
_STYLE = """<style>
text {{ font: 13px system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; fill: {faint} }}
.title {{ font-size: 17px; font-weight: 700; fill: {text} }}
.paper {{ fill: {paper} }}
.grid {{ stroke: {grid} }}
.line {{ fill: none; stroke-width: 2.5 }}
</style>"""
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 760, 380, 84, 200, 60, 52


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Lines over places that are the same distance apart, all above 0."""

    title: str
    across: str
    places: Sequence[str]
    lines: Mapping[str, Sequence[float]]

    @property
    def decades(self) -> range:
        """The powers of ten between which everything lies."""
        values = [value for line in self.lines.values() for value in line]
        low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
        return range(low, max(high, low + 1) + 1)

    def x(self, place: int) -> float:
        """Measure from the left to a place."""
        return _LEFT + place * (_WIDTH - _LEFT - _RIGHT) / max(len(self.places) - 1, 1)

    def y(self, value: float) -> float:
        """Measure from the top to a value."""
        share = (math.log10(value) - self.decades[0]) / (len(self.decades) - 1)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)


def draw(chart: Chart, theme: str) -> str:
    """Return the picture, with words for those who cannot see it."""
    size = f'width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {_ROLE}>',
        f'<title id="title">{escape(chart.title)}</title>',
        f'<desc id="about">{escape(_told(chart))}</desc>',
        _STYLE.format(**THEMES[theme]),
        f'<rect class="paper" width="{_WIDTH}" height="{_HEIGHT}"/>',
        _text(_LEFT, 30, chart.title, kind="title"),
        *_grid(chart),
        *_lines(chart, _INKS[theme]),
    ]
    return "\n".join([*parts, "</svg>", ""])


def _grid(chart: Chart) -> Iterator[str]:
    for power in chart.decades:
        y = chart.y(10.0**power)
        yield f'<path class="grid" d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}"/>'
        yield _text(_LEFT - 10, y + 4, f"{10.0**power:,g}", anchor="end")
    for place, name in enumerate(chart.places):
        yield _text(chart.x(place), _HEIGHT - _BOTTOM + 20, name, anchor="middle")
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    yield _text(middle, _HEIGHT - 10, chart.across, anchor="middle")


def _lines(chart: Chart, inks: Sequence[str]) -> Iterator[str]:
    for at, (name, line) in enumerate(chart.lines.items()):
        ink = inks[at % len(inks)]
        points = [(chart.x(place), chart.y(value)) for place, value in enumerate(line)]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        yield f'<path class="line" stroke="{ink}" d="M{path}"/>'
        yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{ink}"/>' for x, y in points)
        top = _TOP + 12 + 24 * at
        yield f'<circle cx="{_WIDTH - _RIGHT + 26}" cy="{top - 4}" r="5" fill="{ink}"/>'
        yield _text(_WIDTH - _RIGHT + 38, top, name)


def _text(x: float, y: float, words: str, *, anchor: str = "start", kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _told(chart: Chart) -> str:
    return "; ".join(
        f"{name}: " + ", ".join(f"{value:,.3g}" for value in line)
        for name, line in chart.lines.items()
    )
