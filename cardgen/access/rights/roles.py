"""The roles are groups; whatever they were before, after each migration they are the code's."""

from typing import Any

from django.contrib.auth.models import Group, Permission

from toolkit.rights import RIGHTS_OF, Right


def ensure_roles(using: str, **_: Any) -> None:
    """Make the groups, and give each the rights of its role."""
    known = Permission.objects.using(using).filter(content_type__app_label="access")
    by_name = {found.codename: found for found in known.filter(codename__in=list(Right))}
    for role, rights in RIGHTS_OF.items():
        group, _made = Group.objects.using(using).get_or_create(name=role)
        group.permissions.set([by_name[right] for right in rights if right in by_name])
