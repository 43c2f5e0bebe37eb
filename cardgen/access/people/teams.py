"""Make teams, name them, and say who is in them. A team is emptied, never deleted."""

from collections.abc import Collection, Iterable
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from cardgen.access.people.refusals import InvalidName
from cardgen.access.people.states import state_of_team
from jobs.models import NAME_TAKEN, OrderProfile, Team
from toolkit.actor import Actor
from uniqueness import trail

_BY_HAND = "on the pages of administration"


def make_team(*, name: str, actor: Actor) -> Team:
    """Make a team with nobody in it.

    :raises InvalidName: if there is one of that name, or none can have it
    """
    team = Team(name=name)
    with transaction.atomic():
        _save(team)
        _note(team, actor=actor, action="make_team", before=None)
    return team


@transaction.atomic
def rename_team(team: Team, *, name: str, actor: Actor) -> bool:
    """Give a team another name; saved orders follow. Return whether that was a change.

    Its old names stay its own: it may have them again, and no other team gets them.

    :raises InvalidName: if another team has or had the name, or none can have it
    """
    renamed = Team.objects.select_for_update(no_key=True).get(pk=team.pk)
    old, renamed.name = renamed.name, name
    if old == name:
        return False
    _save(renamed)
    _rename_in_profiles(renamed)
    trail.note(
        actor=actor,
        action="rename_team",
        subject=f"team {name}",
        reason=f"team {old} has another name",
        before={"name": old},
        after={"name": name},
    )
    return True


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


def _save(team: Team) -> None:
    """Keep a team and its name; the index of names decides between two of them."""
    try:
        team.full_clean(validate_unique=False, validate_constraints=False)
        with transaction.atomic():
            team.save()
    except ValidationError as error:
        raise InvalidName(" ".join(error.messages)) from None
    except IntegrityError:
        raise InvalidName(NAME_TAKEN) from None


def _rename_in_profiles(team: Team) -> None:
    for profile in OrderProfile.objects.select_for_update(no_key=True).filter(team=team):
        profile.body["team"] = team.name
        try:
            with transaction.atomic():
                profile.save(update_fields=["body"])
        except IntegrityError:
            message = f"The profile {profile.name} has no room for it: choose a shorter name."
            raise InvalidName(message) from None


def _note(team: Team, *, actor: Actor, action: str, before: dict[str, Any] | None) -> None:
    trail.note(
        actor=actor,
        action=action,
        subject=f"team {team}",
        reason=_BY_HAND,
        before=before,
        after=state_of_team(team),
    )
