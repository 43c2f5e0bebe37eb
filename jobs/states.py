"""The states of a job and the only moves between them."""

from functools import partial
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Now

from jobs.models import FINAL, Event, Job, Status
from toolkit.totals import Total

ALLOWED: dict[Status, frozenset[Status]] = {
    Status.QUEUED: frozenset({Status.RUNNING, Status.PAUSED, Status.CANCELLED, Status.FAILED}),
    Status.RUNNING: frozenset({Status.SUCCEEDED, Status.FAILED, Status.PAUSED, Status.CANCELLING}),
    Status.PAUSED: frozenset(
        {
            *(Status.QUEUED, Status.CANCELLING, Status.CANCELLED),
            *(Status.SUCCEEDED, Status.FAILED),  # by its last chunk in flight, or its deadline
        }
    ),
    Status.CANCELLING: frozenset({Status.CANCELLED}),
    Status.FAILED: frozenset({Status.QUEUED}),
    Status.SUCCEEDED: frozenset(),
    Status.CANCELLED: frozenset(),
}
"""A trigger enforces the same table (migration 0002); a test compares the two."""
ENDED = Total(
    name="cardgen_jobs_ended_total",
    help="Jobs that ended.",
    labels=("status",),
    shown=tuple(sorted(FINAL)),
)


@transaction.atomic(savepoint=False)
def move(
    job_id: UUID, *, to: Status, error_code: str = "", error: str = "", quiet: bool = False
) -> bool:
    """Move the job to a state if that is legal now; tell whether this call did it.

    :param quiet: webhooks are not told of an end: whoever ordered is being answered with it
    """
    sources = [source for source, targets in ALLOWED.items() if to in targets]
    changes: dict[str, object] = {"status": to, "version": F("version") + 1}
    if to is Status.RUNNING:
        changes["started_at"] = Coalesce(F("started_at"), Now())
        changes |= {"running_since": Now(), "running_from": F("produced")}
    if to is Status.QUEUED:
        changes |= {"finished_at": None, "error_code": "", "error": ""}
    if to in FINAL:
        changes |= {"finished_at": Now(), "error_code": error_code, "error": error}
    moved = Job.objects.filter(id=job_id, status__in=sources).update(**changes) == 1
    if moved and to in FINAL:
        if not quiet:
            enqueue(job_id)
        transaction.on_commit(partial(ENDED.add, to.value))
    return moved


def succeed(job_id: UUID, *, quiet: bool = False) -> bool:
    """End a job that is complete; tell whether this call did it.

    One that was paused and resumed while its last chunks were in hand is queued: it runs first.
    """
    with transaction.atomic(savepoint=False):
        move(job_id, to=Status.RUNNING)
        return move(job_id, to=Status.SUCCEEDED, quiet=quiet)


# The key-share lock makes a deletion of the webhook wait, or this statement leave the webhook out:
# without it a deletion in between would break the foreign key, and with it the job's transaction.
_ENQUEUE = """
    INSERT INTO jobs_delivery (webhook_id, job_id, event)
    SELECT w.id, j.id, %(event)s
    FROM jobs_job j JOIN jobs_webhook w ON w.owner_id = j.owner_id
    WHERE j.id = %(job)s AND %(event)s = ANY (w.events) AND w.stopped_at IS NULL
        AND (w.verified_at IS NOT NULL OR w.created_at > now() - interval '1 day')
    ORDER BY w.id FOR KEY SHARE OF w
"""


def enqueue(job_id: UUID) -> None:
    """Have the owner's webhooks told that the job has finished; call it in a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_ENQUEUE, {"event": Event.JOB_FINISHED.value, "job": job_id})
