"""Proofs asked for on a page: the rows. Who makes them stands in `running`."""

from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from jobs.models import ProofRun

SILENT = 60
"""After so many seconds without a word, somebody else takes a proof up, from its beginning."""
_KEPT = 100
_TAKE = """
    UPDATE jobs_proofrun SET beat_at = clock_timestamp(), done = 0, total = 0
    WHERE id = (
        SELECT id FROM jobs_proofrun WHERE finished_at IS NULL
            AND (beat_at IS NULL OR beat_at < clock_timestamp() - make_interval(secs => %s))
        ORDER BY id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING id
"""


def ask(*, user: User, job: UUID | None = None) -> ProofRun:
    """Ask for a proof of everything, or of one job; one that has not ended is the answer to all.

    The last hundred are kept.
    """
    try:
        with transaction.atomic():
            _forget()
            return ProofRun.objects.create(asked_by=user, job=job)
    except IntegrityError:
        return _of(job).latest("id")


def latest(*, job: UUID | None = None) -> ProofRun | None:
    """Return the last one that was asked for."""
    return _of(job).order_by("-id").first()


def take() -> ProofRun | None:
    """Take one up that nobody makes; None: there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [SILENT])
        row = cursor.fetchone()
    return ProofRun.objects.get(pk=row[0]) if row else None


def beat(run: ProofRun, *, done: int, total: int) -> None:
    """Write down how far it is."""
    _open(run).update(beat_at=Now(), done=done, total=total)


def finish(run: ProofRun, *, report: dict[str, Any] | None, trouble: str = "") -> None:
    """Write down what it came to: a report, or why there is none."""
    _open(run).update(finished_at=Now(), report=report, trouble=trouble)


def _forget() -> None:
    first = ProofRun.objects.order_by("-id").values_list("id", flat=True)[_KEPT : _KEPT + 1]
    ProofRun.objects.filter(id__lte=first[0] if first else 0).delete()


def _of(job: UUID | None) -> QuerySet[ProofRun]:
    return ProofRun.objects.filter(job=job) if job else ProofRun.objects.filter(job=None)


def _open(run: ProofRun) -> QuerySet[ProofRun]:
    return ProofRun.objects.filter(pk=run.pk, finished_at=None)
