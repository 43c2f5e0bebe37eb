"""Which limits hold for whom, and how they are set."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import transaction

from jobs.models import MOST_CARDS, MOST_JOBS, Quota
from toolkit.actor import Actor
from toolkit.database import read_binary
from toolkit.refusals import Mistake
from uniqueness import trail

MOST = {"cards_per_day": MOST_CARDS, "active_jobs": MOST_JOBS}
_SET_FOR = """
    SELECT user_id IS NOT NULL, cards_per_day, active_jobs FROM jobs_quota
    WHERE user_id = %s OR api_key_id = %s
"""


class Subject(StrEnum):
    """Whose limit it is."""

    USER = "user"
    KEY = "key"


class Unit(StrEnum):
    """What is limited; the values are the columns of `Quota`."""

    CARDS = "cards_per_day"
    JOBS = "active_jobs"


Limits = dict[tuple[Subject, Unit], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Orderer:
    """Who orders: a user, and the API key that the request came with, if any.

    :param limits: those that held as the request came; without them they are read
    """

    user_id: int
    api_key_id: int | None = None
    limits: Limits | None = field(default=None, compare=False)


class InvalidQuota(Mistake):
    """No quota can have that limit."""

    code = "invalid_quota"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who has the limits: exactly one id is set. `name` is for people and the audit trail."""

    name: str
    user_id: int | None = None
    api_key_id: int | None = None


def limits_of(by: Orderer) -> Limits:
    """Read the limits that an order must keep."""
    found: dict[tuple[Subject, Unit], int | None] = {
        (Subject.USER, Unit.CARDS): settings.CARDGEN_CARDS_PER_DAY,
        (Subject.USER, Unit.JOBS): settings.CARDGEN_ACTIVE_JOBS,
    }
    for of_user, *limits in read_binary(_SET_FOR, [by.user_id, by.api_key_id], often=True):
        subject = Subject.USER if of_user else Subject.KEY
        set_here = zip(((subject, unit) for unit in (Unit.CARDS, Unit.JOBS)), limits, strict=True)
        found |= {place: limit for place, limit in set_here if limit is not None}
    return {place: limit for place, limit in found.items() if limit}


@transaction.atomic
def set_limits(
    *, holder: Holder, changes: Mapping[str, int | None], reason: str, actor: Actor
) -> Quota:
    """Set some limits; 0 is none at all, None the setting for users and none for keys.

    :param changes: by column of `Quota`; what is left out stays
    :raises InvalidQuota: if a limit is out of bounds
    :raises ReasonMissing: if the reason says nothing
    """
    trail.require_reason(reason)
    for name, limit in changes.items():
        if limit is not None and not 0 <= limit <= MOST[name]:
            raise InvalidQuota(f"{name} is a number from 0 to {MOST[name]:,}, not {limit:,}.")
    columns = {**changes, "changed_by": actor.name}
    whose: Mapping[str, Any] = {"user_id": holder.user_id, "api_key_id": holder.api_key_id}
    before = Quota.objects.filter(**whose).values(*changes).first()
    quota, _ = Quota.objects.update_or_create(columns, **whose)
    told = ", ".join(f"{name} {_told(limit)}" for name, limit in changes.items())
    trail.note(
        actor=actor,
        action="set_quota",
        subject=holder.name,
        reason=f"{told}: {reason.strip()}",
        before=before,
        after=changes,
    )
    return quota


def _told(limit: int | None) -> str:
    return "default" if limit is None else f"{limit:,}" if limit else "none"
