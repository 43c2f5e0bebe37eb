"""Keys that are stopped or slowed down for a while.

A suspended key is not found by `find_key`; one that is throttled has a lower rate of requests
(`cardgen.access.limits`). Nothing else changes.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from django.utils import timezone

from cardgen.access.models import ApiKey
from toolkit.actor import Actor
from uniqueness import trail


@transaction.atomic
def suspend(
    keys: QuerySet[ApiKey], *, reason: str, actor: Actor, lasting: timedelta | None = None
) -> int:
    """Suspend keys that are not; without `lasting` until somebody lifts it. Return how many."""
    free = _lock(keys.filter(Q(suspended_at=None) | Q(suspended_until__lte=Now())))
    changed = ApiKey.objects.filter(pk__in=free)
    changed.update(suspended_at=Now(), suspended_until=_end(lasting), suspended_reason=reason)
    _note(free, actor=actor, action="suspend_key", reason=reason)
    return len(free)


@transaction.atomic
def throttle(
    keys: QuerySet[ApiKey], *, reason: str, actor: Actor, lasting: timedelta | None = None
) -> int:
    """Put keys on a lower rate that are not; `lasting` as above. Return how many."""
    free = _lock(keys.filter(Q(throttled_at=None) | Q(throttled_until__lte=Now())))
    changed = ApiKey.objects.filter(pk__in=free)
    changed.update(throttled_at=Now(), throttled_until=_end(lasting))
    _note(free, actor=actor, action="throttle_key", reason=reason)
    return len(free)


@transaction.atomic
def lift(keys: QuerySet[ApiKey], *, actor: Actor) -> int:
    """Let keys be used as before; return how many were suspended or throttled."""
    held = _lock(keys.exclude(suspended_at=None, throttled_at=None))
    ApiKey.objects.filter(pk__in=held).update(
        **dict.fromkeys(("suspended_at", "suspended_until", "throttled_at", "throttled_until")),
        suspended_reason="",
    )
    _note(held, actor=actor, action="lift_suspension", reason="can be used as before")
    return len(held)


def has_run_out(key: ApiKey) -> bool:
    """Tell whether the key was held for a while that is over; not if somebody lifted it."""
    ends = [end for end in (key.suspended_until, key.throttled_until) if end is not None]
    return bool(ends) and max(ends) <= timezone.now()


def _end(lasting: timedelta | None) -> Combinable | None:
    return None if lasting is None else Now() + Value(lasting)


def _lock(keys: QuerySet[ApiKey]) -> list[int]:
    locked = keys.order_by("pk").select_for_update(no_key=True, of=("self",))
    return list(locked.values_list("pk", flat=True))


def _note(keys: Iterable[int], *, actor: Actor, action: str, reason: str) -> None:
    for key in keys:
        trail.note(actor=actor, action=action, subject=f"API key {key}", reason=reason)
