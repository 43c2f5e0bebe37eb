"""Who was told of a job, and who did what with it, for those whose role may see that."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User

from jobs.models import Delivery, DeliveryState, Job
from toolkit.rights import Right, has_right
from uniqueness.trail import Search, find

_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The newest messages about a job.

    :param own: whether they are the reader's, who may send them again
    :param more: whether there are older ones
    """

    deliveries: list[Delivery]
    own: bool
    more: bool

    @property
    def coming(self) -> bool:
        """Tell whether a first attempt is to be seen within seconds."""
        return any(
            one.state == DeliveryState.WAITING and not one.attempts for one in self.deliveries
        )


def told(user: User, job: Job) -> Told | None:
    """List what webhooks were told: to their owner, and to who may see everybody's. One query.

    Those of a job are its owner's, so a team and operators see none.
    """
    own = job.owner_id == user.pk and has_right(user, Right.WEBHOOKS)
    if not own and not has_right(user, Right.USERS):
        return None
    found = Delivery.objects.filter(job=job).select_related("webhook").order_by("-id")
    rows = list(found[: _SHOWN + 1])
    return Told(deliveries=rows[:_SHOWN], own=own, more=len(rows) > _SHOWN)


def trail_of(user: User, job: Job) -> dict[str, Any]:
    """List what the audit trail says of the job, to those who may read the trail. One query."""
    if not has_right(user, Right.AUDIT):
        return {}
    rows = list(find(Search(subject=str(job.id)))[: _SHOWN + 1])
    return {"entries": rows[:_SHOWN], "more_entries": len(rows) > _SHOWN, "audited": True}
