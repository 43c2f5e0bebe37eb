"""Who looks at a page, and what of it is for them."""

from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from jobs import watching
from jobs.models import Job
from toolkit.rights import Right, has_right


def user_of(request: HttpRequest) -> User:
    """Return who is signed in."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 (the table of rights came first; this tells mypy)
    return user


def job_for(request: HttpRequest, job_id: UUID) -> Job:
    """Return a job that they may see, with its items.

    :raises Http404: if there is none, for them
    """
    jobs = watching.visible_to(user_of(request)).select_related("owner", "team")
    job: Job = get_object_or_404(jobs.prefetch_related("items__issuer_range"), id=job_id)
    return job


def may_read(request: HttpRequest, job: Job) -> bool:
    """Tell whether they may see the job's cards."""
    user = user_of(request)
    return has_right(user, Right.CARDS) and watching.readable_by(user).filter(id=job.id).exists()


def require(request: HttpRequest, right: Right) -> None:
    """Let only those pass who have the right.

    :raises PermissionDenied: if they have not
    """
    if not has_right(request.user, right):
        raise PermissionDenied
