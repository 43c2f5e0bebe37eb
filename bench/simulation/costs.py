"""What one chunk costs, as measured on a real run."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """CPU seconds of a step, `fixed + each * cards`: the worker's, and the database's."""

    worker: float = 0.0
    worker_each: float = 0.0
    database: float = 0.0
    database_each: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """The steps of a chunk in their order, and what they need beside CPU.

    `locked` runs while the rows of the job and its reservation are locked, until the commit.
    `beside_each` is what PostgreSQL's own processes and Valkey use per card. A commit waits for
    `flush` seconds and `flush_each` for each byte of log since the last flush. `spread` is the
    coefficient of variation of the CPU time of a chunk.
    """

    lease: Cost
    lease_per_running: float
    lease_per_locked: float
    mint: Cost
    write: Cost
    locked: Cost
    tell: Cost
    beside_each: float
    log_bytes_each: float
    log_bytes_per_second: float
    flush: float
    flush_each: float
    spread: float


def save(costs: Costs, file: Path) -> None:
    """Write the costs as JSON."""
    file.write_text(json.dumps(asdict(costs), indent=2) + "\n")


def load(file: Path) -> Costs:
    """Read costs that `save` wrote.

    :raises TypeError, KeyError, ValueError: if the file holds something else
    """
    found: dict[str, Any] = json.loads(file.read_text())
    steps = {name: Cost(**found[name]) for name in ("lease", "mint", "write", "locked", "tell")}
    return Costs(**(found | steps))
