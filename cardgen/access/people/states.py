"""What the audit trail keeps of users and teams."""

from typing import Any

from django.contrib.auth.models import User

from jobs.models import Team


def state_of_user(user: User) -> dict[str, Any]:
    """Whether they may sign in, and what they may."""
    given = user.user_permissions.order_by("codename").values_list("codename", flat=True)
    return {
        "active": user.is_active,
        "roles": sorted(user.groups.values_list("name", flat=True)),
        "rights": list(given),
    }


def state_of_team(team: Team) -> dict[str, Any]:
    """Who is in it."""
    members = team.members.order_by("username")
    return {"members": list(members.values_list("username", flat=True))}
