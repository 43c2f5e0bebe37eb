"""Names of channel groups."""

from uuid import UUID


def job_group(job_id: UUID) -> str:
    """Watchers of one job."""
    return f"job.{job_id}"


def owner_group(owner_id: int) -> str:
    """Watchers of all jobs of one user."""
    return f"owner.{owner_id}"


def team_group(team_id: int) -> str:
    """Watchers of all jobs of one team."""
    return f"team.{team_id}"


def list_groups(*, owner_id: int, team_id: int | None) -> tuple[str, ...]:
    """Watchers of all lists that show a job: its owner's and, if it has one, its team's."""
    return (owner_group(owner_id), *([] if team_id is None else [team_group(team_id)]))
