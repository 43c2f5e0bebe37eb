"""Time limits are one number system, checked at every start."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error


def time_limits(**_: Any) -> list[CheckMessage]:
    """slice < soft limit < hard limit < visibility timeout; lease > slice."""
    slice_ = settings.CARDGEN_SLICE.total_seconds()
    soft, hard = settings.CELERY_TASK_SOFT_TIME_LIMIT, settings.CELERY_TASK_TIME_LIMIT
    visibility = settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]
    rules = [
        (0 < slice_ < soft < hard < visibility, "0 < slice < soft < hard < visibility timeout"),
        (settings.CARDGEN_LEASE.total_seconds() > slice_, "lease > slice"),
    ]
    return [
        Error(f"settings break the rule {rule}", id=f"jobs.E{number:03}")
        for number, (holds, rule) in enumerate(rules, start=1)
        if not holds
    ]
