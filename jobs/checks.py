"""Time limits are one number system, checked at every start."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

_SLOWEST = 12_500
"""Cards a second that a live worker writes at least; a slower one would lose its chunk."""


def time_limits(**_: Any) -> list[CheckMessage]:
    """slice < soft limit < hard limit < visibility timeout; lease > slice, lease > chunk."""
    slice_ = settings.CARDGEN_SLICE.total_seconds()
    lease = settings.CARDGEN_LEASE.total_seconds()
    soft, hard = settings.CELERY_TASK_SOFT_TIME_LIMIT, settings.CELERY_TASK_TIME_LIMIT
    visibility = settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]
    rules = [
        (0 < slice_ < soft < hard < visibility, "0 < slice < soft < hard < visibility timeout"),
        (lease > slice_, "lease > slice"),
        (
            lease * _SLOWEST >= settings.CARDGEN_CHUNK_CARDS,
            f"CARDGEN_LEASE_SECONDS >= CARDGEN_CHUNK_CARDS / {_SLOWEST:,}",
        ),
    ]
    return [
        Error(f"settings break the rule {rule}", id=f"jobs.E{number:03}")
        for number, (holds, rule) in enumerate(rules, start=1)
        if not holds
    ]
