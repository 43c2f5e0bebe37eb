"""The first administrator and the first API key, for an installation that has none."""

import secrets
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User
from django.db import transaction

from cardgen.access import quota_holders
from cardgen.access.handed_over import hand_over
from cardgen.access.keys.making import KeyOrder, create_key
from cardgen.access.models import ApiKey
from jobs import quotas
from toolkit.actor import shell_user
from toolkit.rights import RIGHTS_OF, Role, administrators

FIRST_USER = "admin"
BOOTSTRAP_USER = "bootstrap"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstCredentials:
    """What a fresh installation shows once."""

    username: str
    password: str
    api_key: str


@transaction.atomic
def ensure_administrator(*, written_down: bool = False) -> FirstCredentials | None:
    """Make the user `admin` with a random password and an API key, unless one can sign in.

    :param written_down: the password will stand in a file: it is changed at the first sign-in

    No quota holds for this user: whoever runs the service must be able to try it out. The key may
    do what operators may; an administrator's work needs the password, or a key made for it.
    """
    can_sign_in = administrators(who_sign_in=True)
    if can_sign_in.exists() or User.objects.filter(username=FIRST_USER).exists():
        return None
    password = secrets.token_urlsafe(12)
    user = User.objects.create_superuser(FIRST_USER, password=password)
    if written_down:
        hand_over(user)
    quotas.set_limits(
        holder=quota_holders.of_user(user),
        changes=dict.fromkeys(quotas.MOST, 0),
        reason="the first administrator orders without limits",
        actor=shell_user(),
    )
    order = KeyOrder(name="first key", scopes=RIGHTS_OF[Role.OPERATOR])
    made = create_key(user=user, order=order, actor=shell_user())
    return FirstCredentials(username=FIRST_USER, password=password, api_key=made.key)


@transaction.atomic
def ensure_bootstrap_key() -> bool:
    """Make the key that the settings tell, for the user `bootstrap`, if there is no key at all yet.

    Nobody can sign in as that user. A key that was revoked does not come back, and who can change
    the environment of an installation in use gets no key by it. Return whether it was made.
    """
    role = Role(settings.CARDGEN_BOOTSTRAP_ROLE.lower())
    # Of two who come at the same time, one waits.
    group = Group.objects.select_for_update(no_key=True).get(name=role)
    if not settings.CARDGEN_BOOTSTRAP_KEY or ApiKey.objects.exists():
        return False
    nobody = {"password": make_password(None)}
    user, _ = User.objects.get_or_create(username=BOOTSTRAP_USER, defaults=nobody)
    user.groups.add(group)
    order = KeyOrder(name="bootstrap key", scopes=RIGHTS_OF[role])
    create_key(user=user, order=order, actor=shell_user(), key=settings.CARDGEN_BOOTSTRAP_KEY)
    return True
