"""Keys that are stopped for a while: `find_key` does not find them, nothing else changes."""

from datetime import timedelta

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Now

from cardgen.access.models import ApiKey


def suspend(keys: QuerySet[ApiKey], *, reason: str, lasting: timedelta | None) -> int:
    """Suspend keys that are not; without `lasting` until somebody lifts it. Return how many."""
    until = None if lasting is None else Now() + Value(lasting)
    free = keys.filter(Q(suspended_at=None) | Q(suspended_until__lte=Now()))
    return free.update(suspended_at=Now(), suspended_until=until, suspended_reason=reason)


def lift(keys: QuerySet[ApiKey]) -> int:
    """Let suspended keys be used again; return how many were suspended."""
    return keys.exclude(suspended_at=None).update(
        suspended_at=None, suspended_until=None, suspended_reason=""
    )
