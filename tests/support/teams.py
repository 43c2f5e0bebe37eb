"""Teams of tests."""

from django.contrib.auth.models import User

from jobs.models import Team


def make_team(name: str, *members: User) -> Team:
    """A team with these members."""
    team = Team.objects.create(name=name)
    team.members.set(members)
    return team
