"""Keys that are stopped for a while: `find_key` does not find them, nothing else changes."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Now

from cardgen.access.models import ApiKey
from toolkit.actor import Actor
from uniqueness import trail


@transaction.atomic
def suspend(
    keys: QuerySet[ApiKey], *, reason: str, actor: Actor, lasting: timedelta | None = None
) -> int:
    """Suspend keys that are not; without `lasting` until somebody lifts it. Return how many."""
    until = None if lasting is None else Now() + Value(lasting)
    free = _lock(keys.filter(Q(suspended_at=None) | Q(suspended_until__lte=Now())))
    changed = ApiKey.objects.filter(pk__in=free)
    changed.update(suspended_at=Now(), suspended_until=until, suspended_reason=reason)
    _note(free, actor=actor, action="suspend_key", reason=reason)
    return len(free)


@transaction.atomic
def lift(keys: QuerySet[ApiKey], *, actor: Actor) -> int:
    """Let suspended keys be used again; return how many were suspended."""
    suspended = _lock(keys.exclude(suspended_at=None))
    changed = ApiKey.objects.filter(pk__in=suspended)
    changed.update(suspended_at=None, suspended_until=None, suspended_reason="")
    _note(suspended, actor=actor, action="lift_suspension", reason="can be used again")
    return len(suspended)


def _lock(keys: QuerySet[ApiKey]) -> list[int]:
    locked = keys.order_by("pk").select_for_update(no_key=True, of=("self",))
    return list(locked.values_list("pk", flat=True))


def _note(keys: Iterable[int], *, actor: Actor, action: str, reason: str) -> None:
    for key in keys:
        trail.note(actor=actor, action=action, subject=f"API key {key}", reason=reason)
