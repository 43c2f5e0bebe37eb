"""Names of channel groups."""

from uuid import UUID


def job_group(job_id: UUID) -> str:
    """Watchers of one job."""
    return f"job.{job_id}"


def owner_group(owner_id: int) -> str:
    """Watchers of all jobs of one user."""
    return f"owner.{owner_id}"
