#!/usr/bin/env python3
"""Draw the map of the code from its imports: docs/images/map-light.svg and map-dark.svg.

    python docs/draw_map.py            writes both
    python docs/draw_map.py --check    exits with 1 if one of them is stale

Rows are the layers of the import-linter contracts in pyproject.toml, arrows are the imports that
grimp finds, captions are the first sentences of the packages.
"""

import ast
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from html import escape
from itertools import accumulate, chain, combinations, pairwise, product
from pathlib import Path
from textwrap import shorten
from typing import Any

import grimp

ROOT = Path(__file__).resolve().parent.parent
LEGEND = (
    "Arrows are imports, and go down. Those that follow from others are left out.",
    "A box is a folder with its number of modules, a pill is a file.",
)
COLOURS = {
    "light": {"paper": "#ffffff", "app": "#f1f5fa", "box": "#ffffff", "edge": "#c3ccd8"}
    | {"text": "#1f2328", "faint": "#57606a", "name": "#0a4fa3", "arrow": "#8190a3"},
    "dark": {"paper": "#0d1117", "app": "#161c25", "box": "#232c38", "edge": "#414c5a"}
    | {"text": "#e9eff6", "faint": "#a3adb9", "name": "#8cc2ff", "arrow": "#78879a"},
}
STYLE = """<style>
text {{ font: 12px system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; fill: {faint} }}
.title {{ font-size: 24px; font-weight: 700; fill: {text} }}
.app > text, .legend {{ font-size: 14px }}
.app > .name {{ font-size: 20px; font-weight: 700; fill: {text} }}
.folder > .name {{ font-size: 14px; font-weight: 600; fill: {name} }}
.file > .name {{ font-size: 13px; fill: {text}; text-anchor: middle }}
.count {{ text-anchor: end }}
rect {{ fill: {box}; stroke: {edge} }}
.app > rect {{ fill: {app} }}
.paper {{ fill: {paper}; stroke: none }}
path {{ fill: none; stroke: {arrow}; stroke-width: 1.5; marker-end: url(#head) }}
.wide {{ stroke-width: 3.5 }}
#head path {{ fill: {arrow}; stroke: none; marker-end: none }}
</style>
<marker id="head" viewBox="0 -3 5 6" markerWidth="5" markerHeight="6" orient="auto">
<path d="M0 -3L5 0L0 3z"/></marker>"""
MARGIN, TOP, HEADER, GAP, NARROWEST = 24, 112, 68, 28, 640
FOLDER, CHANNEL, TRACK, HEIGHT, PITCH = 182, 36, 9, 46, 74
STEPS, HEAT = 2500, 13

Arrow = tuple[str, str]
Layers = list[list[str]]
Spots = dict[str, tuple[int, int]]  # row and place; a column is 8 places wide
Stop = tuple[float, float, float]  # where an arrow goes straight down: x, from, to


@dataclass(slots=True)
class Box:
    """An app, or a folder or file in it; `x` is its middle."""

    kind: str
    name: str
    count: str
    caption: str
    width: float
    height: float
    x: float = 0
    y: float = 0
    inside: str = ""


def layers_of(settings: dict[str, Any], app: str = "") -> Layers:
    """Read the layers of an app, or those of the apps, from the contracts."""
    return [
        [f"{app}.{name}".strip(".") for name in re.findall(r"\w+", layer)]
        for contract in settings["contracts"]
        if contract["type"] == "layers" and app in contract.get("containers", [""])
        for layer in contract["layers"]
    ]


def arrows_between(graph: grimp.ImportGraph, layers: Layers) -> list[Arrow]:
    """Find who imports whom, without what a longer way along other arrows says already."""
    names = {*chain.from_iterable(layers)}
    whole, small, kept = deepcopy(graph), grimp.ImportGraph(), []
    for name in names:
        whole.squash_module(name)
    # A door imports the files behind it: squashed, a folder would import itself.
    imports = {
        name: (whole.find_modules_directly_imported_by(name) & names) - {name} for name in names
    }
    arrows = sorted((name, other) for name in names for other in imports[name])
    for name, other in arrows:
        small.add_import(importer=name, imported=other)
    for name, other in arrows:
        small.remove_import(importer=name, imported=other)
        if not small.chain_exists(importer=name, imported=other):
            small.add_import(importer=name, imported=other)
            kept.append((name, other))
    return kept


