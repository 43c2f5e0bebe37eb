"""Small orders of one API key in one hour are one entry: a night of CI buries no other job."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Prefetch, Q, QuerySet, Sum, TextField
from django.db.models.functions import Cast, TruncHour
from django.utils.dateparse import parse_datetime

from jobs.models import Item, Job, Status
from toolkit.refusals import InvalidPage

Place = tuple[datetime, UUID]
"""Where an entry stands: newest first; the id tells two of the same moment apart."""
_HOUR = timedelta(hours=1)
_GROUPED = 10_000
"""Orders that one page groups, and the rest of their hour: a key that ordered millions costs no
more. Further hours are a page away.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """`jobs` orders of an API key that ended well within `hour`, with `cards` in all.

    `newest` is when the last of them was ordered, `one_id` is one of them.
    """

    api_key_id: int
    hour: datetime
    jobs: int
    cards: int
    newest: datetime
    one_id: UUID


def entries(
    jobs: QuerySet[Job], *, small: int, limit: int, after: str = ""
) -> tuple[list[Job | Fold], str]:
    """Return up to `limit` entries, newest first, and the cursor of the next page.

    :param small: cards of the largest order that is folded
    :raises InvalidPage: if `after` is not a cursor
    """
    place = _parsed(after) if after else None
    folded = _up_to(jobs.filter(_foldable(small)), place)
    singles = list(_before(jobs.exclude(_foldable(small)), place)[: limit + 1])
    edge = _edge(folded)
    found: list[Job | Fold] = [job for job in singles if edge is None or job.created_at >= edge]
    oldest = _begun(singles[limit].created_at) if len(singles) > limit else None
    first = max(filter(None, (edge, oldest)), default=None)
    found += _folds(folded.filter(created_at__gte=first) if first else folded, place)
    found.sort(key=_place, reverse=True)
    return _unfolded(found[:limit]), _next(found, limit=limit, edge=edge)


def _up_to(jobs: QuerySet[Job], place: Place | None) -> QuerySet[Job]:
    """Those of the hours down from a place, the first one whole: no page changes its figures."""
    if place is None:
        return jobs
    at, hour = place[0], _begun(place[0])
    return (
        jobs.filter(created_at__lt=hour + _HOUR) if at > hour else jobs.filter(created_at__lte=at)
    )


def _edge(folded: QuerySet[Job]) -> datetime | None:
    """The hour that one page goes back to if there are more orders than it may group."""
    newest = folded.order_by("-created_at").values_list("created_at", flat=True)
    last = newest[_GROUPED : _GROUPED + 1].first()
    return _begun(last) if last else None


def _next(found: list[Job | Fold], *, limit: int, edge: datetime | None) -> str:
    """Write where the next page begins: after the last entry shown, or before the edge."""
    if len(found) > limit:
        return _cursor(*_place(found[limit - 1]))
    return _cursor(edge, UUID(int=0)) if edge else ""


def together(jobs: QuerySet[Job], job: Job, *, small: int) -> QuerySet[Job]:
    """Return those of `jobs` that are one entry with this one: it alone, or its key's hour."""
    alone, hour = jobs.filter(id=job.id), _begun(job.created_at)
    if not alone.filter(_foldable(small)).exists():
        return alone
    same = jobs.filter(_foldable(small), api_key_id=job.api_key_id)
    return same.filter(created_at__gte=hour, created_at__lt=hour + _HOUR)


def count(jobs: QuerySet[Job], *, most: int) -> int:
    """Count them, up to `most` + 1: so the price has a bound."""
    return jobs.order_by()[: most + 1].count()


def _foldable(small: int) -> Q:
    return Q(api_key_id__isnull=False, status=Status.SUCCEEDED, requested__lte=small)


def _before(jobs: QuerySet[Job], place: Place | None) -> QuerySet[Job]:
    if place:
        at, job_id = place
        jobs = jobs.filter(created_at__lte=at).exclude(created_at=at, id__gte=job_id)
    newest = jobs.order_by("-created_at", "-id").select_related("team", "owner")
    items = Item.objects.select_related("issuer_range")
    return newest.prefetch_related(Prefetch("items", items))


def _folds(jobs: QuerySet[Job], place: Place | None) -> list[Fold]:
    """Group by key and hour; an hour whose newest order the page before has shown is left out."""
    hours = jobs.order_by().annotate(hour=TruncHour("created_at")).values("api_key_id", "hour")
    rows = hours.annotate(
        jobs=Count("id"),
        cards=Sum("produced"),
        newest=Max("created_at"),
        one_id=Max(Cast("id", TextField())),
    )
    folds = [_fold(row) for row in rows]
    return [fold for fold in folds if not place or _place(fold) < place]


def _fold(row: Mapping[str, Any]) -> Fold:
    return Fold(**{**row, "one_id": UUID(row["one_id"])})


def _unfolded(found: list[Job | Fold]) -> list[Job | Fold]:
    """An hour with one order is that order."""
    alone = [entry.one_id for entry in found if isinstance(entry, Fold) and entry.jobs == 1]
    jobs = {job.id: job for job in _before(Job.objects.filter(id__in=alone), None)} if alone else {}
    return [jobs.get(entry.one_id, entry) if isinstance(entry, Fold) else entry for entry in found]


def _place(entry: Job | Fold) -> Place:
    return (entry.newest, entry.one_id) if isinstance(entry, Fold) else (entry.created_at, entry.id)


def _begun(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _cursor(at: datetime, job_id: UUID) -> str:
    return f"{at.isoformat()}~{job_id}"


def _parsed(cursor: str) -> Place:
    when, _, job_id = cursor.partition("~")
    try:
        at, found = parse_datetime(when), UUID(job_id)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise InvalidPage("There is no such page: start again without `after`.")
    return at, found
