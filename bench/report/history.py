"""What earlier runs found: a file with one run a line."""

import json
from pathlib import Path
from typing import Any

from bench.report.report import Report


def add(file: Path, report: Report) -> None:
    """Append the run."""
    entry = {
        "when": report.when,
        "machine": report.machine.name,
        "quick": report.quick,
        "figures": {row.key: row.value for row in report.rows},
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as out:
        out.write(json.dumps(entry) + "\n")


def last(file: Path, report: Report) -> dict[str, float]:
    """Return each figure's last value on the same machine, measured as thoroughly.

    A run of one part only leaves the others as they were.
    """
    found: dict[str, float] = {}
    for entry in _entries(file):
        if (entry["machine"], entry["quick"]) == (report.machine.name, report.quick):
            found |= entry["figures"]
    return found


def _entries(file: Path) -> list[dict[str, Any]]:
    if not file.exists():
        return []
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
