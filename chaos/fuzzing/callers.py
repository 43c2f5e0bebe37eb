"""Who calls: a user of each role, with a valid API key."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User

from cardgen.access.keys import create_key
from cardgen.access.models import Scope

# Each role: what its user is, and the scopes of its key; none: every scope.
ROLES: Mapping[str, tuple[dict[str, Any], list[str] | None]] = {
    "administrator": ({"is_staff": True, "is_superuser": True}, None),
    "tester": ({}, None),
    "viewer": ({}, [Scope.READ]),
}


def make_keys() -> dict[str, str]:
    """Make the users and return a key for each role."""
    return {role: _key(role) for role in ROLES}


def _key(role: str) -> str:
    rights, scopes = ROLES[role]
    user = User.objects.create_user(f"fuzz-{role}", **rights)
    return create_key(user=user, name="fuzz", scopes=scopes)
