"""Make, find and revoke API keys; make the first administrator."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from django.contrib.auth.models import User
from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from cardgen.access import quota_holders
from cardgen.access.models import ApiKey, every_scope
from jobs import quotas
from toolkit.actor import shell_user
from toolkit.database import read_binary
from toolkit.refusals import Mistake
from uniqueness.numbers import holds_card_number

_PREFIX = "cg_"
_BEARER = "bearer "
_TOUCH_EVERY = timedelta(minutes=1)
FIRST_USER = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstCredentials:
    """What a fresh installation shows once."""

    username: str
    password: str
    api_key: str


class InvalidKeyName(Mistake):
    """The name of an API key cannot be kept."""

    code = "invalid_key_name"


def create_key(*, user: User, name: str, scopes: list[str] | None = None) -> str:
    """Make an API key and return it; it cannot be shown again.

    :raises InvalidKeyName: if a card number stands in the name
    """
    if holds_card_number(name):
        raise InvalidKeyName(
            "A card number seems to stand in the name, which is kept and shown: leave it out."
        )
    key = _PREFIX + secrets.token_urlsafe(32)
    ApiKey.objects.create(
        user=user,
        name=name,
        prefix=key[:11],
        digest=_digest(key),
        scopes=scopes or every_scope(),
    )
    return key


def key_sent(headers: Mapping[str, str]) -> str | None:
    """Take the key out of `Authorization: Bearer KEY` (RFC 6750) or `X-API-Key: KEY`.

    :param headers: by name, in lower case unless they take any case
    """
    header = headers.get("authorization", "")
    if header.lower().startswith(_BEARER):
        return header[len(_BEARER) :].strip()
    return headers.get("x-api-key")


def find_key(key: str) -> ApiKey | None:
    """Return the live key (not revoked, suspended or expired, user active), or None."""
    rows = read_binary(_live(), [_digest(key), timezone.now()], often=True)
    if not rows:
        return None
    width = len(_columns(ApiKey))
    api_key = ApiKey.from_db(DEFAULT_DB_ALIAS, _columns(ApiKey), rows[0][:width])
    api_key.user = User.from_db(DEFAULT_DB_ALIAS, _columns(User), rows[0][width:])
    _touch(api_key)
    return api_key


def revoke_keys(keys: QuerySet[ApiKey]) -> int:
    """Revoke keys at once and return how many were; one revoked before keeps its time."""
    return keys.filter(revoked_at=None).update(revoked_at=Now())


@transaction.atomic
def ensure_administrator() -> FirstCredentials | None:
    """Make the user `admin` with a random password and an API key, unless a superuser exists.

    No quota holds for this user: whoever runs the service must be able to try it out.
    """
    if User.objects.filter(Q(is_superuser=True) | Q(username=FIRST_USER)).exists():
        return None
    password = secrets.token_urlsafe(12)
    user = User.objects.create_superuser(FIRST_USER, password=password)
    quotas.set_limits(
        holder=quota_holders.of_user(user),
        changes=dict.fromkeys(quotas.MOST, 0),
        reason="the first administrator orders without limits",
        actor=shell_user(),
    )
    return FirstCredentials(
        username=FIRST_USER, password=password, api_key=create_key(user=user, name="first key")
    )


@cache
def _live() -> str:
    """Every request of the API asks this: the ORM took a fifth of its time to write it anew."""
    asked = [f"k.{name}" for name in _columns(ApiKey)]
    asked += [f"u.{name}" for name in _columns(User)]
    return f"""
        SELECT {", ".join(asked)} FROM {_table(ApiKey)} k JOIN {_table(User)} u ON u.id = k.user_id
        WHERE k.digest = %s AND k.revoked_at IS NULL AND u.is_active
            AND (k.expires_at IS NULL OR k.expires_at > %s)
            AND (k.suspended_at IS NULL OR k.suspended_until <= statement_timestamp())
    """  # noqa: S608 (names of our tables and columns)


@cache
def _columns(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]  # noqa: SLF001


def _table(model: type[Model]) -> str:
    return model._meta.db_table  # noqa: SLF001


def _touch(api_key: ApiKey) -> None:
    """Remember the use, at most once a minute: a busy key must not cost a write per request."""
    now = timezone.now()
    if api_key.last_used_at is None or now - api_key.last_used_at > _TOUCH_EVERY:
        ApiKey.objects.filter(pk=api_key.pk).update(last_used_at=now)


def _digest(key: str) -> str:
    # 256 random bits need no slow password hash.
    return hashlib.sha256(key.encode()).hexdigest()
