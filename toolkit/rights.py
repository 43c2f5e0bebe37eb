"""What somebody may do: rights, the roles that have them, and the one place that asks.

    has_right(request.user, Right.MINT)

A user has the rights of their roles (groups) and those given to them alone. With an API key it is
only those that are among the key's scopes: scopes are named like rights.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from toolkit.database import read_binary

_KEPT_AS = "_cardgen_rights"


class Right(StrEnum):
    """One thing to be allowed; also the scope of an API key."""

    CATALOGUE = "catalogue:read"
    JOBS = "jobs:read"
    CARDS = "cards:read"
    MINT = "cards:mint"
    CONTROL = "jobs:control"
    CHECK = "check"
    TEST_KEYS = "test-keys:read"
    WEBHOOKS = "webhooks"
    KEYS = "keys"
    EXCLUSIONS = "exclusions:read"
    ADMIN = "admin:read"
    ALL_JOBS = "all-jobs:read"
    CONTROL_ALL = "all-jobs:control"
    LARGE_ORDERS = "orders:large"
    QUEUE = "queue:control"
    ANOMALIES = "anomalies:read"
    ALL_CARDS = "all-cards:read"
    EXCLUDE = "exclusions:write"
    RANGES = "ranges:write"
    QUOTAS = "quotas:write"
    AUDIT = "audit:read"
    USERS = "users:write"


_BY_NAME = {right.value: right for right in Right}
MEANINGS = {
    Right.CATALOGUE: "schemes, ranges, tiers, published cards, figures, the queue",
    Right.JOBS: "see one's own jobs and how far they are",
    Right.CARDS: "fetch the cards of these jobs",
    Right.MINT: "order cards, claim numbers, renew cards",
    Right.CONTROL: "cancel, pause, resume and retry these jobs",
    Right.CHECK: "ask whether numbers were issued, fetch filters",
    Right.TEST_KEYS: "see the test keys of a range",
    Right.WEBHOOKS: "see, make and delete one's webhooks",
    Right.KEYS: "see, make, rotate and revoke one's API keys",
    Right.EXCLUSIONS: "see published numbers, and those that one has claimed",
    Right.ADMIN: "open the admin: ranges, tiers, pools",
    Right.ALL_JOBS: "see the jobs of everybody",
    Right.CONTROL_ALL: "cancel, pause, resume and retry the jobs of everybody",
    Right.LARGE_ORDERS: "order with priority high and beyond a range's share",
    Right.QUEUE: "pause the queue",
    Right.ANOMALIES: "see anomalies, and have webhooks told of them",
    Right.ALL_CARDS: "see the cards of everybody",
    Right.EXCLUDE: "import and remove exclusions, see imported ones whole",
    Right.RANGES: "register ranges, switch ranges and tiers",
    Right.QUOTAS: "set quotas",
    Right.AUDIT: "read the audit trail",
    Right.USERS: "make and change users and their roles; revoke the keys of everybody",
}


class Role(StrEnum):
    """A group of that name has the rights below."""

    VIEWER = "viewer"
    TESTER = "tester"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"


_VIEWER = frozenset({Right.CATALOGUE, Right.JOBS, Right.EXCLUSIONS, Right.KEYS})
_TESTER = _VIEWER | {
    *(Right.CARDS, Right.MINT, Right.CONTROL, Right.CHECK, Right.TEST_KEYS, Right.WEBHOOKS),
}
_OPERATOR = _TESTER | {
    *(Right.ADMIN, Right.ALL_JOBS, Right.CONTROL_ALL, Right.LARGE_ORDERS, Right.QUEUE),
    Right.ANOMALIES,
}
RIGHTS_OF = {
    Role.VIEWER: _VIEWER,
    Role.TESTER: _TESTER,
    Role.OPERATOR: _OPERATOR,
    Role.ADMINISTRATOR: frozenset(Right),
}


def has_right(user: Any, right: Right) -> bool:
    """Tell whether the user may do that, by the request they come with."""
    return right in rights_of(user)


def rights_of(user: Any) -> frozenset[Right]:
    """Return the user's rights: none for nobody and for users who were deactivated."""
    if not getattr(user, "is_active", False):
        return frozenset()
    kept: frozenset[Right] | None = getattr(user, _KEPT_AS, None)
    if kept is None:
        ((granted,),) = read_binary(f"SELECT {granted_to('%s')}", [user.pk, user.pk], often=True)
        kept = keep_rights(user, granted)
    return kept


def granted_to(user: str) -> str:
    """Return SQL for the names of the rights that a user was given, by roles or alone.

    :param user: SQL for their id; it stands there twice
    """
    return f"""ARRAY(
        SELECT p.codename FROM auth_permission p
        JOIN django_content_type t ON t.id = p.content_type_id AND t.app_label = 'access'
        WHERE p.id IN (
            SELECT permission_id FROM auth_user_user_permissions WHERE user_id = {user}
            UNION ALL
            SELECT g.permission_id FROM auth_group_permissions g
            JOIN auth_user_groups m ON m.group_id = g.group_id WHERE m.user_id = {user}
        )
    )"""  # noqa: S608 (no value is in it)


def keep_rights(
    user: User, granted: Iterable[str], *, scopes: Iterable[str] | None = None
) -> frozenset[Right]:
    """Remember with the user, for the time of a request, what they may do.

    :param granted: what `granted_to` reads
    :param scopes: of the API key that the request came with
    """
    rights = frozenset(Right) if user.is_superuser else _known(granted)
    if scopes is not None:
        rights &= _known(scopes)
    setattr(user, _KEPT_AS, rights)
    return rights


def administrators(*, who_sign_in: bool = False) -> QuerySet[User]:
    """Return those who have every right, the first made first.

    :param who_sign_in: those alone who have a password
    """
    every = Q(is_superuser=True) | Q(groups__name=Role.ADMINISTRATOR)
    found = User.objects.filter(every, is_active=True).order_by("id").distinct()
    if who_sign_in:
        return found.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return found


def _known(names: Iterable[str]) -> frozenset[Right]:
    """Leave out rights of another version."""
    return frozenset(_BY_NAME[name] for name in names if name in _BY_NAME)
