"""One thing done to many jobs, one after the other, with what became of each."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import QuerySet

from jobs.models import Job
from toolkit.refusals import Refusal

_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one job; `refusal` is empty if it was done."""

    job: Job
    refusal: str = ""


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What became of all: how many were done, how many were not by their code, and the first of
    both kinds one by one. `after` is the job to go on from if time ran out.
    """

    done: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    results: list[Result] = field(default_factory=list)
    after: UUID | None = None


def each(
    jobs: QuerySet[Job],
    *,
    move: Callable[[Job], object],
    seconds: float,
    shown: int,
    after: UUID | None = None,
) -> Outcome:
    """Move every job in the order of ids, each in its own transaction, until the time is over.

    :param shown: results that are kept, refusals and others each
    """
    until, found = time.monotonic() + seconds, Outcome()
    for job in _all(jobs, after=after):
        if time.monotonic() > until:
            return found
        _note(found, _moved(job, move), shown=shown)
        found.after = job.id
    found.after = None
    return found


def _all(jobs: QuerySet[Job], *, after: UUID | None) -> Iterator[Job]:
    ordered = jobs.order_by("id").select_related("team", "owner")
    ordered = ordered.prefetch_related("items__issuer_range")
    while some := list((ordered.filter(id__gt=after) if after else ordered)[:_AT_ONCE]):
        yield from some
        after = some[-1].id


def _moved(job: Job, move: Callable[[Job], object]) -> Result:
    try:
        move(job)
    except Refusal as refusal:
        return Result(job=job, refusal=refusal.detail)
    return Result(job=job)


def _note(found: Outcome, result: Result, *, shown: int) -> None:
    if result.refusal:
        found.refused[result.refusal] += 1
    else:
        found.done += 1
    alike = sum(bool(kept.refusal) == bool(result.refusal) for kept in found.results)
    if alike < shown:
        found.results.append(result)
