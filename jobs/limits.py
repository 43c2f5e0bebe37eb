"""Time limits are one number system, looked at whenever a process starts."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_SLOWEST = 12_500
"""Cards a second that a live worker writes at least; a slower one would lose its chunk."""


def require_time_limits() -> None:
    """Let only settings pass that fit together.

    :raises ImproperlyConfigured: with each rule that they break
    """
    slice_ = settings.CARDGEN_SLICE.total_seconds()
    lease = settings.CARDGEN_LEASE.total_seconds()
    soft, hard = settings.CELERY_TASK_SOFT_TIME_LIMIT, settings.CELERY_TASK_TIME_LIMIT
    visibility = settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]
    rules = {
        "0 < CARDGEN_SLICE_SECONDS < soft limit < hard limit < visibility timeout": (
            0 < slice_ < soft < hard < visibility
        ),
        "CARDGEN_LEASE_SECONDS > CARDGEN_SLICE_SECONDS": lease > slice_,
        f"CARDGEN_LEASE_SECONDS >= CARDGEN_CHUNK_CARDS / {_SLOWEST:,}": (
            lease * _SLOWEST >= settings.CARDGEN_CHUNK_CARDS
        ),
    }
    broken = [rule for rule, holds in rules.items() if not holds]
    if broken:
        raise ImproperlyConfigured(f"settings break the rule {' and the rule '.join(broken)}")