def counted(graph: grimp.ImportGraph, package: str) -> str:
    """Count the files of a package, without `__init__` and migrations; nothing for a file."""
    below = [name for name in graph.find_descendants(package) if ".migrations" not in name]
    return str(sum(not graph.find_children(name) for name in below) or "")


def caption_of(module: str, room: int) -> str:
    """Take the first sentence of a package, cut after a clause, or else after a word, to fit."""
    path = ROOT.joinpath(*module.split("."), "__init__.py")
    words = (path.exists() and ast.get_docstring(ast.parse(path.read_text()))) or ""
    sentence = re.split(r"\.(?:\s|$)", " ".join(words.replace("`", "").split()))[0]
    sentence = re.sub(rf"(?i)^{module.rpartition('.')[2]}: ", "", sentence)
    sentence = sentence[:1].upper() + sentence[1:]
    clauses = accumulate(re.split(r"(?=[,:;] )", sentence))
    fitting = [clause for clause in clauses if len(clause) <= room]
    if fitting and (fitting[-1] == sentence or 2 * len(fitting[-1]) > room):
        return fitting[-1]
    hanging = r"[,:;]?( (an?|and|for|in|is|of|on|or|that|the|to|with))*…$"
    return re.sub(hanging, "…", shorten(sentence, room, placeholder="…"))


def spread(layers: Layers, arrows: list[Arrow]) -> Spots:
    """Swap columns in stretches of rows, again and again, so that arrows get short and clear.

    At first changes for the worse are allowed too (threshold accepting), or it would soon be stuck.
    There are no dice in it: the same code gives the same picture.
    """
    spots = {
        name: (row, 8 * at) for row, layer in enumerate(layers) for at, name in enumerate(layer)
    }
    columns = range(0, 8 * max(map(len, layers)), 8)
    stretches = combinations(range(len(layers) + 1), 2)
    swaps = list(product(stretches, combinations(columns, 2)))
    best = tangle(spots, arrows)
    for step in range(STEPS if swaps else 0):
        rows, pair = swaps[step * 43 % len(swaps)]  # a prime stride: all of them, well mixed
        other = swapped(spots, range(*rows), pair)
        if (rate := tangle(other, arrows)) < best + HEAT * (1 - step / STEPS) ** 2:
            spots, best = other, rate
    return spots


def swapped(spots: Spots, rows: range, pair: tuple[int, int]) -> Spots:
    """Swap two columns in some rows."""
    swap = dict([pair, pair[::-1]])
    return {
        name: (row, swap.get(place, place) if row in rows else place)
        for name, (row, place) in spots.items()
    }


def tangle(spots: Spots, arrows: list[Arrow]) -> float:
    """Rate how far arrows lean, how often they bend and cross, how far boxes stand aside."""
    middle = max(place for _, place in spots.values()) / 2
    rate = sum(abs(place - middle) for _, place in spots.values()) / 16
    gaps = defaultdict(list)
    for (source, target), lane in lanes_of(spots, arrows).items():
        (top, start), (bottom, end) = spots[source], spots[target]
        rate += (abs(start - lane) + abs(lane - end)) / 4 + (start != lane) + (lane != end)
        for row, piece in enumerate(pairwise([start, *[lane] * (bottom - top - 1), end]), top):
            gaps[row].append((*piece, target))
    pairs = chain.from_iterable(combinations(pieces, 2) for pieces in gaps.values())
    return rate + 4 * sum((a - c) * (b - d) < 0 and i != j for (a, b, i), (c, d, j) in pairs)


