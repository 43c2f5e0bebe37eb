"""Whether the database's disk can hold the cards that were ordered."""

import shutil

from django.conf import settings
from django.db.models import F, Sum

from jobs.models import UNENDED, Job
from toolkit.refusals import Refusal

CARD_BYTES = 160
"""A row of the ledger with its two indexes; measured, 153."""
_MEGABYTE = 1024**2


class NoRoom(Refusal):
    """The disk of the database cannot hold so many cards more."""

    code = "no_room"


def require_room(*, cards: int) -> None:
    """Check that the disk holds these cards, all that other jobs will still make, and a reserve.

    The disk of a database on another machine cannot be seen: then nothing is checked.

    :raises NoRoom: if it does not, with the free and the needed bytes
    """
    if settings.CARDGEN_DATABASE_VOLUME is None:
        return
    free = shutil.disk_usage(settings.CARDGEN_DATABASE_VOLUME).free
    needed = (cards + _to_come()) * CARD_BYTES + settings.CARDGEN_DISK_RESERVE_MB * _MEGABYTE
    if needed > free:
        raise NoRoom(
            f"The database's disk has {free // _MEGABYTE:,} MB free. This order, the jobs before it"
            f" and the reserve need {-(-needed // _MEGABYTE):,} MB. Ask for fewer cards, or have an"
            " administrator make room.",
            free=free,
            needed=needed,
        )


def _to_come() -> int:
    """Count the cards that were ordered and are not made yet."""
    unended = Job.objects.filter(status__in=UNENDED)
    return int(unended.aggregate(n=Sum(F("requested") - F("produced"), default=0))["n"])
