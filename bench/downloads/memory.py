"""What memory a job and its file take: a large one no more than a small one."""

from dataclasses import dataclass

from bench.downloads.file import fetch
from bench.downloads.peak import Peak, children
from bench.row import Row
from bench.service import Service, finish

_SMALLER = 5
"""So many times smaller is the small job."""
_MOST = 1.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """A job that is done and was fetched once, and the most MiB a process had meanwhile."""

    job_id: str
    cards: int
    worker: float
    web: float


def measure(service: Service, *, cards: int) -> tuple[Ordered, list[Row]]:
    """Order and fetch a small job, then a large one; return that with the figures."""
    small, large = (_ordered(service, count) for count in (cards // _SMALLER, cards))
    return large, [
        _row("worker", large, ours=large.worker, theirs=small.worker),
        _row("web", large, ours=large.web, theirs=small.web),
    ]


def _ordered(service: Service, cards: int) -> Ordered:
    worker, web = Peak(children("worker")), Peak(children("daphne"))
    body = {"scheme": "visa", "count": cards}
    job_id = str(service.call("/api/v1/cards/generate-async", body)["id"])
    status = finish(service, job_id, meanwhile=worker.look)
    if status["produced"] != cards:
        raise SystemExit(f"the job ended {status['status']} with {status['produced']} cards")
    fetch(service, job_id, "csv", meanwhile=web.look)
    return Ordered(job_id=job_id, cards=cards, worker=worker.mebibytes, web=web.mebibytes)


def _row(program: str, large: Ordered, *, ours: float, theirs: float) -> Row:
    return Row(
        key=f"downloads/memory/{program}",
        name=f"memory of {program}, {large.cards:,} cards",
        against=f"{large.cards // _SMALLER:,} cards",
        unit="MiB",
        ours=[ours],
        theirs=[theirs],
        aim=_MOST,
        smaller=True,
    )
