"""Small orders of one API key in one hour are one entry: a night of CI buries no other job."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet, Sum, TextField
from django.db.models.functions import Cast, TruncHour
from django.utils.dateparse import parse_datetime

from jobs.models import Job, Status
from toolkit.refusals import InvalidPage

Place = tuple[datetime, UUID]
"""Where an entry stands: newest first; the id tells two of the same moment apart."""
_HOUR = timedelta(hours=1)


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
    folded = _foldable(small)
    singles = _before(jobs.exclude(folded), place)[: limit + 1]
    found: list[Job | Fold] = list(singles)
    oldest = _place(found[-1])[0] if len(found) > limit else None
    found += _folds(jobs.filter(folded), place=place, oldest=oldest)[: limit + 1]
    found.sort(key=_place, reverse=True)
    more = len(found) > limit
    return _unfolded(found[:limit]), _cursor(found[limit - 1]) if more else ""


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
    return newest.prefetch_related("items__issuer_range")


def _folds(jobs: QuerySet[Job], *, place: Place | None, oldest: datetime | None) -> list[Fold]:
    """The hours between the two places, each whole: its figures do not depend on the page."""
    if oldest:
        jobs = jobs.filter(created_at__gte=_begun(oldest))
    if place:
        jobs = jobs.filter(created_at__lt=_begun(place[0]) + _HOUR)
    hours = jobs.order_by().annotate(hour=TruncHour("created_at")).values("api_key_id", "hour")
    rows = hours.annotate(
        jobs=Count("id"),
        cards=Sum("produced"),
        newest=Max("created_at"),
        one_id=Max(Cast("id", TextField())),
    )
    folds = [_fold(row) for row in rows]
    return sorted((f for f in folds if not place or _place(f) < place), key=_place, reverse=True)


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


def _cursor(entry: Job | Fold) -> str:
    at, job_id = _place(entry)
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
