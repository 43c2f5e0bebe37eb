"""Write down what webhooks are to be told, in the transaction that makes it true."""

from uuid import UUID

from django.db import connection

from jobs.webhook_models import Event

# The key-share lock makes a deletion of the webhook wait, or this statement leave the webhook out:
# without it a deletion in between would break the foreign key, and with it the job's transaction.
_ENQUEUE = """
    INSERT INTO jobs_delivery (webhook_id, job_id, event)
    SELECT w.id, j.id, %(event)s
    FROM jobs_job j JOIN jobs_webhook w ON w.owner_id = j.owner_id
    WHERE j.id = %(job)s AND %(event)s = ANY (w.events)
    ORDER BY w.id FOR KEY SHARE OF w
"""


def enqueue(job_id: UUID) -> None:
    """Have the owner's webhooks told that the job has finished; call it in a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_ENQUEUE, {"event": Event.JOB_FINISHED.value, "job": job_id})
