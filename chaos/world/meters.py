"""What processes hold while they run: memory, descriptors, threads, database connections (R22)."""

import contextlib
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from django.db import connection

from chaos.world.victims import Victim

MB = 1024 * 1024
_CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one program and its children held at one moment."""

    at: float
    megabytes: float
    descriptors: int


@dataclass(slots=True, kw_only=True)
class Meters:
    """Readings of programs by name, and of the database's connections."""

    programs: Mapping[str, Victim]
    readings: dict[str, list[Reading]] = field(default_factory=dict)
    connections: list[int] = field(default_factory=list)

    def read(self) -> None:
        """Take a reading of everything."""
        now = time.monotonic()
        for name, victim in self.programs.items():
            self._add(name, now, [psutil.Process(victim.pid)])
            if children := victim.children():
                self._add(f"{name} children", now, children)
        with connection.cursor() as cursor:
            cursor.execute(_CONNECTIONS)
            self.connections.append(int(cursor.fetchone()[0]))

    def _add(self, name: str, now: float, processes: Sequence[psutil.Process]) -> None:
        with contextlib.suppress(psutil.NoSuchProcess, OSError):
            reading = Reading(
                at=now,
                megabytes=sum(_proportional(process.pid) for process in processes) / MB,
                descriptors=sum(process.num_fds() for process in processes),
            )
            self.readings.setdefault(name, []).append(reading)


def _proportional(pid: int) -> int:
    """Read the bytes that a process holds and no file does, shared ones by its share.

    The share of libraries goes up and down with whoever else on the machine uses them.
    """
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("Pss_Anon:"))


def growth(readings: Sequence[Reading]) -> float:
    """Estimate by how many MB the memory grew over the readings (Theil-Sen: outliers do not count).

    :param readings: at least two
    """
    pairs = [
        (later.megabytes - earlier.megabytes) / (later.at - earlier.at)
        for place, earlier in enumerate(readings)
        for later in readings[place + 1 :]
    ]
    return statistics.median(pairs) * (readings[-1].at - readings[0].at)
