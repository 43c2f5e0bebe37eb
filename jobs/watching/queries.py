"""Which jobs a user may see, and pages of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from jobs.models import FINAL, Job
from jobs.watching.pace import figures
from toolkit.refusals import InvalidPage

RECENT = 20


def visible_to(user: User | AnonymousUser) -> QuerySet[Job]:
    """Jobs the user may see: their own, or all for staff."""
    if not user.is_authenticated:
        return Job.objects.none()
    return Job.objects.all() if user.is_staff else Job.objects.filter(owner=user)


def visible(user: User | AnonymousUser, job_id: UUID) -> Job:
    """Return the job if the user may see it: other people's jobs do not exist here.

    :raises Http404: if not
    """
    job: Job = get_object_or_404(visible_to(user), id=job_id)
    return job


def page(jobs: QuerySet[Job], *, after: str = "", limit: int) -> tuple[list[Job], str]:
    """Return up to `limit` jobs, newest first, and the cursor of the next page (empty at the end).

    :raises InvalidPage: if `after` is not a cursor
    """
    if after:
        created_at, job_id = _place(after)
        jobs = jobs.filter(Q(created_at__lt=created_at) | Q(created_at=created_at, id__lt=job_id))
    rows = list(
        jobs.order_by("-created_at", "-id").prefetch_related("items__issuer_range")[: limit + 1]
    )
    more = len(rows) > limit
    return rows[:limit], str(rows[limit - 1].id) if more else ""


def snapshot(user: User | AnonymousUser, job_id: UUID) -> dict[str, Any] | None:
    """Return the job's figures as a live message, None if the user may not see it."""
    job = visible_to(user).filter(id=job_id).first()
    return figures(job).as_message() if job else None


def recent(user: User) -> list[dict[str, Any]]:
    """Return the user's own active jobs and their newest ones as live messages, newest first."""
    own = Job.objects.filter(owner=user).order_by("-created_at", "-id")
    active = own.exclude(status__in=FINAL)[:RECENT]
    found = {job.id: job for job in [*own[:RECENT], *active]}
    return [figures(job).as_message() for job in found.values()]


def _place(job_id: str) -> tuple[datetime, UUID]:
    """The cursor is the last job's id: its place in the order is read from its row."""
    try:
        job = Job.objects.only("created_at").get(id=UUID(job_id))
    except (ValueError, Job.DoesNotExist):
        raise InvalidPage("There is no such page: start again without `after`.") from None
    return job.created_at, job.id
