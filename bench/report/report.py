"""All of one run: what was measured, on what, when."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from bench.report.machine import Machine
from bench.row import Row


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One run; a quick one is only held against other quick ones."""

    machine: Machine
    quick: bool
    rows: Sequence[Row]
    when: str = field(default_factory=_now)

    def as_dict(self) -> dict[str, Any]:
        """Return everything as JSON takes it."""
        return {
            "when": self.when,
            "quick": self.quick,
            "machine": asdict(self.machine),
            "rows": [_row(row) for row in self.rows],
        }


def _row(row: Row) -> dict[str, Any]:
    figures = {"value": row.value, "spread": row.spread, "met": row.met}
    return asdict(row) | figures
