"""A retrying client never makes two jobs: the key stands on the job itself, the index decides."""

import hashlib
import json
import re
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from jobs.models import Job
from toolkit.refusals import Refusal

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


class InvalidKey(Refusal):
    """The key is not 1 to 255 visible ASCII characters."""

    code = "invalid_idempotency_key"


class KeyReused(Refusal):
    """The key was sent before with another body."""

    code = "idempotency_key_reused"


class JobCancelled(Refusal):
    """The job that came of the key was cancelled: there is nothing to answer with."""

    code = "job_cancelled"


class InFlight(Refusal):
    """The request that came with this key first is still being answered."""

    code = "request_in_flight"


def columns(*, key: str | None, route: str, body: Any) -> dict[str, Any]:
    """Say in columns of a job which request makes it; nothing without a key.

    :raises InvalidKey: if it is malformed
    """
    if key is None:
        return {}
    if not _KEY.fullmatch(key):
        raise InvalidKey("An Idempotency-Key has 1 to 255 visible ASCII characters.")
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    fingerprint = hashlib.sha256(text.encode()).digest()
    return {"idempotency_key": key, "idempotency_route": route, "fingerprint": fingerprint}


def earlier(request: dict[str, Any], *, owner: User) -> Job | None:
    """Find the job that the same request made before.

    :raises KeyReused: if the key came with another body
    """
    if not request:
        return None
    job = Job.objects.filter(
        owner=owner,
        idempotency_route=request["idempotency_route"],
        idempotency_key=request["idempotency_key"],
    ).first()
    if job is not None and bytes(job.fingerprint) != request["fingerprint"]:
        raise KeyReused(
            "This Idempotency-Key was sent before with another body: use a new key for a new"
            " request.",
            job=str(job.id),
        )
    return job


def is_ours(error: IntegrityError) -> bool:
    """Tell whether another request with the same key was faster."""
    return "one_job_per_idempotency_key" in str(error)


@transaction.atomic
def forget(*, older_than: Any) -> int:
    """Let keys be used again that were sent before so long; return how many."""
    old = Job.objects.filter(
        idempotency_key__isnull=False, created_at__lt=timezone.now() - older_than
    )
    return old.update(idempotency_key=None)
