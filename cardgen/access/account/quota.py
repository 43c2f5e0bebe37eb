"""What somebody may order and what is taken of it, as pages show it (partials/quota.html)."""

from typing import Any

from django.contrib.auth.models import User

from jobs import quotas
from jobs.quotas import Orderer, Subject, Unit

_LIMITED = {Unit.CARDS: "cards a day", Unit.JOBS: "jobs at a time"}


def quota_of(user: User) -> dict[str, Any]:
    """Return their limits, with what is taken of each, and when counting begins again."""
    by = Orderer(user_id=user.pk)
    now, limits = quotas.usage(by), quotas.limits_of(by)
    own = [limit for limit in now.of(limits) if limit.subject is Subject.USER]
    return {
        "limits": [(_LIMITED[limit.unit], limit) for limit in own],
        "cards_today": now.used[Subject.USER, Unit.CARDS],
        "active_jobs": now.used[Subject.USER, Unit.JOBS],
        "resets_at": now.resets_at,
    }
