"""Names of teams and users in a filter: one that is not there finds nothing, and is told so.

Strangers are not told which names there are: for them all others are as if they were not there.
"""

from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from jobs.models import DailyFigure, Job, Team
from jobs.watching.ownership import teams_of
from toolkit.near import did_you_mean
from toolkit.rights import Right, has_right

_MOST_COMPARED = 1_000


def wrong_team(name: str, *, user: User) -> str:
    """Say why no job of a team of that name can be listed for the user; empty if some can.

    Who has left a team still sees what they ordered for it.
    """
    teams = _teams(user)
    if teams.filter(name=name).exists() or _ordered(owner=user, team__name=name):
        return ""
    if renamed := teams.filter(names__name=name).first():
        return f"The team {name} is called {renamed.name} now: ask for {renamed.name}."
    none = "There is" if has_right(user, Right.ALL_JOBS) else "You are in"
    known = teams.order_by("pk").values_list("name", flat=True)[:_MOST_COMPARED]
    return f"{none} no team of that name.{did_you_mean(name, known)}"


def wrong_owner(username: str, *, user: User) -> str:
    """Say why no card or job of a user of that name can be listed; empty if some can.

    Team mates see what somebody ordered for the team who has left it since.
    """
    people = _people(user)
    if people.filter(username=username).exists():
        return ""
    if _ordered(owner__username=username, team__in=teams_of(user)):
        return ""
    known = people.order_by("pk").values_list("username", flat=True)[:_MOST_COMPARED]
    return f"There is no user of that name whose jobs you may see.{did_you_mean(username, known)}"


def _teams(user: User) -> QuerySet[Team]:
    sees_all = has_right(user, Right.ALL_JOBS)
    return Team.objects.all() if sees_all else Team.objects.filter(pk__in=teams_of(user))


def _people(user: User) -> QuerySet[User]:
    if has_right(user, Right.ALL_JOBS):
        return User.objects.all()
    members = Team.members.through.objects.filter(team__in=teams_of(user)).values("user")
    return User.objects.filter(Q(pk=user.pk) | Q(pk__in=members))


def _ordered(**of: Any) -> bool:
    """Tell whether there are jobs of these, or cards whose jobs were deleted."""
    return Job.objects.filter(**of).exists() or DailyFigure.objects.filter(**of).exists()
