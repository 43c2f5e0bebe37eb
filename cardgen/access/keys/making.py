"""Make, rotate and revoke API keys. Each of it stands in the audit trail, with no key in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Least, Now
from django.utils import timezone

from cardgen.access.keys.text import digest_of, new_key, prefix_of
from cardgen.access.models import LONGEST_KEY_NAME, MOST_ADDRESSES, ApiKey
from toolkit.actor import Actor
from toolkit.disguises import hides
from toolkit.refusals import Mistake, Refusal
from toolkit.rights import Right, rights_of
from uniqueness import trail
from uniqueness.numbers import holds_card_number

DEFAULT_SCOPES = frozenset({Right.MINT, Right.CARDS, Right.JOBS, Right.CATALOGUE})
"""Order cards, see how far they are, fetch them."""
_TAKEN_OVER = (
    *("user", "name", "scopes", "networks"),
    *("suspended_at", "suspended_until", "suspended_reason", "throttled_at", "throttled_until"),
)
"""What a rotated key has of the old one: to rotate is no way out of a suspension."""
MOST_KEYS = 50
MOST_OVERLAP = timedelta(days=30)


class InvalidKey(Mistake):
    """No API key can be like that."""

    code = "invalid_key"


class TooManyKeys(Refusal):
    """The user has as many live keys as one may have."""

    code = "too_many_keys"


class KeyHeld(Refusal):
    """Another key of the user is suspended or on a lower rate: a new one would be a way out."""

    code = "key_held"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyOrder:
    """What a key is to be like.

    :param networks: addresses and networks in CIDR notation (RFC 4632); none: all
    """

    name: str
    scopes: frozenset[Right] = DEFAULT_SCOPES
    networks: tuple[str, ...] = ()
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A new key: its row, and the key itself, which is shown this once."""

    row: ApiKey
    key: str


def keys_of(user: User) -> QuerySet[ApiKey]:
    """Return all keys of a user, the newest first."""
    return ApiKey.objects.filter(user=user).order_by("-id")


@transaction.atomic
def create_key(*, user: User, order: KeyOrder, actor: Actor, key: str | None = None) -> Made:
    """Make an API key.

    :param key: what it is to be (`key_text.is_new`); None: a new one
    :raises InvalidKey: if it would have no scope, one that its user has no right to, a wrong
        network, a past end, or a name that is too long, looks like another or holds a card number
    :raises TooManyKeys: if the user has too many
    :raises KeyHeld: if one of the user's keys is suspended or on a lower rate, revoked or not
    """
    _check(order, user=user)
    _require_room(user)
    _require_none_held(keys_of(user))
    made = _insert(
        key or new_key(),
        user=user,
        name=order.name,
        scopes=sorted(order.scopes),
        networks=[str(ip_network(network)) for network in order.networks],
        expires_at=order.expires_at,
    )
    _note(made.row, actor=actor, action="make_key", words="made")
    return made


@transaction.atomic
def rotate_key(key: ApiKey, *, overlap: timedelta, actor: Actor) -> Made:
    """Make a key like this one, which then works only for the time of the overlap.

    :param key: its user is who asks, with the rights of this request
    :raises InvalidKey: if it does not live any more, may do more than who asks, or the overlap is
        too long
    :raises TooManyKeys: if the old key works on and the user has too many
    :raises KeyHeld: if another key of the user is suspended or on a lower rate
    """
    if not timedelta() <= overlap <= MOST_OVERLAP:
        raise InvalidKey(f"The old key works on for at most {MOST_OVERLAP.days} days.")
    if overlap:
        _require_room(key.user)
    found = _living(key.user).select_for_update(no_key=True, of=("self",)).filter(pk=key.pk).first()
    if found is None:
        raise InvalidKey("Only a key that works can be rotated: make a new one.")
    _check_scopes(frozenset(map(Right, found.scopes)), user=key.user)
    _require_none_held(keys_of(key.user).exclude(pk=found.pk))
    same = {name: getattr(found, name) for name in _TAKEN_OVER}
    made = _insert(new_key(), **same, expires_at=found.expires_at, rotated_from=found)
    end = timezone.now() + overlap
    ApiKey.objects.filter(pk=found.pk).update(expires_at=Least(end, F("expires_at")))
    _note(made.row, actor=actor, action="rotate_key", words=f"rotated from key {found.pk}")
    return made


