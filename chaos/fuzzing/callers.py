"""Who calls: a user of each role, with a valid API key."""

from django.contrib.auth.models import Group, User

from cardgen.access.keys.making import KeyOrder, create_key
from toolkit.actor import shell_user
from toolkit.rights import Role, rights_of


def make_keys() -> dict[str, str]:
    """Make the users and return a key for each role, for all that the role may do."""
    return {role.value: _key(role) for role in Role}


def _key(role: Role) -> str:
    made = User.objects.create_user(f"fuzz-{role}")
    made.groups.add(Group.objects.get(name=role))
    user = User.objects.get(pk=made.pk)  # without the rights of before
    order = KeyOrder(name="fuzz", scopes=frozenset(rights_of(user)))
    return create_key(user=user, order=order, actor=shell_user()).key
