"""Jobs named on the command line."""

from uuid import UUID

from django.core.management.base import CommandError

from jobs.models import Job
from toolkit.exit_codes import ExitCode


def job_named(job_id: UUID) -> Job:
    """Return the job of that id.

    :raises CommandError: a bad request, if there is none
    """
    job = Job.objects.filter(id=job_id).first()
    if job is None:
        raise CommandError(f"there is no job {job_id}", returncode=ExitCode.BAD_REQUEST)
    return job