def _require_room(user: User) -> None:
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if _living(user).count() >= MOST_KEYS:
        raise TooManyKeys(
            f"A user may have {MOST_KEYS} live API keys: revoke one first, or rotate one so that"
            " the old one ends at once."
        )


@transaction.atomic
def revoke_keys(keys: QuerySet[ApiKey], *, actor: Actor) -> int:
    """Revoke keys at once and return how many were; one revoked before keeps its time."""
    found = list(keys.filter(revoked_at=None).select_for_update(no_key=True, of=("self",)))
    ApiKey.objects.filter(pk__in=[key.pk for key in found]).update(revoked_at=Now())
    for key in found:
        _note(key, actor=actor, action="revoke_key", words="revoked")
    return len(found)


def _insert(key: str, **columns: Any) -> Made:
    row = ApiKey.objects.create(prefix=prefix_of(key), digest=digest_of(key), **columns)
    return Made(row=row, key=key)


def _living(user: User) -> QuerySet[ApiKey]:
    return ApiKey.objects.filter(user=user, revoked_at=None).exclude(expires_at__lte=Now())


def _require_none_held(keys: QuerySet[ApiKey]) -> None:
    """Refuse while one is held; one that was revoked meanwhile counts until its time is over."""
    for key in keys.exclude(suspended_at=None, throttled_at=None):
        if key.is_suspended or key.is_throttled:
            raise KeyHeld(
                f"Your key {key.prefix}… is suspended or slowed down. Until that ends you can make"
                " no other; an administrator can lift it."
            )


def _note(key: ApiKey, *, actor: Actor, action: str, words: str) -> None:
    trail.note(
        actor=actor,
        action=action,
        subject=f"API key {key.pk} of {key.user.get_username()}",
        reason=f"{words}: {key.name}",
        after={
            "prefix": key.prefix,
            "scopes": key.scopes,
            "networks": key.networks,
            "expires_at": key.expires_at and key.expires_at.isoformat(),
        },
    )


def _check(order: KeyOrder, *, user: User) -> None:
    _check_name(order.name)
    _check_scopes(order.scopes, user=user)
    if order.expires_at is not None and order.expires_at <= timezone.now():
        raise InvalidKey("The key would have expired already.")
    _check_networks(order.networks)


def _check_name(name: str) -> None:
    """It is kept and shown, to others and in terminals too."""
    if not name.strip():
        raise InvalidKey("Give the key a name that says what it is for.")
    if len(name) > LONGEST_KEY_NAME:
        raise InvalidKey(f"The name of a key has at most {LONGEST_KEY_NAME} characters.")
    if any(map(hides, name)):
        raise InvalidKey(
            "The name holds a control character, or one that turns the direction of writing."
        )
    if holds_card_number(name):
        raise InvalidKey(
            "A card number seems to stand in the name, which is kept and shown: leave it out."
        )


def _check_scopes(scopes: frozenset[Right], *, user: User) -> None:
    """A key may do no more than who makes it, by the key that they come with."""
    if not scopes:
        raise InvalidKey("A key needs at least one scope.")
    if lacking := sorted(scopes - rights_of(user)):
        raise InvalidKey(f"You lack the right {', '.join(lacking)}.", scopes=lacking)


def _check_networks(networks: Iterable[str]) -> None:
    given = list(networks)
    if len(given) > MOST_ADDRESSES:
        raise InvalidKey(f"A key takes at most {MOST_ADDRESSES} networks.")
    for network in given:
        try:
            ip_network(network)
        except ValueError:
            raise InvalidKey(
                "Write networks such as 192.0.2.7, 10.0.0.0/8 or 2001:db8::/32."
            ) from None
