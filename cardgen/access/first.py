"""The first administrator, for an installation that has none."""

import secrets
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction

from cardgen.access import quota_holders
from cardgen.access.keys import KeyOrder, create_key
from jobs import quotas
from toolkit.actor import shell_user
from toolkit.rights import RIGHTS_OF, Role, administrators

FIRST_USER = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstCredentials:
    """What a fresh installation shows once."""

    username: str
    password: str
    api_key: str


@transaction.atomic
def ensure_administrator() -> FirstCredentials | None:
    """Make the user `admin` with a random password and an API key, unless there is one.

    No quota holds for this user: whoever runs the service must be able to try it out. The key may
    do what operators may; an administrator's work needs the password, or a key made for it.
    """
    if administrators().exists() or User.objects.filter(username=FIRST_USER).exists():
        return None
    password = secrets.token_urlsafe(12)
    user = User.objects.create_superuser(FIRST_USER, password=password)
    quotas.set_limits(
        holder=quota_holders.of_user(user),
        changes=dict.fromkeys(quotas.MOST, 0),
        reason="the first administrator orders without limits",
        actor=shell_user(),
    )
    order = KeyOrder(name="first key", scopes=RIGHTS_OF[Role.OPERATOR])
    made = create_key(user=user, order=order, actor=shell_user())
    return FirstCredentials(username=FIRST_USER, password=password, api_key=made.key)
