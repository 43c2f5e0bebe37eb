"""People found by the beginning of their name, their role, or because they are off; by pages."""

from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet

from cardgen.access.people import role_of
from cardgen.administration.people.forms import NONE, OFF
from toolkit.rights import administrators


def find(*, q: str, which: str, after: int | None) -> QuerySet[User]:
    """Return users by name, with their roles and teams.

    :param after: the last one of the page before
    """
    found = User.objects.order_by("username").prefetch_related("groups", "teams")
    if q:
        found = found.filter(username__startswith=q)
    if after is not None:
        last = User.objects.filter(pk=after).values("username")
        found = found.filter(username__gt=last)
    return _narrowed(found, which)


def described(users: list[User]) -> list[tuple[User, str]]:
    """Return them with their role in a word; one query for all."""
    every = set(administrators().filter(pk__in=[user.pk for user in users]))
    return [(user, role_of(user) or ("every right" if user in every else "")) for user in users]


def _narrowed(found: QuerySet[User], which: str) -> QuerySet[User]:
    ways: dict[str, dict[str, Any]] = {
        "": {},
        NONE: {"groups": None},
        OFF: {"is_active": False},
    }
    return found.filter(**ways.get(which, {"groups__name": which}))
