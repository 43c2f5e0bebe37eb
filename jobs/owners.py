"""Whose job it is, on the command line."""

from django.contrib.auth.models import User
from django.core.management.base import CommandError


def owner_named(username: str | None) -> User:
    """Return the active user of that name, or the first administrator.

    :raises CommandError: exit code 2, if there is none
    """
    users = User.objects.filter(is_active=True)
    chosen = users.filter(username=username) if username else users.filter(is_superuser=True)
    owner = chosen.order_by("id").first()
    if owner is None:
        who = f"user {username!r}" if username else "administrator"
        raise CommandError(f"there is no active {who}", returncode=2)
    return owner
