"""Quotas, kept in the transaction that orders: nobody can order past one, however many at once."""

import math
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from jobs.quotas import taking
from jobs.quotas.limits import Orderer, Subject, Unit, limits_of
from toolkit.refusals import Refusal
from toolkit.wording import counted
from uniqueness import locks

_SPACE = {Subject.USER: locks.Space.USER_QUOTA, Subject.KEY: locks.Space.KEY_QUOTA}
_CLOCK = "SELECT date_trunc('day', statement_timestamp(), 'UTC'), statement_timestamp()"
# A job that has not ended may still mint all it asked for; one that has ended took what it made.
# Jobs of other days cost nothing: the day's start is passed in, so that the planner knows it. Small
# orders, of which there may be 100,000 a day, are counted in few rows (taking).
_TAKEN = """
    WITH taken AS (
        SELECT api_key_id, counted_from >= %(day)s AS today, active,
            CASE WHEN active THEN requested ELSE produced END - counted_before AS cards
        FROM jobs_job CROSS JOIN LATERAL (
            SELECT status IN ('queued', 'running', 'paused', 'cancelling') AS active) a
        WHERE owner_id = %(owner)s AND (counted_from >= %(day)s
            OR status IN ('queued', 'running', 'paused', 'cancelling'))
        UNION ALL
        SELECT api_key_id, true, false, cards FROM jobs_takenatonce
        WHERE owner_id = %(owner)s AND day = (%(day)s AT TIME ZONE 'UTC')::date)
    SELECT coalesce(sum(cards) FILTER (WHERE today), 0),
        coalesce(sum(cards) FILTER (WHERE today AND api_key_id = %(key)s), 0),
        count(*) FILTER (WHERE active),
        count(*) FILTER (WHERE active AND api_key_id = %(key)s)
    FROM taken
"""
_COUNT_ANEW = """
    UPDATE jobs_job SET counted_from = statement_timestamp(), counted_before = produced
    WHERE id = %s AND counted_from < date_trunc('day', statement_timestamp(), 'UTC')
"""


class QuotaExceeded(Refusal):
    """More was ordered than a quota has left; nothing was written."""

    code = "quota_exceeded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One limit and how much of it is taken."""

    subject: Subject
    unit: Unit
    limit: int
    used: int

    @property
    def left(self) -> int:
        """What can still be ordered; the limit may have been lowered below what is taken."""
        return max(0, self.limit - self.used)

    @property
    def policy(self) -> str:
        """Its name in headers and errors, such as `user-cards-per-day`."""
        return f"{self.subject}-{self.unit}".replace("_", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a user and one key took, by the database's clock; `resets_at` is the next UTC day."""

    used: dict[tuple[Subject, Unit], int]
    resets_at: datetime
    seconds_left: int

    def of(self, limits: dict[tuple[Subject, Unit], int]) -> list[Limit]:
        """Put limits beside what is taken of them: cards first, users before keys."""
        return [
            Limit(subject=subject, unit=unit, limit=limits[subject, unit], used=used)
            for (subject, unit), used in self.used.items()
            if (subject, unit) in limits
        ]


def usage(by: Orderer) -> Usage:
    """Count what jobs and renewals of the current UTC day took, and the jobs that have not ended.

    Cards count on the day of the order, even if they are minted on the next.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CLOCK)
        day, now = cursor.fetchone()
        cursor.execute(_TAKEN, {"day": day, "owner": by.user_id, "key": by.api_key_id})
        counts = cursor.fetchone()
    resets_at = day + timedelta(days=1)
    places = [(subject, unit) for unit in Unit for subject in Subject]
    return Usage(
        used={place: int(count) for place, count in zip(places, counts, strict=True)},
        resets_at=resets_at,
        seconds_left=math.ceil((resets_at - now).total_seconds()),
    )


def admit(by: Orderer, *, cards: int, jobs: int = 1) -> None:
    """Let an order pass if all quotas have room for it; the caller's transaction then writes it.

    Until that transaction ends, other orders of a limited user or key wait, so an order checked
    before midnight and written after it is the first of the new day. These locks come before all
    others (uniqueness.locks); who has no limit takes none.

    :raises QuotaExceeded: with the limit, what is taken of it and what is left
    """
    limits = limits_of(by) if by.limits is None else by.limits
    subjects = {subject for subject, unit in limits if _asked(cards, jobs)[unit]}
    if not subjects:
        return
    _lock(subjects, by=by)
    for refusal in exceeded(by, cards=cards, jobs=jobs):
        raise refusal


def exceeded(by: Orderer, *, cards: int, jobs: int = 1) -> Iterator[QuotaExceeded]:
    """Yield a refusal for each quota that has no room for an order; nothing is locked."""
    # Read here: a limit may have been lowered while an order waited.
    limits = limits_of(by)
    if not limits:
        return
    now, asked = usage(by), _asked(cards, jobs)
    for limit in now.of(limits):
        if asked[limit.unit] > limit.left:
            yield _exceeded(limit, asked=asked[limit.unit], now=now)


def admit_renewals(by: Orderer, *, cards: int) -> None:
    """Let renewals pass as `admit` does orders, and write down what they take.

    :raises QuotaExceeded: as `admit`
    """
    admit(by, cards=cards, jobs=0)
    taking.take(by, cards=cards)


def count_anew(job_id: UUID) -> None:
    """Count what a job of an earlier day goes on to make on the day it was taken up again."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_ANEW, [job_id])


def _asked(cards: int, jobs: int) -> dict[Unit, int]:
    return {Unit.CARDS: cards, Unit.JOBS: jobs}


def _lock(subjects: AbstractSet[Subject], *, by: Orderer) -> None:
    ids = {Subject.USER: by.user_id, Subject.KEY: by.api_key_id}
    for subject in Subject:  # one order everywhere: users before keys
        holder = ids[subject]
        if subject in subjects and holder is not None:
            locks.lock_quota(_SPACE[subject], holder)


def _exceeded(limit: Limit, *, asked: int, now: Usage) -> QuotaExceeded:
    names = ("policy", "limit", "used", "left")
    facts = {name: getattr(limit, name) for name in names} | {"of": limit.subject, "asked": asked}
    whose = "Your limit" if limit.subject is Subject.USER else "The limit of this API key"
    if limit.unit is Unit.JOBS:
        return QuotaExceeded(
            f"{whose} is {counted(limit.limit, 'job')} at a time;"
            f" {counted(limit.used, 'has', 'have')} not ended. Wait until one ends, or cancel one.",
            **facts,
        )
    advice = "So many at once are never accepted: split them over several days."
    if asked <= limit.limit:
        advice = f"The count starts again at {now.resets_at:%Y-%m-%d %H:%M} UTC."
        facts["retry_after"] = now.seconds_left
    return QuotaExceeded(
        f"{whose} is {counted(limit.limit, 'card')} a day;"
        f" {counted(limit.used, 'is', 'are')} taken, {counted(limit.left, 'is', 'are')} left,"
        f" {counted(asked, 'was', 'were')} asked for. {advice}",
        **facts,
        resets_at=now.resets_at,
    )
