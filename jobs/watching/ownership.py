"""Whose jobs are whose: which of them a user may see, control, and take the cards of."""

from uuid import UUID

from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from jobs.models import Job
from toolkit.database import read_binary
from toolkit.rights import Right, has_right

Whoever = User | AnonymousUser
_TEAMS = "SELECT team_id FROM jobs_team_members WHERE user_id = %s ORDER BY team_id"


def visible_to(user: Whoever) -> QuerySet[Job]:
    """Jobs that the user may see."""
    return _jobs(user, everybodys=Right.ALL_JOBS)


def controllable_by(user: Whoever) -> QuerySet[Job]:
    """Jobs that the user may cancel, pause, resume and retry."""
    return _jobs(user, everybodys=Right.CONTROL_ALL)


def readable_by(user: Whoever) -> QuerySet[Job]:
    """Jobs whose cards the user may see."""
    return _jobs(user, everybodys=Right.ALL_CARDS)


def visible(user: Whoever, job_id: UUID) -> Job:
    """Return the job if the user may see it: other people's jobs do not exist here.

    :raises Http404: if not
    """
    job: Job = get_object_or_404(visible_to(user), id=job_id)
    return job


def controllable(user: Whoever, job_id: UUID) -> Job:
    """Return the job if the user may control it.

    :raises Http404: if they may not even see it
    :raises PermissionDenied: if they may see it only
    """
    return _among(controllable_by(user), visible(user, job_id))


def readable(user: Whoever, job_id: UUID) -> Job:
    """Return the job if the user may see its cards.

    :raises Http404: if they may not even see the job
    :raises PermissionDenied: if they may see no more than the job
    """
    return _among(readable_by(user), visible(user, job_id))


def own_jobs(user: User) -> QuerySet[Job]:
    """The user's own jobs and those of their teams: what their pages list.

    Teams are read each time: who leaves one loses its jobs at once. They are read apart, so that
    who has none lists by the index of owners alone.
    """
    teams = teams_of(user)
    own = Q(owner=user) | Q(team__in=teams) if teams else Q(owner=user)
    return Job.objects.filter(own)


def teams_of(user: User) -> list[int]:
    """Primary keys of the teams that the user is in now."""
    return [team for (team,) in read_binary(_TEAMS, [user.pk], often=True)]


def team_names(user: User) -> list[str]:
    """Names of these teams, sorted."""
    return list(user.teams.order_by("name").values_list("name", flat=True))


def _among(jobs: QuerySet[Job], job: Job) -> Job:
    if not jobs.filter(id=job.id).exists():
        raise PermissionDenied
    return job


def _jobs(user: Whoever, *, everybodys: Right) -> QuerySet[Job]:
    if not isinstance(user, User) or not user.is_active:
        return Job.objects.none()
    return Job.objects.all() if has_right(user, everybodys) else own_jobs(user)
