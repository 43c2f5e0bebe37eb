"""Find the user behind an API key: one statement, at every request of the API."""

from datetime import datetime, timedelta
from functools import cache
from ipaddress import ip_address, ip_network
from typing import Any

from django.contrib.auth.models import User
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model
from django.utils import timezone

from cardgen.access.keys.text import digest_of, is_plausible
from cardgen.access.models import ApiKey
from toolkit.database import read_binary
from toolkit.rights import granted_to, keep_rights

_TOUCH_EVERY = timedelta(minutes=1)


def find_key(key: str, *, address: str | None) -> ApiKey | None:
    """Return the live key, whose user has the rights that its scopes leave them; None for none.

    Live is one that is neither revoked, suspended nor expired, whose user is active, and that may
    be used from the address.

    :param address: of the client; None if nobody knows: then only keys without networks do
    """
    if not is_plausible(key):
        return None
    now = timezone.now()
    rows = read_binary(_live(), [digest_of(key), now], often=True)
    if not rows:
        return None
    api_key = _from_row(rows[0])
    if not _is_allowed(api_key.networks, address):
        return None
    _touch(api_key, address=address, now=now)
    return api_key


def _from_row(row: Any) -> ApiKey:
    width = len(_columns(ApiKey))
    api_key = ApiKey.from_db(DEFAULT_DB_ALIAS, _columns(ApiKey), row[:width])
    api_key.user = User.from_db(DEFAULT_DB_ALIAS, _columns(User), row[width:-1])
    keep_rights(api_key.user, row[-1], scopes=api_key.scopes)
    return api_key


@cache
def _live() -> str:
    """Every request of the API asks this: the ORM took a fifth of its time to write it anew."""
    asked = [f"k.{name}" for name in _columns(ApiKey)]
    asked += [f"u.{name}" for name in _columns(User)]
    return f"""
        SELECT {", ".join(asked)}, {granted_to("u.id")}
        FROM {_table(ApiKey)} k JOIN {_table(User)} u ON u.id = k.user_id
        WHERE k.digest = %s AND k.revoked_at IS NULL AND u.is_active
            AND (k.suspended_at IS NULL OR k.suspended_until <= statement_timestamp())
            AND (k.expires_at IS NULL OR k.expires_at > %s)
    """  # noqa: S608 (names of our tables and columns)


@cache
def _columns(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]  # noqa: SLF001


def _table(model: type[Model]) -> str:
    return model._meta.db_table  # noqa: SLF001


def _is_allowed(networks: list[str], address: str | None) -> bool:
    if not networks:
        return True
    if not address:  # a Unix socket has none
        return False
    found = ip_address(address)
    return any(found in ip_network(network) for network in networks)


def _touch(api_key: ApiKey, *, address: str | None, now: datetime) -> None:
    """Remember the use, at most once a minute: a busy key must not cost a write per request."""
    last = api_key.last_used_at
    if last is None or now - last > _TOUCH_EVERY:
        used = {"last_used_at": now, "last_used_from": address}
        ApiKey.objects.filter(pk=api_key.pk).update(**used)
