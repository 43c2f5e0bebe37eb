"""A job end to end, against PostgreSQL loading the same rows from a ready file.

The rival gets everything it could wish for: binary rows, in the order in which they are stored (by
PAN within each chunk), from a file in memory cache, one statement, an identical empty table with
both unique indexes, and no web server, queue, counting or minting.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from django.db import connection

from bench.service import Service, finish
from bench.table import Row

_BLOCK = 1 << 20


def measure(service: Service, *, cards: int, rounds: int) -> Row:
    """Run both in turns and compare the medians, in cards per second."""
    ours, theirs = [], []
    for _ in range(rounds):
        job_id, seconds = _job(service, cards)
        ours.append(cards / seconds)
        theirs.append(cards / _copy(job_id))
    return Row(
        name=f"job of {cards:,} cards, API to finished, 2 workers",
        against="COPY of the same rows from a ready binary file into an identical table",
        unit="cards per second",
        ours=statistics.median(ours),
        theirs=statistics.median(theirs),
        aim=1.0,
    )


def _job(service: Service, cards: int) -> tuple[str, float]:
    _settle()
    body = {"scheme": "visa", "count": cards}
    started = time.perf_counter()
    job_id = service.call("/api/v1/cards/generate-async", body)["id"]
    status = finish(service, job_id)
    seconds = time.perf_counter() - started
    if status["produced"] != cards:
        raise SystemExit(f"the job ended {status['status']} with {status['produced']} cards")
    return job_id, seconds


def _copy(job_id: str) -> float:
    with connection.cursor() as cursor, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows"
        _dump(file, job_id)
        cursor.execute("DROP TABLE IF EXISTS bench_copy")
        cursor.execute("CREATE TABLE bench_copy (LIKE uniqueness_ledger INCLUDING ALL)")
        _settle()
        return _seconds(lambda: _load(file))


def _dump(file: Path, job_id: str) -> None:
    statement = (
        "COPY (SELECT l.* FROM jobs_chunk c JOIN uniqueness_ledger l"
        " ON l.slot >= c.first_slot AND l.slot < c.end_slot"
        f" WHERE c.job_id = '{job_id}' ORDER BY c.id, l.pan) TO STDOUT (FORMAT BINARY)"
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy, file.open("wb") as out:
        for piece in copy:
            out.write(piece)


def _load(file: Path) -> None:
    statement = "COPY bench_copy FROM STDIN (FORMAT BINARY)"
    with connection.cursor() as cursor, cursor.copy(statement) as copy, file.open("rb") as rows:
        while block := rows.read(_BLOCK):
            copy.write(block)


def _settle() -> None:
    """Begin both with a clean slate: nothing left to flush from what came before."""
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")


def _seconds(action: Callable[[], None]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started
