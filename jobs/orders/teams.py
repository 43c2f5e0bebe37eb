"""The team that an order's job is shared with."""

from django.contrib.auth.models import User

from jobs.models import Job, Team
from toolkit.near import did_you_mean
from toolkit.refusals import Refusal


class UnknownTeam(Refusal):
    """The owner is in no team of that name; whether there is one, strangers are not told."""

    code = "unknown_team"


def team_named(name: str, *, user: User) -> Team | None:
    """Find the user's team of that name; None for no name.

    :raises UnknownTeam: if the user is in no such team, or it has another name by now
    """
    if not name:
        return None
    team = Team.objects.filter(names__name=name, members=user).first()
    if team is not None and team.name != name:
        raise UnknownTeam(f"The team {name} is called {team.name} now: order for {team.name}.")
    if team is None:
        teams = Team.objects.filter(members=user).values_list("name", flat=True)
        raise UnknownTeam(
            f"You are in no team of that name.{did_you_mean(name, teams)} An administrator makes"
            " teams and adds their members."
        )
    return team


def team_kept(job: Job, *, user: User) -> str:
    """Name the team of a job that the user orders again; none if they are not in it."""
    team = Team.objects.filter(jobs=job, members=user).first()
    return team.name if team else ""
