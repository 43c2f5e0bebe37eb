"""A job end to end, against PostgreSQL loading the same rows from ready files.

The rival gets everything it could wish for: binary rows, in the order in which they are stored (by
PAN within each chunk), from files in memory cache, as many streams at a time as there are workers,
one statement each, an identical empty table with both unique indexes, and no web server, queue,
counting or minting.
"""

import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from django.conf import settings
from django.db import connection

from bench.row import Row
from bench.service import Service, finish
from bench.timing import seconds
from jobs.models import Job

_BLOCK = 1 << 20
_CREATE = """
    DROP TABLE IF EXISTS bench_copy;
    CREATE TABLE bench_copy (LIKE uniqueness_ledger INCLUDING ALL)
"""
# Streams take the chunks in turns, as workers do.
_DUMP = """
    COPY (SELECT l.* FROM jobs_chunk c JOIN uniqueness_ledger l
            ON l.slot >= c.first_slot AND l.slot < c.end_slot
        WHERE c.job_id = '{job}' AND c.id % {streams} = {stream} ORDER BY c.id, l.pan)
    TO STDOUT (FORMAT BINARY)
"""
_LOAD = "COPY bench_copy FROM STDIN (FORMAT BINARY)"


def measure(service: Service, *, cards: int, rounds: int) -> Row:
    """Run both in turns and compare them, in cards a second."""
    ours, theirs = list[float](), list[float]()
    for _ in range(rounds):
        job_id, taken = timed_job(service, cards)
        ours.append(cards / taken)
        theirs.append(cards / _copy(job_id))
    streams = settings.CARDGEN_WORKERS
    return Row(
        key=f"job/{cards:,} cards, {streams} streams",
        name=f"job of {cards:,} cards, API to finished",
        against=f"COPY of the same rows from ready files by {streams} streams, identical table",
        unit="cards a second",
        ours=ours,
        theirs=theirs,
        aim=0.95,
    )


def timed_job(service: Service, cards: int) -> tuple[str, float]:
    """Order a job, wait for its end; return its id and the seconds that took."""
    _settle()
    body = {"scheme": "visa", "count": cards}
    started = time.time()
    job_id = service.call("/api/v1/cards/generate-async", body)["id"]
    finish(service, job_id)
    job = Job.objects.get(id=job_id)
    if job.finished_at is None or job.produced != cards:
        raise SystemExit(f"the job ended {job.status} with {job.produced} cards")
    return job_id, job.finished_at.timestamp() - started


def _copy(job_id: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / str(stream) for stream in range(settings.CARDGEN_WORKERS)]
        for stream, file in enumerate(files):
            _dump(file, _DUMP.format(job=job_id, streams=len(files), stream=stream))
        with connection.cursor() as cursor:
            cursor.execute(_CREATE)
        _settle()
        return seconds(lambda: _load_all(files))


def _dump(file: Path, statement: str) -> None:
    with connection.cursor() as cursor, cursor.copy(statement) as copy, file.open("wb") as out:
        for piece in copy:
            out.write(piece)


def _load_all(files: Sequence[Path]) -> None:
    with ThreadPoolExecutor(len(files)) as streams:
        list(streams.map(_load, files))


def _load(file: Path) -> None:
    """Load one file, on a connection of this thread's own."""
    try:
        with connection.cursor() as cursor, cursor.copy(_LOAD) as copy, file.open("rb") as rows:
            while block := rows.read(_BLOCK):
                copy.write(block)
    finally:
        connection.close()


def _settle() -> None:
    """Begin both with a clean slate: nothing left to flush from what came before."""
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
