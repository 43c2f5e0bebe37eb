"""How fast files come: CSV against `COPY … TO STDOUT`, NDJSON and gzip against that CSV.

The rival gets everything it could wish for: one statement over the slots of the job, in no order,
and rows thrown away as they come; no web server between.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from uuid import UUID

from django.db import connection
from django.db.models import Max, Min

from bench.downloads.file import FIELDS, Fetched, fetch
from bench.row import Row
from bench.service import Service
from bench.timing import seconds
from jobs.models import Chunk

_KINDS = {"csv": ("csv", "identity"), "ndjson": ("ndjson", "identity"), "gzip": ("csv", "gzip")}


def measure(service: Service, job_id: str, *, cards: int, rounds: int) -> Iterator[Row]:
    """Fetch each kind in turns, after COPY; compare them round by round."""
    copied, fetched = list[float](), dict[str, list[Fetched]]()
    for _ in range(rounds):
        copied.append(seconds(lambda: _copy(job_id, cards)))
        for kind, (form, coding) in _KINDS.items():
            fetched.setdefault(kind, []).append(fetch(service, job_id, form, coding=coding))
    yield _against_copy(cards, copied, fetched["csv"])
    yield _against_csv("ndjson", "NDJSON", fetched, aim=1.5)
    yield _against_csv("gzip", "CSV with gzip", fetched, aim=1.25)
    yield _packed(fetched)


def _copy(job_id: str, cards: int) -> None:
    chunks = Chunk.objects.filter(job=UUID(job_id))
    ends = chunks.aggregate(first=Min("first_slot"), end=Max("end_slot"))
    statement = (
        f"COPY (SELECT {', '.join(FIELDS)} FROM uniqueness_ledger"
        f" WHERE slot >= {ends['first']} AND slot < {ends['end']}) TO STDOUT (FORMAT CSV)"
    )
    with connection.cursor() as cursor:
        with cursor.copy(statement) as copy:
            deque(copy, maxlen=0)
        if cursor.rowcount != cards:
            raise SystemExit(f"COPY gave {cursor.rowcount} cards of {cards}")


def _against_copy(cards: int, copied: Sequence[float], csv: Sequence[Fetched]) -> Row:
    return Row(
        key="downloads/csv",
        name=f"CSV of {cards:,} cards",
        against="COPY of the same columns TO STDOUT, CSV",
        unit="cards a second",
        ours=[cards / one.seconds for one in csv],
        theirs=[cards / one for one in copied],
        aim=0.8,
    )


def _against_csv(kind: str, name: str, fetched: dict[str, list[Fetched]], *, aim: float) -> Row:
    return Row(
        key=f"downloads/{kind}",
        name=f"{name} of the same",
        against="CSV",
        unit="s",
        ours=[one.seconds for one in fetched[kind]],
        theirs=[one.seconds for one in fetched["csv"]],
        aim=aim,
        smaller=True,
    )


def _packed(fetched: dict[str, list[Fetched]]) -> Row:
    """Tell up to which network a packed file is there before a plain one could be."""
    return Row(
        key="downloads/network",
        name="network that CSV with gzip keeps up with",
        unit="Mbit/s",
        ours=[
            plain.size * 8 / 1e6 / packed.seconds
            for plain, packed in zip(fetched["csv"], fetched["gzip"], strict=True)
        ],
        aim=100.0,
    )
