"""Facts of the machine, without which a figure says nothing."""

import os
import platform
import re
from dataclasses import dataclass
from pathlib import Path

import psutil
from django.db import connection

_CPU = re.compile(r"^model name\s*:\s*(.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What ran the benchmarks.

    :ivar load: runnable processes before, mean of a minute: anything near the cores disturbs
    """

    cores: int
    cpu: str
    memory_gb: float
    kernel: str
    python: str
    postgres: str
    load: float

    @property
    def name(self) -> str:
        """What makes it the same machine in the history, whatever runs on it."""
        return f"{self.cores} x {self.cpu}, {self.memory_gb:.1f} GB"


def read() -> Machine:
    """Read the facts, before anything is measured."""
    return Machine(
        cores=len(os.sched_getaffinity(0)),
        cpu=_cpu(),
        memory_gb=round(psutil.virtual_memory().total / 1e9, 1),
        kernel=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        postgres=_postgres(),
        load=round(os.getloadavg()[0], 2),
    )


def _cpu() -> str:
    """Read the model; not every processor tells it."""
    file = Path("/proc/cpuinfo")
    found = _CPU.search(file.read_text()) if file.exists() else None
    return found[1] if found else platform.machine()


def _postgres() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        (version,) = cursor.fetchone()
    return str(version)
