"""How many processor cores we have: as many processes serve."""

import os
from pathlib import Path

_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def cores() -> int:
    """Count the cores that this process may use: the machine's, or a container's if it has fewer.

    A share of a core counts as one.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(min(allowed or 1, _quota(_QUOTA) or 1 << 16), 1)


def _quota(file: Path) -> int | None:
    """Read "200000 100000": 200 ms of processor time in each 100 ms are two cores."""
    try:
        time, period = map(int, file.read_text().split())
    except (OSError, ValueError):  # no such cgroup version, or "max"
        return None
    return -(-time // period)
