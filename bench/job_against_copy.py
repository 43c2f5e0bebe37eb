"""A job end to end, against PostgreSQL loading the same rows from a ready file.

The rival gets everything it could wish for: binary rows, in the order in which they are stored (by
PAN within each chunk), from a file in memory cache, one statement, an identical empty table with
both unique indexes, and no web server, queue, counting or minting.
"""

import tempfile
import time
from pathlib import Path

from django.db import connection

from bench.row import Row
from bench.service import Service, finish
from bench.timing import seconds

_BLOCK = 1 << 20


def measure(service: Service, *, cards: int, rounds: int) -> Row:
    """Run both in turns and compare them, in cards a second."""
    ours, theirs = list[float](), list[float]()
    for _ in range(rounds):
        job_id, taken = _job(service, cards)
        ours.append(cards / taken)
        theirs.append(cards / _copy(job_id))
    return Row(
        key=f"job/{cards:,} cards",
        name=f"job of {cards:,} cards, API to finished",
        against="COPY of the same rows from a ready file into an identical table",
        unit="cards a second",
        ours=ours,
        theirs=theirs,
        aim=1.0,
    )


def _job(service: Service, cards: int) -> tuple[str, float]:
    _settle()
    body = {"scheme": "visa", "count": cards}
    started = time.perf_counter()
    job_id = service.call("/api/v1/cards/generate-async", body)["id"]
    status = finish(service, job_id)
    taken = time.perf_counter() - started
    if status["produced"] != cards:
        raise SystemExit(f"the job ended {status['status']} with {status['produced']} cards")
    return job_id, taken


def _copy(job_id: str) -> float:
    with connection.cursor() as cursor, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows"
        _dump(file, job_id)
        cursor.execute("DROP TABLE IF EXISTS bench_copy")
        cursor.execute("CREATE TABLE bench_copy (LIKE uniqueness_ledger INCLUDING ALL)")
        _settle()
        return seconds(lambda: _load(file))


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