def lanes_of(spots: Spots, arrows: list[Arrow]) -> dict[Arrow, int]:
    """Choose where each arrow goes down past the rows between, beside boxes and other arrows."""
    by_lean = sorted(arrows, key=lambda arrow: abs(spots[arrow[0]][1] - spots[arrow[1]][1]))
    last = max(at for _, at in spots.values())
    lanes = [at for at in range(-5, last + 6) if at % 4 != 2]
    taken: dict[int, dict[int, str]] = defaultdict(dict)
    for row, at in spots.values():
        taken[row] |= {at - 1: "", at: "", at + 1: ""}
    chosen = {}
    for source, target in by_lean:
        (top, start), (bottom, end) = spots[source], spots[target]
        passed = [taken[row] for row in range(top + 1, bottom)]
        full = {at for others in passed for at, owner in others.items() if owner != target}
        free = [at for at in lanes if at not in full] if passed else [end]
        lane = min(free, key=lambda at: (abs(start - at) + abs(at - end), abs(at - end)))
        for others in passed:
            others[lane] = target
        chosen[source, target] = lane
    return chosen


def x_of(place: int) -> float:
    """Measure from the left to a place: in or near the middle of a column or between two."""
    middle = (place + 2) // 4 * 4
    return CHANNEL + FOLDER / 2 + middle * (FOLDER + CHANNEL) / 8 + (place - middle) * TRACK


def app(graph: grimp.ImportGraph, name: str, layers: Layers) -> Box:
    """Make the box of an app, with its stations in it if a contract puts them in layers."""
    box = Box("app", name, f"{counted(graph, name)} modules", "", 0, HEADER)
    box.width = 13 * len(name) + 9 * len(box.count) + 50
    found = [[module for module in layer if module in graph.modules] for layer in layers]
    if layers := [layer for layer in found if layer]:
        arrows = arrows_between(graph, layers)
        spots = spread(layers, arrows)
        boxes = {module: station(graph, module, *spots[module]) for module in spots}
        box.width = max(map(len, layers)) * (FOLDER + CHANNEL) + CHANNEL
        box.height += len(layers) * PITCH
        box.inside = "\n".join([*paths(spots, boxes, arrows), *map(drawn, boxes.values())])
    return box


def station(graph: grimp.ImportGraph, module: str, row: int, place: int) -> Box:
    """Make the box of a folder or a file of an app."""
    name, files = module.rpartition(".")[2], counted(graph, module)
    x, y = x_of(place), row * PITCH
    if files:
        return Box("folder", name, files, caption_of(module, 24), FOLDER, HEIGHT, x, y)
    return Box("file", name, files, "", 8 * len(name) + 36, 30, x, y + (HEIGHT - 30) / 2)


def paths(spots: Spots, boxes: dict[str, Box], arrows: list[Arrow]) -> Iterator[str]:
    """Draw arrows: across to the same row, or down, in a lane past the rows between."""
    for (source, target), lane in lanes_of(spots, arrows).items():
        top, bottom = spots[source][0], spots[target][0]
        start, end = boxes[source], boxes[target]
        past: list[Stop] = [(x_of(lane), (top + 1) * PITCH, (bottom - 1) * PITCH + HEIGHT)]
        yield across(start, end) if top == bottom else down(start, past[: bottom - top - 1], end)


def across(source: Box, target: Box) -> str:
    """Draw an arrow to a box of the same row."""
    way = 1 if source.x < target.x else -1
    y, end = target.y + target.height / 2, target.x - way * (target.width / 2 + 7)
    return f'<path d="M{source.x:g} {y:g}H{end:g}"/>'


def down(source: Box, past: list[Stop], target: Box) -> str:
    """Draw an arrow to a row below, past the rows between."""
    x, y = source.x, source.y + source.height
    path = f"M{x:g} {y:g}"
    for next_x, enter, leave in [*past, (target.x, target.y - 9, target.y - 7)]:
        middle = (y + enter) / 2
        path += f"C{x:g} {middle:g} {next_x:g} {middle:g} {next_x:g} {enter:g}V{leave:g}"
        x, y = next_x, leave
    return f'<path d="{path}"/>'


def behind(source: Box, target: Box) -> str:
    """Draw an arrow between apps, straight down and behind those between."""
    x = min(source, target, key=lambda box: box.width).x
    return f'<path class="wide" d="M{x:g} {source.y + source.height:g}V{target.y - 18:g}"/>'


