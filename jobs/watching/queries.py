"""Pages of jobs, and their figures for who watches."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Q, QuerySet

from jobs.models import UNENDED, Job
from jobs.watching.ownership import own_jobs, visible_to
from jobs.watching.pace import figures
from toolkit.refusals import InvalidPage

RECENT = 20


def page(jobs: QuerySet[Job], *, after: str = "", limit: int) -> tuple[list[Job], str]:
    """Return up to `limit` jobs, newest first, and the cursor of the next page (empty at the end).

    :raises InvalidPage: if `after` is not a cursor
    """
    if after:
        created_at, job_id = _place(jobs, after)
        jobs = jobs.filter(Q(created_at__lt=created_at) | Q(created_at=created_at, id__lt=job_id))
    newest = jobs.order_by("-created_at", "-id").select_related("team")
    rows = list(newest.prefetch_related("items__issuer_range")[: limit + 1])
    more = len(rows) > limit
    return rows[:limit], str(rows[limit - 1].id) if more else ""


def snapshot(user: User | AnonymousUser, job_id: UUID) -> dict[str, Any] | None:
    """Return the job's figures as a live message, None if the user may not see it."""
    job = visible_to(user).filter(id=job_id).first()
    return figures(job).as_message() if job else None


def recent(user: User) -> list[dict[str, Any]]:
    """Return the active and the newest of `own_jobs` as live messages, newest first."""
    own = own_jobs(user).order_by("-created_at", "-id")
    active = own.filter(status__in=UNENDED)[:RECENT]
    found = {job.id: job for job in [*own[:RECENT], *active]}
    return [figures(job).as_message() for job in found.values()]


def _place(jobs: QuerySet[Job], job_id: str) -> tuple[datetime, UUID]:
    """The cursor is the last job's id: its place in the order is read from its row."""
    try:
        job = jobs.only("created_at").get(id=UUID(job_id))
    except (ValueError, Job.DoesNotExist):
        raise InvalidPage("There is no such page: start again without `after`.") from None
    return job.created_at, job.id
