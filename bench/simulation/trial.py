"""A real job by real Celery workers on this machine, to compare the simulation with."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import psutil
from django.db.models import F

from bench.simulation.measure import order
from jobs.models import Chunk, Job
from jobs.work import bell

CHUNK = 50_000
_PATIENCE = 300.0
_POLL = 0.1
_STAT, _RUNNING = Path("/proc/stat"), "procs_running"
_CELERY = ["celery", "--quiet", "-A", "cardgen.celery", "worker", "--loglevel", "WARNING"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What happened: seconds from the first lease to the last commit.

    :param rivals: other programs that wanted a core meanwhile, on average
    """

    workers: int
    cards: int
    seconds: float
    rivals: float

    @property
    def rate(self) -> float:
        """Cards a second."""
        return self.cards / self.seconds


def run(*, workers: int, cards: int, rounds: int) -> Trial:
    """Mint so many cards with so many worker processes, several times.

    Returns the run in which the fewest other programs were in the way.

    :raises SystemExit: if a job does not end
    """
    with _workers(workers):
        runs = [_run(workers=workers, cards=cards) for _ in range(rounds)]
    return min(runs, key=lambda run: (run.rivals, run.seconds))


def _run(*, workers: int, cards: int) -> Trial:
    job, rivals = _minted(cards, workers=workers)
    if job.started_at is None or job.finished_at is None:
        raise SystemExit("a job that succeeded knows when it began and ended")
    seconds = (job.finished_at - job.started_at).total_seconds()
    return Trial(workers=workers, cards=cards, seconds=seconds, rivals=rivals)


def _minted(cards: int, *, workers: int) -> tuple[Job, float]:
    job = order(cards, chunk=CHUNK)
    rivals: list[float] = []
    for _ in range(workers):
        bell.ring()
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        if done := Job.objects.filter(id=job.id, status="succeeded", produced=F("requested")):
            return done[0], mean(rivals or [0.0])
        rivals.append(_rivals())
        time.sleep(_POLL)
    raise SystemExit(f"the job of {cards} cards did not end within {_PATIENCE:.0f} s")


@contextmanager
def _workers(count: int) -> Iterator[None]:
    command = [sys.executable, "-W", "ignore", "-m", *_CELERY, "--concurrency", str(count)]
    with subprocess.Popen(command) as child:
        try:
            _warm_up(count)
            yield
        finally:
            child.terminate()
            child.wait(timeout=60)


def _warm_up(count: int) -> None:
    """Mint until every process has minted: what starting costs is not measured."""
    seen: set[str] = set()
    for _ in range(20):
        job, _ = _minted(CHUNK * 4 * count, workers=count)
        seen |= set(Chunk.objects.filter(job=job).values_list("worker", flat=True))
        if len(seen) >= count:
            return
    raise SystemExit(f"{len(seen)} of {count} workers were seen at work")


def _rivals() -> float:
    """Count the programs that run or want to, right now, and are not this session's (Linux)."""
    line = next(line for line in _STAT.read_text().splitlines() if line.startswith(_RUNNING))
    parent = psutil.Process().parent()
    ours = [parent, *parent.children(recursive=True)] if parent else []
    return max(0.0, float(line.split()[1]) - sum(map(_runs, ours)))


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.status() == psutil.STATUS_RUNNING)
    except psutil.Error:
        return False