def drawn(box: Box) -> str:
    """Draw a box with what is written and drawn in it."""
    left, right = box.x - box.width / 2, box.x + box.width / 2
    first, second, pad, radius = {
        "app": (28, 50, 20, 14),
        "folder": (20 if box.caption else 28, 37, 11, 7),
        "file": (20, 0, box.width / 2, 15),
    }[box.kind]
    lines = [
        f'<g class="{box.kind}"><rect x="{left:g}" y="{box.y:g}" rx="{radius}"',
        f'width="{box.width:g}" height="{box.height:g}"/>',
        text("name", left + pad, box.y + first, box.name),
        text("count", right - pad, box.y + first, box.count),
        text("caption", left + pad, box.y + second, box.caption),
        f"{box.inside}</g>",
    ]
    return "\n".join(line for line in lines if line)


def text(kind: str, x: float, y: float, words: str) -> str:
    """Write a line, if there is something to write."""
    return f'<text class="{kind}" x="{x:g}" y="{y:g}">{escape(words)}</text>' if words else ""


def project(settings: dict[str, Any]) -> tuple[dict[str, Box], list[Arrow]]:
    """Make the boxes of all apps, row below row, each row as wide as the widest."""
    graph = grimp.build_graph(*settings["root_packages"], cache_dir=None)
    layers = layers_of(settings)
    rows = [[app(graph, name, layers_of(settings, name)) for name in layer] for layer in layers]
    widest = max(NARROWEST, *(sum(box.width + GAP for box in row) - GAP for row in rows))
    top = 0.0
    for row in rows:
        widen(row, widest, top)
        top += row[0].height + GAP
    return {box.name: box for row in rows for box in row}, arrows_between(graph, layers)


def widen(row: list[Box], width: float, top: float) -> None:
    """Put apps side by side, as wide as they need to be together, all of one height."""
    left, height = 0.0, max(box.height for box in row)
    more = (width + GAP - sum(box.width + GAP for box in row)) / len(row)
    for box in row:
        shift = f"translate({left + more / 2:g} {top + HEADER:g})"
        box.inside = f'<g transform="{shift}">\n{box.inside}\n</g>' if box.inside else ""
        box.width, box.height = box.width + more, height
        box.x, box.y = left + box.width / 2, top
        box.caption = caption_of(box.name, int((box.width - 40) / 7.8))
        left += box.width + GAP


def picture(apps: dict[str, Box], arrows: list[Arrow], name: str, colours: dict[str, str]) -> str:
    """Put the picture together, with words for those who cannot see it."""
    *_, last = apps.values()
    width, height = last.x + last.width / 2 + 2 * MARGIN, last.y + last.height + TOP + MARGIN
    size = f'width="{width:g}" height="{height:g}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {width:g} {height:g}"',
        'role="img" aria-labelledby="title about">',
        f'<title id="title">The map of {name}</title>',
        f'<desc id="about">Imports go down, through these apps: {", ".join(apps)}.</desc>',
        STYLE.format(**colours),
        f'<rect class="paper" {size}/>',
        text("title", MARGIN, 44, f"The map of {name}"),
        *(text("legend", MARGIN, 70 + 20 * at, line) for at, line in enumerate(LEGEND)),
        f'<g transform="translate({MARGIN} {TOP})">',
        *(behind(apps[source], apps[target]) for source, target in arrows),
        *map(drawn, apps.values()),
        "</g></svg>\n",
    ]
    return "\n".join(parts)


def main() -> None:
    """Write both pictures, or say which one is stale."""
    sys.path.insert(0, str(ROOT))
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    apps, arrows = project(settings["tool"]["importlinter"])
    for theme, colours in COLOURS.items():
        path = Path(f"docs/images/map-{theme}.svg")
        new = picture(apps, arrows, settings["project"]["name"], colours)
        if "--check" not in sys.argv:
            (ROOT / path).write_text(new)
        elif not (ROOT / path).exists() or (ROOT / path).read_text() != new:
            sys.exit(f"{path} is stale: make map")


if __name__ == "__main__":
    main()
