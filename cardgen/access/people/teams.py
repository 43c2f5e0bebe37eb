"""Make teams, and say who is in them. A team keeps its name, and is emptied, never deleted."""

from collections.abc import Collection, Iterable
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from cardgen.access.people.refusals import InvalidName
from cardgen.access.people.states import state_of_team
from jobs.models import Team
from toolkit.actor import Actor
from uniqueness import trail

_BY_HAND = "on the pages of administration"


def make_team(*, name: str, actor: Actor) -> Team:
    """Make a team with nobody in it.

    :raises InvalidName: if there is one of that name, or none can have it
    """
    team = Team(name=name)
    try:
        team.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        raise InvalidName(" ".join(error.messages)) from None
    with transaction.atomic():
        _insert(team)
        _note(team, actor=actor, action="make_team", before=None)
    return team


def add_members(team: Team, names: Collection[str], *, actor: Actor) -> None:
    """Add users by their names; all of them or none.

    :raises InvalidName: if nobody has one of the names
    """
    found = list(User.objects.filter(username__in=names))
    if unknown := sorted(set(names) - {user.get_username() for user in found}):
        raise InvalidName(f"There is no user {', '.join(unknown)}.")
    _change(team, found, belong=True, actor=actor)


def remove_member(team: Team, user: User, *, actor: Actor) -> None:
    """Take a user out; they lose the team's jobs at once."""
    _change(team, [user], belong=False, actor=actor)


@transaction.atomic
def set_teams(user: User, teams: Iterable[Team], *, actor: Actor) -> None:
    """Have a user be in these teams and no others."""
    wanted, has = set(teams), set(Team.objects.filter(members=user))
    for team in sorted(wanted ^ has, key=lambda team: team.pk):
        _change(team, [user], belong=team in wanted, actor=actor)


@transaction.atomic
def _change(team: Team, users: Iterable[User], *, belong: bool, actor: Actor) -> None:
    Team.objects.select_for_update(no_key=True).get(pk=team.pk)
    before = state_of_team(team)
    (team.members.add if belong else team.members.remove)(*users)
    if state_of_team(team) != before:
        _note(team, actor=actor, action="change_team", before=before)


def _insert(team: Team) -> None:
    try:
        with transaction.atomic():
            team.save(force_insert=True)
    except IntegrityError:
        raise InvalidName("There is a team of that name.") from None


def _note(team: Team, *, actor: Actor, action: str, before: dict[str, Any] | None) -> None:
    trail.note(
        actor=actor,
        action=action,
        subject=f"team {team}",
        reason=_BY_HAND,
        before=before,
        after=state_of_team(team),
    )
